//! `copy`: documents from one store to another.

mod rows;
mod versions;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use truthound_stores::options::Options;
use truthound_stores::{
    Collection, CopyOptions, OnConflict, Query, Store, VersionedStore, VersioningMode, copy,
};

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
/// With --versions, histories are copied, too: those of a store with versions as they are, with branches and labels; and what Truthound wrote as
/// ID__v1, ID__v2 beside ID becomes the history of ID. DST keeps them as --layer versioning says, or its configuration file if it is -. What DST has of
/// its own stays. Versions that are missing or damaged are named.
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
  truthound-stores copy ./old ./new --on-conflict keep --format json
  truthound-stores copy .truthound/store sqlite:quality.db --versions
  truthound-stores copy ./old ./new --versions --layer versioning:mode=semantic --version-info known.json")]
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
    /// Copy the histories of documents, too
    #[arg(long)]
    versions: bool,
    /// What Truthound knew of its versions, and never stored: a JSON array of VersionInfo.to_dict(). Authors, messages and times are kept, checksums checked
    #[arg(long, value_name = "FILE", requires = "versions")]
    version_info: Option<PathBuf>,
    /// How Truthound numbered its versions: incremental, semantic, timestamp or git_like [default: what the numbers say]
    #[arg(long, value_name = "MODE", requires = "versions", value_parser = args::version_mode)]
    version_mode: Option<VersioningMode>,
    #[command(flatten)]
    filter: Filter,
}

/// Where documents go.
enum Target {
    Plain(Arc<dyn Store>),
    Versioned(Box<VersionedStore<Arc<dyn Store>>>),
}

impl Target {
    fn store(&self) -> &dyn Store {
        match self {
            Self::Plain(store) => store,
            Self::Versioned(store) => &**store,
        }
    }
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
    // What versions add to documents is theirs: without it, a copy would name versions that its store does not have.
    let source = open_source(&options.source, context).await?;
    context.say_if_missing(source.inner());
    let target = if options.versions {
        Target::Versioned(Box::new(open_versions(&options.target, context).await?))
    } else {
        Target::Plain(open(&options.target, context).await?)
    };
    let bar = Bar::new(MANY);
    let watch = Watch::new(&bar);
    let mut all = Vec::new();
    let mut outcome = Ok(());
    for query in &queries {
        match copy_one(options, query, &choices, &source, &target, &watch).await {
            Ok(copied) => all.push(copied),
            Err(error) => {
                outcome = Err(error);
                break;
            }
        }
    }
    bar.finish();
    // What was acknowledged is to be safe, however it ended.
    let closed = target.store().close().await;
    let closed = source.close().await.and(closed);
    rows::print(context, format, &all)?;
    context.out.flush()?;
    outcome?;
    closed?;
    Ok(watch.finish())
}

/// Copies a collection: its histories, if they are asked for, and then what has none.
async fn copy_one(
    options: &Copy,
    query: &Query,
    choices: &CopyOptions,
    source: &VersionedStore<Arc<dyn Store>>,
    target: &Target,
    watch: &Watch<'_>,
) -> Result<Copied, Failure> {
    let (collection, dry_run) = (query.collection.clone(), options.dry_run);
    let (imported, choices) = match target {
        Target::Plain(_) => (None, choices.clone()),
        Target::Versioned(target) => {
            let report = versions::import(options, &collection, source, target, watch).await?;
            let choices = choices.clone().with_leave_out(report.left_out.clone());
            (Some(report), choices)
        }
    };
    let report = copy(source, target.store(), query, &choices, watch).await?;
    Ok(Copied { collection, dry_run, report, imported })
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
        if self.versions && self.filter.narrows() {
            return Err(Failure::Usage(
                "--versions copies whole collections, for a history is more than its latest document: leave the conditions out".to_owned(),
            ));
        }
        if self.versions && self.on_conflict == OnConflict::Overwrite {
            return Err(Failure::Usage(
                "--versions writes no history over another one: choose --on-conflict refuse or keep"
                    .to_owned(),
            ));
        }
        Ok(())
    }
}

/// Opens the store that is read, with its versions.
async fn open_source(url: &str, context: &Context) -> Result<VersionedStore<Arc<dyn Store>>, Failure> {
    if url == THE_STORE {
        return context.place.open_versions().await;
    }
    let store = context.place.open_other(url).await?;
    Ok(context.place.registry().open_versions(store, &Options::new())?)
}

/// Opens the store that histories go to.
async fn open_versions(url: &str, context: &Context) -> Result<VersionedStore<Arc<dyn Store>>, Failure> {
    if url == THE_STORE {
        context.place.open_versions().await
    } else {
        context.place.open_other_versions(url).await
    }
}

async fn open(url: &str, context: &Context) -> Result<Arc<dyn Store>, Failure> {
    if url == THE_STORE { context.open().await } else { context.place.open_other(url).await }
}
