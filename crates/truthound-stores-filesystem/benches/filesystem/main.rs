//! Measures the filesystem store beside what it is held against: `cargo xtask bench`.
//!
//! Every figure stands beside another one that was measured in the same run, in short slices that alternate, so that whatever
//! else the machine does meets both. What is printed is one line of JSON per row; `docs/performance.md` explains the rows.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement program prints: rows on stdout, what it is doing on stderr"
)]

mod args;
mod baseline;
mod child;
mod get;
mod large;
mod list;
mod plan;
mod process;
mod save;
mod sql;
mod stats;
mod truthound;
mod workload;

use std::path::Path;
use std::process::ExitCode;

use truthound_stores_testkit::bench::{Failure, Outcome, describe_machine, print_machine};

use args::{Args, Call};
use large::Large;
use plan::{Group, Plan};

fn main() -> ExitCode {
    let outcome = match Args::read(std::env::args().skip(1)) {
        Ok(Call::Child(child)) => child::run(&child),
        Ok(Call::Measure(args)) => measure_all(&args),
        Ok(Call::Nothing) => {
            println!("nothing measured: `cargo xtask bench` measures, `cargo test` does not");
            Ok(())
        }
        Err(message) => Err(message.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure_all(args: &Args) -> Outcome {
    std::fs::create_dir_all(&args.folder)?;
    // Removed when the program ends, whether it ends well or not.
    let room = tempfile::Builder::new().prefix("bench-").tempdir_in(&args.folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().build()?;
    print_machine(&describe_machine(&args.folder, args.plan.quick));
    let rows = runtime.block_on(measure_groups(args, room.path()));
    // Millions of files take a while to go: say so, and say if it did not work.
    eprintln!("bench: removing what was written");
    room.close()?;
    rows
}

/// Measures group after group: those on stores of their own first, then those on the large one.
///
/// Nothing is removed before the end: for minutes after many files were deleted, ext4 looks long for an inode to give to a new one.
///
/// A group that fails leaves the others: a run takes long, and what is measured is printed at once.
async fn measure_groups(args: &Args, room: &Path) -> Outcome {
    let plan: &Plan = &args.plan;
    let mut failed = Vec::new();
    for (name, group) in Group::ALL.into_iter().filter(|&(_, group)| args.wants(group)) {
        let outcome = match group {
            Group::Save => save::sustained(plan, room).await,
            Group::Process => process::saves(plan, room).await,
            Group::Get => get::rows(plan, room).await,
            Group::Truthound => truthound::rows(plan, &args.python, room).await,
            // They share a store that takes long to fill.
            Group::List | Group::Stats | Group::Growth => continue,
        };
        failed.extend(told(name, outcome));
    }
    if [Group::List, Group::Stats, Group::Growth].iter().any(|&group| args.wants(group)) {
        let small = Large::fill(plan, room, "small", plan.small, false).await?;
        let large = Large::fill(plan, room, "large", plan.large, true).await?;
        if args.wants(Group::List) {
            failed.extend(told("list", list::rows(plan, &small, &large).await));
            failed.extend(told("list", process::cold_list(plan, &large)));
        }
        if args.wants(Group::Stats) {
            failed.extend(told("stats", stats::rows(&large).await));
        }
        // The saves come last: they change what the other rows ask for.
        if args.wants(Group::Growth) {
            failed.extend(told("growth", save::growth(plan, &small, &large).await));
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("; ").into()) }
}

/// Says at once what could not be measured.
fn told(group: &str, outcome: Outcome) -> Option<String> {
    let message = format!("{group} could not be measured: {}", outcome.err()?);
    eprintln!("bench: {message}");
    Some(message)
}
