//! `count`: how many documents meet conditions.

use clap::Args;
use truthound_stores::{ErrorKind, Store, StoreExt};

use super::found::Damage;
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::query::Filter;

/// Count the documents that `list` would list.
///
/// Damaged documents are not counted but named on stderr; the exit code is then 5.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores count
  truthound-stores count --status failure --since 24h")]
pub(crate) struct Count {
    #[command(flatten)]
    filter: Filter,
}

pub(crate) async fn run(options: &Count, context: &mut Context) -> Result<Code, Failure> {
    let query = options.filter.query(&context.collection, context.now)?;
    let store = context.open_to_read().await?;
    let mut damage = Damage::default();
    let count = match store.count(&query).await {
        Ok(count) => count,
        // Documents that cannot be read make the number uncertain: those that can are counted, the others named.
        Err(error) if error.kind() == ErrorKind::Corrupt || error.key().is_some() => {
            let (count, damaged) = store.count_readable(&query).await?;
            for error in damaged {
                damage.sift::<()>(Err(error))?;
            }
            count
        }
        Err(error) => return Err(error.into()),
    };
    context.out.line(count.to_string())?;
    store.close().await?;
    Ok(damage.code())
}
