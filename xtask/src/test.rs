//! `cargo xtask test`: everything that this machine can test, and plainly what it could not.
//!
//! A test that lacks what it needs (a server, a platform's feature) appends one line, `backend<TAB>reason`, to the file
//! that the environment variable `TRUTHOUND_TEST_SKIPS` names, and returns. Such a test is counted as skipped, not as
//! passed. The servers that the tested crates name in `[package.metadata.xtask] services` are started before, and stopped after. The last line printed is `N passed, N failed, N skipped`.

mod report;
mod tally;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

pub(crate) use self::report::Report;
use self::report::read_skips;
use self::tally::Tally;
use crate::outcome::{Failure, Outcome};
use crate::roles::{UMBRELLA, backends};
use crate::workspace::Workspace;
use crate::{run, services};

/// Names the file to which tests report what they had to skip.
const SKIPS: &str = "TRUTHOUND_TEST_SKIPS";

/// Runs the chore with the arguments that the user gave: what follows `--` goes to the test runner.
pub(crate) fn chore(workspace: &Workspace, args: &[String]) -> Outcome {
    let rest = match args.split_first() {
        None => args,
        Some((dashes, rest)) if dashes == "--" => rest,
        Some((other, _)) => {
            return Err(Failure::Usage(format!(
                "test: what is {other:?}? Arguments for the test runner go after `--`"
            )));
        }
    };
    let report = run(workspace, rest)?;
    let passed = report.passed();
    report.print();
    if passed { Ok(()) } else { Err(Failure::Reported) }
}

/// Runs the tests; with arguments of one's own, those that they select.
pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Outcome<Report> {
    let skips = fresh_skips(workspace)?;
    let mut tally = Tally::default();
    let servers = services::for_tests(workspace, args);
    if let Some(summary) = servers.found.summary() {
        println!("{summary}");
    }
    let stream = |command: Command, tally: &mut Tally, read| {
        stream(command, &skips, servers.found.variables(), tally, read)
    };
    if run::answers(&mut workspace.cargo(&["nextest", "--version"])) {
        let mut nextest = workspace.cargo(&["nextest", "run", "--no-fail-fast"]);
        // Totals of each crate are read from the lines of single tests, so these must be shown.
        scope(&mut nextest, args).args(args).env("NEXTEST_STATUS_LEVEL", "pass");
        stream(nextest, &mut tally, Tally::nextest_line)?;
    } else {
        println!("cargo-nextest is not installed: running the tests by `cargo test`");
        // `--tests` is every target but the examples in the documentation, which follow.
        let targets = ["--no-fail-fast", "--tests"];
        let mut build = workspace.cargo(&["test", "--no-run", "--quiet", "--message-format", "json"]);
        scope(&mut build, args).args(targets).args(args);
        // When this fails, the run below fails for the same reason and shows it.
        if let Ok(messages) = run::capture(&mut build) {
            tally.programs(programs(&messages, workspace));
        }
        let mut test = workspace.cargo(&["test"]);
        scope(&mut test, args).args(targets).args(args);
        stream(test, &mut tally, Tally::libtest_line)?;
    }
    if args.is_empty() {
        let mut doc = workspace.cargo(&["test", "--doc", "--no-fail-fast"]);
        scope(&mut doc, args);
        stream(doc, &mut tally, Tally::libtest_line)?;
    } else {
        println!("examples in the documentation are left out: they know nothing of the arguments given");
    }
    let skips = read_skips(&skips)?;
    let backends = backends(workspace.metadata().package(UMBRELLA)?);
    Ok(Report::new(&backends, servers.found.summary(), &tally, &skips))
}

/// All of the workspace with all features, unless the arguments name packages themselves.
fn scope<'a>(cargo: &'a mut Command, args: &[String]) -> &'a mut Command {
    let named = args.iter().take_while(|arg| *arg != "--").any(|arg| {
        arg == "--package"
            || arg.starts_with("--package=")
            || (arg.starts_with("-p") && !arg.starts_with("--"))
    });
    if !named {
        cargo.arg("--workspace");
    }
    cargo.arg("--all-features")
}

fn stream<'a>(
    mut command: Command,
    skips: &Path,
    variables: impl Iterator<Item = (&'a str, &'a str)>,
    tally: &mut Tally,
    read: fn(&mut Tally, &str),
) -> Result<(), String> {
    // Colours would have to be taken out again before the lines can be read.
    command.env(SKIPS, skips).env("CARGO_TERM_COLOR", "never").envs(variables);
    let shown = run::show(&command);
    let succeeded = run::stream(command, |line| read(tally, line))?;
    tally.end(&shown, succeeded);
    Ok(())
}

/// Makes the file for skips, empty, so that a skip of an earlier run is not told again.
fn fresh_skips(workspace: &Workspace) -> Result<PathBuf, String> {
    let folder = workspace.target("xtask");
    let file = folder.join("skips.tsv");
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&file, ""))
        .map_err(|e| format!("{}: {e}", file.display()))?;
    Ok(file)
}

/// Reads from cargo's messages which crate each test program belongs to.
fn programs(messages: &str, workspace: &Workspace) -> BTreeMap<String, String> {
    let mut programs = BTreeMap::new();
    for value in messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let (Some(program), Some(manifest)) = (text("executable"), text("manifest_path")) else {
            continue;
        };
        let packages = &workspace.metadata().packages;
        let owner = packages.iter().find(|package| package.manifest_path == Path::new(manifest));
        if let (Some(file), Some(owner)) = (Path::new(program).file_name(), owner) {
            programs.insert(file.to_string_lossy().into_owned(), owner.name.clone());
        }
    }
    programs
}

#[cfg(test)]
mod tests;
