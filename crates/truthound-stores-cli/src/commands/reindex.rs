//! `reindex`: rebuilds what a store knows of its documents.

use clap::Args;
use truthound_stores::{ReindexOptions, Report};

use super::findings;
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::progress::{Bar, MANY};
use crate::stderr;

/// Rebuild the store's index from its documents, which are the truth.
///
/// What is found is printed as `verify` prints it, with the same exit codes. A store without an index says so, and all is done.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores reindex
  truthound-stores reindex --quick      after files were copied into the store")]
pub(crate) struct Reindex {
    /// Compare names only, and read what is new
    #[arg(long)]
    quick: bool,
}

pub(crate) async fn run(options: &Reindex, context: &mut Context) -> Result<Code, Failure> {
    let format = context.format_without_ids("findings are")?;
    let store = context.open_to_read().await?;
    let code = if let Some(upkeep) = store.upkeep() {
        let bar = Bar::new(MANY);
        let outcome = upkeep.reindex(ReindexOptions::default().with_quick(options.quick), &bar).await;
        bar.finish();
        findings::report(context, format, "indexed", &outcome?)?
    } else {
        stderr::note(&format!("{store} keeps nothing but documents: there is nothing to rebuild"));
        findings::print(context, format, &Report::new().findings)?;
        Code::Done
    };
    store.close().await?;
    Ok(code)
}
