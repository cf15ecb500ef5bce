//! Queries as of the past: by roots that are kept, for as long as [`history_days`](crate::CatalogConfig::history_days) says.

use std::sync::Arc;

use truthound_stores_core::{
    Collection, Error, Grouping, Page, PageToken, Query, Result, Summary, Timestamp,
};

use super::{CatalogStore, Inner};
use crate::live::Live;
use crate::query::At;

/// A state of a collection's catalog that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Past {
    /// Names the state; rises with each change of the catalog.
    pub generation: u64,
    /// Until when it was the current one, by the store's clock; `None` for the one that still is.
    pub until: Option<Timestamp>,
}

impl CatalogStore {
    /// Lists the states of a collection that can be asked for, the current one last.
    ///
    /// A state holds what had been folded by then: what was saved in the moments before it may be in the next one only.
    ///
    /// # Errors
    /// Those of two requests; [`Closed`](truthound_stores_core::ErrorKind::Closed).
    ///
    /// # Cancel safety
    /// Changes nothing.
    ///
    /// # Examples
    /// ```
    /// # use std::sync::Arc;
    /// # use object_store::memory::InMemory;
    /// # use truthound_stores_catalog::{CatalogConfig, CatalogStore, Objects};
    /// # use truthound_stores_core::{Collection, Query, Timestamp};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> truthound_stores_core::Result<()> {
    /// # let store = CatalogStore::open(Objects::new(Arc::new(InMemory::new()), "memory", "memory"), CatalogConfig::new())?;
    /// # let yesterday = Timestamp::UNIX_EPOCH;
    /// let states = store.states(&Collection::RESULTS).await?;
    /// let then = states.iter().find(|state| state.until.is_none_or(|until| until > yesterday));
    /// if let Some(state) = then {
    ///     println!("{} documents", store.count_as_of(state.generation, &Query::new()).await?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn states(&self, collection: &Collection) -> Result<Vec<Past>> {
        self.inner.states(collection).await.map_err(|error| error.during("list the states"))
    }

    /// Lists a page of what was there as of a state; see [`Store::list_page`](truthound_stores_core::Store::list_page).
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid) for a state that is not kept; else those of `list_page`.
    ///
    /// # Cancel safety
    /// Changes nothing.
    pub async fn list_page_as_of(
        &self,
        generation: u64,
        query: &Query,
        after: Option<PageToken>,
    ) -> Result<Page> {
        let named = |error: Error| error.during("list");
        self.inner.enter("list")?;
        let (live, known) = self.inner.as_known(&query.collection).map_err(named)?;
        let at = At::Generation(generation);
        let page = live.index.list_page(at, query, after.as_ref(), None).await.map_err(named)?;
        self.inner.stays_open(&query.collection, live, known).await.map_err(named)?;
        Ok(page)
    }

    /// Counts what was there as of a state; see [`Store::count`](truthound_stores_core::Store::count).
    ///
    /// # Errors
    /// As for [`list_page_as_of`](Self::list_page_as_of).
    ///
    /// # Cancel safety
    /// Changes nothing.
    pub async fn count_as_of(&self, generation: u64, query: &Query) -> Result<u64> {
        let named = |error: Error| error.during("count");
        self.inner.enter("count")?;
        let (live, known) = self.inner.as_known(&query.collection).map_err(named)?;
        let count = live.index.count(At::Generation(generation), query).await.map_err(named)?;
        self.inner.stays_open(&query.collection, live, known).await.map_err(named)?;
        Ok(count)
    }

    /// Sums up what was there as of a state; see [`Store::summarize`](truthound_stores_core::Store::summarize).
    ///
    /// # Errors
    /// As for [`list_page_as_of`](Self::list_page_as_of).
    ///
    /// # Cancel safety
    /// Changes nothing.
    pub async fn summarize_as_of(
        &self,
        generation: u64,
        query: &Query,
        grouping: Grouping,
    ) -> Result<Vec<Summary>> {
        let named = |error: Error| error.during("summarize");
        self.inner.enter("summarize")?;
        let (live, known) = self.inner.as_known(&query.collection).map_err(named)?;
        let at = At::Generation(generation);
        let summaries = live.index.summarize(at, query, grouping).await.map_err(named)?;
        self.inner.stays_open(&query.collection, live, known).await.map_err(named)?;
        Ok(summaries)
    }
}

impl Inner {
    async fn states(&self, collection: &Collection) -> Result<Vec<Past>> {
        self.enter("list the states")?;
        let (live, known) = self.as_known(collection)?;
        let Some(root) = live.index.current_root().await? else { return Ok(Vec::new()) };
        let copied = live.index.library().shelf().history().await?;
        let mut states: Vec<Past> = copied
            .iter()
            .filter(|copy| root.kept.contains(&copy.name))
            .map(|copy| Past {
                generation: copy.name,
                // A root is copied right before it is replaced.
                until: Some(Timestamp::from_micros(copy.modified.saturating_mul(1_000))),
            })
            .collect();
        states.sort_by_key(|state| state.generation);
        states.push(Past { generation: root.generation, until: None });
        self.stays_open(collection, live, known).await?;
        Ok(states)
    }

    /// Keeps open what a first call has opened, for the next ones.
    async fn stays_open(&self, collection: &Collection, live: Arc<Live>, known: bool) -> Result<()> {
        match live.index.last_root() {
            Some(seen) if !known => self.learn(collection, live, &seen.root).await.map(drop),
            _ => Ok(()),
        }
    }
}
