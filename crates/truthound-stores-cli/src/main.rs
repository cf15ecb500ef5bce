//! The `truthound-stores` program: saves, finds, compares and looks after data-quality validation results.
//!
//! Results go to stdout, everything else to stderr. The exit code says how it went, see [`exit::Code`].
#![allow(
    clippy::doc_markdown,
    reason = "clap prints these comments as help, where backticks would only disturb"
)]

mod args;
mod chart;
mod commands;
mod context;
mod demo;
mod diff;
mod events;
mod exit;
mod input;
mod output;
mod progress;
mod query;
mod stderr;
mod stop;
mod store;
mod time;

use std::io;
use std::process::ExitCode;

use tokio::runtime;

use context::Context;
use exit::{Code, Failure};

fn main() -> ExitCode {
    let cli = match args::parse() {
        Ok(cli) => cli,
        Err(refused) => {
            // A reader that has gone away has no use for the help text either.
            drop(refused.print());
            return ExitCode::from(u8::try_from(refused.exit_code()).unwrap_or(1));
        }
    };
    events::show();
    let runtime = match runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            stderr::error(&format!("cannot start: {error}"));
            return Code::Error.into();
        }
    };
    let outcome = runtime.block_on(run(cli));
    // What still runs, such as a read from a terminal, must not keep the program alive.
    runtime.shutdown_background();
    match outcome {
        Ok(code) => code.into(),
        Err(failure) => failure.report().into(),
    }
}

async fn run(cli: args::Cli) -> Result<Code, Failure> {
    let mut context = Context::new(&cli.global);
    let code = Box::pin(commands::run(&cli.command, &mut context)).await;
    // What was printed before a failure is still good.
    let printed = context.out.flush();
    let code = code?;
    match printed {
        // The reader has gone away; how the work went is still worth telling.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(code),
        printed => Ok(printed.map(|()| code)?),
    }
}
