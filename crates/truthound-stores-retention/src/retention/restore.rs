//! Bringing records back.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use truthound_stores_core::{
    BoxStream, Collection, DeleteOptions, Error, ErrorKind, Key, PutOptions, Query, Record, RecordMeta,
    Result, Store, StoreExt as _, Timestamp,
};

use super::Retention;
use crate::relocate::is_same;
use crate::saying::put_saying_why;
use crate::stamp;
use crate::{Restored, RetentionAction};

/// How many records are brought back at once.
const AT_ONCE: usize = 16;

/// Says where records are brought back from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RestoreFrom {
    /// Deletions whose grace period is not over.
    Deleted,
    /// The archive.
    Archive,
    /// The quarantine.
    Quarantine,
}

impl RestoreFrom {
    /// Says to a store that wants a reason for each save why a record is there again.
    const fn message(self) -> &'static str {
        match self {
            Self::Deleted => "restored after its deletion",
            Self::Archive => "restored from the archive",
            Self::Quarantine => "restored from the quarantine",
        }
    }
}

/// Describes a deletion that can be undone.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Deleted {
    /// The record as it was.
    pub key: Key,
    /// What it takes.
    pub size: u64,
    /// When it goes for good.
    pub until: Timestamp,
    /// Its asset.
    pub data_asset: String,
    /// Its run time.
    pub run_time: Timestamp,
}

impl Retention {
    /// Lists the deletions of a collection that can be undone.
    ///
    /// # Errors
    /// As for [`StoreExt::list`](truthound_stores_core::StoreExt::list).
    pub fn deleted<'s, S: Store + ?Sized>(
        &self,
        store: &'s S,
        collection: &Collection,
    ) -> Result<BoxStream<'s, Result<Deleted>>> {
        let query = Query::new().with_collection(stamp::trash_of(collection)?);
        let collection = collection.clone();
        Ok(Box::pin(store.list(&query).map(move |listed| {
            let meta = listed?;
            Ok(Deleted {
                key: Key::new(collection.clone(), stamp::id_of(&meta))?,
                size: meta.size,
                until: stamp::until(&meta).unwrap_or(Timestamp::MAX),
                data_asset: meta.attributes.data_asset.clone(),
                run_time: meta.attributes.run_time,
            })
        })))
    }

    /// Brings records of these ids back to where they were.
    ///
    /// Each is written, read back and compared before it goes from where it was kept. An id that was saved again meanwhile is left as it is:
    /// its older record stays where it was kept, and is named in the answer. A restored record counts as just saved, so that the grace period keeps it from
    /// going again at once. Of several deletions of one id the newest is brought back. A store that keeps versions and takes no save without a message gets one that says where the
    /// record was.
    ///
    /// # Errors
    /// [`Invalid`](ErrorKind::Invalid) if no such store is named; what stops a listing. What happened to single records is in the answer, an id that is
    /// not there among them, as [`NotFound`](ErrorKind::NotFound).
    ///
    /// # Cancel safety
    /// Each record is where it was kept, or back, or both.
    pub async fn restore<S: Store + ?Sized>(
        &self,
        store: &S,
        collection: &Collection,
        from: RestoreFrom,
        ids: &[String],
    ) -> Result<Restored> {
        let mut restored = Restored::default();
        let wanted: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        if let Some(target) = self.kept_by(from)? {
            let keys = wanted.iter().map(|id| Key::new(collection.clone(), id));
            for key in keys {
                let outcome = match key {
                    Ok(key) => bring_back(store, target, &key, &key, from).await,
                    Err(error) => Err(error),
                };
                restored.take(outcome);
            }
            return Ok(restored);
        }
        // Copies of one id may have several names: what is kept says which is which.
        let mut found: BTreeMap<String, RecordMeta> = BTreeMap::new();
        let mut kept = store.list(&Query::new().with_collection(stamp::trash_of(collection)?));
        while let Some(meta) = kept.next().await {
            let Ok(meta) = meta.map_err(|error| restored.take(Err(error))) else { continue };
            let id = stamp::id_of(&meta);
            if !wanted.contains(id) {
                continue;
            }
            let newer = found.get(id).is_none_or(|other| Turn::of(other) < Turn::of(&meta));
            if newer {
                found.insert(id.to_owned(), meta);
            }
        }
        drop(kept);
        for id in wanted {
            let key = Key::new(collection.clone(), id);
            let outcome = match (key, found.get(id)) {
                (Ok(key), Some(meta)) => bring_back(store, store, &meta.key, &key, from).await,
                (Ok(key), None) => Err(Error::not_found(&key)),
                (Err(error), _) => Err(error),
            };
            restored.take(outcome);
        }
        Ok(restored)
    }

    /// Brings all records back that a query finds where they are kept; as [`restore`](Self::restore) does.
    ///
    /// Of several deletions of one id that it finds, the newest is brought back, and the others stay where they are, unnamed. For that, deletions are listed
    /// twice; what is held meanwhile are the ids of those that were deleted more than once, and until when the newest of each is kept.
    ///
    /// # Errors
    /// As for [`restore`](Self::restore).
    ///
    /// # Cancel safety
    /// As for [`restore`](Self::restore).
    pub async fn restore_all<S: Store + ?Sized>(
        &self,
        store: &S,
        query: &Query,
        from: RestoreFrom,
    ) -> Result<Restored> {
        if let Some(target) = self.kept_by(from)? {
            return restore_from(store, target, query, &query.collection, from, None).await;
        }
        let trash = query.clone().with_collection(stamp::trash_of(&query.collection)?);
        let newest = Newest::find(store, &trash).await?;
        restore_from(store, store, &trash, &query.collection, from, Some(&newest)).await
    }

    /// Returns the store that keeps such records; `None` if the store itself does.
    fn kept_by(&self, from: RestoreFrom) -> Result<Option<&dyn Store>> {
        let action = match from {
            RestoreFrom::Deleted => return Ok(None),
            RestoreFrom::Archive => RetentionAction::Archive,
            RestoreFrom::Quarantine => RetentionAction::Quarantine,
        };
        match self.targets.of(action) {
            Some(target) => Ok(Some(&**target)),
            None => Err(Error::invalid(format!("no store is named for {action}: set {action}"))),
        }
    }
}

