//! `retention`: which records go.

mod apply;
mod plan;
mod restore;
pub(super) mod rows;
mod schedule;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use truthound_stores::{Error, Retention};

use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::stderr;

/// Decide which records go, and move or delete them.
#[derive(Debug, Args)]
pub(crate) struct RetentionCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Plan(plan::Plan),
    Apply(apply::Apply),
    Restore(restore::Restore),
    Schedule(schedule::Schedule),
}

/// Where the policies are.
#[derive(Debug, Args)]
struct Policies {
    /// A file of policies: TOML, or YAML or JSON if its name says so [default: the retention layer of --config]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

impl Policies {
    /// Makes a retention of the policies, and opens the stores that records are moved to.
    async fn open(&self, context: &Context) -> Result<Retention, Failure> {
        let options = context.place.policies(self.policy.as_deref())?;
        let opened = context.place.registry().open_retention(&options).await;
        Ok(match &self.policy {
            Some(file) => opened.map_err(|error| error.with("file", file.display().to_string()))?,
            None => opened?,
        })
    }
}

pub(crate) async fn run(options: &RetentionCommand, context: &mut Context) -> Result<Code, Failure> {
    match &options.action {
        Action::Plan(options) => plan::run(options, context).await,
        Action::Apply(options) => apply::run(options, context).await,
        Action::Restore(options) => restore::run(options, context).await,
        Action::Schedule(options) => schedule::run(options, context).await,
    }
}

/// Names what failed, and says how the program ends for that.
pub(super) fn report(errors: &[Error], failed: u64) -> Code {
    let mut code = Code::Done;
    for error in errors {
        stderr::error(&error.report());
        // Damage matters more than anything else.
        if code == Code::Done || Code::from(error.kind()) == Code::Integrity {
            code = error.kind().into();
        }
    }
    let unnamed = failed.saturating_sub(errors.len() as u64);
    if unnamed > 0 {
        stderr::error(&format!("{unnamed} more failed"));
    }
    code
}
