//! The store that keeps versions.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;
use futures_util::lock::Mutex;
use truthound_stores_core::{
    Change, ChangeOp, ChangePage, ChangeToken, Clock, Collection, DeleteOptions, Error, ErrorKind, Ext,
    FactsPage, GetOptions, Grouping, Key, Page, PageToken, PutOptions, Query, Reading, Record, RecordMeta,
    Result, Store, StoreInfo, Stored, Summary, Upkeep, Written,
};

use crate::config::VersioningConfig;
use crate::draft::Draft;
use crate::head;
use crate::info::{Origin, VersionInfo};
use crate::place::{Place, is_ours};
use crate::request::SaveOptions;
use crate::terms::Terms;

/// How many saves of different items one handle carries out at once, at the most that do not meet by chance.
const TURNS: usize = 1024;

/// Keeps every state of each document of the store inside as a version.
///
/// As a [`Store`] it is what it wraps: the current documents. Saves through it, also through wrappers outside of it, become versions;
/// what is said with them travels in the record ([`SaveOptions::attach`]). See [the crate's page](crate) for what is guaranteed.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use truthound_stores_core::{Collection, Reading, Record, SystemClock};
/// # use truthound_stores_memory::MemoryStore;
/// use truthound_stores_versioning::{History, SaveOptions, VersionedStore, VersioningConfig};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> truthound_stores_core::Result<()> {
/// let store = VersionedStore::new(MemoryStore::new(), VersioningConfig::new(), Arc::new(SystemClock::new()))?;
/// let run = |status: &str| {
///     let text = format!(r#"{{"run_id": "r", "run_time": "2026-01-31", "data_asset": "orders", "status": "{status}"}}"#);
///     Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default())
/// };
/// let first = store.save(run("failure")?, SaveOptions::new().with_message("first run")).await?;
/// let second = store.save(run("success")?, SaveOptions::new().with_expected_version(1)).await?;
/// assert_eq!((first.version.as_str(), second.version.as_str()), ("v1", "v2"));
///
/// let key = second.item;
/// assert_eq!(store.diff(&key, 1, 2).await?[0].path, "$.status");
/// store.rollback(&key, "v1", SaveOptions::new().with_author("ada")).await?;
/// let latest = &store.list_versions(&key, &History::new().with_limit(1)).await?[0];
/// assert_eq!((latest.ordinal, latest.message.as_deref()), (3, Some("rollback to v1")));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct VersionedStore<S> {
    pub(crate) inner: S,
    pub(crate) config: VersioningConfig,
    pub(crate) clock: Arc<dyn Clock>,
    /// How documents of the store inside are read.
    pub(crate) reading: Reading,
    pub(crate) turns: Box<[Mutex<()>]>,
    pub(crate) spare: Mutex<()>,
}

impl<S: Store> VersionedStore<S> {
    /// Wraps `inner`; versions take time and chance from `clock`.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid), naming the setting that cannot be.
    pub fn new(inner: S, config: VersioningConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        config.validate()?;
        Ok(Self::of(inner, config, clock))
    }

    /// Wraps `inner` by settings that were checked.
    pub(crate) fn of(inner: S, config: VersioningConfig, clock: Arc<dyn Clock>) -> Self {
        let reading = inner.info().reading();
        let turns = (0..TURNS).map(|_| Mutex::new(())).collect();
        Self { inner, config, clock, reading, turns, spare: Mutex::new(()) }
    }

    /// Returns the store inside.
    pub fn inner(&self) -> &S {
        &self.inner
    }

    /// Returns the settings.
    pub fn config(&self) -> &VersioningConfig {
        &self.config
    }