/// Orders several deletions of one id: the one that is kept the longest is the newest. Of two of one moment it is the one that is named last, so that it is one
/// of them, whoever asks.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    until: Option<Timestamp>,
    name: String,
}

impl Turn {
    fn of(meta: &RecordMeta) -> Self {
        Self { until: stamp::until(meta), name: meta.key.id().to_owned() }
    }
}

/// The newest copy of each id of which one was written beside another.
///
/// Copies of one id may be anywhere in a listing, which goes by the times of runs: all are looked at before the first is brought back.
#[derive(Debug, Default)]
struct Newest(BTreeMap<String, Turn>);

impl Newest {
    async fn find<S: Store + ?Sized>(store: &S, query: &Query) -> Result<Self> {
        let (mut newest, mut after) = (Self::default(), None);
        loop {
            let page = store.list_page(query, after).await?;
            for meta in page.metas.iter().filter(|meta| stamp::is_beside(meta)) {
                let (id, turn) = (stamp::id_of(meta), Turn::of(meta));
                if newest.0.get(id).is_none_or(|known| *known < turn) {
                    newest.0.insert(id.to_owned(), turn);
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(newest);
            }
        }
    }

    /// Tells whether a copy is the one to be brought back. One that came beside others only now is of a deletion that nobody meant.
    fn is(&self, meta: &RecordMeta) -> bool {
        match self.0.get(stamp::id_of(meta)) {
            None => !stamp::is_beside(meta),
            Some(turn) if stamp::is_beside(meta) => Turn::of(meta) == *turn,
            Some(turn) => Turn::of(meta) > *turn,
        }
    }
}

async fn restore_from<S: Store + ?Sized, T: Store + ?Sized>(
    store: &S,
    kept: &T,
    query: &Query,
    collection: &Collection,
    from: RestoreFrom,
    newest: Option<&Newest>,
) -> Result<Restored> {
    let (mut restored, mut after) = (Restored::default(), None);
    loop {
        let page = kept.list_page(query, after).await?;
        page.damaged.into_iter().for_each(|error| restored.take(Err(error)));
        let mut metas = page.metas;
        metas.retain(|meta| newest.is_none_or(|newest| newest.is(meta)));
        for some in metas.chunks(AT_ONCE) {
            let outcomes = join_all(some.iter().map(|meta| async move {
                let key = Key::new(collection.clone(), stamp::id_of(meta))?;
                bring_back(store, kept, &meta.key, &key, from).await
            }));
            outcomes.await.into_iter().for_each(|outcome| restored.take(outcome));
        }
        after = page.next;
        if after.is_none() {
            return Ok(restored);
        }
    }
}

/// Brings one record back; answers what it takes where it was kept.
async fn bring_back<S: Store + ?Sized, T: Store + ?Sized>(
    store: &S,
    kept: &T,
    copy: &Key,
    key: &Key,
    from: RestoreFrom,
) -> Result<u64> {
    let there = kept.read(copy).await?;
    let (size, revision) = (there.meta.size, there.meta.revision.clone());
    let mut record = there.into_record()?;
    stamp::strip(&mut record.attributes);
    record.key = key.clone();
    match put_new(store, &record, from).await {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::Conflict => take_over(store, &record, from).await?,
        Err(error) => return Err(error),
    }
    if !is_same(&store.read(key).await?, &record) {
        let why = "the restored document reads back as something else: what was kept stays where it is";
        return Err(Error::corrupt(why).at(key));
    }
    store.flush().await?;
    let delete = if kept.info().capabilities.compare_and_swap {
        DeleteOptions::if_revision(revision)
    } else {
        DeleteOptions::default()
    };
    kept.delete_opts(copy, delete).await?;
    Ok(size)
}

/// Writes a record over itself, where an earlier restore broke off after it had brought it back, or where a run is just moving it away.
///
/// That run has made the copy, and is about to delete the record at the revision that it has copied. By another revision it is the restore's: else each would
/// leave the record to the other, and it would be lost.
async fn take_over<S: Store + ?Sized>(store: &S, record: &Record, from: RestoreFrom) -> Result<()> {
    let there = store.read(&record.key).await?;
    if !is_same(&there, record) {
        let why = "another document has this id by now: remove it or give it another id, then restore again";
        return Err(Error::new(ErrorKind::Conflict, why).at(&record.key));
    }
    if store.info().capabilities.compare_and_swap {
        put(store, record, PutOptions::replace(there.meta.revision), from).await?;
    }
    Ok(())
}

/// Writes a record, and says where it comes from to a store that takes no save without a reason.
async fn put<S: Store + ?Sized>(
    store: &S,
    record: &Record,
    opts: PutOptions,
    from: RestoreFrom,
) -> Result<()> {
    match store.put_opts(record.clone(), opts.clone()).await {
        Err(error) if error.kind() == ErrorKind::Invalid => {
            put_saying_why(store, record, opts, from.message(), error).await
        }
        answer => answer.map(|_| ()),
    }
}

async fn put_new<S: Store + ?Sized>(store: &S, record: &Record, from: RestoreFrom) -> Result<()> {
    if store.info().capabilities.create_only {
        return put(store, record, PutOptions::create(), from).await;
    }
    match store.head(&record.key).await {
        Ok(_) => Err(Error::new(ErrorKind::Conflict, "there is such a document").at(&record.key)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            put(store, record, PutOptions::default(), from).await
        }
        Err(error) => Err(error),
    }
}
