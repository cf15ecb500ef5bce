//! Writing: preparing documents, handing them to the committer, and waiting for what becomes of them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::{OwnedSemaphorePermit, oneshot};
use truthound_stores_core::{
    Collection, DeleteOptions, Error, ErrorKind, Key, PutOptions, Record, Result, Written, random_u64,
};

use super::{FileSystemStore, Inner, blocking, missing_outcome};
use crate::commit::{Answer, Job, Request};
use crate::files;
use crate::layout::CATALOG;
use crate::live::{Live, ROOM};
use crate::lock::{LONGEST, Turnstile};
use crate::prepare::Prepared;
use crate::publish::{STAGED, stuck};
use crate::settings::Settings;
use crate::suffix::Extensions;

/// Documents of more than so many bytes together are prepared where work may block.
const LARGE: usize = 128 << 10;
/// How often a collection is opened anew because its index was replaced.
const ATTEMPTS: u32 = 5;

impl FileSystemStore {
    /// Writes records in order; one outcome each.
    pub(super) async fn put_batch(&self, records: Vec<Record>, opts: PutOptions) -> Vec<Result<Written>> {
        let mut outcomes = Vec::with_capacity(records.len());
        for (collection, run) in runs(records, |record| record.key.collection()) {
            let count = run.len();
            let done = self.put_run(&collection, run, &opts).await;
            outcomes.extend(done.unwrap_or_else(|error| for_each(&error, count)));
        }
        outcomes
    }

    async fn put_run(
        &self,
        collection: &Collection,
        records: Vec<Record>,
        opts: &PutOptions,
    ) -> Result<Vec<Result<Written>>> {
        self.refuse_if_closed("put")?;
        let live = self.to_write(collection, true).await?;
        let bytes: usize = records.iter().map(|record| record.body.as_bytes().len()).sum();
        let (inner, at) = (Arc::clone(&self.inner), Arc::clone(&live));
        let prepare = move || -> Result<Vec<Result<Prepared>>> {
            Ok(records
                .into_iter()
                .map(|record| Prepared::new(&at.folder, &inner.extension, record))
                .collect())
        };
        let prepared = if bytes > LARGE { blocking(prepare).await? } else { prepare()? };
        // What is refused already does not go along; its place among the outcomes is kept.
        let mut outcomes: Vec<Option<Result<Written>>> = Vec::with_capacity(prepared.len());
        let mut items = Vec::with_capacity(prepared.len());
        for one in prepared {
            match one {
                Ok(item) => {
                    items.push(item);
                    outcomes.push(None);
                }
                Err(error) => outcomes.push(Some(Err(error))),
            }
        }
        let count = items.len();
        let mut written = if items.is_empty() {
            Vec::new().into_iter()
        } else {
            let done = self.put_prepared(collection, live, items, opts).await;
            done.unwrap_or_else(|error| for_each(&error, count)).into_iter()
        };
        let outcome =
            |known: Option<_>| known.or_else(|| written.next()).unwrap_or_else(|| Err(missing_outcome()));
        Ok(outcomes.into_iter().map(outcome).collect())
    }

    async fn put_prepared(
        &self,
        collection: &Collection,
        mut live: Arc<Live>,
        mut items: Vec<Prepared>,
        opts: &PutOptions,
    ) -> Result<Vec<Result<Written>>> {
        let since = self.inner.clock.monotonic();
        for _ in 0..ATTEMPTS {
            let weight = items.iter().map(Prepared::weight).sum();
            let Some(room) = room(&live, weight).await? else {
                live = self.to_write(collection, false).await?;
                continue;
            };
            let room = Some(room);
            let (reply, answer) = oneshot::channel();
            live.send(Job::Put(Request { items, opts: opts.mode.clone(), since, room, reply }))?;
            match answer.await {
                Ok(Answer::Done(outcomes)) => return Ok(outcomes),
                Ok(Answer::Failed(error)) => return Err(error),
                Ok(Answer::Moved(back)) => items = back,
                Err(_) => return Err(gave_no_answer()),
            }
            live = self.to_write(collection, false).await?;
        }
        Err(replaced_again())
    }

    /// Deletes documents in order; one outcome each.
    pub(super) async fn delete_batch(&self, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        let mut outcomes = Vec::with_capacity(keys.len());
        for (collection, run) in runs(keys, Key::collection) {
            let count = run.len();
            let done = self.delete_run(&collection, run, &opts).await;
            outcomes.extend(done.unwrap_or_else(|error| for_each(&error, count)));
        }
        outcomes
    }

    async fn delete_run(
        &self,
        collection: &Collection,
        mut keys: Vec<Key>,
        opts: &DeleteOptions,
    ) -> Result<Vec<Result<bool>>> {
        let since = self.inner.clock.monotonic();
        let name = collection.clone();
        for _ in 0..ATTEMPTS {
            let name = name.clone();
            // Where nothing is, nothing is made in order to delete from it.
            let open = move |inner: &Inner| match inner.to_read(&name)? {
                Some(live) if live.is_refusing_for_now() => inner.to_write(&name).map(Some),
                live => Ok(live),
            };
            let Some(live) = self.run("delete", open).await? else {
                return Ok(keys.iter().map(|_| Ok(false)).collect());
            };
            let (reply, answer) = oneshot::channel();
            live.send(Job::Delete(Request { items: keys, opts: opts.clone(), since, room: None, reply }))?;
            match answer.await {
                Ok(Answer::Done(outcomes)) => return Ok(outcomes),
                Ok(Answer::Failed(error)) => return Err(error),
                Ok(Answer::Moved(back)) => keys = back,
                Err(_) => return Err(gave_no_answer()),
            }
        }
        Err(replaced_again())
    }

