//! `cargo xtask tidy`: house rules that no compiler knows.
//!
//! Each rule is a pure function of the files of the workspace, so that its tests can seed a violation.

mod architecture;
mod decisions;
mod features;
mod finding;
mod lib_rs;
mod manifests;
mod sizes;
mod texts;
mod tree;

use finding::{Finding, Severity};
use tree::Tree;

use crate::outcome::{Failure, Outcome};
use crate::workspace::Workspace;

/// One rule: what it finds wrong with a tree.
type Rule = fn(&Tree) -> Vec<Finding>;

const RULES: &[Rule] = &[
    architecture::check,
    sizes::check,
    manifests::check,
    lib_rs::check,
    texts::check,
    decisions::check,
    features::check,
];

/// Holds every file that git knows, or would add, against the rules.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let tree = Tree::read(workspace.root())?;
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    if errors == 0 {
        return Ok(());
    }
    Err(Failure::Failed(format!("tidy: {errors} findings")))
}
