//! Clean-up: removing what no root names any more (decision 0009, §5).
//!
//! It is a commit first, and only then deletes. Whoever started from an older root can no longer commit; whoever starts later names files
//! with a later generation. No clock decides, but about how much of history stays.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::{Error, ErrorKind, Result};

use crate::beside::{Beside, Head};
use crate::flaw::{Flaw, Flaws};
use crate::fold::{Folder, commit, follow};
use crate::library::{Library, is_gone};
use crate::root::{Root, lot};
use crate::segment::{Bounds, Scan};
use crate::shelf::{Listed, Seen, generation_of};
use crate::times::SETTLED;
use crate::wire::Wire;

const ATTEMPTS: u32 = 8;
const DAY: i64 = 24 * 3_600_000;

/// How much of history stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keep {
    /// The last roots, as many.
    pub(crate) roots: usize,
    /// And one a day for so many days; 0 keeps none of these, the last roots neither, for where erasure is owed.
    pub(crate) days: u64,
    /// And those that were current less than so many milliseconds ago, by the store's clock.
    pub(crate) grace: i64,
}

impl Default for Keep {
    fn default() -> Self {
        Self { roots: 64, days: 7, grace: 0 }
    }
}

impl Keep {
    /// Keeps nothing but the current root.
    pub(crate) const NOTHING: Self = Self { roots: 0, days: 0, grace: 0 };

    /// Keeps what was current less than so long ago.
    pub(crate) fn within(grace: Duration) -> Self {
        // Less than a millisecond is more than nothing: whoever asks for it gets the shortest that there is.
        let shortest = i64::from(!grace.is_zero());
        Self { grace: i64::try_from(grace.as_millis()).unwrap_or(i64::MAX).max(shortest), ..Self::NOTHING }
    }

    /// Chooses what stays of the generations that a root keeps. `copied` says when the copy of each was put, which is when it was
    /// replaced; one without a copy was not replaced yet. The first of each day stays.
    pub(crate) fn choose(self, kept: &[u64], copied: &BTreeMap<u64, i64>, now: i64) -> Vec<u64> {
        if self.days == 0 && self.grace == 0 {
            return Vec::new();
        }
        let mut sorted = kept.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let roots = if self.days == 0 { 0 } else { self.roots };
        let last: BTreeSet<u64> = sorted.iter().rev().take(roots).copied().collect();
        let recent = |copied: i64| self.grace > 0 && now.saturating_sub(copied) < self.grace;
        let since = now.saturating_sub(DAY.saturating_mul(i64::try_from(self.days).unwrap_or(i64::MAX)));
        let mut days = BTreeSet::new();
        sorted.retain(|generation| {
            let copied = copied.get(generation).copied();
            let first = copied.is_some_and(|copied| {
                self.days > 0 && copied >= since && days.insert(copied.div_euclid(DAY))
            });
            first || copied.is_some_and(recent) || last.contains(generation)
        });
        sorted
    }
}

/// What a clean-up did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cleaned {
    /// How many segments and kill files it removed.
    pub(crate) files: usize,
    /// How many copies of roots it removed.
    pub(crate) roots: usize,
}

/// Cleans up one catalog.
#[derive(Debug)]
pub(crate) struct Cleaner<'f, D> {
    library: &'f Arc<Library>,
    wire: &'f Wire,
    documents: &'f D,
    flaws: Flaws,
}

impl<'f, D: Beside> Cleaner<'f, D> {
    pub(crate) fn of(folder: &'f Folder<D>) -> Self {
        Self {
            library: &folder.library,
            wire: &folder.wire,
            documents: &folder.documents,
            flaws: folder.flaws,
        }
    }

    /// Shortens history, and removes what neither the root nor its history names. `None` if others committed each time.
    ///
    /// # Errors
    /// Those of the store; `Corrupt` for a root that is not what was written.
    ///
    /// # Cancel safety
    /// Dropping the future leaves it done in parts; another clean-up goes on.
    pub(crate) async fn clean_up(&self, keep: Keep) -> Result<Option<Cleaned>> {
        let shelf = self.library.shelf();
        for attempt in 1..=ATTEMPTS {
            if attempt > 1 {
                self.wire.pause(attempt, None).await;
            }
            let Some(seen) = shelf.root(None).await? else { return Ok(Some(Cleaned::default())) };
            seen.root.check_writable()?;
            #[cfg(test)]
            {
                if self.flaws.has(Flaw::CleanUpLooksAtEverything) {
                    self.look_at_everything(&seen.root).await?;
                }
            }
            let id = lot(&*self.wire.clock);
            let mut next = follow(&seen, &*self.wire.clock, &id);
            let copied = self.copied(&seen, keep, &next).await?;
            let now = copied.values().copied().fold(seen.modified, i64::max);
            next.kept = keep.choose(&next.kept, &copied, now);
            if self.flaws.has(Flaw::CleanUpWithoutCommit) {
                let root = Root { generation: seen.root.generation + 1, ..(*seen.root).clone() };
                return self.delete(&root).await.map(Some);
            }
            if next.kept.contains(&seen.root.generation) {
                shelf.keep(&seen.root).await?;
            }
            // Its own root counts, whoever committed since: later ones name what it names, or what is named with its generation or more.
            if commit(shelf, &seen, &next, &id, self.flaws).await? {
                return self.delete(&next).await.map(Some);
            }
        }
        Ok(None)
    }

