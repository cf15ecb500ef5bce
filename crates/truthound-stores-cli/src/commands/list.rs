//! `list`: what is known of documents.

use clap::Args;

use super::found;
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::query::Filter;

/// List what is known of the documents that meet all conditions, newest first; documents are not read.
///
/// As json and jsonl, each has id, data_asset, run_time, status, tags, suite_name, total_issues, pass_rate, size, revision
/// and saved_at. A damaged document is named on stderr, the others are listed, and the exit code is 5.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores list --limit 20
  truthound-stores list --status failure --status error --since 2026-01-01
  truthound-stores list --format ids --until 90d | xargs truthound-stores delete")]
pub(crate) struct List {
    #[command(flatten)]
    filter: Filter,
}

pub(crate) async fn run(options: &List, context: &mut Context) -> Result<Code, Failure> {
    let query = options.filter.query(&context.collection, context.now)?;
    let store = context.open_to_read().await?;
    let format = context.format();
    let code = found::print_metas(&mut context.out, format, &*store, &query).await?;
    store.close().await?;
    Ok(code)
}
