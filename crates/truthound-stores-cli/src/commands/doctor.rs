//! `doctor`: what a store can and cannot promise here.

mod promises;

use clap::Args;
use truthound_stores::{ErrorKind, Finding, Level, Report};

use super::findings;
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::stderr;

/// Say what this store can and cannot promise here, and what its owner should know.
///
/// Nothing is mended or tried out. The store is opened for this, though, and whichever command opens one puts in place what a writer
/// had acknowledged before it was killed. Each line has a level: good, note, warning or damage. Programs get objects as `verify` prints them. The exit code is 5 if
/// something that was saved is damaged, 1 if the store cannot be read at all, and 0 otherwise, whatever it does not promise.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores doctor
  truthound-stores doctor --format jsonl | jq -r 'select(.level != \"good\") | .message'")]
pub(crate) struct Doctor {}

pub(crate) async fn run(context: &mut Context) -> Result<Code, Failure> {
    let format = context.format_without_ids("findings are")?;
    let store = context.open_to_read().await?;
    let mut report = Report::new();
    report.findings = promises::of(&store.info());
    let mut trouble = None;
    match store.check().await {
        Ok(()) => report.add(Finding::new(
            Level::Good,
            "access",
            "the store can be reached and used as it is configured",
        )),
        Err(error) if error.kind() == ErrorKind::Corrupt => {
            report.add(Finding::new(Level::Damage, "access", error.report()));
        }
        // What is not allowed is for the diagnosis to say.
        Err(error) if error.kind() == ErrorKind::Denied && store.upkeep().is_some() => {
            report.findings.retain(|finding| finding.subject != promises::WRITING);
        }
        Err(error) => trouble = Some(error),
    }
    // A store that cannot be reached has nothing more to say.
    if let (None, Some(upkeep)) = (&trouble, store.upkeep()) {
        match upkeep.diagnose().await {
            Ok(found) => report.merge(found),
            Err(error) => trouble = Some(error),
        }
    }
    findings::print(context, format, &report.findings)?;
    let code = match trouble {
        Some(error) => {
            context.out.flush()?;
            stderr::error(&error.report());
            Code::Error
        }
        None if report.is_damaged() => Code::Integrity,
        None => Code::Done,
    };
    store.close().await?;
    Ok(code)
}
