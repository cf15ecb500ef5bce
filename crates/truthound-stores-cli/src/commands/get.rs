//! `get`: one document.

use clap::Args;
use truthound_stores::StoreExt;

use super::found;
use crate::context::Context;
use crate::exit::{Code, Failure};

/// Print a document.
///
/// It is laid out for people, values unchanged; with --format jsonl it stands on one line. The exit code is 3 if there is no
/// such document, 5 if it is damaged.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores get run_20260131_120000_0a1b2c3d
  truthound-stores get run_20260131_120000_0a1b2c3d --version 2
  truthound-stores get customer_suite --collection expectations")]
pub(crate) struct Get {
    /// The document's id
    id: String,
    /// The version to print: an ordinal, a name, a label, a branch, the beginning of a hash
    #[arg(long, value_name = "V")]
    version: Option<String>,
    /// Print NaN, Infinity and -Infinity as null
    #[arg(long)]
    strict: bool,
}

pub(crate) async fn run(options: &Get, context: &mut Context) -> Result<Code, Failure> {
    if let Some(version) = &options.version {
        return super::versions::print_version(context, &options.id, version, options.strict).await;
    }
    let key = context.key(&options.id)?;
    let store = context.open_to_read().await?;
    let stored = store.read(&key).await?;
    let meta = stored.meta.clone();
    found::print_document(context, &meta, &stored.into_body()?, options.strict)?;
    store.close().await?;
    Ok(Code::Done)
}
