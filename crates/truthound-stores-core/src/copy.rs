//! Copying documents from any store to any other one.

mod compare;
mod join;
mod options;
mod plan;
mod report;
mod work;

use crate::{Error, ErrorKind, Query, Result, Store};

pub use options::{CopyOptions, OnConflict};
pub use report::{CopyComparison, CopyIssue, CopyProblem, CopyReport, CopyWatch};
use work::Work;

/// Copies the documents that `query` finds in `source` into `target`, and compares the two at the end.
///
/// - What the target has already, with the same text and attributes, is not written again: a copy that was interrupted goes on where it was.
/// - A document of the target is never overwritten unless [`OnConflict::Overwrite`] asks for it, also if somebody else writes it meanwhile
///   (of a target without [`create_only`](crate::Capabilities::create_only), unless that happens between looking and writing). Documents that only
///   the target has stay.
/// - Ids, texts and attributes are kept, among them the times of runs. [`saved_at`](crate::RecordMeta::saved_at) and revisions are each
///   store's own: they say when this store was given this state.
/// - One document that cannot be read or is refused stops no other: `watch` is told of it, and the report counts it. What concerns all documents, such
///   as an outage or a missing permission to write, ends the copy; what was written stays.
/// - At the end the target is flushed, and the listings of both stores are compared by checksum and attributes. What differs there without having been
///   reported before was lost by the target, or changed while it was copied; copying again tells which.
///
/// Memory does not grow with the stores: at any time there are two pages of listings, two batches of documents
/// ([`CopyOptions::batch_bytes`]), and those that are being read.
///
/// # Errors
/// [`Invalid`](ErrorKind::Invalid) for options or a query that make no sense; [`Unsupported`](ErrorKind::Unsupported) if the target cannot be
/// written; whatever stops the whole copy, with the number of documents that were written until then as the fact `copied`.
///
/// # Cancel safety
/// Each document is copied or not; call it again to go on.
///
/// # Examples
/// ```
/// # use std::sync::Arc;
/// use truthound_stores_core::{CopyOptions, Query, Result, Store, copy};
///
/// async fn back_up(store: &dyn Store, backup: &dyn Store) -> Result<()> {
///     let report = copy(store, backup, &Query::new(), &CopyOptions::new(), &()).await?;
///     assert!(report.is_complete(), "{report:?}");
///     Ok(())
/// }
/// ```
pub async fn copy(
    source: &dyn Store,
    target: &dyn Store,
    query: &Query,
    options: &CopyOptions,
    watch: &dyn CopyWatch,
) -> Result<CopyReport> {
    query.validate()?;
    options.validate()?;
    if !target.info().capabilities.writable {
        return Err(Error::unsupported("the target can only be read: choose one that can be written")
            .during("copy")
            .with("target", target.to_string()));
    }
    // How far it is, nobody needs to know for certain: damage makes a count impossible, but no copy.
    let total = source.count(query).await.ok();
    let mut work = Work::new(source, target, query, options, watch, total);
    let outcome = match work.copy_all().await {
        Ok(()) if options.dry_run || !options.compare => Ok(()),
        Ok(()) => work.compare().await,
        Err(error) => Err(error),
    };
    let report = work.into_report();
    outcome.map(|()| report.clone()).map_err(|error| stopped(error, &report))
}

fn stopped(error: Error, report: &CopyReport) -> Error {
    let error = error.with("copied", (report.copied + report.overwritten).to_string());
    // A store may be closed by its owner in the middle.
    if error.kind() == ErrorKind::Closed { error.during("copy") } else { error }
}
