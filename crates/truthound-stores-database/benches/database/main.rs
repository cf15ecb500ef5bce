//! Measures the database store beside statements that are written by hand: `cargo xtask bench database`.
//!
//! What is printed is one line of JSON per row; `docs/performance.md` explains the rows.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement program prints: rows on stdout, what it is doing on stderr"
)]

mod args;
mod database;
mod documents;
mod hand;
mod list;
mod save;

use std::process::ExitCode;

use truthound_stores_testkit::bench::{Outcome, Row, describe_machine, print_machine, print_row};

use args::{Args, Call, Group};
use database::Database;

fn main() -> ExitCode {
    let outcome = match Args::read(std::env::args().skip(1)) {
        Ok(Call::Measure(args)) => measure_all(&args),
        Ok(Call::Nothing) => {
            println!("nothing measured: `cargo xtask bench database` measures, `cargo test` does not");
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
    let (databases, lacking) = Database::all(room.path())?;
    for (name, variable) in lacking {
        // A row without figures: what was not measured is seen in the table.
        print_row(
            &Row::new(name, "all rows").note(format!("{variable} is not set, and no server was started")),
        );
    }
    runtime.block_on(measure_groups(args, &databases))
}

/// Measures group after group, each on all databases. One that fails leaves the others: what is measured is printed at once.
async fn measure_groups(args: &Args, databases: &[Database]) -> Outcome {
    let mut failed = Vec::new();
    for database in databases {
        let name = database.kind.name();
        eprintln!("bench: {name}");
        if args.wants(Group::Save) {
            failed.extend(told("save", name, save::one_by_one(args, database).await));
        }
        if args.wants(Group::Batch) {
            failed.extend(told("batch", name, save::in_batches(args, database).await));
        }
        if args.wants(Group::List) {
            failed.extend(told("list", name, list::rows(args, database).await));
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("; ").into()) }
}

/// Says at once what could not be measured.
fn told(group: &str, name: &str, outcome: Outcome) -> Option<String> {
    let message = format!("{group} on {name} could not be measured: {}", outcome.err()?);
    eprintln!("bench: {message}");
    Some(message)
}