    /// An error that tests put back.
    #[cfg(test)]
    async fn look_at_everything(&self, root: &Root) -> Result<()> {
        for segment in &root.segments {
            let volume = self.library.volume(segment).await?;
            let all = Bounds { ascending: true, ..Bounds::default() };
            let mut scan = Scan::new(&volume.opened, &volume.reader, &volume.kills, all);
            while let Some((_, entry)) = scan.next().await? {
                self.documents.head(&entry.row.id).await?;
            }
        }
        Ok(())
    }

    /// Says when the copies of roots were put, where that matters.
    async fn copied(&self, seen: &Seen, keep: Keep, next: &Root) -> Result<BTreeMap<u64, i64>> {
        let shelf = self.library.shelf();
        if keep.grace > 0 {
            // The store's clock cannot be asked. But the copy that is put now says what time it is, and is that of the root which was current
            // until now: without it a catalog at rest would be as old as its last change, and so would be what it keeps.
            shelf.keep(&seen.root).await?;
            let listed = shelf.history().await?;
            return Ok(listed.into_iter().map(|listed| (listed.name, listed.modified)).collect());
        }
        if keep.days == 0 || next.kept.len() <= keep.roots {
            return Ok(BTreeMap::new());
        }
        let listed = shelf.history().await?;
        let copied = listed.into_iter().map(|listed| (listed.name, listed.modified));
        Ok(copied.chain([(seen.root.generation, seen.modified)]).collect())
    }

    /// Deletes by a root that was committed: files with a lower generation in their names that neither it nor its history names.
    async fn delete(&self, root: &Root) -> Result<Cleaned> {
        let shelf = self.library.shelf();
        let named = |root: &Root| -> BTreeSet<String> {
            let kills = root.segments.iter().filter_map(|segment| Some(segment.kill.as_ref()?.name.clone()));
            root.segments.iter().map(|segment| segment.name.clone()).chain(kills).collect()
        };
        let stays = named(root);
        let older = |listed: &Listed<String>| {
            if self.flaws.has(Flaw::FilesRemovedByAge) {
                return self.wire.clock.now().as_micros() / 1_000 - listed.modified > 300_000;
            }
            generation_of(&listed.name).is_some_and(|base| base < root.generation)
        };
        let mut files: Vec<Listed<String>> = shelf.segments().await?;
        files.retain(|listed| older(listed) && !stays.contains(&listed.name));
        let generations: Vec<u64> = shelf.history().await?.into_iter().map(|listed| listed.name).collect();
        // History is read only if there is something that it may name.
        for generation in &root.kept {
            if files.is_empty() {
                break;
            }
            let Some(kept) = shelf.kept(*generation).await? else {
                // A later clean-up has removed it, and does what is left to do.
                return Ok(Cleaned::default());
            };
            let stays = named(&kept);
            files.retain(|listed| !stays.contains(&listed.name));
        }
        let files: Vec<String> = files.into_iter().map(|listed| listed.name).collect();
        // Copies of this root and of later ones are none of its business.
        let old = |generation: &u64| *generation < root.generation && !root.kept.contains(generation);
        let roots: Vec<u64> = generations.into_iter().filter(old).collect();
        // History first: what it names must be there as long as it is.
        shelf.remove_history(&roots).await?;
        shelf.remove_segments(&files).await?;
        Ok(Cleaned { files: files.len(), roots: roots.len() })
    }

    /// Removes delete marks whose tombstones are folded and so old that nothing from before them can still land; gives how many.
    ///
    /// A store that cannot compare and delete in one keeps its marks for ever, however old: between looking and deleting somebody may
    /// have saved over it.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn remove_marks(&self) -> Result<usize> {
        if !self.documents.can_remove_marks() {
            return Ok(0);
        }
        let Some(seen) = self.library.shelf().root(None).await? else { return Ok(0) };
        let mut removed = 0;
        let settled = if self.flaws.has(Flaw::MarksRemovedAtOnce) { i64::MIN } else { SETTLED };
        for segment in seen.root.segments.iter().filter(|segment| segment.stats.deletes > 0) {
            let volume = match self.library.volume(segment).await {
                Ok(volume) => volume,
                // The next time will find the others.
                Err(error) if is_gone(&error) => return Ok(removed),
                Err(error) => return Err(error),
            };
            let all = Bounds { ascending: true, deletes: true, ..Bounds::default() };
            let mut scan = Scan::new(&volume.opened, &volume.reader, &volume.kills, all);
            loop {
                let entry = match scan.next().await {
                    Ok(Some((_, entry))) => entry,
                    Ok(None) => break,
                    Err(error) if is_gone(&error) => return Ok(removed),
                    Err(error) => return Err(error),
                };
                if entry.is_put() || seen.modified.saturating_sub(entry.arrived) <= settled {
                    continue;
                }
                if let Head::Mark(state, handle) = self.documents.head(&entry.row.id).await?
                    && state == entry.row.state
                    && self.documents.remove_mark(&entry.row.id, handle).await?
                {
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}

/// Says that others were faster each time.
pub(crate) fn crowded(doing: &str) -> Error {
    Error::new(
        ErrorKind::Overloaded,
        format!("cannot {doing}: others change the catalog without a pause; try again later"),
    )
}
