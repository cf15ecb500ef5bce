//! Bugs of what is listed, and in which order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use truthound_stores_core::{
    Collection, DeleteOptions, GetOptions, Key, Page, PageToken, PutOptions, Query, Record, RecordMeta,
    Result, Store, Written,
};

use super::behaviour::Behaviour;
use crate::listing::all_of;

/// An index from which nothing is ever taken out.
#[derive(Debug, Default)]
pub(super) struct ListsDeleted(Mutex<BTreeMap<Key, RecordMeta>>);

#[async_trait]
impl Behaviour for ListsDeleted {
    async fn delete(&self, inner: &dyn Store, key: &Key, opts: DeleteOptions) -> Result<bool> {
        let stored = inner.get_opts(key, GetOptions::meta_only()).await;
        let existed = inner.delete_opts(key, opts).await?;
        if let Ok(stored) = stored {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), stored.meta);
        }
        Ok(existed)
    }

    async fn list(&self, inner: &dyn Store, query: &Query, after: Option<PageToken>) -> Result<Page> {
        let mut listing = all_of(inner, &query.collection).await?;
        let mut deleted = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        deleted.retain(|key, _| !listing.metas.iter().any(|meta| meta.key == *key));
        listing.metas.extend(deleted.into_values());
        listing.evaluate(query, after.as_ref())
    }
}

/// An index to which batches are not added.
#[derive(Debug, Default)]
pub(super) struct ListsNoBatches(Mutex<BTreeSet<Key>>);

#[async_trait]
impl Behaviour for ListsNoBatches {
    async fn put_many(
        &self,
        inner: &dyn Store,
        records: Vec<Record>,
        opts: PutOptions,
    ) -> Vec<Result<Written>> {
        let keys = records.iter().map(|record| record.key.clone());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(keys);
        inner.put_many(records, opts).await
    }

    async fn list(&self, inner: &dyn Store, query: &Query, after: Option<PageToken>) -> Result<Page> {
        let mut listing = all_of(inner, &query.collection).await?;
        let unknown = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        listing.metas.retain(|meta| !unknown.contains(&meta.key));
        listing.evaluate(query, after.as_ref())
    }
}

/// A listing that knows no hidden collections.
#[derive(Debug, Default)]
pub(super) struct ListsHidden(Mutex<BTreeSet<Collection>>);

#[async_trait]
impl Behaviour for ListsHidden {
    async fn put(&self, inner: &dyn Store, record: Record, opts: PutOptions) -> Result<Written> {
        if record.key.collection().is_hidden() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(record.key.collection().clone());
        }
        inner.put_opts(record, opts).await
    }

    async fn list(&self, inner: &dyn Store, query: &Query, after: Option<PageToken>) -> Result<Page> {
        let mut listing = all_of(inner, &query.collection).await?;
        let hidden = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for collection in hidden.iter().filter(|hidden| **hidden != query.collection) {
            for mut meta in all_of(inner, collection).await?.metas {
                meta.key = Key::new(query.collection.clone(), meta.key.id())?;
                listing.metas.push(meta);
            }
        }
        listing.evaluate(query, after.as_ref())
    }
}

/// A listing by something that only resembles what is asked for.
#[derive(Debug)]
pub(super) struct OrdersBy(pub(super) fn(&mut RecordMeta));

#[async_trait]
impl Behaviour for OrdersBy {
    async fn list(&self, inner: &dyn Store, query: &Query, after: Option<PageToken>) -> Result<Page> {
        let mut listing = all_of(inner, &query.collection).await?;
        // The conditions are those of the query; only the order is that of the altered descriptions.
        let (mut altered, mut original) = (Vec::new(), BTreeMap::new());
        for meta in std::mem::take(&mut listing.metas).into_iter().filter(|meta| query.matches(meta)) {
            let mut other = meta.clone();
            (self.0)(&mut other);
            original.insert(other.key.clone(), meta);
            altered.push(other);
        }
        let mut unconditional = Query::new()
            .with_collection(query.collection.clone())
            .with_order_by(query.order_by)
            .with_ascending(query.ascending)
            .with_offset(query.offset)
            .with_page_size(query.page_size);
        unconditional.limit = query.limit;
        listing.metas = altered;
        let mut page = listing.evaluate(&unconditional, after.as_ref())?;
        for meta in &mut page.metas {
            if let Some(known) = original.get(&meta.key) {
                *meta = known.clone();
            }
        }
        Ok(page)
    }
}

/// As most collations do.
pub(super) fn folded(meta: &mut RecordMeta) {
    meta.attributes.data_asset = meta.attributes.data_asset.to_lowercase();
}

/// As Java, JavaScript and Windows do: by UTF-16 units.
pub(super) fn in_utf16(meta: &mut RecordMeta) {
    let units: Vec<String> =
        meta.attributes.data_asset.encode_utf16().map(|unit| format!("{unit:04x}")).collect();
    meta.attributes.data_asset = units.concat();
}

/// Ties in the order in which documents were written.
pub(super) fn ties_by_age(meta: &mut RecordMeta) {
    let id = format!("{:020}{}{}", meta.saved_at.as_micros(), meta.revision, meta.key.id());
    meta.key = Key::new(meta.key.collection().clone(), &id).unwrap_or_else(|_| meta.key.clone());
}

/// By a status's severity instead of its name.
pub(super) fn by_severity(meta: &mut RecordMeta) {
    let rank = match meta.attributes.status.as_str() {
        "error" => "0",
        "failure" => "1",
        "warning" => "2",
        "success" => "3",
        _ => "4",
    };
    meta.attributes.status = rank.into();
}
