//! What a process asks, and holds against all that was done.

use truthound_stores_core::{
    Collection, ErrorKind, Facts, GetOptions, Grouping, Key, OrderBy, Page, PageToken, Query, Result,
    Revision, Store,
};

use super::deed::Of;
use super::process::{IDS, Process, STATUSES, passes};

impl Process {
    /// Reads a document; gives the revision that was found.
    pub(super) async fn get(&self, id: &str) -> Option<Revision> {
        let (asked, book) = (self.ask(Of::Documents), &self.world.book);
        let options = if self.chance(2) == 0 { GetOptions::meta_only() } else { GetOptions::default() };
        match self.store.get_opts(&Key::result(id).unwrap(), options).await {
            Ok(found) => {
                book.shown(&found.meta, book.answered(asked));
                Some(found.meta.revision)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                book.absent(id, book.answered(asked));
                None
            }
            Err(error) => {
                passes(&error);
                None
            }
        }
    }

    fn query(&self) -> Query {
        let mut query = Query::new()
            .with_order_by(self.pick(&[
                OrderBy::RunTime,
                OrderBy::RunTime,
                OrderBy::Status,
                OrderBy::DataAsset,
            ]))
            .with_ascending(self.chance(2) == 0);
        if self.chance(3) == 0 {
            query = query.with_data_asset("warehouse.*");
        }
        if self.chance(4) == 0 {
            query = query.with_status(self.pick(&STATUSES));
        }
        query
    }

    /// Lists a page, or scans it and describes what it lends.
    async fn page(&self, query: &Query, after: Option<PageToken>, scans: bool) -> Result<Page> {
        if !scans {
            return self.store.list_page(query, after).await;
        }
        let page = self.store.scan_page(query, after).await?;
        let metas = page.iter().map(Facts::describe).collect::<Result<_>>()?;
        Ok(Page::new(metas, page.next).with_damaged(page.damaged))
    }

    pub(super) async fn list(&self) {
        let query = self.query();
        let limit = (self.chance(3) == 0).then(|| 1 + self.chance(2));
        let asking = match limit {
            Some(limit) => query.clone().with_limit(limit),
            None => query.clone(),
        };
        let (asked, book) = (self.ask_catalog(), &self.world.book);
        match self.store.list_page(&asking, None).await {
            Ok(page) => {
                assert!(page.damaged.is_empty() && page.next.is_none(), "{page:?}");
                assert!(page.metas.is_sorted_by(|one, other| query.cmp(one, other).is_lt()), "{page:?}");
                let asked = book.answered(asked);
                match limit {
                    // It is not cut.
                    Some(limit) if page.metas.len() as u64 == limit => {
                        for meta in &page.metas {
                            book.shown(meta, asked);
                        }
                    }
                    _ => book.listed(&query, &page.metas, asked),
                }
            }
            Err(error) => passes(&error),
        }
    }

    /// Each page is right by itself: others write between them.
    pub(super) async fn pages(&self) {
        let query = self.query().with_page_size(1);
        let mut after = None;
        for number in 0..IDS {
            let (asked, book) = (self.ask_catalog(), &self.world.book);
            // Tokens of scans are those of listings.
            match self.page(&query, after, number % 2 == 1).await {
                Ok(page) => {
                    let asked = book.answered(asked);
                    for meta in &page.metas {
                        book.shown(meta, asked);
                    }
                    after = page.next;
                }
                Err(error) => return passes(&error),
            }
            if after.is_none() {
                return;
            }
        }
    }

    pub(super) async fn count(&self) {
        let query = self.query();
        let (asked, book) = (self.ask_catalog(), &self.world.book);
        match self.store.count(&query).await {
            Ok(count) => book.counted(&query, count, book.answered(asked)),
            Err(error) => passes(&error),
        }
    }

    pub(super) async fn summarize(&self) {
        let query = self.query();
        let (asked, book) = (self.ask_catalog(), &self.world.book);
        match self.store.summarize(&query, Grouping::new().with_day(self.chance(2) == 0)).await {
            Ok(summaries) => {
                let runs = summaries.iter().map(|summary| summary.runs).sum();
                book.counted(&query, runs, book.answered(asked));
            }
            Err(error) => passes(&error),
        }
    }

    /// What is asked as of the past is the same whoever asks, and whenever.
    pub(super) async fn past(&self) {
        let states = match self.store.states(&Collection::RESULTS).await {
            Ok(states) => states,
            Err(error) => return passes(&error),
        };
        if states.is_empty() {
            return;
        }
        let generation = states[self.chance(states.len() as u64) as usize].generation;
        match self.store.list_page_as_of(generation, &Query::new(), None).await {
            Ok(page) => self.world.book.was(generation, &page.metas),
            // Clean-up has let it go meanwhile.
            Err(error) if error.kind() == ErrorKind::Invalid => {}
            Err(error) => passes(&error),
        }
    }
}
