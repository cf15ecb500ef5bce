//! What a save and a look at a long history ask of the store inside, counted call by call.

use truthound_stores_core::{PutOptions, Store, StoreExt};
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::{Fault, Faults, FaultyStore, Gate, Operation};
use truthound_stores_versioning::{
    Bump, History, SaveOptions, VersionedStore, VersioningConfig, VersioningMode,
};

use crate::support::{key, memory, note, notes, run, versioned};

fn counted(memory: &MemoryStore) -> (Faults, VersionedStore<FaultyStore<MemoryStore>>) {
    counted_by(memory, VersioningConfig::new())
}

fn counted_by(
    memory: &MemoryStore,
    config: VersioningConfig,
) -> (Faults, VersionedStore<FaultyStore<MemoryStore>>) {
    let faults = Faults::new();
    let inner = FaultyStore::new(memory.in_namespace("default").unwrap(), &faults);
    (faults, versioned(inner, config, 1))
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
    let memory = memory();
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

/// Three writes are what a save may cost; it costs two, in every mode, whatever is asked for beside and however long the history is.
#[tokio::test]
async fn a_save_is_two_writes_in_every_mode_the_first_and_the_hundredth() {
    for mode in [
        VersioningMode::Incremental,
        VersioningMode::Semantic,
        VersioningMode::Timestamp,
        VersioningMode::GitLike,
    ] {
        for (most, tracked) in [(0, true), (0, false), (3, true)] {
            let memory = memory();
            let config = VersioningConfig::new()
                .with_mode(mode)
                .with_max_versions(most)
                .with_track_changes(tracked)
                .with_enable_branching(true);
            let (faults, store) = counted_by(&memory, config);
            let mut before = (0, 0);
            for number in 1..=100 {
                let mut said =
                    SaveOptions::new().with_message("why").with_author("ada").with_metadata("a", "b");
                if mode == VersioningMode::Semantic {
                    said = said.with_bump(Bump::Minor);
                }
                store.save(run("r", &number.to_string()), said).await.unwrap();
                let (puts, others) = since(&faults, &mut before);
                assert_eq!(puts, 2, "{mode:?}, version {number}, {most} kept");
                // What goes is looked for and removed apart from the save itself.
                let fewest = if number == 1 { 2 } else { 1 };
                if most == 0 || number <= most {
                    assert_eq!(others, fewest, "{mode:?}, version {number}, {most} kept");
                } else {
                    assert!(others <= 10, "{mode:?}, version {number}: {others} calls beside the writes");
                }
                if number == 50 {
                    store.add_label(&key("r"), "half", "latest", None).await.unwrap();
                    store.create_branch(&key("r"), "fix", "latest", None).await.unwrap();
                    store.save(run("r", "fixed"), SaveOptions::new().with_branch("fix")).await.unwrap();
                    since(&faults, &mut before);
                    store.save(run("r", "fixed again"), SaveOptions::new().with_branch("fix")).await.unwrap();
                    assert_eq!(since(&faults, &mut before).0, 2, "{mode:?}: a save on a branch");
                    store.rollback(&key("r"), "half", SaveOptions::new()).await.unwrap();
                    assert_eq!(since(&faults, &mut before).0, 2, "{mode:?}: a rollback");
                }
            }
        }
    }
}

#[tokio::test]
async fn the_documents_of_a_batch_are_written_at_once_and_those_of_one_key_in_order() {
    let memory = memory();
    let (faults, store) = counted(&memory);
    let gate = Gate::new("every write of a version");
    faults.add(Fault::hold(&gate).on(Operation::Put).forever());
    let mut records: Vec<_> = (0..8).map(|id| run(&id.to_string(), "first")).collect();
    records.push(run("0", "second"));
    let batch = tokio::spawn(async move { store.put_many(records, PutOptions::default()).await });
    // All but the second of one document, and nobody waits for another.
    gate.reached_by(8).await;
    assert_eq!(gate.arrivals(), 8);
    gate.open();
    let answers = batch.await.unwrap();
    assert!(answers.len() == 9 && answers.iter().all(Result::is_ok));
    let fresh = versioned(memory, VersioningConfig::new(), 2);
    assert_eq!(notes(&fresh, "0").await, ["second", "first"]);
}

#[tokio::test]
async fn the_latest_twenty_of_ten_thousand_are_one_page() {
    let memory = memory();
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
