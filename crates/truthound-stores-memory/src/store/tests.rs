use truthound_stores_core::{Collection, ErrorKind, Reading, Revision, StoreExt, Timestamp};
use truthound_stores_testkit::ManualClock;

use super::*;

fn run(id: &str) -> Record {
    let text = format!(
        r#"{{"run_id": "{id}", "run_time": "2026-01-31T12:00:00", "data_asset": "orders", "status": "success"}}"#
    );
    Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap()
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

async fn size(store: &MemoryStore) -> u64 {
    store.count(&Query::new()).await.unwrap()
}

// R-ANY-12
#[tokio::test]
async fn namespaces_and_prefixes_keep_documents_apart() {
    let store = MemoryStore::new();
    let handles = [
        store.clone(),
        store.in_namespace("other").unwrap(),
        store.in_namespace("").unwrap(),
        store.share(MemoryConfig::new().with_prefix("a")).unwrap(),
        store.share(MemoryConfig::new().with_prefix("a/b")).unwrap(),
    ];
    let begun = handles[0].changes(None, 1).await.unwrap().next;
    for handle in &handles {
        assert!(handle.put(run("run_1")).await.unwrap().is_new(), "{handle:?}");
    }
    assert!(handles[1].delete(&run("run_1").key).await.unwrap());
    let sizes = [size(&handles[0]).await, size(&handles[1]).await, size(&handles[2]).await];
    assert_eq!(sizes, [1, 0, 1]);
    let feed = handles[0].changes(Some(begun), 100).await.unwrap();
    assert_eq!(feed.changes.len(), 1, "the feed tells of its own namespace");
}

#[tokio::test]
async fn handles_with_the_same_namespace_and_prefix_share_documents() {
    for store in [MemoryStore::new(), MemoryStore::open(MemoryConfig::new()).unwrap()] {
        let again = store.in_namespace("default").unwrap();
        let there = store.in_namespace("there").unwrap().in_namespace("default").unwrap();
        store.put(run("run_1")).await.unwrap();
        assert_eq!((size(&again).await, size(&there).await), (1, 1));
    }
}

#[tokio::test]
async fn fresh_memory_shares_nothing() {
    let (one, two) = (MemoryStore::new(), MemoryStore::new());
    one.put(run("run_1")).await.unwrap();
    assert_eq!(size(&two).await, 0);
    let token = one.changes(None, 1).await.unwrap().next;
    assert!(two.changes(Some(token), 1).await.unwrap().reset);
}

// R-ANY-15
#[tokio::test]
async fn close_closes_a_handle_and_its_clones_only() {
    let store = MemoryStore::new();
    let (clone, other) = (store.clone(), store.in_namespace("default").unwrap());
    store.put(run("run_1")).await.unwrap();
    store.close().await.unwrap();
    assert_eq!(clone.count(&Query::new()).await.unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(store.in_namespace("x").unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(size(&other).await, 1);
    let error = store.put(run("run_2")).await.unwrap_err();
    assert_eq!(error.to_string(), "the store is closed (put results/run_2)");
    assert_eq!(size(&other).await, 1);
}

#[tokio::test]
async fn time_and_chance_come_from_the_clock() {
    let clock = Arc::new(ManualClock::new(7));
    let store = MemoryStore::new().with_clock(Arc::<ManualClock>::clone(&clock));
    clock.set(time("2026-05-01T00:00:00.000001Z"));
    let saved = store.put(run("run_1")).await.unwrap().meta;
    assert_eq!(saved.saved_at, time("2026-05-01T00:00:00.000001Z"));
    let twin = MemoryStore::new().with_clock(Arc::new(ManualClock::new(7)));
    assert_eq!(twin.put(run("run_1")).await.unwrap().meta.revision, saved.revision);
    let other = MemoryStore::new().with_clock(Arc::new(ManualClock::new(8)));
    assert_ne!(other.put(run("run_1")).await.unwrap().meta.revision, saved.revision);
}

#[tokio::test]
async fn the_very_body_that_was_saved_comes_back() {
    let store = MemoryStore::new();
    let record = run("run_1");
    let parsed = record.body.parsed::<truthound_stores_core::json::Json>().unwrap();
    store.put(record.clone()).await.unwrap();
    let body = store.read(&record.key).await.unwrap().into_body().unwrap();
    assert!(Arc::ptr_eq(&parsed, &body.parsed().unwrap()), "its parsed form is shared");
}

#[tokio::test]
async fn info_tells_what_the_store_can_and_was_given() {
    let store = MemoryStore::open(MemoryConfig::new().with_metadata("team", "quality")).unwrap();
    let info = store.info();
    assert_eq!((info.backend.as_str(), info.location.as_str()), ("memory", "memory"));
    assert_eq!(info.metadata["team"], "quality");
    let can = info.capabilities;
    assert!(can.create_only && can.compare_and_swap && can.change_feed && can.writable);
    assert!(!can.durable && !can.shared);
    assert_eq!(store.to_string(), "Memory");
    assert!(!format!("{store:?}").contains("quality"));
}

#[tokio::test]
async fn errors_name_the_operation_and_the_document() {
    let store = MemoryStore::new();
    store.put(run("run_1")).await.unwrap();
    let key = run("run_1").key;
    let absent = Key::result("absent").unwrap();
    let stale = || DeleteOptions::if_revision(Revision::new("stale"));
    for (error, operation, about) in [
        (store.put_opts(run("run_1"), PutOptions::create()).await.unwrap_err(), "put", &key),
        (store.read(&absent).await.unwrap_err(), "get", &absent),
        (store.delete_opts(&key, stale()).await.unwrap_err(), "delete", &key),
    ] {
        assert_eq!((error.operation(), error.key()), (Some(operation), Some(about)));
    }
    assert!(!store.delete_opts(&absent, stale()).await.unwrap(), "there is nothing to be in conflict with");
    let error = store.list_page(&Query::new().with_page_size(0), None).await.unwrap_err();
    assert_eq!((error.operation(), error.kind()), (Some("list"), ErrorKind::Invalid));
}
