//! `versions rollback`: an older version, made the latest again.

use clap::Args;
use truthound_stores::Store;

use super::{Said, rows};
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::output::print_objects;

/// Make an older version the latest again, as a new version; also brings back a deleted document.
///
/// What is printed is the new version.
#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// The document's id
    id: String,
    /// The version to go back to
    version: String,
    /// Only if this is the latest version; else the exit code is 4
    #[arg(long, value_name = "V")]
    expected_version: Option<String>,
    /// On a branch [default: main, the current document]
    #[arg(long, value_name = "B")]
    branch: Option<String>,
    #[command(flatten)]
    said: Said,
}

pub(super) async fn run(options: &Rollback, context: &mut Context) -> Result<Code, Failure> {
    let format = context.format_without_ids("versions are")?;
    let key = context.key(&options.id)?;
    let store = context.place.open_versions().await?;
    let mut said = options.said.options();
    said.branch.clone_from(&options.branch);
    said.expected_version.clone_from(&options.expected_version);
    let made = [store.rollback(&key, &options.version, said).await?];
    print_objects(&mut context.out, format, &made, |out| rows::versions(out, &made))?;
    store.close().await?;
    Ok(Code::Done)
}
