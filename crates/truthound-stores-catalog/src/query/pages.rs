//! Listing documents, a page at a time.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use truthound_stores_core::{
    Error, ErrorKind, Facts as _, FactsPage, Page, PageToken, Position, Query, RecordMeta, Result, page_len,
};

use super::ordered::{Cells, Ordered};
use super::told::{Pins, Told};
use super::{At, Index, Plan, Shown, Snapshot};
use crate::beside::{Beside, Head};
use crate::state::State;

/// So many documents are expected at first, of however long a page.
const EXPECTED: usize = 1_024;

/// A part of a listing, as it is told.
#[derive(Debug)]
pub(super) struct Part<T> {
    pub(super) told: Vec<T>,
    pub(super) next: Option<PageToken>,
    pub(super) damaged: Vec<Error>,
}

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self { told: Vec::new(), next: None, damaged: Vec::new() }
    }
}

impl Index {
    /// Lists a page of documents. `documents` is asked for those that the catalog shows twice; without it the latest row is shown.
    ///
    /// # Errors
    /// `Invalid` for a query that is none, a token of another query, and a generation that is not kept; those of the requests;
    /// `Unavailable` if parts of the catalog are gone each time; `Corrupt`, naming the object, for what is not what was written.
    pub(crate) async fn list_page(
        &self,
        at: At,
        query: &Query,
        after: Option<&PageToken>,
        documents: Option<&dyn Beside>,
    ) -> Result<Page> {
        let Part { told, next, damaged } =
            self.part::<(RecordMeta, State)>(at, query, after, documents).await?;
        let metas = told.into_iter().map(|(meta, _)| meta).collect();
        Ok(Page::new(metas, next).with_damaged(damaged))
    }

    /// Lists a page of documents as [`list_page`](Self::list_page) does, and describes none.
    ///
    /// # Errors
    /// As for [`list_page`](Self::list_page).
    pub(crate) async fn scan_page(
        &self,
        at: At,
        query: &Query,
        after: Option<&PageToken>,
        documents: Option<&dyn Beside>,
    ) -> Result<FactsPage> {
        let Part { told, next, damaged } = self.part::<Shown>(at, query, after, documents).await?;
        Ok(FactsPage::new(told, next).with_damaged(damaged))
    }

    /// Lists a part of a listing.
    ///
    /// # Errors
    /// As for [`list_page`](Self::list_page).
    pub(super) async fn part<T: Told>(
        &self,
        at: At,
        query: &Query,
        after: Option<&PageToken>,
        documents: Option<&dyn Beside>,
    ) -> Result<Part<T>> {
        self.check(query)?;
        let position = after.map(|token| token.decode(query)).transpose()?;
        let mut plan = Plan::default();
        loop {
            let answer = async {
                let snapshot = self.view_of(at, &plan).await?;
                self.part_of(&snapshot, query, position.as_ref(), documents).await
            };
            match Box::pin(answer).await {
                Err(error) if plan.again(&error) => {}
                answer => return answer,
            }
        }
    }

    /// Checks that a query can be answered by this catalog.
    pub(super) fn check(&self, query: &Query) -> Result<()> {
        query.validate()?;
        if query.collection == self.collection {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Internal,
            format!("the catalog of {} was asked for {}", self.collection, query.collection),
        ))
    }

    async fn part_of<T: Told>(
        &self,
        snapshot: &Snapshot,
        query: &Query,
        after: Option<&Position>,
        documents: Option<&dyn Beside>,
    ) -> Result<Part<T>> {
        let (skip, taken) = match after {
            Some(position) => (0, position.taken),
            None => (usize::try_from(query.offset).unwrap_or(usize::MAX), 0),
        };
        let size = page_len(query, taken);
        if size == 0 {
            return Ok(Part::default());
        }
        let cells = Cells::of(snapshot);
        let wanted = skip.saturating_add(size).saturating_add(1);
        let mut ordered = Ordered::new(self, snapshot, &cells, query, after, Some(wanted), T::DESCRIBES)?;
        let (mut found, mut pins) = (Vec::with_capacity(size.min(EXPECTED)), Pins::default());
        let mut skipped = 0;
        while found.len() < size {
            match ordered.next().await? {
                Some(_) if skipped < skip => skipped += 1,
                Some(next) => found.push(T::of(next, &mut pins)?),
                None => break,
            }
        }
        let taken = taken.saturating_add(found.len() as u64);
        let next = found.last().and_then(|last| PageToken::after(query, last.facts(), taken));
        // Whether there is more is asked only where it matters: it may take another request.
        let next = match next {
            Some(next) if found.len() == size && ordered.next().await?.is_some() => Some(next),
            _ => None,
        };
        let (told, damaged) = self.without_doubles(found, documents).await?;
        Ok(Part { told, next, damaged })
    }

    /// Leaves of documents with several rows that count the one that the document's object says, and reports them: another program has
    /// written, for two rows that count are always of two incarnations, and this one begins none before the one before has ended.
    async fn without_doubles<T: Told>(
        &self,
        mut found: Vec<T>,
        documents: Option<&dyn Beside>,
    ) -> Result<(Vec<T>, Vec<Error>)> {
        let mut seen = HashSet::with_capacity(found.len());
        let double: BTreeSet<String> = found
            .iter()
            .map(|found| found.facts().id())
            .filter(|id| !seen.insert(*id))
            .map(str::to_owned)
            .collect();
        if double.is_empty() {
            return Ok((found, Vec::new()));
        }
        let mut damaged = Vec::with_capacity(double.len());
        let mut right = BTreeMap::new();
        for id in double {
            let latest = found.iter().filter(|found| found.facts().id() == id).map(T::state);
            let state = match documents {
                Some(documents) => match documents.head(&id).await? {
                    Head::Live(state) | Head::Foreign(state) => Some(state),
                    Head::Absent | Head::Mark(..) => None,
                },
                None => latest.max_by_key(|state| state.hlc),
            };
            if let Some(one) = found.iter().find(|found| found.facts().id() == id) {
                damaged.push(
                    Error::corrupt(
                        "the catalog has two rows of one document that both count: `verify` finds what is wrong, `reindex` mends it",
                    )
                    .at(&one.facts().key()?),
                );
            }
            right.insert(id, state);
        }
        found.retain(|found| right.get(found.facts().id()).is_none_or(|state| *state == Some(found.state())));
        Ok((found, damaged))
    }
}
