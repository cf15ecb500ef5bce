//! Reading: single documents without the catalog, everything else by it alone.

use std::sync::Arc;

use futures_util::TryStreamExt;
use truthound_stores_core::{
    BoxFuture, ChangePage, ChangeToken, Collection, Error, ErrorKind, FactsPage, GetOptions, Grouping, Key,
    Page, PageToken, Query, Result, Stored, Summary,
};

use super::Inner;
use crate::feed::changes_of;
use crate::horizon::Moment;
use crate::live::Live;
use crate::query::At;

impl Inner {
    /// Answers a read by the catalog of a collection. One that is not open yet is opened by what the read itself asks for.
    async fn read<T>(
        &self,
        operation: &'static str,
        collection: &Collection,
        work: impl Fn(Arc<Live>) -> BoxFuture<'static, Result<T>> + Send + Sync,
    ) -> Result<T> {
        self.enter(operation)?;
        let (mut live, known) = self.as_known(collection)?;
        let asked = Moment::now(&*self.wire.clock);
        let mut answer = work(Arc::clone(&live)).await?;
        let seen = live.index.last_root();
        if let Some(seen) = &seen {
            live.documents.knows(seen, asked);
        }
        if !known {
            match seen {
                Some(seen) => live = self.learn(collection, live, &seen.root).await?,
                None => {
                    if let Some(built) = self.to_read_without_root(collection).await? {
                        answer = work(Arc::clone(&built)).await?;
                        live = built;
                    }
                }
            }
        }
        live.listed(&*self.runtime);
        Ok(answer)
    }

    pub(super) async fn get(&self, key: &Key, opts: &GetOptions) -> Result<Stored> {
        let named = |error: Error| error.during("get").at(key);
        self.enter("get").map_err(named)?;
        let (live, known) = self.as_known(key.collection()).map_err(named)?;
        let got = match live.recent.take(key) {
            Some(listed) => live.documents.get_listed(key, opts.meta_only, &listed).await,
            None => live.documents.get(key, opts.meta_only).await,
        };
        match got {
            // The root that was read before this was said may tell of names in lower case only.
            Err(error) if error.kind() == ErrorKind::NotFound && !known => {
                let Some(seen) = live.documents.names.seen() else { return Err(error) };
                let folds_case = live.documents.form.folds_case;
                let learnt = self.learn(key.collection(), live, &seen.root).await.map_err(named)?;
                if learnt.documents.form.folds_case == folds_case {
                    return Err(error);
                }
                learnt.documents.get(key, opts.meta_only).await
            }
            got => got,
        }
    }

    pub(super) async fn list(&self, query: &Query, after: Option<&PageToken>) -> Result<Page> {
        query.validate()?;
        let collection = query.collection.clone();
        let (query, after) = (query.clone(), after.cloned());
        let list = move |live: Arc<Live>| -> BoxFuture<'static, Result<Page>> {
            let (query, after) = (query.clone(), after.clone());
            Box::pin(async move {
                let page =
                    live.index.list_page(At::Now, &query, after.as_ref(), Some(&live.documents)).await?;
                live.recent.listed(&page.metas);
                Ok(page)
            })
        };
        self.read("list", &collection, list).await
    }

    /// Scans a page. What it shows is not remembered as listed: who looks at millions has no use for the last of them, and made a name
    /// and a revision of each.
    pub(super) async fn scan(&self, query: &Query, after: Option<&PageToken>) -> Result<FactsPage> {
        query.validate()?;
        let collection = query.collection.clone();
        let (query, after) = (query.clone(), after.cloned());
        let scan = move |live: Arc<Live>| -> BoxFuture<'static, Result<FactsPage>> {
            let (query, after) = (query.clone(), after.clone());
            Box::pin(async move {
                live.index.scan_page(At::Now, &query, after.as_ref(), Some(&live.documents)).await
            })
        };
        self.read("list", &collection, scan).await
    }

    pub(super) async fn count(&self, query: &Query) -> Result<u64> {
        query.validate()?;
        let collection = query.collection.clone();
        let query = query.clone();
        let count = move |live: Arc<Live>| -> BoxFuture<'static, Result<u64>> {
            let query = query.clone();
            Box::pin(async move { live.index.count(At::Now, &query).await })
        };
        self.read("count", &collection, count).await
    }

    pub(super) async fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        query.validate()?;
        let collection = query.collection.clone();
        let query = query.clone();
        let sum = move |live: Arc<Live>| -> BoxFuture<'static, Result<Vec<Summary>>> {
            let query = query.clone();
            Box::pin(async move { live.index.summarize(At::Now, &query, grouping).await })
        };
        self.read("summarize", &collection, sum).await
    }

    pub(super) async fn changes(&self, after: Option<&ChangeToken>, limit: usize) -> Result<ChangePage> {
        self.enter("changes")?;
        let mut lives = Vec::new();
        for collection in self.collections().await? {
            let (mut live, known) = self.as_known(&collection)?;
            if !known {
                match live.index.current_root().await? {
                    Some(root) => live = self.learn(&collection, live, &root).await?,
                    None => {
                        if let Some(built) = self.to_read_without_root(&collection).await? {
                            live = built;
                        }
                    }
                }
            }
            lives.push(live);
        }
        let indexes: Vec<_> = lives.iter().map(|live| &live.index).collect();
        let changes = changes_of(&indexes, after, limit).await?;
        // Whoever only follows sees a long tail each time.
        for live in &lives {
            live.listed(&*self.runtime);
        }
        Ok(changes)
    }

    /// Lists the collections: the two that every store has, and those that have a folder.
    pub(crate) async fn collections(&self) -> Result<Vec<Collection>> {
        let mut found = vec![Collection::RESULTS, Collection::EXPECTATIONS];
        let folder = self.layout.other_collections()?;
        let listed = self
            .wire
            .again("list the collections", folder.as_ref(), || {
                self.objects.store.list_with_delimiter(Some(&folder))
            })
            .await;
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(found),
            Err(error) => return Err(error),
        };
        let names = listed.common_prefixes.iter().filter_map(|path| path.filename());
        let named = |name: &str| match name.strip_prefix('_') {
            Some(hidden) => Collection::hidden(hidden),
            None => Collection::new(name),
        };
        // What is no name of a collection is somebody else's folder.
        found.extend(names.filter_map(|name| named(name).ok()));
        Ok(found)
    }

    /// Looks whether the bucket is there and can be listed and read.
    pub(super) async fn check(&self) -> Result<()> {
        self.enter("check")?;
        let collections = self.collections().await?;
        for collection in collections.iter().take(1) {
            let (live, _) = self.as_known(collection)?;
            live.index.current_root().await?;
        }
        let folder = self.layout.other_collections()?;
        let mut listed = self.objects.store.list(Some(&folder));
        listed.try_next().await.map(drop).map_err(|cause| crate::error::of(&cause, folder.as_ref()))
    }
}
