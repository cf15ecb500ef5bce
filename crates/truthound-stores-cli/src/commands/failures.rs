//! `failures`: the runs that failed.

use clap::Args;
use truthound_stores::{Pattern, Status};

use super::found;
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::query::Window;

/// List what is known of the runs with the status failure, newest first, as `list` does.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores failures --since 24h
  truthound-stores failures warehouse.sales.orders --limit 10")]
pub(crate) struct Failures {
    /// The asset's exact name [default: all assets]
    asset: Option<String>,
    #[command(flatten)]
    window: Window,
}

pub(crate) async fn run(options: &Failures, context: &mut Context) -> Result<Code, Failure> {
    let mut query = options.window.query(&context.collection, context.now)?.with_status(Status::FAILURE);
    query.data_asset = options.asset.as_deref().map(Pattern::exact);
    let store = context.open_to_read().await?;
    let format = context.format();
    let code = found::print_metas(&mut context.out, format, &*store, &query).await?;
    store.close().await?;
    Ok(code)
}
