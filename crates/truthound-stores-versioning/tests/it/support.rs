//! What the tests have in common.

use std::sync::Arc;

use truthound_stores_core::{Body, Collection, Key, Reading, Record, Store};
use truthound_stores_testkit::ManualClock;
use truthound_stores_versioning::{History, VersionInfo, VersionedStore, VersioningConfig};

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
    note(
        &store
            .get_opts(&key(id), truthound_stores_core::GetOptions::default())
            .await
            .unwrap()
            .into_body()
            .unwrap(),
    )
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
