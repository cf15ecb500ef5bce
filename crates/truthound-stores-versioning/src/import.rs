//! Brings histories in: those of another versioned store, and those that Truthound wrote.

mod line;
mod note;
mod number;
mod numbered;
mod options;
mod own;
mod pen;
mod python;
mod report;
mod seal;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, stream};
use truthound_stores_core::{Collection, CopyWatch, Key, Query, Result, Store};

use crate::chain::LARGEST_PAGE;
use crate::place::VERSIONS;
use crate::store::{VersionedStore, refuse_hidden_collection};
use crate::upkeep::item_of;

pub use note::VersionNote;
pub use options::ImportOptions;
pub use report::ImportReport;

const DOING: &str = "importing versions";

impl<S: Store> VersionedStore<S> {
    /// Imports the histories of a collection from another store, with authors, messages, times and names.
    ///
    /// - Histories of a versioned store come with all of their versions, branches, labels and deletions, and versions stay the same: names, links, checksums.
    ///   A document that was written past the versions of the source becomes a version here.
    /// - What Truthound wrote as results `{id}__v{number}` beside a document `{id}` becomes that document's history, in the order of the numbers, which the versions keep as
    ///   `truthound.version` in their metadata. In the modes incremental and git-like the number is the ordinal; names are those that Truthound showed, but for hashes, which are
    ///   made anew. Truthound stores nothing but documents: the time is when a document was written (in the mode timestamp, the number's), and author, message and checksum are known
    ///   if [`ImportOptions::notes`] say them; a checksum is then checked. If the document is none of its versions', it becomes one more. Where `{id}` has a
    ///   history of its own in the source, or no document, its `{id}__v{number}` are ordinary documents.
    /// - A history is there as a whole or not at all: its records are written first, the document that names the latest last. An import that was cut off goes on when it is
    ///   called again, and what is there is not written twice. Where this store has gone on from an imported history, nothing is done; where the source has, the rest is taken over.
    /// - Other histories and documents of this store stay as they are, and are reported ([`ImportOptions::on_conflict`]). Damaged and missing versions are reported by name to
    ///   `watch`; those of Truthound's are left out, a history of a versioned store then is not taken at all. One item stops no other; what concerns all, such as an outage, ends the import.
    ///
    /// Documents without versions are not imported: copy them, without what [`ImportReport::left_out`] names. The settings
    /// `require_message` and `checksum_algorithm` speak of saves here: what is taken over from a versioned store stays as it was saved.
    ///
    /// Memory grows with the number of items and of Truthound's versions, not with their documents.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid) for options that make no sense and for a hidden collection;
    /// [`Unsupported`](truthound_stores_core::ErrorKind::Unsupported) if the store inside has no compare-and-swap; whatever stops the whole import, with the number of items
    /// that were imported until then as the fact `imported`.
    ///
    /// # Cancel safety
    /// Each history is imported or not; call it again to go on.
    ///
    /// # Examples
    /// ```
    /// use std::sync::Arc;
    /// use truthound_stores_core::{Collection, Key, Reading, Record, StoreExt, SystemClock};
    /// # use truthound_stores_memory::MemoryStore;
    /// use truthound_stores_versioning::{History, ImportOptions, VersionedStore, VersioningConfig};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> truthound_stores_core::Result<()> {
    /// let open = || VersionedStore::new(MemoryStore::new(), VersioningConfig::new(), Arc::new(SystemClock::new()));
    /// let (old, new) = (open()?, open()?);
    /// for id in ["run_1__v1", "run_1__v2", "run_1"] {
    ///     let text = format!(r#"{{"run_id": "{id}", "run_time": "2026-01-31", "data_asset": "orders", "status": "success"}}"#);
    ///     old.inner().put(Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default())?).await?;
    /// }
    /// let report = new.import(&old, &Collection::RESULTS, &ImportOptions::new(), &()).await?;
    /// assert_eq!((report.imported, report.versions), (1, 2));
    /// let versions = new.list_versions(&Key::result("run_1")?, &History::new()).await?;
    /// assert_eq!(versions[0].version, "v2");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn import<T: Store>(
        &self,
        source: &VersionedStore<T>,
        collection: &Collection,
        options: &ImportOptions,
        watch: &dyn CopyWatch,
    ) -> Result<ImportReport> {
        options.validate()?;
        refuse_hidden_collection(collection)?;
        self.check_abilities()?;
        let own = source.items_with_records(collection).await?;
        let mut numbered = source.numbered_items(collection).await?;
        numbered.retain(|item, _| !own.contains(item));
        let notes = options.notes.iter().map(|note| ((note.item.as_str(), note.number), note)).collect();
        let (total, mut report) = ((own.len() + numbered.len()) as u64, ImportReport::default());
        let tasks = own
            .into_iter()
            .map(|key| (key, Vec::new()))
            .chain(numbered.into_iter().map(|(key, numbers)| (key, numbers.into_iter().collect())));
        let notes = &notes;
        let mut work = stream::iter(tasks)
            .map(|(key, numbers)| async move {
                if numbers.is_empty() {
                    self.import_own(source, &key, options).await
                } else {
                    self.import_numbered(source, &key, &numbers, notes, options).await
                }
            })
            .buffer_unordered(options.concurrency);
        let mut seen = 0;
        while let Some(done) = work.next().await {
            let done = done.map_err(|error| {
                error.during("import").with("imported", (report.imported + report.continued).to_string())
            })?;
            report.add(done, watch);
            seen += 1;
            watch.advance(DOING, seen, Some(total));
        }
        if !options.dry_run {
            self.inner.flush().await?;
        }
        Ok(report)
    }

    /// Finds the items of a collection that have records of versions.
    async fn items_with_records(&self, collection: &Collection) -> Result<BTreeSet<Key>> {
        let mut items = BTreeSet::new();
        self.each(VERSIONS, |meta| items.extend(item_of(&meta))).await?;
        items.retain(|item| item.collection() == collection);
        Ok(items)
    }

    /// Finds what looks like Truthound's versions, also those that cannot be listed whole; it has versions of results alone.
    async fn numbered_items(&self, collection: &Collection) -> Result<BTreeMap<Key, BTreeSet<u64>>> {
        let mut items: BTreeMap<Key, BTreeSet<u64>> = BTreeMap::new();
        if *collection != Collection::RESULTS {
            return Ok(items);
        }
        let query = Query::new().with_collection(collection.clone()).with_page_size(LARGEST_PAGE);
        let mut after = None;
        loop {
            let page = self.inner.list_page(&query, after).await?;
            let damaged = page.damaged.iter().filter_map(truthound_stores_core::Error::key);
            for key in page.metas.iter().map(|meta| &meta.key).chain(damaged) {
                if let Some((item, number)) = number::split(key.id()) {
                    items.entry(Key::new(collection.clone(), item)?).or_default().insert(number);
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(items),
            }
        }
    }
}
