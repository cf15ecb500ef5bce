//! Verification: every document, every file of the catalog, and whether they agree.

mod agree;
mod files;
mod history;

use std::collections::BTreeSet;

use truthound_stores_core::{ErrorKind, Finding, Level, Report, Result};

use crate::name;
use crate::reindex::mend::Looked;
use crate::reindex::{Gathered, Rebuilder, base, found};
use crate::tail::Name;
use crate::times::Watch;
use agree::Agreement;
use files::Files;

const REBUILDS: &str = "`verify --repair` rebuilds it from the documents";

/// Verifies a collection; with `repair`, mends what can be mended: rebuilds a damaged catalog, puts rows that are missing, and forgets documents whose
/// objects are gone. Without, nothing is written.
///
/// # Errors
/// What keeps the documents from being looked at at all; with `repair`, what keeps it from being mended. Damage is a finding.
///
/// # Cancel safety
/// Dropping the future leaves it mended in parts; another one goes on.
pub(crate) async fn verify(rebuilder: &Rebuilder<'_>, repair: bool) -> Result<Report> {
    let mut report = Report::new();
    let shelf = rebuilder.library.shelf();
    let clock = &*rebuilder.wire.clock;
    let files = files::check(shelf, clock, rebuilder.progress).await?;
    let damaged = files.is_damaged();
    files.tell(&rebuilder.documents.form.collection, repair, &mut report);
    if repair {
        mend(rebuilder, &files, &mut report).await?;
    }
    let now = base(shelf, clock).await?;
    let gathered = rebuilder.gather(&now).await?;
    let live = gathered.rows.all().iter().filter(|held| held.is_put).count();
    report.documents = (live + gathered.unreadable.len()) as u64;
    report.findings.extend(gathered.findings.iter().cloned());
    if now.sound().is_none() {
        if files.is_missing() && live > 0 {
            let collection = &rebuilder.documents.form.collection;
            let text = format!("the documents{} have no index yet", found::of(collection));
            report.add(Finding::new(Level::Note, "index", text).with_remedy("`reindex` makes it"));
        }
        return Ok(report);
    }
    match agreement(rebuilder, &gathered, repair).await {
        Ok(looked) => tell(rebuilder, &gathered, looked, repair, &mut report).await?,
        // What cannot be read was told above.
        Err(error) if error.kind() == ErrorKind::Corrupt && damaged && !repair => {}
        Err(error) if error.kind() == ErrorKind::Corrupt => {
            let what = error.report();
            let finding = found::damaged_index(&rebuilder.documents.form.collection, &what);
            report.add(finding.with_remedy(REBUILDS));
        }
        Err(error) => return Err(error),
    }
    Ok(report)
}

/// Mends the files of the catalog.
async fn mend(rebuilder: &Rebuilder<'_>, files: &Files, report: &mut Report) -> Result<()> {
    let (shelf, clock) = (rebuilder.library.shelf(), &*rebuilder.wire.clock);
    if !files.is_damaged() && !files.is_missing() {
        return history::forget(rebuilder, &files.lost_history()).await;
    }
    let rebuilt = rebuilder.reindex().await?;
    // What it says of single documents is found again.
    report.findings.extend(rebuilt.findings.into_iter().filter(|finding| finding.level == Level::Good));
    let watch = Watch::start(clock);
    let again = files::check(shelf, clock, rebuilder.progress).await?;
    // The roots that were replaced are kept, and name what is damaged.
    history::forget(rebuilder, &again.lost_history()).await?;
    // All that these tell is in the documents, which have been read since. Not by an old listing: names may come back.
    let known = |name: &Name| files.tail.iter().any(|(other, _)| other == name);
    let names: Vec<_> = again.tail.into_iter().map(|(name, _)| name).filter(known).collect();
    shelf.remove_tail(&names.into(), || watch.is_fresh(clock)).await.map(drop)
}

/// Compares rows with documents, and looks a second time at those that do not agree: somebody may have been at work on them.
async fn agreement(rebuilder: &Rebuilder<'_>, gathered: &Gathered, repair: bool) -> Result<Vec<Looked>> {
    let folds_case = rebuilder.documents.form.folds_case;
    let begin = || Agreement::new(&gathered.rows, folds_case);
    let asked = rebuilder.view(begin, |agreement, seen| agreement.take(&seen.row)).await?.finish();
    rebuilder.look_at(asked, &gathered.suffixes, repair).await
}

/// Reports what was found of single documents; with `repair`, rebuilds the catalog where only that mends it.
async fn tell(
    rebuilder: &Rebuilder<'_>,
    gathered: &Gathered,
    looked: Vec<Looked>,
    repair: bool,
    report: &mut Report,
) -> Result<()> {
    let folds_case = rebuilder.documents.form.folds_case;
    let rebuilds = looked.iter().filter(|looked| repair && looked.said.needs_rebuild());
    let keys = rebuilds.filter_map(|looked| looked.key.as_ref());
    let stems: BTreeSet<String> = keys.map(|key| name::stem(key.id(), folds_case)).collect();
    let mut left = BTreeSet::new();
    if !stems.is_empty() {
        rebuilder.reindex().await?;
        // A row that is too new may lie in the tail, which a rebuild leaves as it is.
        let again = rebuilder.look_at(stems, &gathered.suffixes, false).await?;
        left.extend(
            again.into_iter().filter(|again| again.said.needs_rebuild()).filter_map(|again| again.key),
        );
    }
    for Looked { key, said } in looked {
        let is_left = said.needs_rebuild() && key.as_ref().is_some_and(|key| left.contains(key));
        let mends = repair && said.is_mended() && !is_left;
        let mut finding =
            found::of_one(key.as_ref(), said, &|suffix| rebuilder.object_of(key.as_ref(), suffix))
                .with_repaired(mends);
        if is_left {
            finding = finding.with_remedy(
                "`maintain` and then `verify --repair` take the object as it is for the document",
            );
        }
        let known = |other: &Finding| other.key == finding.key && other.message == finding.message;
        if !report.findings.iter().any(known) {
            report.add(finding);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
