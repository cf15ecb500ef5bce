//! `cargo xtask features each|pairs|promised [--dry-run]`: does every feature set compile by itself?
//!
//! Cargo unifies features over a workspace, so a crate that forgot to ask for what it uses compiles in every other
//! check. Here each set is checked alone. Tests are not compiled: only what a user gets.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::metadata::{Metadata, Package};
use crate::outcome::{Failure, Outcome};
use crate::roles::UMBRELLA;
use crate::workspace::Workspace;

/// Feature sets of the umbrella that the documentation promises to users.
const PROMISED: &[Set<'static>] = &[
    Set::Only("memory"),
    Set::Only("filesystem"),
    Set::Only("filesystem,config-file"),
    Set::Only("memory,codecs"),
    Set::Only("memory,resilience"),
    Set::Only("memory,retention"),
    Set::Only("memory,versioning"),
    Set::Only("postgres"),
    Set::Only("mysql"),
    Set::Only("sqlite"),
    Set::Only("mysql,postgres,sqlite"),
    Set::Only("postgres,resilience"),
    Set::Default,
    Set::All,
];

/// Which features are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set<'a> {
    /// These alone, separated by commas; the empty text is none.
    Only(&'a str),
    /// What a user gets who says nothing.
    Default,
    /// All of them.
    All,
}

/// One thing to check: a crate with a set of features.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Check {
    package: String,
    flags: Vec<String>,
}

/// Which sets are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Each,
    Pairs,
    Promised,
}

impl Check {
    fn new(package: &str, set: Set<'_>) -> Self {
        let flags = match set {
            Set::Only("") => vec!["--no-default-features"],
            Set::Only(features) => vec!["--no-default-features", "--features", features],
            Set::Default => vec![],
            Set::All => vec!["--all-features"],
        };
        Self { package: package.to_owned(), flags: flags.into_iter().map(str::to_owned).collect() }
    }
}

/// Runs the chore with the arguments that the user gave.
pub(crate) fn chore(workspace: &Workspace, args: &[String]) -> Outcome {
    let (mut mode, mut dry_run) = (None, false);
    for arg in args {
        let named = match arg.as_str() {
            "each" => Mode::Each,
            "pairs" => Mode::Pairs,
            "promised" => Mode::Promised,
            "--dry-run" => {
                dry_run = true;
                continue;
            }
            other => return Err(Failure::Usage(format!("features: what is {other:?}?"))),
        };
        if mode.replace(named).is_some() {
            return Err(Failure::Usage("features: one of each, pairs, promised at a time".to_owned()));
        }
    }
    let mode = mode.ok_or_else(|| Failure::Usage("features: each, pairs or promised?".to_owned()))?;
    run_plan(workspace, &plan(workspace.metadata(), mode)?, dry_run)
}

/// Checks each feature of each library alone.
pub(crate) fn each(workspace: &Workspace) -> Outcome {
    run_plan(workspace, &plan(workspace.metadata(), Mode::Each)?, false)
}

/// Checks the sets that the documentation promises.
pub(crate) fn promised(workspace: &Workspace) -> Outcome {
    run_plan(workspace, &plan(workspace.metadata(), Mode::Promised)?, false)
}

fn plan(metadata: &Metadata, mode: Mode) -> Result<Vec<Check>, String> {
    let umbrella = metadata.package(UMBRELLA)?;
    match mode {
        Mode::Each => {
            Ok(metadata.packages.iter().filter(|package| package.is_library).flat_map(alone).collect())
        }
        Mode::Pairs => Ok(pairs(umbrella)),
        Mode::Promised => PROMISED.iter().map(|&set| promise(umbrella, set)).collect(),
    }
}

/// No feature at all, then each alone.
fn alone(package: &Package) -> Vec<Check> {
    let mut checks = vec![Check::new(&package.name, Set::Only(""))];
    checks.extend(names(package).map(|feature| Check::new(&package.name, Set::Only(feature))));
    checks
}

fn pairs(package: &Package) -> Vec<Check> {
    let mut checks = Vec::new();
    for (at, first) in names(package).enumerate() {
        for second in names(package).skip(at + 1) {
            checks.push(Check::new(&package.name, Set::Only(&format!("{first},{second}"))));
        }
    }
    checks
}

fn promise(umbrella: &Package, set: Set<'_>) -> Result<Check, String> {
    if let Set::Only(features) = set {
        for feature in features.split(',') {
            if !umbrella.features.contains_key(feature) {
                return Err(format!(
                    "the promised set {features:?} names {feature:?}, which is no feature of {UMBRELLA}; \
                     mend the list PROMISED or the manifest"
                ));
            }
        }
    }
    Ok(Check::new(&umbrella.name, set))
}

/// The features that a user names; `default` is a set, and promised as one.
fn names(package: &Package) -> impl Iterator<Item = &str> {
    package.features.keys().map(String::as_str).filter(|&name| name != "default")
}

fn run_plan(workspace: &Workspace, checks: &[Check], dry_run: bool) -> Outcome {
    // A target folder of its own: sharing one would throw away what other chores built, at every change of features.
    let target = workspace.target("features");
    let mut failed = Vec::new();
    // One warning in a shared crate comes back with nearly every set; it is shown the first time.
    let mut seen = BTreeSet::new();
    for (at, check) in checks.iter().enumerate() {
        let mut cargo = workspace.cargo(&["check", "--quiet", "--message-format", "json", "--package"]);
        cargo.arg(&check.package).args(&check.flags).env("CARGO_TARGET_DIR", &target);
        let shown = format!("cargo check -p {} {}", check.package, check.flags.join(" "));
        let shown = shown.trim_end().to_owned();
        println!("[{}/{}] {shown}", at + 1, checks.len());
        if dry_run {
            continue;
        }
        let output = cargo.output().map_err(|e| format!("`{shown}` could not be started: {e}"))?;
        let messages = messages(&String::from_utf8_lossy(&output.stdout));
        let clean = output.status.success() && messages.is_empty();
        for message in messages {
            if seen.insert(message.clone()) {
                println!("{message}");
            }
        }
        if !output.status.success() {
            // What cargo itself has to say (an unknown feature, a lock file out of step) is not among the messages.
            println!("{}", String::from_utf8_lossy(&output.stderr).trim_end());
        }
        if !clean {
            failed.push(shown);
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::Failed(format!(
        "{} of {} feature sets do not compile without warnings:\n  {}",
        failed.len(),
        checks.len(),
        failed.join("\n  ")
    )))
}

/// Takes warnings and errors from what `cargo check --message-format json` writes.
///
/// Warnings are denied this way, not by `RUSTFLAGS`, which would also build every dependency again.
fn messages(stdout: &str) -> Vec<String> {
    stdout
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|value| value.get("reason").is_some_and(|reason| reason == "compiler-message"))
        .filter_map(|value| {
            let message = value.get("message")?;
            let level = message.get("level")?.as_str()?;
            if !matches!(level, "warning" | "error") {
                return None;
            }
            Some(message.get("rendered")?.as_str()?.trim_end().to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests;
