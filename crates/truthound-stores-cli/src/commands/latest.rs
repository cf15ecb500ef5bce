//! `latest`: an asset's newest document.

use clap::Args;
use futures_util::StreamExt;
use truthound_stores::{Pattern, Query, StoreExt};

use super::found::{self, Damage};
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::stderr;

/// Print the document of an asset's latest run.
///
/// It is printed as `get` prints it. The exit code is 3 if the asset has none, 5 if a damaged document may be the latest.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  truthound-stores latest warehouse.sales.orders")]
pub(crate) struct Latest {
    /// The asset's exact name
    asset: String,
    /// Print NaN, Infinity and -Infinity as null
    #[arg(long)]
    strict: bool,
}

pub(crate) async fn run(options: &Latest, context: &mut Context) -> Result<Code, Failure> {
    // Without a limit: the first one may be deleted between listing and reading. Small pages keep that cheap.
    let query = Query::new()
        .with_collection(context.collection.clone())
        .with_data_asset(Pattern::exact(&options.asset))
        .with_page_size(2);
    let store = context.open_to_read().await?;
    let mut damage = Damage::default();
    let mut latest = None;
    {
        let mut documents = store.read_query(&query);
        while let Some(document) = documents.next().await {
            latest = damage.sift(document)?;
            if latest.is_some() {
                break;
            }
        }
    }
    let code = match (&latest, damage.code()) {
        (Some((meta, body)), code) => {
            found::print_document(context, meta, body, options.strict)?;
            code
        }
        (None, Code::Done) => {
            stderr::error(&format!(
                "the asset {:?} has no document in {}",
                options.asset, context.collection
            ));
            Code::NotFound
        }
        (None, code) => code,
    };
    store.close().await?;
    Ok(code)
}
