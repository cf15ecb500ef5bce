//! Looks after histories, beside what the store inside does for its own health.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use truthound_stores_core::{
    Collection, Error, ErrorKind, Finding, GetOptions, Key, Level, MaintainOptions, Progress, Query,
    RecordMeta, ReindexOptions, Report, Result, Store, Upkeep, VerifyOptions,
};

use crate::envelope::Sheet;
use crate::facts::item_named;
use crate::find::Current;
use crate::head;
use crate::place::{Place, REFS, VERSIONS};
use crate::refs::{self, Kind};
use crate::store::VersionedStore;

/// How old a record must be before it counts as left by a save that was cut off, where no document tells. Saves take seconds.
pub(crate) const LEFT_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

const READING: &str = "reading versions";

/// The records of an item.
#[derive(Debug, Default)]
struct Item {
    versions: Vec<RecordMeta>,
    /// Whether a removal has begun.
    is_marked: bool,
}

impl<S: Store> VersionedStore<S> {
    async fn inside(&self) -> Result<&dyn Upkeep> {
        match self.inner.upkeep() {
            Some(inside) => Ok(inside),
            // Only asked for if there is one.
            None => Err(self
                .inner
                .check()
                .await
                .err()
                .unwrap_or_else(|| Error::unsupported("the store inside has no upkeep"))),
        }
    }

