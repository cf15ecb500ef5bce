//! Two listings side by side: each document of the source, with that of the target under the same key.

use std::cmp::Ordering;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::{Error, Key, OrderBy, PageToken, Query, RecordMeta, Result, Store};

/// What comes next.
#[derive(Debug)]
pub(super) enum Listed {
    /// A document of the source; the target's is the one that it lists for the same query.
    Document { source: Box<RecordMeta>, target: Option<Box<RecordMeta>> },
    /// Something that the source could not list.
    Damaged(Error),
}

/// Walks through two stores in the order of a query. Holds one page of each.
///
/// What the target has under a key, but lists elsewhere or not at all for this query, is not found: whoever writes must look for it.
pub(super) struct Join<'a> {
    query: Query,
    leave_out: &'a HashSet<Key>,
    passed: Arc<AtomicU64>,
    source: Cursor<'a>,
    target: Cursor<'a>,
}

struct Cursor<'a> {
    store: &'a dyn Store,
    query: Query,
    page: VecDeque<RecordMeta>,
    damaged: VecDeque<Error>,
    next: Next,
}

enum Next {
    Begin,
    After(PageToken),
    End,
}

impl<'a> Join<'a> {
    pub(super) fn new(
        source: &'a dyn Store,
        target: &'a dyn Store,
        query: &Query,
        leave_out: &'a HashSet<Key>,
    ) -> Self {
        // Which part of the source is copied says nothing of the target.
        let mut all = query.clone();
        (all.offset, all.limit) = (0, None);
        Self {
            query: query.clone(),
            leave_out,
            passed: Arc::default(),
            source: Cursor::new(source, query.clone()),
            target: Cursor::new(target, all),
        }
    }

    /// Counts what was left out so far; goes on counting while the walk goes on.
    pub(super) fn passed(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.passed)
    }

    /// Gives the next document of the source.
    pub(super) async fn next(&mut self) -> Result<Option<Listed>> {
        let source = loop {
            let Some(source) = self.source.take().await? else { return Ok(None) };
            let left_out = |key: &Key| self.leave_out.contains(key);
            match source {
                Ok(source) if left_out(&source.key) => {}
                Ok(source) => break source,
                Err(damaged) if damaged.key().is_some_and(left_out) => {}
                Err(damaged) => return Ok(Some(Listed::Damaged(damaged))),
            }
            self.passed.fetch_add(1, Relaxed);
        };
        self.target.begin_at(&source);
        let target = loop {
            // What the target cannot list is found when it is written.
            let Some(there) = self.target.peek().await? else { break None };
            match self.query.cmp(there, &source) {
                Ordering::Less => self.target.skip(),
                Ordering::Equal => break Some(Box::new(there.clone())),
                Ordering::Greater => break None,
            }
        };
        Ok(Some(Listed::Document { source: Box::new(source), target }))
    }
}

impl<'a> Cursor<'a> {
    fn new(store: &'a dyn Store, query: Query) -> Self {
        Self { store, query, page: VecDeque::new(), damaged: VecDeque::new(), next: Next::Begin }
    }

    /// Leaves out what comes before a document, if nothing was listed yet.
    fn begin_at(&mut self, first: &RecordMeta) {
        if !matches!(self.next, Next::Begin) || self.query.order_by != OrderBy::RunTime {
            return;
        }
        let time = Some(first.attributes.run_time);
        if self.query.ascending {
            self.query.start_time = self.query.start_time.max(time);
        } else {
            self.query.end_time = time;
        }
    }

    /// Fills the page until there is something in it, or nothing any more.
    async fn fill(&mut self) -> Result<()> {
        while self.page.is_empty() && self.damaged.is_empty() {
            let after = match std::mem::replace(&mut self.next, Next::End) {
                Next::Begin => None,
                Next::After(token) => Some(token),
                Next::End => return Ok(()),
            };
            let page = self.store.list_page(&self.query, after).await?;
            self.page = page.metas.into();
            self.damaged = page.damaged.into();
            self.next = page.next.map_or(Next::End, Next::After);
        }
        Ok(())
    }

    async fn take(&mut self) -> Result<Option<Result<RecordMeta>>> {
        self.fill().await?;
        if let Some(damaged) = self.damaged.pop_front() {
            return Ok(Some(Err(damaged)));
        }
        Ok(self.page.pop_front().map(Ok))
    }

    async fn peek(&mut self) -> Result<Option<&RecordMeta>> {
        loop {
            self.fill().await?;
            self.damaged.clear();
            if !self.page.is_empty() || matches!(self.next, Next::End) {
                return Ok(self.page.front());
            }
        }
    }

    fn skip(&mut self) {
        self.page.pop_front();
    }
}
