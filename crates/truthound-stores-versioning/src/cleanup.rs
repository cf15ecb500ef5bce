//! Removes what `max_versions` does not keep, and what is part of no history.

use std::collections::BTreeSet;

use truthound_stores_core::{Body, DeleteOptions, Error, ErrorKind, Key, PutMode, Record, Result, Store};

use crate::chain::{LARGEST_PAGE, id_of};
use crate::draft::wanted_floor;
use crate::facts::Facts;
use crate::find::{Current, Present};
use crate::head::Head;
use crate::info::Origin;
use crate::number::{MAIN, VersionId};
use crate::place::Place;
use crate::refs::{self, Kind};
use crate::store::VersionedStore;

impl<S: Store> VersionedStore<S> {
    /// Removes the versions of an item that `max_versions` does not keep, and records that saves left which were cut off; answers how many.
    ///
    /// Versions that bear a label, or that a branch counts as its own, are kept, and so is content that others share.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) if there is no such item; [`Conflict`](ErrorKind::Conflict) if somebody saved meanwhile: call it again.
    ///
    /// # Cancel safety
    /// Some may be left: call it again.
    pub async fn cleanup(&self, key: &Key) -> Result<u64> {
        let place = Place::of(key);
        self.check_abilities()?;
        let _turn = self.turn(&place).await;
        let mut current = self.current(&place, false).await?;
        let Some(mut head) = current.head().cloned() else {
            return if current.exists() { Ok(0) } else { Err(Error::not_found(key)) };
        };
        let floor = wanted_floor(&self.config, head.id.ordinal);
        if floor > head.floor {
            // Nobody may count on a version any more before it goes.
            current = self.current(&place, true).await?;
            if let Current::Present(present) = &current
                && !present.outside
                && present.head.as_ref() == Some(&head)
                && let Some(body) = &present.body
            {
                head.floor = floor;
                self.put_head(&place, present, body, &head).await?;
            }
        }
        self.clear_to(&place, &head).await
    }

    /// Writes what the current document says of its version anew.
    pub(crate) async fn put_head(
        &self,
        place: &Place,
        present: &Present,
        body: &Body,
        head: &Head,
    ) -> Result<()> {
        let mut attributes = present.meta.attributes.clone();
        if present.spilled {
            attributes.ext = self.spilled(place, head.id).await?;
        }
        let record = Record::new(place.item.clone(), attributes, body.clone());
        self.put_current(&record, head, PutMode::Replace(present.meta.revision.clone())).await.map(drop)
    }

    /// Removes what lies below the floor of a line.
    pub(crate) async fn clear_below(&self, place: &Place, head: &Head) -> Result<u64> {
        self.clear(place, head, head.floor.saturating_sub(1)).await
    }

    /// Removes what belongs to no history, up to the latest version of a line.
    pub(crate) async fn clear_to(&self, place: &Place, head: &Head) -> Result<u64> {
        self.clear(place, head, head.id.ordinal).await
    }

    /// Removes records with ordinals up to `to` that no line, label or shared content holds.
    ///
    /// Up to the ordinal of the main line's latest version, nothing can become part of it any more: who saves swaps that very version. The same goes for a branch.
    async fn clear(&self, place: &Place, head: &Head, to: u64) -> Result<u64> {
        let candidates = self.candidates(place, to).await?;
        if candidates.is_empty() {
            return Ok(0);
        }
        let references = refs::all(&self.inner, place).await?;
        let current = self.current(place, false).await?;
        if matches!(&current, Current::Present(present) if !present.told)
            || matches!(current, Current::Damaged { .. })
        {
            // Of several records one may be the latest version, and nobody knows which: they stay until a save has told.
            return Ok(0);
        }
        let main = current.head().cloned();
        let mut kept = Kept::default();
        // The line that was given may be older than what stands there now; both hold what they reach.
        for line in [Some(head), main.as_ref()].into_iter().flatten() {
            self.hold_line(place, line, &mut kept).await?;
        }
        let mut tops = vec![(MAIN.to_owned(), main.as_ref().map_or(0, |main| main.id.ordinal))];
        for reference in &references {
            match reference.kind {
                Kind::Label => match self.facts(place, reference.head.id).await {
                    Ok(facts) => kept.hold(&facts),
                    // It was given while its version went.
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                },
                Kind::Branch => {
                    self.hold_line(place, &reference.head, &mut kept).await?;
                    tops.push((reference.name.clone(), reference.head.id.ordinal));
                }
                Kind::End => {}
            }
        }
        let settled = |facts: &Facts| {
            let top = tops.iter().find(|(branch, _)| *branch == facts.info.branch);
            // A branch that is gone takes nothing any more.
            top.is_none_or(|(_, top)| facts.id.ordinal <= *top)
        };
        let doomed: Vec<Key> = candidates
            .into_iter()
            .filter(|(_, facts)| !kept.ids.contains(&facts.id) && settled(facts))
            .map(|(key, _)| key)
            .collect();
        let mut removed = 0;
        for answer in self.inner.delete_many(doomed, DeleteOptions::default()).await {
            removed += u64::from(answer?);
        }
        Ok(removed)
    }

    async fn candidates(&self, place: &Place, to: u64) -> Result<Vec<(Key, Facts)>> {
        let query = place.versions(to)?.with_page_size(LARGEST_PAGE);
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = self.inner.list_page(&query, after).await?;
            for meta in page.metas {
                // A record that was altered is somebody's evidence, not garbage.
                if let (Some(_), Ok(facts)) = (id_of(&meta), Facts::of(place, &meta)) {
                    found.push((meta.key, facts));
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(found),
            }
        }
    }

    async fn hold_line(&self, place: &Place, head: &Head, kept: &mut Kept) -> Result<()> {
        let floor = head.floor;
        self.walk(place, head, LARGEST_PAGE, |facts| {
            if facts.id.ordinal >= floor {
                kept.hold(&facts);
            }
            facts.id.ordinal > floor
        })
        .await
    }
}

/// What stays.
#[derive(Debug, Default)]
struct Kept {
    ids: BTreeSet<VersionId>,
}

impl Kept {
    fn hold(&mut self, facts: &Facts) {
        self.ids.insert(facts.id);
        if facts.info.origin != Origin::Deletion {
            self.ids.insert(facts.holder);
        }
    }
}
