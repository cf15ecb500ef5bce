//! Clean-up: removing what no root names any more (decision 0009, §5).
//!
//! It is a commit first, and only then deletes. Whoever started from an older root can no longer commit; whoever starts later names files
//! with a later generation. No clock decides, but about how much of history stays.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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
    /// And one a day for so many days; 0 keeps none at all, the last roots neither, for where erasure is owed.
    pub(crate) days: u64,
}

impl Default for Keep {
    fn default() -> Self {
        Self { roots: 64, days: 7 }
    }
}

impl Keep {
    /// Keeps nothing but the current root.
    pub(crate) const NOTHING: Self = Self { roots: 0, days: 0 };

    /// Chooses what stays of the generations that a root keeps. `copied` says when the copy of each was put; one without a copy was
    /// not replaced yet. The first of each day stays.
    pub(crate) fn choose(self, kept: &[u64], copied: &BTreeMap<u64, i64>, now: i64) -> Vec<u64> {
        if self.days == 0 {
            return Vec::new();
        }
        let mut sorted = kept.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let last: BTreeSet<u64> = sorted.iter().rev().take(self.roots).copied().collect();
        let since = now.saturating_sub(DAY.saturating_mul(i64::try_from(self.days).unwrap_or(i64::MAX)));
        let mut days = BTreeSet::new();
        sorted.retain(|generation| {
            let first = copied
                .get(generation)
                .is_some_and(|copied| *copied >= since && days.insert(copied.div_euclid(DAY)));
            first || last.contains(generation)
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
            let id = lot(&*self.wire.clock);
            let mut next = follow(&seen, &*self.wire.clock, &id);
            next.kept = keep.choose(&next.kept, &self.copied(&seen, keep, &next).await?, seen.modified);
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

    /// Says when the copies of roots were put, where that matters.
    async fn copied(&self, seen: &Seen, keep: Keep, next: &Root) -> Result<BTreeMap<u64, i64>> {
        if keep.days == 0 || next.kept.len() <= keep.roots {
            return Ok(BTreeMap::new());
        }
        let listed = self.library.shelf().history().await?;
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
                if entry.is_put() || seen.modified.saturating_sub(entry.arrived) <= SETTLED {
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
