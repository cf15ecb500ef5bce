//! Rebuilding and cleaning up.

use std::sync::Arc;

use truthound_stores_core::{
    Collection, Error, ErrorKind, Finding, Level, Progress, ReindexOptions, Report, Result,
};

use super::found::{counted, damaged, kept_now, of, taken_up, unseen};
use super::rebuild::{Rebuilt, Why, rebuild};
use super::refuse_if_read_only;
use crate::catch_up::{self, BRIEF};
use crate::index::{self, sql_error};
use crate::layout::CATALOG;
use crate::live::Live;
use crate::lock::{LONGEST, Lockable};
use crate::recover;
use crate::store::{Inner, damaged_files};

pub(super) fn reindex(
    inner: &Inner,
    collection: &Collection,
    options: ReindexOptions,
    progress: &dyn Progress,
) -> Result<Report> {
    let mut report = Report::new();
    if options.quick {
        let Some(live) = inner.to_tend(collection, progress)? else { return Ok(report) };
        refuse_if_read_only(&live)?;
        let names = catch_up::find_new(&live, progress, LONGEST)?;
        report.documents = names.seen;
        found(&mut report, collection, names);
        unreadable(&live, collection, &mut report)?;
        return Ok(report);
    }
    let partition = inner.partition(collection);
    let folder = inner.folder(collection)?;
    let target = folder.path.join(CATALOG).join(index::FILE);
    if !crate::live::has_traces(&folder.path)? && !crate::scan::has_documents(&folder)? {
        return Ok(report);
    }
    // What this handle has acknowledged is in its place before the documents are looked at.
    partition.reopen();
    crate::files::make_dirs(&folder.catalog(), inner.syncs())?;
    let Rebuilt { built, rescued, missing, kept } =
        rebuild(&folder, &target, &*inner.clock, progress, Why::Asked(None))?;
    report.documents = built.documents;
    let text = format!("the index{} was built from {}", of(collection), counted(built.documents, "document"));
    report.add(Finding::new(Level::Good, "index", text));
    if rescued > 0 {
        let text =
            format!("taken over from the old index: {}, not settled yet", counted(rescued as u64, "change"));
        report.add(Finding::new(Level::Note, "log", text));
    }
    report.findings.extend(kept_now("old", missing, kept.as_deref()));
    let Some(live) = inner.to_tend(collection, progress)? else { return Ok(report) };
    catch_up::finish_left(&live, LONGEST)?;
    unreadable(&live, collection, &mut report)?;
    Ok(report)
}

/// Reports files that cannot be read as documents.
fn unreadable(live: &Arc<Live>, collection: &Collection, report: &mut Report) -> Result<()> {
    for error in damaged_files(live)? {
        let id = error.key().map(|key| key.id().to_owned());
        let about = if error.kind() == ErrorKind::Corrupt { damaged } else { unseen };
        report.add(about(collection, id.as_deref(), error.report()));
    }
    Ok(())
}

pub(super) fn maintain(inner: &Inner, collection: &Collection, progress: &dyn Progress) -> Result<Report> {
    let mut report = Report::new();
    let Some(live) = inner.to_tend(collection, progress)? else { return Ok(report) };
    refuse_if_read_only(&live)?;
    let mut lock = Lockable::new(live.folder.catalog().join("maintain"));
    if !lock.try_lock()? {
        let text = format!(
            "somebody else maintains the collection{} at this moment: it is left to them",
            of(collection)
        );
        report.add(Finding::new(Level::Note, "maintenance", text));
        return Ok(report);
    }
    let (mended, settled) = catch_up::finish_left(&live, LONGEST)?;
    if settled > 0 {
        let text = format!(
            "settled {} of writers that are gone, {mended} of them put in order",
            counted(settled, "change")
        );
        report.add(Finding::new(Level::Good, "log", text));
    }
    live.flush(true)?;
    let names = catch_up::find_new(&live, progress, LONGEST)?;
    report.documents = names.seen;
    found(&mut report, collection, names);
    unreadable(&live, collection, &mut report)?;
    clean(&live, &mut report)?;
    Ok(report)
}

/// Reports what a comparison of names has shown.
fn found(report: &mut Report, collection: &Collection, names: catch_up::Names) {
    if names.adopted > 0 {
        let text = taken_up(names.adopted, collection);
        report.add(Finding::new(Level::Good, "index", text));
    }
    // Names that are no text are among the files that cannot be read, and told with them.
    for (id, path) in names.vanished {
        let text = format!("the document's file is gone: {}", path.display());
        let cure = "restore the file, delete the document, or let `verify --repair` forget it";
        report.add(damaged(collection, Some(&id), text).with_remedy(cure));
    }
}

/// An index with so many unused pages, and more of them than used ones, is written anew.
const UNUSED: i64 = 4096;

/// Cuts the feed's log, moves the write-ahead log into the index, and gives space back.
fn clean(live: &Arc<Live>, report: &mut Report) -> Result<()> {
    let path = live.readers.path().to_owned();
    let catalog = live.folder.catalog();
    let (trimmed, swept) = live.exclusively(move |index| {
        let failed = |cause| sql_error("clean the index up", &path, cause);
        let clean = || -> rusqlite::Result<usize> {
            let transaction = index.unchecked_transaction()?;
            let trimmed = index::trim(&transaction)?;
            transaction.commit()?;
            // Readers are waited for a moment; what they keep from being moved the next one moves.
            index.busy_timeout(BRIEF)?;
            let moved = index.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
            index.busy_timeout(LONGEST)?;
            moved?;
            let number = |name| index.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
            let (unused, all) = (number("freelist_count")?, number("page_count")?);
            if unused > UNUSED && unused > all / 2 {
                index.execute_batch("VACUUM")?;
            }
            Ok(trimmed)
        };
        let trimmed = clean().map_err(failed)?;
        Ok::<_, Error>((trimmed, recover::sweep(&catalog, index)))
    })?;
    if trimmed > 0 {
        let text = format!("dropped from the change feed: its oldest {trimmed} entries");
        report.add(Finding::new(Level::Good, "change feed", text));
    }
    if swept > 0 {
        let text = format!("removed {} of writers that are gone", counted(swept, "temporary file"));
        report.add(Finding::new(Level::Good, "log", text));
    }
    Ok(())
}
