//! What a save and a look at a long history ask of the store inside, counted call by call.

use truthound_stores_core::StoreExt;
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::{Faults, FaultyStore, Operation};
use truthound_stores_versioning::{History, SaveOptions, VersionedStore, VersioningConfig};

use crate::support::{key, note, run, versioned};

fn counted(memory: &MemoryStore) -> (Faults, VersionedStore<FaultyStore<MemoryStore>>) {
    let faults = Faults::new();
    let inner = FaultyStore::new(memory.in_namespace("default").unwrap(), &faults);
    (faults, versioned(inner, VersioningConfig::new(), 1))
}

/// Calls of `put` and of everything else since the last time.
fn since(faults: &Faults, before: &mut (u64, u64)) -> (u64, u64) {
    let now = (faults.calls(Operation::Put), faults.total_calls() - faults.calls(Operation::Put));
    let passed = (now.0 - before.0, now.1 - before.1);
    *before = now;
    passed
}

#[tokio::test]
async fn a_save_is_at_most_three_writes_and_two_reads() {
    let memory = MemoryStore::new();
    let (faults, store) = counted(&memory);
    let mut before = (0, 0);
    store.save(run("r", "one"), SaveOptions::new()).await.unwrap();
    assert_eq!(
        since(&faults, &mut before),
        (2, 2),
        "a new document: its place, and the end of an earlier history"
    );
    store.save(run("r", "two"), SaveOptions::new().with_expected_version(1)).await.unwrap();
    assert_eq!(since(&faults, &mut before), (2, 1), "a known document");
    memory.put(run("r", "outside")).await.unwrap();
    store.save(run("r", "three"), SaveOptions::new()).await.unwrap();
    assert_eq!(since(&faults, &mut before), (3, 2), "after a write from outside");
}

#[tokio::test]
async fn the_latest_twenty_of_ten_thousand_are_one_page() {
    let memory = MemoryStore::new();
    let (faults, store) = counted(&memory);
    for content in 1..=10_000 {
        store.save(run("r", &content.to_string()), SaveOptions::new()).await.unwrap();
    }
    let mut before = (0, 0);
    since(&faults, &mut before);
    let latest = store.list_versions(&key("r"), &History::new().with_limit(20)).await.unwrap();
    assert_eq!((latest.len(), latest[0].ordinal, latest[19].ordinal), (20, 10_000, 9_981));
    assert_eq!(since(&faults, &mut before), (0, 2), "the document, and one page of twenty");
    // An old version is found without the way to it.
    assert_eq!(note(&store.get_version(&key("r"), 17).await.unwrap().record.body), "17");
    let (puts, others) = since(&faults, &mut before);
    assert!(puts == 0 && others <= 6, "{others} calls to read one old version");
    store.save(run("r", "the last"), SaveOptions::new()).await.unwrap();
    assert_eq!(since(&faults, &mut before), (2, 1), "a save does not grow with the history");
    assert_eq!(store.list_versions(&key("r"), &History::new()).await.unwrap().len(), 10_001);
}
