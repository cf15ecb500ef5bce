//! What the store does for its own health.

use async_trait::async_trait;
use truthound_stores_core::{
    Collection, Finding, Key, Level, Progress, ReindexOptions, Report, Result, Upkeep, VerifyOptions,
};

use crate::index;
use crate::layout::CATALOG;
use crate::live::Live;
use crate::store::{FileSystemStore, Inner, blocking};

mod doctor;
mod maintain;
mod rebuild;
mod relay;
mod verify;

pub(crate) use rebuild::{rebuild, rescue};

#[async_trait]
impl Upkeep for FileSystemStore {
    async fn verify(&self, options: VerifyOptions, progress: &dyn Progress) -> Result<Report> {
        self.tend("verify", progress, move |inner, collection, watch| {
            verify::verify(inner, collection, options, watch)
        })
        .await
    }

    async fn reindex(&self, options: ReindexOptions, progress: &dyn Progress) -> Result<Report> {
        self.tend("reindex", progress, move |inner, collection, watch| {
            maintain::reindex(inner, collection, options, watch)
        })
        .await
    }

    async fn maintain(&self, progress: &dyn Progress) -> Result<Report> {
        self.tend("maintain", progress, maintain::maintain).await
    }

    async fn diagnose(&self) -> Result<Report> {
        self.tend("diagnose", &(), doctor::diagnose).await
    }
}

impl FileSystemStore {
    /// Does blocking work for each collection, one after the other, and reports all of it.
    async fn tend<F>(&self, operation: &'static str, progress: &dyn Progress, work: F) -> Result<Report>
    where
        F: Fn(&Inner, &Collection, &dyn Progress) -> Result<Report> + Send + 'static,
    {
        self.refuse_if_closed(operation)?;
        let inner = self.shared();
        let (relay, watcher) = relay::relay();
        let working = blocking(move || {
            inner.check_folder()?;
            let mut report = Report::new();
            for collection in inner.collections()? {
                report.merge(work(&inner, &collection, &relay)?);
            }
            Ok(report)
        });
        watcher.watch(working, progress).await.map_err(|error| error.during(operation))
    }
}

/// Says what is known of a document's damage.
fn damaged(collection: &Collection, id: Option<&str>, message: String) -> Finding {
    let finding = of_a_document(Level::Damage, collection, id, message);
    finding.with_remedy("restore the file, save the document once more, or delete it")
}

/// Says of a document that it could not be looked at, which says nothing about what it is.
fn unseen(collection: &Collection, id: Option<&str>, message: String) -> Finding {
    let finding = of_a_document(Level::Warning, collection, id, message);
    finding.with_remedy("this document was not verified: make it readable, and verify again")
}

fn of_a_document(level: Level, collection: &Collection, id: Option<&str>, message: String) -> Finding {
    let key = id.and_then(|id| Key::new(collection.clone(), id).ok());
    key.into_iter().fold(Finding::new(level, "document", message), Finding::at)
}

/// Says how many documents of other programs an index has learnt of.
fn taken_up(number: u64, collection: &Collection) -> String {
    format!("taken up: {}{} of other programs", counted(number, "document"), of(collection))
}

/// Says of an index that it is damaged.
fn damaged_index(inner: &Inner, collection: &Collection, what: &str) -> Finding {
    let path = inner.layout.folder(collection).join(CATALOG).join(index::FILE);
    let text = format!("the index{} is damaged ({}): {what}", of(collection), path.display());
    Finding::new(Level::Damage, "index", text)
}

/// Says when and why an index was rebuilt, if it says so itself.
fn rebuilt_once(index: &rusqlite::Connection, collection: &Collection) -> rusqlite::Result<Option<Finding>> {
    let when_and_why: Option<String> = index::meta(index, rebuild::REBUILT)?;
    Ok(when_and_why.map(|text| {
        let text = format!("the index{} was rebuilt from the documents {text}", of(collection));
        Finding::new(Level::Note, "index", text)
    }))
}

/// Tells whether a collection that cannot be written is read by an index of our own.
fn is_read_only(live: &Live) -> bool {
    !live.identity.path().starts_with(live.folder.catalog())
}

/// Refuses work on a collection that cannot be written, and says why it cannot.
fn refuse_if_read_only(live: &Live) -> Result<()> {
    if is_read_only(live) { live.jobs().map(drop) } else { Ok(()) }
}

/// Says how many of something there are: `1 document`, `2 documents`.
fn counted(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// Names the collection in what is said of its index, where it is not the one that people mean.
fn of(collection: &Collection) -> String {
    if *collection == Collection::RESULTS { String::new() } else { format!(" of {collection}") }
}
