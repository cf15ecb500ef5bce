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

use truthound_stores_testkit::bench::{Outcome, describe_machine, print_machine};

use args::{Args, Call, Group};
use fill::Filled;

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
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    print_machine(&describe_machine(&args.folder, args.quick));
    runtime.block_on(measure_groups(args, room.path()))
}

/// Measures group after group. One that fails leaves the others: what is measured is printed at once.
async fn measure_groups(args: &Args, room: &Path) -> Outcome {
    let mut failed = Vec::new();
    if args.wants(Group::Writers) {
        failed.extend(told("writers", writers::rows(args).await));
    }
    if args.wants(Group::Fold) {
        failed.extend(told("fold", fold::rows(args).await));
    }
    if args.wants(Group::List) || args.wants(Group::Cold) {
        // They share a store that takes long to fill.
        let filled = Filled::new(args.documents).await?;
        if args.wants(Group::List) {
            failed.extend(told("list", list::rows(args, &filled, room).await));
        }
        if args.wants(Group::Cold) {
            failed.extend(told("cold", cold::rows(args, &filled, room).await));
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
