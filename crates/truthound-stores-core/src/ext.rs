//! The comforts that every store offers to its users.

use std::future::Future;
use std::pin::Pin;

use futures_core::Stream;
use futures_util::{StreamExt, TryStreamExt, future, stream};

use crate::{
    Body, DeleteOptions, Document, Error, ErrorKind, GetOptions, Key, Layer, Page, PutOptions, Query, Record,
    RecordMeta, Result, Revision, Status, Store, Stored, Written,
};

mod found;

pub use found::Found;

/// A stream of answers that may be sent between threads.
pub type BoxStream<'a, T> = Pin<Box<dyn Stream<Item = T> + Send + 'a>>;

/// Offers typed and convenient access to any [`Store`].
///
/// # Examples
/// ```no_run
/// use truthound_stores_core::{Query, Status, Store, StoreExt, ValidationResult};
///
/// async fn failures_of(store: &dyn Store, result: ValidationResult) -> truthound_stores_core::Result<()> {
///     store.save(&result).await?;
///     let failed: Vec<ValidationResult> =
///         store.query(&Query::new().with_data_asset("orders").with_status(Status::FAILURE)).await?.into_complete()?;
///     println!("{} runs failed", failed.len());
///     Ok(())
/// }
/// ```
pub trait StoreExt: Store {
    /// Saves a document, over any that has its id.
    ///
    /// # Errors
    /// Those of [`Store::put_opts`]; [`Invalid`](ErrorKind::Invalid) if the document has an unusable id, no readable time, or
    /// a number that is not finite.
    ///
    /// # Cancel safety
    /// Saved or not saved, never half.
    fn save<T: Document>(&self, document: &T) -> impl Future<Output = Result<Written>> + Send {
        self.save_with(document, PutOptions::default())
    }

    /// Saves a document with options: create-only, or compare-and-swap.
    ///
    /// # Errors
    /// As for [`save`](Self::save), and [`Conflict`](ErrorKind::Conflict) as the options say.
    ///
    /// # Cancel safety
    /// Saved or not saved, never half.
    fn save_with<T: Document>(
        &self,
        document: &T,
        opts: PutOptions,
    ) -> impl Future<Output = Result<Written>> + Send {
        let record = Record::of(document, &self.info().reading());
        async move { self.put_opts(record?, opts).await }
    }

    /// Writes a record, over any that has its key.
    ///
    /// # Errors
    /// Those of [`Store::put_opts`].
    ///
    /// # Cancel safety
    /// Written or not written, never half.
    fn put(&self, record: Record) -> impl Future<Output = Result<Written>> + Send {
        async move { self.put_opts(record, PutOptions::default()).await }
    }

    /// Reads a typed document by its id.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound); [`Corrupt`](ErrorKind::Corrupt) if what is stored is damaged or does not have the
    /// type's form.
    fn get<T: Document>(&self, id: &str) -> impl Future<Output = Result<T>> + Send {
        async move {
            let key = Key::new(T::COLLECTION, id)?;
            let stored = self.get_opts(&key, GetOptions::default()).await?;
            typed(&key, stored.into_body()?)
        }
    }

    /// Reads a document and what is known of it.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound); [`Corrupt`](ErrorKind::Corrupt) if what is stored is damaged.
    fn read(&self, key: &Key) -> impl Future<Output = Result<Stored>> + Send {
        async move { self.get_opts(key, GetOptions::default()).await }
    }

    /// Reads what is known of a document, without its text.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound).
    fn head(&self, key: &Key) -> impl Future<Output = Result<RecordMeta>> + Send {
        async move { Ok(self.get_opts(key, GetOptions::meta_only()).await?.meta) }
    }

    /// Tells whether a document is stored.
    ///
    /// # Errors
    /// An outage is an error, never `false`. A damaged document exists.
    fn exists(&self, key: &Key) -> impl Future<Output = Result<bool>> + Send {
        async move {
            match self.get_opts(key, GetOptions::meta_only()).await {
                Ok(_) => Ok(true),
                Err(error) => match error.kind() {
                    ErrorKind::NotFound => Ok(false),
                    ErrorKind::Corrupt => Ok(true),
                    _ => Err(error),
                },
            }
        }
    }

    /// Deletes a document; answers whether there was one.
    ///
    /// # Errors
    /// Those of [`Store::delete_opts`].
    ///
    /// # Cancel safety
    /// Deleted or not.
    fn delete(&self, key: &Key) -> impl Future<Output = Result<bool>> + Send {
        async move { self.delete_opts(key, DeleteOptions::default()).await }
    }

