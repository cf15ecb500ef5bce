//! `copy`: documents from one store to another.

mod rows;
mod watch;

use std::sync::Arc;

use clap::Args;
use truthound_stores::{Collection, CopyOptions, OnConflict, Store, copy};

use crate::args;
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::progress::{Bar, MANY};
use crate::query::Filter;
use rows::Copied;
use watch::Watch;

/// Stands for the store that --store or --config names.
const THE_STORE: &str = "-";

/// Copy documents from one store to another one of any kind.
///
/// Results and expectations are copied, or those of --collection, all or those that the conditions name. What DST has already is not
/// written again, so a copy that was interrupted goes on when it is called once more. Documents keep ids, texts and attributes; when they were saved
/// and their revisions are DST's own. At the end both stores are compared by checksums.
///
/// A row of numbers for each collection is printed; a document that is not copied is named on stderr and stops no other. The exit
/// code is 5 if a document is damaged, or not the same in both at the end, 1 if one cannot be read or is refused, and 4 if DST has others of the same
/// ids.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores copy .truthound/store file:/backup/results
  truthound-stores copy --dry-run .truthound/store file:/backup/results
  truthound-stores --config prod.toml copy - ./last-week --since 7d
  truthound-stores copy ./old ./new --on-conflict keep --format json")]
pub(crate) struct Copy {
    /// The store to read: a URL or path as --store takes it; - is the store of --store or --config
    #[arg(value_name = "SRC")]
    source: String,
    /// The store to write
    #[arg(value_name = "DST")]
    target: String,
    /// What to do where DST has another document of the same id: refuse (name it, exit code 4), keep (DST's stays) or overwrite
    #[arg(long, value_name = "WHAT", default_value = "refuse", value_parser = args::on_conflict)]
    on_conflict: OnConflict,
    /// Say what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Leave out the comparison at the end
    #[arg(long)]
    no_compare: bool,
    /// How many documents are read at once, 1 to 1024
    #[arg(long, value_name = "N", default_value = "16", value_parser = clap::value_parser!(u16).range(1..=1024))]
    concurrency: u16,
    #[command(flatten)]
    filter: Filter,
}

pub(crate) async fn run(options: &Copy, context: &mut Context) -> Result<Code, Failure> {
    let format = context.format_without_ids("copies are")?;
    options.check(context)?;
    let choices = CopyOptions::new()
        .with_on_conflict(options.on_conflict)
        .with_dry_run(options.dry_run)
        .with_compare(!options.no_compare)
        .with_concurrency(options.concurrency.into());
    let collections = match &context.asked_collection {
        Some(collection) => vec![collection.clone()],
        None => vec![Collection::RESULTS, Collection::EXPECTATIONS],
    };
    let queries: Vec<_> = collections
        .iter()
        .map(|collection| options.filter.query(collection, context.now))
        .collect::<Result<_, _>>()?;
    let source = open(&options.source, context).await?;
    context.say_if_missing(&*source);
    let target = open(&options.target, context).await?;
    let bar = Bar::new(MANY);
    let watch = Watch::new(&bar);
    let mut all = Vec::new();
    let mut outcome = Ok(());
    for query in &queries {
        match copy(&*source, &*target, query, &choices, &watch).await {
            Ok(report) => {
                all.push(Copied { collection: query.collection.clone(), dry_run: options.dry_run, report });
            }
            Err(error) => {
                outcome = Err(error);
                break;
            }
        }
    }
    bar.finish();
    // What was acknowledged is to be safe, however it ended.
    let closed = target.close().await;
    let closed = source.close().await.and(closed);
    rows::print(context, format, &all)?;
    context.out.flush()?;
    outcome?;
    closed?;
    Ok(watch.finish())
}

impl Copy {
    /// Refuses what makes no sense, before a store is opened.
    fn check(&self, context: &Context) -> Result<(), Failure> {
        if self.source == self.target {
            return Err(Failure::Usage(
                "SRC and DST are one store: a copy goes from one store to another".to_owned(),
            ));
        }
        if context.names_store && self.source != THE_STORE && self.target != THE_STORE {
            return Err(Failure::Usage(
                "copy takes its stores as SRC and DST: write - for that of --store or --config, or leave the option out".to_owned(),
            ));
        }
        Ok(())
    }
}

async fn open(url: &str, context: &Context) -> Result<Arc<dyn Store>, Failure> {
    if url == THE_STORE { context.open().await } else { context.place.open_other(url).await }
}
