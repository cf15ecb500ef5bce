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

use truthound_stores_testkit::bench::{Outcome, describe_machine, print_machine};

use args::{Args, Call, Group};

fn main() -> ExitCode {
    let outcome = match Args::read(std::env::args().skip(1)) {
        Ok(Call::Measure(args)) => measure(&args),
        Ok(Call::Nothing) => {
            println!("nothing measured: `cargo xtask bench retention` measures, `cargo test` does not");
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

fn measure(args: &Args) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    print_machine(&describe_machine(&args.folder, args.quick));
    runtime.block_on(async {
        if args.wants(Group::Memory) {
            plan::over_memory(args).await?;
        }
        if args.wants(Group::Catalog) {
            plan::over_a_catalog(args).await?;
        }
        if args.wants(Group::Delete) {
            delete::in_batches(args).await?;
        }
        Ok(())
    })
}
