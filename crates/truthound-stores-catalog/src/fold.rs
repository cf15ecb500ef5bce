//! Folding: moving the tail into segments, by replacing the root (decision 0009, §4).
//!
//! Any process may fold, and several at once: whose swap is refused forgets everything and begins anew. Nothing but clean-up deletes a
//! segment.

mod commit;
mod plan;
mod read;
mod rest;
mod shape;
mod tombs;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use truthound_stores_core::{Error, ErrorKind, Result};

pub(crate) use commit::{commit, follow};
pub(crate) use rest::Rest;
pub(crate) use shape::{How, Portions};

use crate::beside::Beside;
use crate::flaw::{Flaw, Flaws};
use crate::library::{Library, is_gone};
use crate::root::{Root, lot};
use crate::segment::{Entry, Kills};
use crate::shelf::{Listed, Seen};
use crate::tail::Name;
use crate::times::Watch;
use crate::wire::Wire;
use plan::{Listing, fresh, in_order, split};
use read::{look_up, take};
use shape::{Size, shape};
use tombs::Tombs;
use write::{Names, end, merge};

/// How often a fold begins anew because others were faster.
const ATTEMPTS: u32 = 8;

/// Folds one catalog.
#[derive(Debug)]
pub(crate) struct Folder<D> {
    pub(crate) library: Arc<Library>,
    pub(crate) wire: Wire,
    pub(crate) documents: D,
    pub(crate) flaws: Flaws,
    /// So many objects of the tail are taken by one fold.
    pub(crate) objects: usize,
}

/// What became of a fold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// There was nothing to do.
    Nothing,
    /// It was committed.
    Done(Done),
    /// Others committed each time: they fold.
    Outrun,
}

/// What a commit did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) generation: u64,
    /// How many objects of the tail it took.
    pub(crate) objects: usize,
    /// How many rows it added.
    pub(crate) rows: usize,
    /// Whether that was the whole tail.
    pub(crate) whole: bool,
}

impl<D: Beside> Folder<D> {
    pub(crate) fn new(library: Arc<Library>, wire: Wire, documents: D) -> Self {
        let (flaws, objects) = (wire.flaws, wire.portions.objects);
        Self { library, wire, documents, flaws, objects }
    }

