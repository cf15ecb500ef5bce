//! Files stay small enough to be read at one sitting.

use super::finding::Finding;
use super::tree::{Tree, has_extension, is_test};

/// From here on a file should be thought about.
const SOFT: usize = 400;
/// No file that is not a test is longer.
const HARD: usize = 600;

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files() {
        if !has_extension(path, &["rs"]) || is_test(path) {
            continue;
        }
        let lines = text.lines().count();
        if lines > HARD {
            findings.push(Finding::file(path, format!("{lines} lines, {HARD} allowed: split it by subject")));
        } else if lines > SOFT {
            findings.push(
                Finding::file(path, format!("{lines} lines: more than {SOFT}, has it two subjects?"))
                    .into_warning(),
            );
        }
    }
    findings
}

#[cfg(test)]
mod tests;
