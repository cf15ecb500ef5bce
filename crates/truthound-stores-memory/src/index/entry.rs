//! One document, and the facts that are lent of it.

use std::sync::Arc;

use truthound_stores_core::{Body, Facts, Key, Labels, RecordMeta, Result, Revision, Status, Timestamp};

/// One document. The description is shared with the change feed.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) meta: Arc<RecordMeta>,
    pub(crate) body: Body,
    known: Known,
}

/// What is lent, as a copy that stands in one place.
///
/// Who looks at millions of documents waits for memory and for nothing else: each document lies elsewhere, and its description and each text of that elsewhere
/// again. So an entry has these once more, and a page that is lent takes them along when it meets the entry.
#[derive(Clone, Debug)]
struct Known {
    run_time: Timestamp,
    saved_at: Timestamp,
    size: u64,
    /// All documents of an asset have one text.
    asset: Arc<str>,
    status: Status,
    tags: Labels,
}

impl Entry {
    /// Makes an entry; `asset` is the text of the description's asset, as other documents have it.
    pub(super) fn new(meta: Arc<RecordMeta>, body: Body, asset: Arc<str>) -> Self {
        let facts = &meta.attributes;
        let known = Known {
            run_time: facts.run_time,
            saved_at: meta.saved_at,
            size: meta.size,
            asset,
            status: facts.status.clone(),
            tags: facts.tags.clone(),
        };
        Self { meta, body, known }
    }

    /// Reads something of it, so that it is at hand when more is read.
    pub(super) fn touch(&self) {
        std::hint::black_box(self.known.size);
    }

    pub(super) fn run_time(&self) -> Timestamp {
        self.known.run_time
    }
}

/// The facts of a document, lent by a page.
#[derive(Debug)]
pub(super) struct Lent {
    known: Known,
    entry: Arc<Entry>,
}

impl Lent {
    pub(super) fn of(entry: &Arc<Entry>) -> Self {
        Self { known: entry.known.clone(), entry: Arc::clone(entry) }
    }
}

impl Facts for Lent {
    fn id(&self) -> &str {
        self.entry.meta.key.id()
    }

    fn data_asset(&self) -> &str {
        &self.known.asset
    }

    fn run_time(&self) -> Timestamp {
        self.known.run_time
    }

    fn status(&self) -> &Status {
        &self.known.status
    }

    fn tags(&self) -> &Labels {
        &self.known.tags
    }

    fn size(&self) -> u64 {
        self.known.size
    }

    fn saved_at(&self) -> Timestamp {
        self.known.saved_at
    }

    fn key(&self) -> Result<Key> {
        Ok(self.entry.meta.key.clone())
    }

    fn revision(&self) -> Revision {
        self.entry.meta.revision.clone()
    }

    fn describe(&self) -> Result<RecordMeta> {
        Ok(RecordMeta::clone(&self.entry.meta))
    }
}