    /// Deletes `revision` of a document; answers whether there was a document.
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict) if another revision is stored.
    ///
    /// # Cancel safety
    /// Deleted or not.
    fn delete_revision(&self, key: &Key, revision: Revision) -> impl Future<Output = Result<bool>> + Send {
        async move { self.delete_opts(key, DeleteOptions::if_revision(revision)).await }
    }

    /// Deletes documents, each at its revision and all in one batch where the store can; one outcome for each, in order.
    ///
    /// The outcome tells whether there was a document; it is [`Conflict`](ErrorKind::Conflict) if another revision is stored.
    ///
    /// # Cancel safety
    /// Each document is deleted or not.
    fn delete_revisions(
        &self,
        documents: Vec<(Key, Revision)>,
    ) -> impl Future<Output = Vec<Result<bool>>> + Send {
        async move {
            let keys = documents.iter().map(|(key, _)| key.clone()).collect();
            self.delete_many(keys, DeleteOptions::if_revisions(documents)).await
        }
    }

    /// Lists documents without their text, page after page.
    ///
    /// A document that cannot be read is an `Err` in the stream, which goes on after it. The stream ends after an error
    /// of the listing itself.
    fn list(&self, query: &Query) -> BoxStream<'_, Result<RecordMeta>> {
        let query = query.clone();
        let pages = stream::try_unfold(Some(None), move |state| {
            let query = query.clone();
            async move {
                let Some(after) = state else { return Ok::<_, Error>(None) };
                let mut page = self.list_page(&query, after).await?;
                let next = page.next.take().map(Some);
                Ok(Some((page, next)))
            }
        });
        let items = |page: Page| {
            let damaged = page.damaged.into_iter().map(Err);
            stream::iter(damaged.chain(page.metas.into_iter().map(Ok)))
        };
        Box::pin(pages.map_ok(items).flat_map(|page| match page {
            Ok(items) => items.left_stream(),
            Err(error) => stream::iter([Err(error)]).right_stream(),
        }))
    }

    /// Reads the documents that a query lists, `batch_size` descriptions at a time.
    ///
    /// A document that cannot be read is an `Err` in the stream, which goes on after it; one that is deleted between the
    /// listing and the reading is left out. `query.limit` bounds the whole, `batch_size` only the pages. Up to 16 documents are read at the same time,
    /// and so ahead of whoever takes them; they come in the order of the listing all the same.
    fn iter_query<T: Document>(&self, query: &Query, batch_size: usize) -> BoxStream<'_, Result<T>> {
        let query = query.clone().with_page_size(batch_size);
        Box::pin(self.read_query(&query).map(|item| {
            let (meta, body) = item?;
            typed(&meta.key, body)
        }))
    }

    /// Reads the documents that a query lists, untyped, with what is known of each.
    ///
    /// Errors and deletions as for [`iter_query`](Self::iter_query), and so is what is read ahead.
    fn read_query(&self, query: &Query) -> BoxStream<'_, Result<(RecordMeta, Body)>> {
        let read = move |listed: Result<RecordMeta>| async move {
            let key = match listed {
                Ok(meta) => meta.key,
                Err(error) => return Some(Err(error)),
            };
            let stored = unless_gone(self.get_opts(&key, GetOptions::default()).await)?;
            Some(stored.and_then(|stored| {
                let meta = stored.meta.clone();
                Ok((meta, stored.into_body()?))
            }))
        };
        // Whoever takes a document may call the store before taking the next. A reading that is begun and not gone on with meanwhile would keep, say, a
        // connection that this call waits for: so all that were begun are ended before one is handed out.
        let several = self.list(query).chunks(READ_AHEAD).then(move |listed| async move {
            stream::iter(future::join_all(listed.into_iter().map(read)).await.into_iter().flatten())
        });
        Box::pin(several.flatten())
    }

    /// Reads all documents that a query lists, up to 16 at the same time.
    ///
    /// # Errors
    /// What stops the listing or a reading, such as an outage. Documents that are damaged stop nothing: they are named
    /// in [`Found::damaged`].
    fn query<T: Document>(&self, query: &Query) -> impl Future<Output = Result<Found<T>>> + Send {
        async move {
            let listed = self.list_runs(query).await?;
            let mut found = Found { items: Vec::with_capacity(listed.len()), damaged: listed.damaged };
            let read = stream::iter(listed.items).map(|meta| async move {
                let stored = unless_gone(self.get_opts(&meta.key, GetOptions::default()).await)?;
                Some(stored.and_then(|stored| typed(&meta.key, stored.into_body()?)))
            });
            let mut read = std::pin::pin!(read.buffered(READ_AHEAD).filter_map(future::ready));
            while let Some(document) = read.next().await {
                match document {
                    Ok(document) => found.items.push(document),
                    Err(error) if error.kind() == ErrorKind::Corrupt => found.damaged.push(error),
                    Err(error) => return Err(error),
                }
            }
            Ok(found)
        }
    }

    /// Lists the ids of the documents that a query lists.
    ///
    /// # Errors
    /// As for [`query`](Self::query).
    fn list_ids(&self, query: &Query) -> impl Future<Output = Result<Found<String>>> + Send {
        async move {
            let listed = self.list_runs(query).await?;
            let ids = listed.items.iter().map(|meta| meta.key.id().to_owned()).collect();
            Ok(Found { items: ids, damaged: listed.damaged })
        }
    }

    /// Describes all documents that a query lists, newest first unless it says otherwise.
    ///
    /// # Errors
    /// As for [`query`](Self::query).
    fn list_runs(&self, query: &Query) -> impl Future<Output = Result<Found<RecordMeta>>> + Send {
        async move {
            let mut found = Found { items: Vec::new(), damaged: Vec::new() };
            let mut after = None;
            loop {
                let page = self.list_page(query, after).await?;
                found.items.extend(page.metas);
                found.damaged.extend(page.damaged);
                after = page.next;
                if after.is_none() {
                    return Ok(found);
                }
            }
        }
    }

    /// Reads the latest document of an asset: at most one.
    ///
    /// Documents that cannot be read are named in [`Found::damaged`]: one of them may be the latest.
    ///
    /// # Errors
    /// As for [`query`](Self::query).
    fn get_latest<T: Document>(&self, data_asset: &str) -> impl Future<Output = Result<Found<T>>> + Send {
        let query = asset_query::<T>(data_asset).with_limit(1);
        async move { self.query(&query).await }
    }

    /// Reads an asset's documents, newest first, at most `limit`.
    ///
    /// # Errors
    /// As for [`query`](Self::query).
    fn get_history<T: Document>(
        &self,
        data_asset: &str,
        limit: Option<u64>,
    ) -> impl Future<Output = Result<Found<T>>> + Send {
        let mut query = asset_query::<T>(data_asset);
        query.limit = limit;
        async move { self.query(&query).await }
    }

    /// Reads the documents whose status is `failure`, of one asset or of all, newest first.
    ///
    /// # Errors
    /// As for [`query`](Self::query).
    fn get_failures<T: Document>(
        &self,
        data_asset: Option<&str>,
    ) -> impl Future<Output = Result<Found<T>>> + Send {
        let query = match data_asset {
            Some(asset) => asset_query::<T>(asset),
            None => Query::new().with_collection(T::COLLECTION),
        };
        let query = query.with_status(Status::FAILURE);
        async move { self.query(&query).await }
    }

    /// Deletes everything that a query lists; answers how many documents were deleted.
    ///
    /// Documents that are overwritten meanwhile are deleted, too.
    ///
    /// # Errors
    /// What stops a listing; else, after all others were deleted, the first that a deletion answered or that was found
    /// damaged.
    ///
    /// # Cancel safety
    /// Each document is deleted or not.
    fn clear(&self, query: &Query) -> impl Future<Output = Result<u64>> + Send {
        let query = query.clone();
        async move {
            let (mut deleted, mut first_error, mut after) = (0, None, None);
            loop {
                let page = self.list_page(&query, after).await?;
                let keys = page.metas.into_iter().map(|meta| meta.key).collect();
                let outcomes = self.delete_many(keys, DeleteOptions::default()).await;
                for outcome in outcomes.into_iter().chain(page.damaged.into_iter().map(Err)) {
                    match outcome {
                        Ok(existed) => deleted += u64::from(existed),
                        Err(error) => {
                            first_error.get_or_insert(error);
                        }
                    }
                }
                after = page.next;
                if after.is_none() {
                    return first_error.map_or(Ok(deleted), Err);
                }
            }
        }
    }

    /// Counts the documents that a query lists and that can be read; answers the number, and an error for each that cannot.
    ///
    /// For callers to whom an uncertain number is better than none; [`Store::count`] answers
    /// [`Corrupt`](ErrorKind::Corrupt) then.
    ///
    /// # Errors
    /// What stops the listing, such as an outage.
    fn count_readable(&self, query: &Query) -> impl Future<Output = Result<(u64, Vec<Error>)>> + Send {
        let query = query.clone().with_page_size(10_000);
        async move {
            let (mut count, mut damaged, mut after) = (0, Vec::new(), None);
            loop {
                let page = self.list_page(&query, after).await?;
                count += page.metas.len() as u64;
                damaged.extend(page.damaged);
                after = page.next;
                if after.is_none() {
                    return Ok((count, damaged));
                }
            }
        }
    }

    /// Wraps the store. The layer that is added last is outermost.
    fn layer<L: Layer<Self>>(self, layer: L) -> L::Store
    where
        Self: Sized,
    {
        layer.layer(self)
    }
}

impl<S: Store + ?Sized> StoreExt for S {}

/// So many documents are read at the same time: where each takes a round trip, a listing's documents come that much sooner.
const READ_AHEAD: usize = 16;

/// Passes over what was deleted between the listing and the reading.
fn unless_gone(read: Result<Stored>) -> Option<Result<Stored>> {
    let is_gone = read.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound);
    (!is_gone).then_some(read)
}

fn asset_query<T: Document>(data_asset: &str) -> Query {
    Query::new().with_collection(T::COLLECTION).with_data_asset(crate::Pattern::exact(data_asset))
}

fn typed<T: Document>(key: &Key, body: Body) -> Result<T> {
    body.into_parsed::<T>().map_err(|error| {
        Error::corrupt(format!("the stored document has an unexpected form: {}", error.message()))
            .at(key)
            .caused_by(error)
    })
}
