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

use truthound_stores_testkit::bench::{Ask, Groups, Outcome, Program, Row, print_row};

use args::{Args, GROUPS};
use database::Database;

fn main() -> ExitCode {
    Program { name: "database", groups: GROUPS }.run(measure)
}

fn measure(ask: &Ask) -> Outcome {
    let (args, mut groups) = (Args::of(ask), Groups::default());
    std::fs::create_dir_all(&ask.folder)?;
    // Removed when the program ends, whether it ends well or not.
    let room = tempfile::Builder::new().prefix("bench-").tempdir_in(&ask.folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (databases, lacking) = Database::all(room.path())?;
    for (name, variable) in lacking {
        // A row without figures: what was not measured is seen in the table.
        print_row(
            &Row::new(name, "all rows").note(format!("{variable} is not set, and no server was started")),
        );
    }
    runtime.block_on(async {
        for database in &databases {
            let name = database.kind.name();
            eprintln!("bench: {name}");
            if ask.wants("save") {
                groups.add(&format!("save on {name}"), save::one_by_one(&args, database).await);
            }
            if ask.wants("batch") {
                groups.add(&format!("batch on {name}"), save::in_batches(&args, database).await);
            }
            if ask.wants("list") {
                groups.add(&format!("list on {name}"), list::rows(&args, database).await);
            }
        }
    });
    groups.finish()
}
