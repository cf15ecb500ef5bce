//! A copy that follows the change feed.

use std::collections::BTreeMap;

use truthound_stores_core::{ChangeOp, ChangeToken, Query, RecordMeta, Result, Store};

use super::book::{Book, state_of};
use super::deed::{Asked, Of};
use crate::CatalogStore;

/// What a follower has of its own; it outlives crashes.
#[derive(Clone, Debug, Default)]
pub(super) struct Replica {
    pub(super) documents: BTreeMap<String, RecordMeta>,
    token: Option<ChangeToken>,
}

impl Replica {
    /// Takes a page of the feed; tells whether there was nothing more to take.
    pub(super) async fn follow(&mut self, store: &CatalogStore, book: &Book, limit: usize) -> Result<bool> {
        let asked = book.ask(usize::MAX, Of::Catalog(std::time::Duration::MAX));
        let page = store.changes(self.token.clone(), limit).await?;
        if page.reset {
            return self.compare(store, book, page.next).await.map(|()| false);
        }
        let asked = book.answered(asked);
        let all = page.changes.len() < limit;
        for change in page.changes {
            let id = change.key.id().to_owned();
            match change.op {
                ChangeOp::Put(meta) => self.put(id, *meta),
                _ => drop(self.documents.remove(&id)),
            }
        }
        self.token = Some(page.next);
        if all {
            self.check(book, asked);
        }
        Ok(all)
    }

    fn put(&mut self, id: String, meta: RecordMeta) {
        if let Some(before) = self.documents.get(&id) {
            let (old, new) = (state_of(&before.revision), state_of(&meta.revision));
            assert!(!old.replaces(new), "the feed goes back from {before:?} to {meta:?}");
        }
        self.documents.insert(id, meta);
    }

    /// Where the feed begins anew, listings are compared.
    async fn compare(&mut self, store: &CatalogStore, book: &Book, next: ChangeToken) -> Result<()> {
        let asked = book.ask(usize::MAX, Of::Catalog(std::time::Duration::MAX));
        let listed = store.list_page(&Query::new(), None).await?.metas;
        self.documents = listed.into_iter().map(|meta| (meta.key.id().to_owned(), meta)).collect();
        self.token = Some(next);
        self.check(book, book.answered(asked));
        Ok(())
    }

    /// A copy that has taken everything is as good as a listing.
    fn check(&self, book: &Book, asked: Asked) {
        let metas: Vec<RecordMeta> = self.documents.values().cloned().collect();
        book.listed(&Query::new(), &metas, asked);
    }
}