    /// Saves a document as a new version and answers which.
    ///
    /// Of several who save at once without [`expected_version`](SaveOptions::expected_version), each becomes a version. What `record` carries of
    /// an attached request goes before `options`.
    ///
    /// # Errors
    /// [`Conflict`](truthound_stores_core::ErrorKind::Conflict) if another version than the expected one is the latest;
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid) for options that the settings do not allow;
    /// [`NotFound`](truthound_stores_core::ErrorKind::NotFound) for a branch that is none;
    /// [`Unsupported`](truthound_stores_core::ErrorKind::Unsupported) if the store inside has no compare-and-swap, or branches are off;
    /// [`Overloaded`](truthound_stores_core::ErrorKind::Overloaded) if others were first a hundred times in a row.
    ///
    /// # Cancel safety
    /// Done or not done; what was begun and is not part of the history is no version.
    pub async fn save(&self, record: Record, options: SaveOptions) -> Result<VersionInfo> {
        let mut record = record;
        let mut attached = SaveOptions::take(&mut record.attributes.ext)?;
        attached.metadata.extend(options.metadata);
        let options = SaveOptions {
            message: attached.message.or(options.message),
            author: attached.author.or(options.author),
            expected_version: attached.expected_version.or(options.expected_version),
            branch: attached.branch.or(options.branch),
            bump: attached.bump.or(options.bump),
            metadata: attached.metadata,
        };
        refuse_hidden(&record.key)?;
        let place = Place::of(&record.key);
        let draft = Draft::new(Origin::Save, Some(record), options);
        Ok(self.commit(&place, &draft, &Terms::default()).await?.facts.info)
    }

    /// Refuses to write where what makes versions safe is missing.
    pub(crate) fn check_abilities(&self) -> Result<()> {
        let abilities = self.inner.info().capabilities;
        if abilities.compare_and_swap && abilities.create_only {
            return Ok(());
        }
        Err(Error::unsupported(format!(
            "versions need create-only writes and compare-and-swap, which {} lacks",
            self.inner
        )))
    }

    pub(crate) fn check_branching(&self) -> Result<()> {
        if self.config.enable_branching {
            return Ok(());
        }
        Err(Error::unsupported("branches are off: set enable_branching = true"))
    }

    /// Takes out of a description what versions have added to it.
    async fn reveal(&self, meta: &mut RecordMeta) -> Result<()> {
        if let Some((head, true)) = head::take(&mut meta.attributes) {
            let place = Place::of(&meta.key);
            meta.attributes.ext = match self.spilled(&place, head.id).await {
                // They went with the history.
                Err(_) if self.is_without_history(&place, meta, &head).await? => Ext::default(),
                answer => answer?,
            };
        }
        Ok(())
    }

    /// Describes a document that was listed with a version which cannot be read, since it may be gone by now: as it is at present, if it is still in the same
    /// place of the listing.
    async fn listed_now(&self, query: &Query, listed: RecordMeta) -> Result<Option<RecordMeta>> {
        match self.get_opts(&listed.key, GetOptions::meta_only()).await {
            Ok(Stored { meta, .. }) => {
                let stays = query.matches(&meta) && query.cmp(&meta, &listed) == Ordering::Equal;
                Ok(stays.then_some(meta))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Refuses what has no versions.
pub(crate) fn refuse_hidden_collection(collection: &Collection) -> Result<()> {
    if collection.is_hidden() {
        return Err(Error::invalid(format!("records of wrappers have no versions: {collection} is hidden")));
    }
    Ok(())
}

fn refuse_hidden(key: &Key) -> Result<()> {
    if key.collection().is_hidden() {
        return Err(Error::invalid("records of wrappers have no versions").at(key));
    }
    Ok(())
}

/// Keeps everybody else's hands off the records of versions.
fn refuse_ours(key: &Key) -> Result<()> {
    if is_ours(key.collection()) {
        return Err(Error::invalid(format!(
            "the collection {} belongs to the versions of this store: save, roll back or clean up instead",
            key.collection()
        ))
        .at(key));
    }
    Ok(())
}

/// The most documents of a batch that are written at once.
const AT_ONCE: usize = 64;

/// Parts a batch into groups in which no document comes twice, in order: of several with one key, each is written after the one before it.
fn groups<T>(items: Vec<T>, key: impl Fn(&T) -> Key) -> Vec<Vec<T>> {
    let (mut groups, mut known) = (Vec::new(), HashSet::new());
    for item in items {
        let is_new = known.len() < AT_ONCE && known.insert(key(&item));
        match groups.last_mut() {
            Some(group) if is_new => Vec::push(group, item),
            _ => {
                known.clear();
                known.insert(key(&item));
                groups.push(vec![item]);
            }
        }
    }
    groups
}

#[async_trait]
impl<S: Store> Store for VersionedStore<S> {
    fn info(&self) -> StoreInfo {
        let info = self.inner.info();
        let mut abilities = info.capabilities;
        abilities.writable = abilities.writable && abilities.compare_and_swap && abilities.create_only;
        info.with_capabilities(abilities)
    }

    async fn put_opts(&self, record: Record, opts: PutOptions) -> Result<Written> {
        refuse_ours(&record.key)?;
        if record.key.collection().is_hidden() {
            return self.inner.put_opts(record, opts).await;
        }
        let mut record = record;
        let options = SaveOptions::take(&mut record.attributes.ext)?;
        let place = Place::of(&record.key);
        let draft = Draft::new(Origin::Save, Some(record), options);
        let terms = Terms { mode: opts.mode, head: None };
        Ok(self
            .commit(&place, &draft, &terms)
            .await
            .map_err(|error| error.during("put").at(&place.item))?
            .written)
    }

    async fn put_many(&self, records: Vec<Record>, opts: PutOptions) -> Vec<Result<Written>> {
        let mut answers = Vec::with_capacity(records.len());
        for group in groups(records, |record| record.key.clone()) {
            // All at once, so that the store inside can share what they cost, such as a sync.
            answers
                .extend(join_all(group.into_iter().map(|record| self.put_opts(record, opts.clone()))).await);
        }
        answers
    }

    async fn get_opts(&self, key: &Key, opts: GetOptions) -> Result<Stored> {
        let mut stored = self.inner.get_opts(key, opts).await?;
        self.reveal(&mut stored.meta).await?;
        Ok(stored)
    }

    async fn delete_opts(&self, key: &Key, opts: DeleteOptions) -> Result<bool> {
        refuse_ours(key)?;
        if key.collection().is_hidden() {
            return self.inner.delete_opts(key, opts).await;
        }
        self.delete_item(&Place::of(key), &opts, SaveOptions::new()).await
    }

    async fn delete_many(&self, keys: Vec<Key>, opts: DeleteOptions) -> Vec<Result<bool>> {
        let mut answers = Vec::with_capacity(keys.len());
        for group in groups(keys, Key::clone) {
            answers.extend(join_all(group.iter().map(|key| self.delete_opts(key, opts.clone()))).await);
        }
        answers
    }

    async fn list_page(&self, query: &Query, after: Option<PageToken>) -> Result<Page> {
        let mut page = self.inner.list_page(query, after).await?;
        let mut metas = Vec::with_capacity(page.metas.len());
        for mut meta in page.metas {
            let revealed = match self.reveal(&mut meta).await {
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Corrupt) => {
                    self.listed_now(query, meta).await
                }
                revealed => revealed.map(|()| Some(meta)),
            };
            match revealed {
                Ok(meta) => metas.extend(meta),
                // A version that is lost costs its own document alone.
                Err(error) if error.kind() == ErrorKind::Corrupt => page.damaged.push(error),
                Err(error) => return Err(error),
            }
        }
        page.metas = metas;
        Ok(page)
    }

    async fn scan_page(&self, query: &Query, after: Option<PageToken>) -> Result<FactsPage> {
        // What versions have added to a description may have to be read from elsewhere, and who lends facts cannot wait.
        Ok(self.list_page(query, after).await?.into())
    }

    async fn count(&self, query: &Query) -> Result<u64> {
        self.inner.count(query).await
    }

    async fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        self.inner.summarize(query, grouping).await
    }

    /// Tells of documents, not of the records of their versions.
    async fn changes(&self, after: Option<ChangeToken>, limit: usize) -> Result<ChangePage> {
        let mut after = after;
        loop {
            let mut page = self.inner.changes(after, limit).await?;
            let ended = page.changes.is_empty();
            page.changes.retain(|change| !is_ours(change.key.collection()));
            if ended || page.reset || !page.changes.is_empty() {
                for Change { op, .. } in &mut page.changes {
                    if let ChangeOp::Put(meta) = op {
                        match self.reveal(meta).await {
                            // It tells of an earlier state, whose version is gone or lost by now. Whoever follows the feed reads the document, and finds
                            // what it is now, or what is wrong with it: the feed itself must not end here for ever.
                            Err(error)
                                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Corrupt) => {}
                            revealed => revealed?,
                        }
                    }
                }
                return Ok(page);
            }
            after = Some(page.next);
        }
    }

    /// Covers histories, too: `verify` checks every version, `maintain` removes what saves left that were cut off.
    fn upkeep(&self) -> Option<&dyn Upkeep> {
        self.inner.upkeep().map(|_| self as &dyn Upkeep)
    }

    async fn check(&self) -> Result<()> {
        self.inner.check().await
    }

    async fn flush(&self) -> Result<()> {
        self.inner.flush().await
    }

    async fn close(&self) -> Result<()> {
        self.inner.close().await
    }
}

impl<S: Store> fmt::Display for VersionedStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Versioned({})", self.inner)
    }
}
