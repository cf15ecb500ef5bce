//! `versions list`: the versions of a document.

use clap::Args;
use truthound_stores::{History, Store};

use super::rows;
use crate::args::parse_count;
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::output::print_objects;

/// List the versions of a document, the newest first.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// The document's id
    id: String,
    /// Only the newest so many
    #[arg(long, value_name = "N", value_parser = parse_count)]
    limit: Option<u64>,
    /// The history of a branch [default: main]
    #[arg(long, value_name = "B")]
    branch: Option<String>,
}

pub(super) async fn run(options: &List, context: &mut Context) -> Result<Code, Failure> {
    let format = context.format_without_ids("versions are")?;
    let key = context.key(&options.id)?;
    let store = context.place.open_versions().await?;
    context.say_if_missing(store.inner());
    let mut history = History::new();
    history.limit = options.limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    history.branch.clone_from(&options.branch);
    let versions = store.list_versions(&key, &history).await?;
    print_objects(&mut context.out, format, &versions, |out| rows::versions(out, &versions))?;
    store.close().await?;
    Ok(Code::Done)
}