    /// Folds once: takes up to 4,096 objects of the tail. `rest` is what the fold before has left, and then what this one does: whoever folds once
    /// has none.
    ///
    /// # Errors
    /// Those of the store; `Corrupt` for a catalog that is not what was written, `Unsupported` for one that a later program must write.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the fold done or not done. Files that it has written are left to clean-up.
    pub(crate) async fn fold_on(&self, how: How, rest: &mut Rest) -> Result<Outcome> {
        let mut again = None;
        for attempt in 1..=ATTEMPTS {
            if attempt > 1 && !self.flaws.has(Flaw::BlindRetry) {
                // Who was refused meets others: at once it would meet them again.
                self.wire.pause(attempt, None).await;
            }
            match self.attempt(how, rest, &mut again).await {
                Ok(Some(outcome)) => return Ok(outcome),
                Ok(None) => {}
                // Clean-up has removed what the root named that this attempt began with.
                Err(error) if is_gone(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Outcome::Outrun)
    }

    /// Folds once, whatever came before.
    #[cfg(test)]
    pub(crate) async fn fold(&self, how: How) -> Result<Outcome> {
        self.fold_on(how, &mut Rest::default()).await
    }

    /// Gets the root, then the tail (4.1, 4.2): the opposite of a query's order. Or what a fold has left of a tail, if that is its root (4.10).
    async fn look(&self, rest: &mut Rest) -> Result<Option<(Seen, Vec<Listed<Name>>, Watch)>> {
        let (shelf, clock) = (self.library.shelf(), &*self.wire.clock);
        let watch = Watch::start(clock);
        let early = if self.flaws.has(Flaw::TailBeforeRoot) { Some(shelf.tail().await?) } else { None };
        let Some(seen) = shelf.root(None).await? else { return Ok(None) };
        seen.root.check_writable()?;
        if let Some((tail, listed)) = rest.take(&seen.root, clock) {
            return Ok(Some((seen, tail, listed)));
        }
        let tail = match early {
            Some(tail) => tail,
            None => shelf.tail().await?,
        };
        Ok(Some((seen, tail, watch)))
    }

    /// Tries once; `None` if it has to begin anew. `again` is used by an error that tests put back.
    async fn attempt(&self, how: How, rest: &mut Rest, again: &mut Option<Names>) -> Result<Option<Outcome>> {
        let (shelf, clock) = (self.library.shelf(), &*self.wire.clock);
        let Some((seen, tail, watch)) = self.look(rest).await? else { return Ok(Some(Outcome::Nothing)) };
        let root = &*seen.root;
        let now = tail.iter().map(|listed| listed.modified).fold(seen.modified, i64::max);
        let Listing { left, others, later } = split(root, tail, self.objects);
        // Before anything else, and not by an old listing: names may come back, out of sight of the rule of tombstones (4.3).
        if !shelf.remove_tail(&left, || watch.is_fresh(clock)).await? {
            return Ok(None);
        }
        if others.is_empty() && how == How::Fold {
            return Ok(Some(Outcome::Nothing));
        }
        let objects = others.len();
        let Some(taken) = take(shelf, others, later.is_empty()).await? else { return Ok(None) };
        if taken.names.is_empty() && how == How::Fold {
            return Ok(Some(Outcome::Nothing));
        }
        let mut fresh = fresh(root, taken.rows);
        let (watermark, met) = (fresh.watermark, std::mem::take(&mut fresh.met));
        let kept = look_up(&self.library, root, fresh, self.flaws).await?;
        let (rows, ended) = (kept.rows.len(), self.kills(root, kept.ended).await?);
        let sizes: Vec<Size> = root
            .segments
            .iter()
            .enumerate()
            .map(|(at, segment)| {
                let before = segment.kill.as_ref().map_or(0, |kill| kill.ended);
                Size::of(segment, ended.get(&at).map_or(0, |kills| kills.len() as u64 - before))
            })
            .collect();
        let shape = shape(&sizes, rows as u64, taken.whole, how, self.wire.portions.hot);
        let names = match again {
            Some(names) if self.flaws.has(Flaw::NamesUsedAgain) => names.clone(),
            _ => Names { base: root.generation, commit: lot(clock) },
        };
        *again = Some(names.clone());

        let mut volumes = Vec::with_capacity(shape.merged.len());
        for at in &shape.merged {
            if let Some(segment) = root.segments.get(*at) {
                let volume = self.library.volume(segment).await?;
                let kills = ended.get(at).cloned().unwrap_or_else(|| (*volume.kills).clone());
                volumes.push((volume, kills));
            }
        }
        let mut tombs = Tombs::new(root, met, taken.whole, shape.asks, now);
        let entry = |(row, arrived)| Entry::new(root.generation + 1, row).arrived_at(arrived);
        let new = in_order(kept.rows.into_iter().map(entry).collect());
        let merged = merge(&self.library, &volumes, new, &shape, &names, &mut tombs, &self.documents);
        let mut written = Box::pin(merged).await?;

        let mut next = follow(&seen, clock, &names.commit);
        let (gone, floor) = tombs.finish();
        let same = gone.len() == root.gone.len() && gone.iter().all(|gone| root.gone.contains(gone));
        if taken.names.is_empty() && same && !written.shrunk && written.segments.len() >= shape.merged.len() {
            return Ok(Some(Outcome::Nothing));
        }
        next.gone = gone;
        for gone in next.gone.iter_mut().filter(|gone| gone.at == 0 && root.gone.contains(gone)) {
            gone.at = seen.modified;
        }
        next.feed_floor = floor;
        next.pending = taken.names.iter().filter_map(Name::unique).collect();
        next.watermark = watermark;
        written.put(&self.library).await?;
        let stay = end(&self.library, root, &shape.merged, ended, &names).await?;
        next.segments = written.segments.into_iter().chain(stay).collect();
        shelf.keep(root).await?;
        let sent = Watch::start(clock);
        if !commit(shelf, &seen, &next, &names.commit, self.flaws).await? {
            return Ok(None);
        }
        self.library.keep_only(&next);
        let done = Done { generation: next.generation, objects: taken.names.len(), rows, whole: taken.whole };
        // What stays, the next fold deletes; what fails here fails nobody (4.9).
        let removed = shelf.remove_tail(&taken.names.into(), || sent.is_fresh(clock)).await;
        if removed.is_ok_and(|all| all) && done.objects == objects {
            *rest = Rest::of(&next, later, watch, self.objects);
        }
        Ok(Some(Outcome::Done(done)))
    }

    /// Adds what was ended now to what was ended before, of each segment that is met.
    async fn kills(&self, root: &Root, ended: BTreeMap<usize, Vec<u32>>) -> Result<BTreeMap<usize, Kills>> {
        let mut all = BTreeMap::new();
        for (at, positions) in ended {
            let segment = root.segments.get(at).ok_or_else(|| {
                Error::new(ErrorKind::Internal, "a row was found in a segment that the root does not name")
            })?;
            let mut kills = (*self.library.volume(segment).await?.kills).clone();
            kills.extend(positions);
            all.insert(at, kills);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests;
