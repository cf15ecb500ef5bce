//! `versions diff`: what changed between two versions.

use clap::Args;
use truthound_stores::Store;

use super::rows;
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::output::print_objects;

/// Show what changed between two versions of a document, by JSON path.
///
/// The exit code is 0 whether or not something changed.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The document's id
    id: String,
    /// The older version
    older: String,
    /// The newer version
    #[arg(default_value = "latest")]
    newer: String,
}

pub(super) async fn run(options: &Diff, context: &mut Context) -> Result<Code, Failure> {
    let format = context.format_without_ids("changes are")?;
    let key = context.key(&options.id)?;
    let store = context.place.open_versions().await?;
    context.say_if_missing(store.inner());
    let changes = store.diff(&key, &options.older, &options.newer).await?;
    print_objects(&mut context.out, format, &changes, |out| rows::changes(out, &changes))?;
    store.close().await?;
    Ok(Code::Done)
}
