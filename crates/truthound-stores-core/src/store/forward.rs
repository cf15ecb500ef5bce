//! Pointers to stores are stores.

use std::sync::Arc;

use async_trait::async_trait;

use super::{DeleteOptions, GetOptions, PutOptions, Store, StoreInfo};
use crate::{
    ChangePage, ChangeToken, FactsPage, Grouping, Key, Page, PageToken, Query, Record, Result, Stored,
    Summary, Upkeep, Written,
};

macro_rules! forward_pointer {
    ($pointer:ident) => {
        #[async_trait]
        impl<S: Store + ?Sized> Store for $pointer<S> {
            fn info(&self) -> StoreInfo {
                (**self).info()
            }

            async fn put_opts(&self, record: Record, opts: PutOptions) -> Result<Written> {
                (**self).put_opts(record, opts).await
            }

            async fn put_many(&self, records: Vec<Record>, opts: PutOptions) -> Vec<Result<Written>> {
                (**self).put_many(records, opts).await
            }

            async fn get_opts(&self, key: &Key, opts: GetOptions) -> Result<Stored> {
                (**self).get_opts(key, opts).await
            }

            async fn delete_opts(&self, key: &Key, opts: DeleteOptions) -> Result<bool> {
                (**self).delete_opts(key, opts).await
            }

            async fn delete_many(&self, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
                (**self).delete_many(keys, opts).await
            }

            async fn list_page(&self, query: &Query, after: Option<PageToken>) -> Result<Page> {
                (**self).list_page(query, after).await
            }

            async fn scan_page(&self, query: &Query, after: Option<PageToken>) -> Result<FactsPage> {
                (**self).scan_page(query, after).await
            }

            async fn count(&self, query: &Query) -> Result<u64> {
                (**self).count(query).await
            }

            async fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
                (**self).summarize(query, grouping).await
            }

            async fn changes(&self, after: Option<ChangeToken>, limit: usize) -> Result<ChangePage> {
                (**self).changes(after, limit).await
            }

            fn upkeep(&self) -> Option<&dyn Upkeep> {
                (**self).upkeep()
            }

            async fn check(&self) -> Result<()> {
                (**self).check().await
            }

            async fn flush(&self) -> Result<()> {
                (**self).flush().await
            }

            async fn close(&self) -> Result<()> {
                (**self).close().await
            }
        }
    };
}

forward_pointer!(Arc);
forward_pointer!(Box);
