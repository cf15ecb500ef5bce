//! `versions`: the history of a document.

mod branch;
mod diff;
mod get;
mod label;
mod list;
mod rollback;
pub(super) mod rows;

use clap::{Args, Subcommand};
use truthound_stores::SaveOptions;

pub(super) use get::print as print_version;

use crate::context::Context;
use crate::exit::{Code, Failure};

/// Show, compare and bring back the versions of documents.
///
/// Versions are kept by saves with --layer versioning, or with a configuration file that has such a layer. A version is named by
/// its ordinal (2), its name (v2, 1.0.1, fix/v3), a label, a branch, the beginning of its hash, or latest.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores --layer versioning save results.json --message 'late rows' --author ada
  truthound-stores versions list run_1 --limit 20
  truthound-stores versions diff run_1 1 latest
  truthound-stores versions rollback run_1 v1")]
pub(crate) struct Versions {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(list::List),
    Get(get::Get),
    Diff(diff::Diff),
    Rollback(rollback::Rollback),
    Branch(branch::BranchCommand),
    Label(label::LabelCommand),
}

/// What is said of a new version.
#[derive(Debug, Args)]
struct Said {
    /// Why
    #[arg(long, value_name = "M")]
    message: Option<String>,
    /// Who
    #[arg(long, value_name = "A")]
    author: Option<String>,
}

impl Said {
    fn options(&self) -> SaveOptions {
        let mut options = SaveOptions::new();
        options.message.clone_from(&self.message);
        options.author.clone_from(&self.author);
        options
    }
}

pub(crate) async fn run(options: &Versions, context: &mut Context) -> Result<Code, Failure> {
    match &options.action {
        Action::List(options) => list::run(options, context).await,
        Action::Get(options) => get::run(options, context).await,
        Action::Diff(options) => diff::run(options, context).await,
        Action::Rollback(options) => rollback::run(options, context).await,
        Action::Branch(options) => branch::run(options, context).await,
        Action::Label(options) => label::run(options, context).await,
    }
}