    /// Returns the collection to write to; `known` accepts the open one as it is: its committer looks whether it is still good.
    async fn to_write(&self, collection: &Collection, known: bool) -> Result<Arc<Live>> {
        if known
            && self.inner.remembered.load(Ordering::Acquire)
            && let Some(live) = self.inner.partition(collection).at_hand()
        {
            return Ok(live);
        }
        let collection = collection.clone();
        self.run("put", move |inner| {
            inner.check_folder()?;
            inner.remember_settings()?;
            let live = inner.to_write(&collection)?;
            // Its threads begin here, where that may block.
            live.begin()?;
            Ok(live)
        })
        .await
    }
}

/// Reserves room for what will not be settled at once. With none left, what was published is settled first; `None` if nobody is there any
/// more to do that, because the collection was opened anew.
async fn room(live: &Arc<Live>, weight: u64) -> Result<Option<OwnedSemaphorePermit>> {
    let most = u32::try_from(ROOM).unwrap_or(u32::MAX);
    let weight = u32::try_from(weight).unwrap_or(most).min(most);
    loop {
        // While documents cannot be put in their places no more are taken, so that little waits for space when there is some again.
        if !live.failing.load(Ordering::Acquire)
            && let Ok(permit) = Arc::clone(&live.room).try_acquire_many_owned(weight)
        {
            return Ok(Some(permit));
        }
        if live.owner().is_none() {
            return Ok(None);
        }
        let settling = Arc::clone(live);
        let settled = blocking(move || settling.flush(true)).await;
        settled.map_err(|error| stuck(&error))?;
    }
}

fn gave_no_answer() -> Error {
    Error::new(
        ErrorKind::Internal,
        "the store's thread ended without an answer: whether it was done is not known",
    )
}

fn replaced_again() -> Error {
    Error::new(ErrorKind::Unavailable, "the store's index was replaced again and again: try later")
}

/// Splits items into runs of one collection, in order.
fn runs<I>(items: Vec<I>, collection: impl Fn(&I) -> &Collection) -> Vec<(Collection, Vec<I>)> {
    let mut runs: Vec<(Collection, Vec<I>)> = Vec::new();
    for item in items {
        match runs.last_mut() {
            Some((known, run)) if known == collection(&item) => run.push(item),
            _ => runs.push((collection(&item).clone(), vec![item])),
        }
    }
    runs
}

/// Gives each item the error that stopped the whole.
fn for_each<T>(error: &Error, count: usize) -> Vec<Result<T>> {
    (0..count).map(|_| Err(error.repeat())).collect()
}

impl Inner {
    /// Writes the store's metadata and an extension of the user's if they are not on disk yet.
    fn remember_settings(&self) -> Result<()> {
        if self.remembered.load(Ordering::Acquire) {
            return Ok(());
        }
        let present = self.settings()?;
        if self.wanted_settings(&present) != present {
            let results = self.layout.results();
            let catalog = results.join(CATALOG);
            files::make_dirs(&catalog, self.syncs())?;
            let mut turnstile = Turnstile::new(&catalog);
            let _turn = turnstile.pass(LONGEST, &|| false)?;
            let wanted = self.wanted_settings(&Settings::read(results)?);
            let staged = catalog.join(format!("{STAGED}{:016x}", random_u64(&*self.clock)));
            wanted.write(results, staged, self.syncs())?;
        }
        self.remembered.store(true, Ordering::Release);
        Ok(())
    }

    fn wanted_settings(&self, present: &Settings) -> Settings {
        let mut wanted = present.clone();
        wanted.metadata.extend(self.config.store.metadata.clone());
        if !Extensions::is_known(&self.extension) {
            wanted.extensions.insert(self.extension.clone());
        }
        wanted
    }

    /// Checks that the folder, or the nearest one above it that exists, can be read and written.
    pub(crate) fn check_access(&self) -> Result<()> {
        let results = self.layout.results();
        let mut at = results;
        while !at.exists() {
            match at.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => at = parent,
                _ => at = Path::new("."),
            }
        }
        if !at.is_dir() {
            return Err(Error::invalid("the store's folder, or one above it, is a file")
                .with("path", at.display().to_string()));
        }
        let catalog = results.join(CATALOG);
        let index = catalog.join(crate::index::FILE);
        access(at, true)?;
        // Made by another user, they may be less open than the folder that they are in.
        for (path, is_folder) in [(catalog, true), (index, false)] {
            if path.exists() {
                access(&path, is_folder)?;
            }
        }
        Ok(())
    }
}

#[cfg(unix)]
fn access(path: &Path, is_folder: bool) -> Result<()> {
    use rustix::fs::{Access, access};

    let (asked, doing) = if is_folder {
        (Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK, "read and write the store's folder")
    } else {
        (Access::READ_OK | Access::WRITE_OK, "read and write the store's index")
    };
    access(path, asked).map_err(|cause| crate::error::io_error(doing, path, cause.into()))
}

#[cfg(not(unix))]
fn access(path: &Path, is_folder: bool) -> Result<()> {
    let looked_at =
        if is_folder { std::fs::read_dir(path).map(drop) } else { std::fs::metadata(path).map(drop) };
    looked_at.map_err(|cause| crate::error::io_error("read the store's folder", path, cause))
}
