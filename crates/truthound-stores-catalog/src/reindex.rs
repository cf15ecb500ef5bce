//! Rebuilding the catalog of a collection from its documents, while everybody goes on (decision 0009, §7).
//!
//! What it takes: a request for each document, 32 of them at a time; in memory the names of all objects (a million: 100 MB), then their rows,
//! packed (a million: 200 MB), and one segment while it is written (60 MB). Bodies are let go of as soon as their rows are made.
//!
//! One document that cannot be read stops nothing: it is reported, and what the catalog knew of it stays, for it is there, and whoever lists
//! documents must learn of it. An outage stops everything: a catalog without the documents that could not be reached would be a lie.

mod adopt;
mod base;
mod build;
mod compare;
pub(crate) mod found;
mod gather;
mod held;
pub(crate) mod judge;
pub(crate) mod listing;
pub(crate) mod mend;
pub(crate) mod read;
mod sift;
pub(crate) mod view;

use std::collections::BTreeSet;
use std::sync::Arc;

use object_store::ObjectStore;
use truthound_stores_core::{Progress, Report, Result};

pub(crate) use base::{Base, base};
pub(crate) use held::Rows;

use crate::abilities::Abilities;
use crate::clean_up::crowded;
use crate::flaw::Flaws;
use crate::fold::{commit, follow};
use crate::library::Library;
use crate::root::{Root, lot};
use crate::shelf::Swap;
use crate::wire::Wire;
use crate::write::Documents;
use build::{Built, Names, build};
pub(crate) use gather::Gathered;
use sift::{Sieve, Sifted, sift};

/// How often a rebuild looks at the root again because others were faster.
const ATTEMPTS: u32 = 12;

/// Rebuilds the catalog of one collection from its documents.
///
/// The catalog need not lie where the documents do: for a store that cannot be written, a library over memory takes it.
#[derive(Clone, Copy)]
pub(crate) struct Rebuilder<'a> {
    pub(crate) documents: &'a Documents,
    /// Where the documents are, for listing their folder.
    pub(crate) store: &'a Arc<dyn ObjectStore>,
    pub(crate) library: &'a Arc<Library>,
    pub(crate) wire: &'a Wire,
    /// What the bucket can do, for a root that is made anew.
    pub(crate) abilities: Abilities,
    pub(crate) progress: &'a dyn Progress,
}

impl std::fmt::Debug for Rebuilder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rebuilder").field("documents", &self.documents).finish_non_exhaustive()
    }
}

