//! `cargo xtask ci`: everything that the main branch must pass.

use std::time::Duration;

use crate::outcome::{Failure, Outcome};
use crate::run::timed;
use crate::workspace::Workspace;
use crate::{deny, deps, features, lint, test, tidy};

type Step = (&'static str, fn(&Workspace) -> Outcome);

/// The steps before the tests: those that take seconds first, so that a slip shows early.
const STEPS: &[Step] = &[
    ("fmt", lint::fmt),
    ("tidy", tidy::run),
    ("deps", deps::run),
    ("clippy", lint::clippy),
    ("docs", lint::docs),
    ("deny", deny::run),
    ("features each", features::each),
    ("features promised", features::promised),
];

/// Runs every step, failed ones included, and ends with a summary and the totals of the tests.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut summary = Vec::new();
    for (name, step) in STEPS {
        println!("\n=== {name}");
        let (outcome, took) = timed(|| step(workspace));
        if let Some(message) = outcome.as_ref().err().and_then(Failure::message) {
            println!("{message}");
        }
        summary.push((*name, outcome.is_ok(), took));
    }
    println!("\n=== test");
    let (report, took) = timed(|| test::run(workspace, &[]));
    if let Some(message) = report.as_ref().err().and_then(Failure::message) {
        println!("{message}");
    }
    summary.push(("test", report.as_ref().is_ok_and(test::Report::passed), took));

    println!("\n=== summary");
    for line in table(&summary) {
        println!("{line}");
    }
    // The very last lines are the tests': whoever reads only the end of a log sees what was tested.
    if let Ok(report) = report {
        report.print();
    }
    if summary.iter().all(|&(_, passed, _)| passed) { Ok(()) } else { Err(Failure::Reported) }
}

fn table(summary: &[(&str, bool, Duration)]) -> Vec<String> {
    let mut lines: Vec<String> = summary
        .iter()
        .map(|(name, passed, took)| {
            let verdict = if *passed { "ok" } else { "FAILED" };
            format!("{name:<18} {verdict:<6} {:>7.1} s", took.as_secs_f64())
        })
        .collect();
    let total: Duration = summary.iter().map(|&(_, _, took)| took).sum();
    lines.push(format!("{:<18} {:<6} {:>7.1} s", "all", "", total.as_secs_f64()));
    let failed: Vec<&str> =
        summary.iter().filter(|&&(_, passed, _)| !passed).map(|&(name, _, _)| name).collect();
    if !failed.is_empty() {
        lines.push(format!("{} of {} steps failed: {}", failed.len(), summary.len(), failed.join(", ")));
    }
    lines
}

#[cfg(test)]
mod tests;
