//! Measures the store over a catalog beside what it is held against: `cargo xtask bench catalog`.
//!
//! The bucket is in this process's memory, so that what is measured is the store, and not a network. What is printed is one line of JSON
//! per row; `docs/performance.md` explains the rows.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement program prints: rows on stdout, what it is doing on stderr"
)]

mod args;
mod child;
mod cold;
mod fill;
mod fold;
mod list;
mod sql;
mod writers;

use std::path::Path;
use std::process::ExitCode;

use truthound_stores_testkit::bench::{Ask, Groups, Outcome, Program};

use args::{Args, GROUPS};
use child::Child;
use fill::Filled;

fn main() -> ExitCode {
    Program { name: "catalog", groups: GROUPS }
        .run_with_children(measure, |words| child::run(&Child::read(words)?))
}

fn measure(ask: &Ask) -> Outcome {
    std::fs::create_dir_all(&ask.folder)?;
    // Removed when the program ends, whether it ends well or not.
    let room = tempfile::Builder::new().prefix("bench-").tempdir_in(&ask.folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure_groups(ask, &Args::of(ask), room.path()))
}

async fn measure_groups(ask: &Ask, args: &Args, room: &Path) -> Outcome {
    let mut groups = Groups::default();
    if ask.wants("writers") {
        groups.add("writers", writers::rows(args).await);
    }
    if ask.wants("fold") {
        groups.add("fold", fold::rows(args).await);
    }
    if ask.wants("list") || ask.wants("cold") {
        // They share a store that takes long to fill.
        let filled = Filled::new(args.documents).await?;
        if ask.wants("list") {
            groups.add("list", list::rows(args, &filled, room).await);
        }
        if ask.wants("cold") {
            groups.add("cold", cold::rows(args, &filled, room).await);
        }
    }
    groups.finish()
}
