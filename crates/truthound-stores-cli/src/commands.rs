//! The commands, one a file: its options, and what it does.

pub(crate) mod backends;
pub(crate) mod count;
pub(crate) mod delete;
pub(crate) mod demo;
pub(crate) mod diff;
pub(crate) mod exists;
pub(crate) mod failures;
pub(crate) mod get;
pub(crate) mod history;
pub(crate) mod latest;
pub(crate) mod list;
pub(crate) mod query;
pub(crate) mod save;

mod found;

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
        Command::Diff(options) => diff::run(options, context).await,
        Command::Backends(_) => backends::run(context),
    }
}
