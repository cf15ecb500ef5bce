//! What processes write, and how others know it again: each version of an id has one text, which tells its version.

use std::collections::BTreeMap;

use truthound_stores_core::{
    ChangeOp, ChangeToken, Collection, Key, Query, Reading, Record, RecordMeta, Revision, Store, StoreExt,
    VerifyOptions,
};

/// The text of an id's version; some are long.
pub(crate) fn text(id: &str, version: u64) -> String {
    let pad = "abcdefghij".repeat(usize::try_from(version * 7919 % 400).unwrap());
    format!(
        r#"{{"run_id": {id:?}, "run_time": "2026-01-01T00:00:{:02}", "data_asset": "orders", "status": "success", "version": {version}, "pad": "{pad}"}}"#,
        version % 60
    )
}

pub(crate) fn document(id: &str, version: u64) -> Record {
    Record::parse(Collection::RESULTS, text(id, version).as_bytes(), &Reading::default()).unwrap()
}

pub(crate) fn key(id: &str) -> Key {
    Key::result(id).unwrap()
}

/// Answers which version a record is; it must be that version wholly.
#[track_caller]
pub(crate) fn version_of(record: &Record) -> u64 {
    let json = record.body.to_json().unwrap();
    let number = json.get("version").map(ToString::to_string).unwrap_or_default();
    let version =
        number.parse().unwrap_or_else(|_| panic!("{} is not ours: {}", record.key, record.body.as_str()));
    let whole = document(record.key.id(), version);
    assert_eq!(record.body.as_str(), whole.body.as_str(), "{} is torn or of another document", record.key);
    assert_eq!(
        record.attributes, whole.attributes,
        "{}: text and attributes belong to two versions",
        record.key
    );
    version
}

/// Reads all that a store holds, by listing, and checks that all its answers say the same.
pub(crate) async fn everything(store: &dyn Store) -> BTreeMap<String, (u64, RecordMeta)> {
    let listed = store.list_runs(&Query::new()).await.unwrap();
    assert!(listed.damaged.is_empty(), "{:?}", listed.damaged);
    assert_eq!(store.count(&Query::new()).await.unwrap(), listed.len() as u64, "count and list differ");
    let mut all = BTreeMap::new();
    for meta in listed.items {
        let stored = store.read(&meta.key).await.unwrap_or_else(|error| panic!("listed: {}", error.report()));
        assert_eq!(stored.meta, meta, "get and list describe {} differently", meta.key);
        let version = version_of(&stored.into_record().unwrap());
        let known = all.insert(meta.key.id().to_owned(), (version, meta));
        assert!(known.is_none(), "listed twice: {known:?}");
    }
    all
}

/// Checks that verify finds no damage, where a store can verify.
pub(crate) async fn assert_sound(store: &dyn Store) {
    if let Some(upkeep) = store.upkeep() {
        let report = upkeep.verify(VerifyOptions::default(), &()).await.unwrap();
        assert!(!report.is_damaged(), "{:?}", report.findings);
    }
}

/// A copy that is kept up to date by the feed alone.
pub(crate) struct Copy {
    token: Option<ChangeToken>,
    revisions: BTreeMap<Key, Revision>,
}

impl Copy {
    /// Begins with what a store holds, while nobody writes.
    pub(crate) async fn of(store: &dyn Store) -> Self {
        if !store.info().capabilities.change_feed {
            return Self { token: None, revisions: BTreeMap::new() };
        }
        let token = store.changes(None, 1).await.unwrap().next;
        Self { token: Some(token), revisions: revisions(store).await }
    }

    /// Follows the feed to its end, and checks that the copy is then like the store.
    pub(crate) async fn assert_follows(&mut self, store: &dyn Store) {
        let Some(mut token) = self.token.take() else { return };
        loop {
            let page = store.changes(Some(token), 100).await.unwrap();
            assert!(!page.reset, "the feed broke off");
            token = page.next;
            if page.changes.is_empty() {
                break;
            }
            for change in page.changes {
                match change.op {
                    ChangeOp::Put(meta) => self.revisions.insert(change.key, meta.revision),
                    _ => self.revisions.remove(&change.key),
                };
            }
        }
        self.token = Some(token);
        assert_eq!(self.revisions, revisions(store).await, "a copy made by the feed differs from the store");
    }
}

async fn revisions(store: &dyn Store) -> BTreeMap<Key, Revision> {
    let listed = store.list_runs(&Query::new()).await.unwrap().into_complete().unwrap();
    listed.into_iter().map(|meta| (meta.key, meta.revision)).collect()
}
