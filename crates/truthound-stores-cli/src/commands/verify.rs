//! `verify`: whether all that is stored is sound.

mod documents;

use clap::Args;
use truthound_stores::{Error, VerifyOptions};

use super::findings;
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::progress::{Bar, MANY};

/// Check that every document, and whatever the store keeps beside them, is sound.
///
/// What is found is printed, with totals on stderr: as json and jsonl, an object each with level, subject, key, message, remedy
/// and repaired. Of a store that keeps nothing but documents, those of the collection are read. The exit code is 5 if something that
/// was saved is damaged or missing, 1 if a document could not be looked at, and 0 if there are notes at most.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores verify
  truthound-stores verify --repair
  truthound-stores verify --format jsonl | jq -r 'select(.level == \"damage\") | .key'")]
pub(crate) struct Verify {
    /// Mend what can be mended from the documents, such as an index
    #[arg(long)]
    repair: bool,
}

pub(crate) async fn run(options: &Verify, context: &mut Context) -> Result<Code, Failure> {
    let format = context.format_without_ids("findings are")?;
    let store = context.open_to_read().await?;
    let bar = Bar::new(MANY);
    let outcome = match store.upkeep() {
        Some(upkeep) => {
            let options = VerifyOptions::default().with_repair(options.repair);
            upkeep.verify(options, &bar).await.map(|report| {
                let unread = report.findings.iter().any(documents::is_unread);
                (report, if unread { Code::Error } else { Code::Done })
            })
        }
        None if options.repair => Err(Error::unsupported(
            "this store keeps nothing from which a document could be mended: leave --repair out, and save what verify \
             names once more",
        )
        .during("verify")
        .with("store", store.to_string())),
        None => documents::verify(&*store, &context.collection, &bar).await,
    };
    bar.finish();
    let (report, unread) = outcome?;
    let code = findings::report(context, format, "verified", &report)?;
    store.close().await?;
    Ok(if code == Code::Done { unread } else { code })
}
