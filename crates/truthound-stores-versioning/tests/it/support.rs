//! What the tests have in common.

use std::sync::Arc;

use truthound_stores_core::{Body, Collection, ErrorKind, GetOptions, Key, Reading, Record, Store};
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::ManualClock;
use truthound_stores_versioning::{History, Origin, VersionInfo, VersionedStore, VersioningConfig};

/// A memory that goes by the time of [`versioned`] stores, as a store does that is used by one program: what names a version was written with it.
pub(crate) fn memory() -> MemoryStore {
    MemoryStore::new().with_clock(Arc::new(ManualClock::new(1)))
}

/// Wraps a store; its nonces come from `seed`.
pub(crate) fn versioned<S: Store>(inner: S, config: VersioningConfig, seed: u64) -> VersionedStore<S> {
    VersionedStore::new(inner, config, Arc::new(ManualClock::new(seed))).unwrap()
}

/// Makes a result whose content is told by `note`.
pub(crate) fn run(id: &str, note: &str) -> Record {
    let text = format!(
        r#"{{"run_id": "{id}", "run_time": "2026-01-31T12:00:00", "data_asset": "orders", "status": "success", "note": "{note}"}}"#
    );
    Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap()
}

pub(crate) fn key(id: &str) -> Key {
    Key::result(id).unwrap()
}

/// Reads the note of a result.
pub(crate) fn note(body: &Body) -> String {
    let json = body.to_json().unwrap();
    json.get("note").and_then(|note| note.as_str()).unwrap_or_default().to_owned()
}

/// Reads the current note of an item, past the versions.
pub(crate) async fn current(store: &dyn Store, id: &str) -> String {
    note(&store.get_opts(&key(id), GetOptions::default()).await.unwrap().into_body().unwrap())
}

/// Lists all versions of an item.
pub(crate) async fn versions<S: Store>(store: &VersionedStore<S>, id: &str) -> Vec<VersionInfo> {
    store.list_versions(&key(id), &History::new()).await.unwrap()
}

/// Lists the names of all versions of an item, the newest first.
pub(crate) async fn names<S: Store>(store: &VersionedStore<S>, id: &str) -> Vec<String> {
    versions(store, id).await.into_iter().map(|version| version.version).collect()
}

/// Lists the notes of all versions that have content, the newest first.
pub(crate) async fn notes<S: Store>(store: &VersionedStore<S>, id: &str) -> Vec<String> {
    let mut notes = Vec::new();
    for version in versions(store, id).await {
        let version = store.get_version(&key(id), version.ordinal).await.unwrap();
        notes.push(note(&version.record.body));
    }
    notes
}

/// Checks that a history is whole, and that the current document is its latest version unless it was written from outside.
pub(crate) async fn assert_whole(memory: &MemoryStore, id: &str) {
    let store = versioned(memory.in_namespace("default").unwrap(), VersioningConfig::new(), 99);
    let all = match store.list_versions(&key(id), &History::new()).await {
        Ok(all) => all,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::NotFound, "{}", error.report());
            return;
        }
    };
    for pair in all.windows(2) {
        assert_eq!(pair[0].ordinal, pair[1].ordinal + 1);
        assert_eq!(pair[0].parent.as_deref(), Some(pair[1].version.as_str()));
        assert!(pair[0].created_at > pair[1].created_at);
    }
    for version in all.iter().filter(|version| version.origin != Origin::Deletion) {
        let read = store.get_version(&key(id), version.ordinal).await.unwrap();
        assert_eq!(read.info, *version);
    }
    let stored = memory.get_opts(&key(id), GetOptions::default()).await;
    if let (Ok(stored), Some(latest)) = (stored, all.first())
        && stored.meta.attributes.ext.get("versioning.head").is_some()
    {
        let latest = store.get_version(&key(id), latest.ordinal).await.unwrap();
        assert_eq!(Some(latest.record.body), stored.body, "the document is not its latest version");
    }
}
