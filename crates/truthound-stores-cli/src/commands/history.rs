//! `history`: the runs of an asset.

use clap::Args;
use truthound_stores::Pattern;

use super::found;
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::query::Window;

/// List what is known of an asset's runs, newest first, as `list` does.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  truthound-stores history warehouse.sales.orders --limit 10")]
pub(crate) struct History {
    /// The asset's exact name
    asset: String,
    #[command(flatten)]
    window: Window,
}

pub(crate) async fn run(options: &History, context: &mut Context) -> Result<Code, Failure> {
    let query = options.window.query(&context.collection, context.now)?;
    let query = query.with_data_asset(Pattern::exact(&options.asset));
    let store = context.open_to_read().await?;
    let format = context.format();
    let code = found::print_metas(&mut context.out, format, &*store, &query).await?;
    store.close().await?;
    Ok(code)
}