    /// Shows `visit` the description of every record of a hidden collection.
    pub(crate) async fn each(
        &self,
        collection: &str,
        mut visit: impl FnMut(RecordMeta) + Send,
    ) -> Result<u64> {
        let query = Query::new().with_collection(Collection::hidden(collection)?).with_page_size(10_000);
        let (mut after, mut records) = (None, 0);
        loop {
            let page = self.inner.list_page(&query, after).await?;
            records += (page.metas.len() + page.damaged.len()) as u64;
            page.metas.into_iter().for_each(&mut visit);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(records),
            }
        }
    }

    /// Leaves the records of versions out of the number of documents.
    async fn without_records(&self, mut report: Report) -> Result<Report> {
        let records = self.each(VERSIONS, drop).await? + self.each(REFS, drop).await?;
        report.documents = report.documents.saturating_sub(records);
        Ok(report)
    }

    /// Finds the items that have records; of some only branches, labels or ends are left.
    async fn items(&self) -> Result<BTreeMap<Key, Item>> {
        let mut items: BTreeMap<Key, Item> = BTreeMap::new();
        self.each(VERSIONS, |meta| {
            if let Some(item) = item_of(&meta) {
                items.entry(item).or_default().versions.push(meta);
            }
        })
        .await?;
        self.each(REFS, |meta| {
            if let Some(item) = named_by(&meta) {
                items.entry(item).or_default().is_marked |= refs::is_mark(&meta);
            }
        })
        .await?;
        Ok(items)
    }

    /// Checks an item's records, and that its lines are whole.
    async fn look_at(&self, item: &Key, records: &[RecordMeta], report: &mut Report) -> Result<()> {
        let place = Place::of(item);
        for meta in records {
            let read = match self.inner.get_opts(&meta.key, GetOptions::default()).await {
                Ok(stored) => Sheet::of(&place, stored).and_then(|sheet| match &sheet.document {
                    Some(document)
                        if sheet.facts.info.algorithm.hex(document.as_bytes())
                            != sheet.facts.info.checksum =>
                    {
                        Err(Error::corrupt("the content of a version is not what was saved"))
                    }
                    _ => Ok(()),
                }),
                // The store inside has reported what it cannot read.
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Corrupt) => Ok(()),
                Err(error) => Err(error),
            };
            note(report, item, read)?;
        }
        let main = match self.current(&place, false).await {
            // It was removed, or deleted past this store: what is left is for maintain.
            Ok(Current::Absent { last: None, .. }) => return Ok(()),
            Ok(current) => current.shown().cloned(),
            Err(error) => return note(report, item, Err(error)),
        };
        let mut lines: Vec<_> = main.into_iter().collect();
        match refs::all(&self.inner, &place).await {
            Ok(all) => lines
                .extend(all.into_iter().filter(|found| found.kind == Kind::Branch).map(|branch| branch.head)),
            Err(error) => note(report, item, Err(error))?,
        }
        for line in lines {
            note(report, item, self.walk(&place, &line, usize::MAX, |_| true).await)?;
        }
        Ok(())
    }

    /// Checks documents that name a version, and of whose history nothing is left: what there is of histories does not lead to them.
    ///
    /// A store cannot list its collections: of those that have names of their own, the ones are looked at of which there is any history.
    async fn look_for_lost(&self, items: &BTreeMap<Key, Item>, report: &mut Report) -> Result<()> {
        let mut collections = BTreeSet::from([Collection::RESULTS, Collection::EXPECTATIONS]);
        collections.extend(items.keys().map(|key| key.collection().clone()));
        for collection in collections {
            let query = Query::new().with_collection(collection).with_page_size(10_000);
            let mut after = None;
            loop {
                let page = self.inner.list_page(&query, after).await?;
                for mut meta in page.metas {
                    if head::take(&mut meta.attributes).is_some() && !items.contains_key(&meta.key) {
                        self.look_at(&meta.key, &[], report).await?;
                    }
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Removes what saves and removals left that were cut off, and the histories of items that were deleted past this store.
    async fn sweep(&self, item: &Key, is_marked: bool) -> Result<u64> {
        let place = Place::of(item);
        let _turn = self.turn(&place).await;
        let current = self.current(&place, false).await?;
        if is_marked && current.exists() {
            self.drop_mark(&place).await?;
        }
        match &current {
            Current::Absent { removal: Some(removal), .. } => self.finish(&place, removal).await,
            Current::Absent { last: None, .. } => self.sweep_left(&place).await,
            current => match current.head() {
                Some(head) => self.clear_to(&place, head).await,
                None => Ok(0),
            },
        }
    }
}

/// Turns damage into a finding; what keeps from looking stays an error.
fn note(report: &mut Report, item: &Key, looked: Result<()>) -> Result<()> {
    match looked {
        Err(error) if error.kind() == ErrorKind::Corrupt => {
            report.add(Finding::new(Level::Damage, "history", error.report()).at(item.clone()));
            Ok(())
        }
        looked => looked,
    }
}

pub(crate) fn item_of(meta: &RecordMeta) -> Option<Key> {
    let (name, id) = item_named(&meta.attributes.tags)?;
    item(&name, &id)
}

/// Reads off the record of a branch, a label or an end of which item it speaks.
fn named_by(meta: &RecordMeta) -> Option<Key> {
    let tag = |name: &str| meta.attributes.tags.get(name).map(String::as_str);
    item(tag("collection")?, tag("item")?)
}

fn item(name: &str, id: &str) -> Option<Key> {
    let known =
        [Collection::RESULTS, Collection::EXPECTATIONS].into_iter().find(|known| known.as_str() == name);
    Key::new(known.map_or_else(|| Collection::new(name), Ok).ok()?, id).ok()
}

#[async_trait]
impl<S: Store> Upkeep for VersionedStore<S> {
    async fn verify(&self, options: VerifyOptions, progress: &dyn Progress) -> Result<Report> {
        let report = self.inside().await?.verify(options, progress).await?;
        let mut report = self.without_records(report).await?;
        let items = self.items().await?;
        let total = items.len() as u64;
        for (done, (key, item)) in items.iter().enumerate() {
            self.look_at(key, &item.versions, &mut report).await?;
            progress.advance(READING, done as u64 + 1, Some(total));
        }
        self.look_for_lost(&items, &mut report).await?;
        Ok(report)
    }

    async fn reindex(&self, options: ReindexOptions, progress: &dyn Progress) -> Result<Report> {
        let report = self.inside().await?.reindex(options, progress).await?;
        self.without_records(report).await
    }

    async fn maintain(&self, options: MaintainOptions, progress: &dyn Progress) -> Result<Report> {
        let mut report = self.inside().await?.maintain(options, progress).await?;
        let items = self.items().await?;
        let (total, mut removed) = (items.len() as u64, 0);
        for (done, (key, item)) in items.iter().enumerate() {
            match self.sweep(key, item.is_marked).await {
                Ok(count) => removed += count,
                // What is damaged is for verify to tell.
                Err(error) if error.kind() == ErrorKind::Corrupt => {}
                Err(error) => return Err(error),
            }
            progress.advance(READING, done as u64 + 1, Some(total));
        }
        if removed > 0 {
            report.add(Finding::new(
                Level::Note,
                "history",
                format!("{removed} records that belong to no history were removed"),
            ));
        }
        Ok(report)
    }

    async fn diagnose(&self) -> Result<Report> {
        self.inside().await?.diagnose().await
    }
}
