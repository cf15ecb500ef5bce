//! The commands, one a file: its options, and what it does.

pub(crate) mod backends;
pub(crate) mod bench;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod copy;
pub(crate) mod count;
pub(crate) mod delete;
pub(crate) mod demo;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod exists;
pub(crate) mod failures;
pub(crate) mod get;
pub(crate) mod history;
pub(crate) mod latest;
pub(crate) mod list;
pub(crate) mod maintain;
pub(crate) mod query;
pub(crate) mod reindex;
pub(crate) mod retention;
pub(crate) mod save;
pub(crate) mod stats;
pub(crate) mod trend;
pub(crate) mod verify;
pub(crate) mod versions;
pub(crate) mod watch;

mod findings;
mod found;
mod summed;

use crate::args::Command;
use crate::context::Context;
use crate::exit::{Code, Failure};

/// Runs a command.
pub(crate) async fn run(command: &Command, context: &mut Context) -> Result<Code, Failure> {
    match command {
        Command::Demo(_) => Box::pin(demo::run(context)).await,
        Command::Save(options) => Box::pin(save::run(options, context)).await,
        Command::Get(options) => get::run(options, context).await,
        Command::Exists(options) => exists::run(options, context).await,
        Command::Delete(options) => delete::run(options, context).await,
        Command::Query(options) => query::run(options, context).await,
        Command::List(options) => list::run(options, context).await,
        Command::Count(options) => count::run(options, context).await,
        Command::Latest(options) => latest::run(options, context).await,
        Command::History(options) => history::run(options, context).await,
        Command::Failures(options) => failures::run(options, context).await,
        Command::Stats(options) => stats::run(options, context).await,
        Command::Trend(options) => trend::run(options, context).await,
        Command::Diff(options) => diff::run(options, context).await,
        Command::Copy(options) => Box::pin(copy::run(options, context)).await,
        Command::Versions(options) => Box::pin(versions::run(options, context)).await,
        Command::Retention(options) => Box::pin(retention::run(options, context)).await,
        Command::Watch(options) => Box::pin(watch::run(options, context)).await,
        Command::Verify(options) => verify::run(options, context).await,
        Command::Reindex(options) => reindex::run(options, context).await,
        Command::Maintain(options) => maintain::run(options, context).await,
        Command::Doctor(_) => doctor::run(context).await,
        Command::Bench(options) => Box::pin(bench::run(options, context)).await,
        Command::Backends(_) => backends::run(context),
        Command::Config(options) => config::run(options, context).await,
        Command::Completions(options) => completions::run(options, context),
    }
}
