//! Measures plans and deletions: `cargo xtask bench retention`.
//!
//! What is printed is one line of JSON per row; `docs/performance.md` explains the rows.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement program prints: rows on stdout, what it is doing on stderr"
)]

mod args;
mod delete;
mod fill;
mod plan;

use std::process::ExitCode;

use truthound_stores_testkit::bench::{Ask, Groups, Outcome, Program};

use args::{Args, GROUPS};

fn main() -> ExitCode {
    Program { name: "retention", groups: GROUPS }.run(measure)
}

fn measure(ask: &Ask) -> Outcome {
    let (args, mut groups) = (Args::of(ask), Groups::default());
    std::fs::create_dir_all(&ask.folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        if ask.wants("memory") {
            groups.add("memory", plan::over_memory(&args).await);
        }
        if ask.wants("files") {
            groups.add("files", plan::over_files(&args).await);
        }
        if ask.wants("database") {
            groups.add("database", plan::over_a_database(&args).await);
        }
        if ask.wants("catalog") {
            groups.add("catalog", plan::over_a_catalog(&args).await);
        }
        if ask.wants("delete") {
            groups.add("delete", delete::in_batches(&args).await);
            groups.add("delete", delete::over_a_network(&args).await);
        }
    });
    groups.finish()
}
