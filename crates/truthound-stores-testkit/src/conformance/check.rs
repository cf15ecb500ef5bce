//! What cases do and check over and over.

use std::fmt::Debug;

use truthound_stores_core::{
    Body, Error, ErrorKind, GetOptions, Key, PutOptions, Query, Record, RecordMeta, Result, Store, StoreExt,
    Stored, Written,
};

/// Returns what was answered.
#[track_caller]
pub(super) fn ok<T>(answer: Result<T>, what: &str) -> T {
    answer.unwrap_or_else(|error| panic!("{what}: {}", error.report()))
}

/// Returns the refusal, which must be of `kind`.
#[track_caller]
pub(super) fn refused<T: Debug>(answer: Result<T>, kind: ErrorKind, what: &str) -> Error {
    match answer {
        Ok(answered) => panic!("{what}: expected the error {kind}, was answered {answered:?}"),
        Err(error) if error.kind() == kind => error,
        Err(error) => panic!("{what}: expected the error {kind}, got {}: {}", error.kind(), error.report()),
    }
}

/// Writes a record.
pub(super) async fn put(store: &dyn Store, record: Record) -> Written {
    let key = record.key.clone();
    ok(store.put(record).await, &format!("put {key}"))
}

/// Writes records in one batch.
pub(super) async fn put_all(store: &dyn Store, records: Vec<Record>) -> Vec<Written> {
    let outcomes = store.put_many(records, PutOptions::default()).await;
    outcomes.into_iter().map(|outcome| ok(outcome, "put_many")).collect()
}

/// Reads a document.
pub(super) async fn get(store: &dyn Store, key: &Key) -> Stored {
    ok(store.get_opts(key, GetOptions::default()).await, &format!("get {key}"))
}

/// Reads a document's text.
pub(super) async fn body(store: &dyn Store, key: &Key) -> Body {
    ok(get(store, key).await.into_body(), &format!("get {key}"))
}

/// Deletes a document, which must be there.
pub(super) async fn delete(store: &dyn Store, key: &Key) {
    assert!(
        ok(store.delete(key).await, &format!("delete {key}")),
        "{key} was there, delete answers that it was not"
    );
}

/// Checks that nothing is stored under `key`.
pub(super) async fn absent(store: &dyn Store, key: &Key) {
    refused(store.read(key).await, ErrorKind::NotFound, &format!("get {key}"));
    refused(store.head(key).await, ErrorKind::NotFound, &format!("get {key} without its text"));
}

/// Lists all that a query finds, page by page; nothing may be damaged.
pub(super) async fn list(store: &dyn Store, query: &Query) -> Vec<RecordMeta> {
    let found = ok(store.list_runs(query).await, &format!("list {query:?}"));
    assert!(found.damaged.is_empty(), "{query:?} reports damage: {:?}", found.damaged);
    found.items
}

/// Lists the ids that a query finds, page by page.
pub(super) async fn ids(store: &dyn Store, query: &Query) -> Vec<String> {
    list(store, query).await.into_iter().map(|meta| meta.key.id().to_owned()).collect()
}

/// Counts what a query finds.
pub(super) async fn count(store: &dyn Store, query: &Query) -> u64 {
    ok(store.count(query).await, &format!("count {query:?}"))
}

/// Tells whether a listing or the feed describes a document as a write did; there, a checksum may be abbreviated.
pub(super) fn is_listed_as(listed: &RecordMeta, written: &RecordMeta) -> bool {
    let mut whole = listed.clone();
    whole.checksum = written.checksum;
    listed.checksum.matches(&written.checksum) && whole == *written
}

/// Checks that a listing shows just these documents, in this order.
pub(super) fn assert_listed(listed: &[RecordMeta], written: &[RecordMeta], what: &str) {
    let same = listed.len() == written.len()
        && listed.iter().zip(written).all(|(listed, written)| is_listed_as(listed, written));
    assert!(same, "{what}: listed {listed:?}, written {written:?}");
}
