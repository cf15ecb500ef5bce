//! Reads every document of a collection, as anybody would, and reports what cannot be read.

use futures_util::StreamExt;
use truthound_stores::{
    Collection, Error, ErrorKind, Finding, Level, Progress, Query, RecordMeta, Report, Result, Store,
    StoreExt,
};

use super::super::found;
use crate::exit::Code;
use crate::progress::Bar;

/// How many documents are read at once.
const READ_AHEAD: usize = 8;

const SUBJECT: &str = "document";

/// Verifies a collection through the contract alone.
///
/// Answers also how the command ends if nothing is damaged: with an error if a document could not be looked at.
///
/// # Errors
/// What stops the whole, such as an outage.
pub(super) async fn verify(store: &dyn Store, collection: &Collection, bar: &Bar) -> Result<(Report, Code)> {
    let query = Query::new().with_collection(collection.clone()).with_page_size(10_000);
    // Only for the bar: what cannot be counted can still be verified.
    let total = if bar.is_watched() { store.count(&query).await.ok() } else { None };
    let mut report = Report::new();
    let mut unread = Code::Done;
    let read = |listed| async move { read(store, listed).await };
    let mut outcomes = Box::pin(store.list(&query).map(read).buffered(READ_AHEAD));
    while let Some(outcome) = outcomes.next().await {
        report.documents += 1;
        match outcome {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::Corrupt => report.add(finding(Level::Damage, &error)),
            // The others can be looked at all the same.
            Err(error) if found::is_of_one_document(&error) => {
                unread = Code::Error;
                report.add(
                    finding(Level::Warning, &error)
                        .with_remedy("this document was not verified: make it readable, and verify again"),
                );
            }
            Err(error) => return Err(error),
        }
        bar.advance("reading documents", report.documents, total);
    }
    Ok((report, unread))
}

/// Tells whether a finding says that a document could not be looked at.
pub(super) fn is_unread(finding: &Finding) -> bool {
    finding.level == Level::Warning && finding.subject == SUBJECT
}

/// Reads a document that was listed; the store checks its text against its checksum.
async fn read(store: &dyn Store, listed: Result<RecordMeta>) -> Result<()> {
    let listed = listed?;
    let stored = match store.read(&listed.key).await {
        Ok(stored) => stored,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // Deleted since it was listed, unless the store still says that there is one.
            return match store.head(&listed.key).await {
                Ok(_) => Err(Error::corrupt("it is listed, but its text is missing").at(&listed.key)),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                Err(error) => Err(error),
            };
        }
        Err(error) => return Err(error),
    };
    let same_state = stored.meta.revision == listed.revision;
    let body = stored.into_body()?;
    if same_state && !body.checksum().matches(&listed.checksum) {
        return Err(Error::corrupt("its text is not the one that was listed").at(&listed.key));
    }
    Ok(())
}

fn finding(level: Level, error: &Error) -> Finding {
    let finding = Finding::new(level, SUBJECT, error.report());
    match error.key() {
        Some(key) => finding.at(key.clone()),
        None => finding,
    }
}

#[cfg(test)]
mod tests;