impl Rebuilder<'_> {
    /// Rebuilds the catalog, also where there is no root, one that cannot be read, or one that was set back: then tombstones come from the
    /// marks alone.
    ///
    /// Rows in the tail stay there. Whoever wants deletions adopted whose rows lie in the tail folds it before.
    ///
    /// # Errors
    /// Outages; `Denied` for a store that cannot be written; `Overloaded` if others commit all the time; `Unsupported` for a catalog that a
    /// later program must write.
    ///
    /// # Cancel safety
    /// Dropping the future leaves it done or not done. Files that it has written are left to clean-up.
    pub(crate) async fn reindex(&self) -> Result<Report> {
        let mut report = Report::new();
        let shelf = self.library.shelf();
        let begun = base(shelf, &*self.wire.clock).await?;
        if let Some(seen) = begun.sound() {
            // It has to be kept anyway, and a store that cannot be written says so before everything is read.
            shelf.keep(&seen.root).await?;
        }
        let mut since = begun.generation();
        let mut floor = begun.feed_floor();
        let mut gathered = self.gather(&begun).await?;
        for attempt in 1..=ATTEMPTS {
            if attempt > 1 {
                self.documents.bucket.pause(attempt, None).await;
            }
            let now = base(shelf, &*self.wire.clock).await?;
            let moved = now.feed_floor() != floor;
            let Some(sifted) = self.sift(&now, &gathered, since, moved).await? else { continue };
            if sifted.lost.iter().any(|lost| since.is_none_or(|since| lost.last > since)) {
                // What was folded meanwhile is lost with a file: only the documents say it.
                since = now.generation();
                floor = now.feed_floor();
                gathered = self.gather(&now).await?;
                continue;
            }
            if moved {
                // What was read may have been deleted since, and its tombstone dropped.
                floor = now.feed_floor();
                self.read_again(&mut gathered, &sifted).await?;
                continue;
            }
            if let Some(built) = self.commit(&now, &gathered, &sifted).await? {
                self.say(&mut report, &now, gathered, &sifted, &built);
                return Ok(report);
            }
        }
        Err(crowded("rebuild the catalog"))
    }

    async fn sift(
        &self,
        now: &Base,
        gathered: &Gathered,
        since: Option<u64>,
        asks_known: bool,
    ) -> Result<Option<Sifted>> {
        let sieve = Sieve {
            rows: &gathered.rows,
            base: since,
            unreadable: &gathered.unreadable,
            folds_case: self.documents.form.folds_case,
            asks_known,
        };
        match now {
            Base::Sound(seen) => sift(self.library, &seen.root, sieve).await,
            Base::Anew(_) => Ok(Some(Sifted::of(&gathered.rows))),
        }
    }

    /// Writes the catalog and puts its root in the place of what was found there; `None` if somebody else was faster.
    async fn commit(&self, now: &Base, gathered: &Gathered, sifted: &Sifted) -> Result<Option<Built>> {
        let (shelf, clock) = (self.library.shelf(), &*self.wire.clock);
        let id = lot(clock);
        let (mut next, before) = match now {
            Base::Sound(seen) => (follow(seen, clock, &id), seen.root.generation),
            Base::Anew(anew) => {
                let mut root = anew.root(clock, &id, self.documents.form.codec.extension());
                root.abilities = self.abilities;
                (root, anew.before())
            }
        };
        let names = Names { base: before, commit: &id };
        let (rows, generation) = (&gathered.rows, next.generation);
        let built = build(self.library, rows, sifted, generation, names, self.progress).await?;
        next.lineage = lot(clock);
        next.feed_floor = next.generation;
        next.segments.clone_from(&built.segments);
        next.watermark = next.watermark.max(built.watermark);
        forget_gone(&mut next, gathered, sifted);
        for suffix in &gathered.suffixes {
            if !next.suffixes.contains(suffix) {
                next.suffixes.push(suffix.clone());
            }
        }
        let done = match now {
            Base::Sound(seen) => {
                shelf.keep(&seen.root).await?;
                commit(shelf, seen, &next, &id, Flaws::default()).await?
            }
            Base::Anew(anew) => match shelf.replace_root(anew.over(), &next).await? {
                Swap::Taken => true,
                Swap::Lost | Swap::Unknown(_) => {
                    let now = shelf.standing().await?.and_then(|standing| standing.seen());
                    now.is_some_and(|now| now.root.has(&id))
                }
            },
        };
        if done {
            self.library.keep_only(&next);
        }
        Ok(done.then_some(built))
    }

    fn say(&self, report: &mut Report, now: &Base, gathered: Gathered, sifted: &Sifted, built: &Built) {
        let collection = &self.documents.form.collection;
        report.documents = built.documents;
        if let Base::Anew(anew) = now
            && let Some(why) = &anew.why
        {
            report.add(found::damaged_index(collection, why).with_repaired(true));
        }
        for lost in &sifted.lost {
            let what = format!("{}: {}", lost.name, lost.why);
            report.add(found::damaged_index(collection, &what).with_repaired(true));
        }
        report.add(found::built(built.documents, collection));
        report.findings.extend(gathered.findings);
    }
}

/// Forgets of tombstones that were seen gone those that are no more: each takes room in the root.
fn forget_gone(next: &mut Root, gathered: &Gathered, sifted: &Sifted) {
    if next.gone.is_empty() {
        return;
    }
    let read = gathered.rows.all().iter().enumerate().filter(|(at, _)| !sifted.is_dropped(*at));
    let tombstones: BTreeSet<(&str, String)> = read
        .map(|(_, held)| held)
        .chain(&sifted.extra)
        .filter(|held| !held.is_put)
        .map(|held| (held.id(), held.state.to_string()))
        .collect();
    next.gone.retain(|gone| tombstones.contains(&(gone.id.as_str(), gone.state.clone())));
}

#[cfg(test)]
pub(crate) mod tests;
