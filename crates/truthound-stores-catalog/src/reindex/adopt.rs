//! Quick reindexing: taking up what other programs, and writers that were cut off, have left, by comparing names.
//!
//! Everything goes through the tail. A document that appeared gets the row of what was read. One that vanished, or was replaced by another
//! program, left no mark: its row gets a tombstone of its own incarnation (see [`tombstone`](super::judge::tombstone)), which folds, readers and
//! the feed treat as any other, and which is dropped as any other. Two who adopt the same put the same objects.

use truthound_stores_core::{Finding, Level, Report, Result};

use super::compare::Compared;
use super::judge::Said;
use super::listing::{Item, Named, list, named};
use super::mend::Looked;
use super::{Rebuilder, found};

impl Rebuilder<'_> {
    /// Compares names, lengths, `ETag`s and times with the catalog, and reads what differs; without a catalog, builds one.
    ///
    /// Not all can be seen so: what has the length of the document that this program wrote in its place two minutes before is found by a rebuild
    /// and by `verify`, which read everything.
    ///
    /// # Errors
    /// Outages; `Denied` for a store that cannot be written, if there is something to adopt; `Corrupt` for a catalog that cannot be read.
    ///
    /// # Cancel safety
    /// Dropping the future leaves it done in parts; another one goes on.
    pub(crate) async fn adopt(&self) -> Result<Report> {
        // Without it there would be nothing to compare with, and nothing that says which suffixes there are.
        let Some(seen) = self.library.shelf().root(None).await? else { return self.reindex().await };
        let form = &self.documents.form;
        let items = list(&**self.store, &self.documents.place, self.wire, form.folds_case).await?;
        let suffixes = self.suffixes(&items, seen.root.suffixes.clone());
        let mut report = Report::new();
        report.documents = items.len() as u64;
        let odd = items.iter().filter(|item| named(&item.name, form.folds_case) == Named::Odd);
        report.findings.extend(odd.map(|item| found::odd_name(&self.object(&item.name))));
        let begin = || Compared::new(&items, &suffixes, form.folds_case);
        let asked = self.view(begin, |compared, seen| compared.take(&seen)).await?.finish();
        let looked = self.look_at(asked, &suffixes, true).await?;
        self.tell(looked, &mut report);
        Ok(report)
    }

    /// Adds the ends that listed names have to those that are known.
    pub(crate) fn suffixes(&self, items: &[Item], mut known: Vec<String>) -> Vec<String> {
        let folds_case = self.documents.form.folds_case;
        let mut others: Vec<String> = items
            .iter()
            .filter_map(|item| match named(&item.name, folds_case) {
                Named::Document(_, suffix) if !known.iter().any(|known| known == suffix) => Some(suffix),
                _ => None,
            })
            .map(str::to_owned)
            .collect();
        others.sort_unstable();
        others.dedup();
        known.extend(others);
        known
    }

    fn tell(&self, looked: Vec<Looked>, report: &mut Report) {
        let collection = &self.documents.form.collection;
        let (mut taken, mut vanished, mut unlisted) = (0, 0, 0);
        for Looked { key, said } in looked {
            match said {
                Said::Added | Said::Rewritten => taken += 1,
                Said::Vanished => vanished += 1,
                Said::Unlisted | Said::Unburied => unlisted += 1,
                other => report.add(found::of_one(key, other, &|name| self.object(name))),
            }
        }
        if taken > 0 {
            report.add(Finding::new(Level::Good, "index", found::taken_up(taken, collection)));
        }
        if vanished > 0 {
            report.add(Finding::new(Level::Note, "index", found::vanished(vanished, collection)));
        }
        if unlisted > 0 {
            report.add(Finding::new(Level::Note, "log", found::finished(unlisted, collection)));
        }
    }
}
