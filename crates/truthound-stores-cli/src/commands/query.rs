//! `query`: documents that meet conditions.

use clap::Args;

use super::found;
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::query::Filter;

/// Print the documents that meet all conditions, newest first.
///
/// As json and jsonl, documents are printed whole, values unchanged; as table, csv and ids, what `list` prints of them.
/// A damaged document is named on stderr, the others are printed, and the exit code is 5.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores query --status failure --since 7d
  truthound-stores query --asset 'warehouse.sales.*' --tag environment=production --limit 10
  truthound-stores query --format jsonl --strict | jq .data_asset")]
pub(crate) struct QueryCommand {
    #[command(flatten)]
    filter: Filter,
    /// Print NaN, Infinity and -Infinity as null
    #[arg(long)]
    strict: bool,
}

pub(crate) async fn run(options: &QueryCommand, context: &mut Context) -> Result<Code, Failure> {
    let query = options.filter.query(&context.collection, context.now)?;
    let store = context.open_to_read().await?;
    let code = found::print_documents(context, &*store, &query, options.strict).await?;
    store.close().await?;
    Ok(code)
}
