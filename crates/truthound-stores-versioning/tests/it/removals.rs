//! Documents that go with their histories, and histories that go with their documents: whoever saves at the same time, wherever it is cut off, and whatever another
//! program has written.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::{
    Collection, CopyOptions, DeleteOptions, ErrorKind, MaintainOptions, Query, Store, StoreExt, Timestamp,
    VerifyOptions, copy,
};
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::{
    Fault, Faults, FaultyStore, Gate, ManualClock, Operation, Stepping, Task, interleave,
};
use truthound_stores_versioning::{
    DeletedHistory, History, Origin, SaveOptions, VersionedStore, VersioningConfig,
};

use crate::support::{assert_whole, current, key, memory, names, note, notes, run, versioned, versions};

type Faulty = VersionedStore<FaultyStore<MemoryStore>>;

fn none() -> SaveOptions {
    SaveOptions::new()
}

fn removing() -> VersioningConfig {
    VersioningConfig::new().with_deleted_history(DeletedHistory::Remove).with_enable_branching(true)
}

fn keeping() -> VersioningConfig {
    VersioningConfig::new().with_enable_branching(true)
}

fn faulty(memory: &MemoryStore, config: VersioningConfig) -> (Faults, Faulty) {
    let faults = Faults::new();
    let store = versioned(FaultyStore::new(memory.in_namespace("default").unwrap(), &faults), config, 1);
    (faults, store)
}

fn plain(memory: &MemoryStore, config: VersioningConfig) -> VersionedStore<MemoryStore> {
    versioned(memory.in_namespace("default").unwrap(), config, 2)
}

/// How many records of versions, and how many branches, labels and ends there are.
async fn records(store: &dyn Store) -> (u64, u64) {
    let of = |name: &str| Query::new().with_collection(Collection::hidden(name).unwrap());
    (store.count(&of("versioning")).await.unwrap(), store.count(&of("versioning_refs")).await.unwrap())
}

async fn save_all<S: Store>(store: &VersionedStore<S>, contents: &[&str]) {
    for content in contents {
        store.save(run("r", content), none()).await.unwrap();
    }
}

/// Three versions, a branch with one of its own, and a label.
async fn fill<S: Store>(store: &VersionedStore<S>) {
    save_all(store, &["one", "two", "three"]).await;
    store.create_branch(&key("r"), "fix", 2, None).await.unwrap();
    store.save(run("r", "fixed"), none().with_branch("fix")).await.unwrap();
    store.add_label(&key("r"), "good", 1, None).await.unwrap();
}

/// Holds a delete right before the document goes, lets somebody save, and answers what became of the delete.
async fn overtaken(
    memory: &MemoryStore,
    config: VersioningConfig,
    options: SaveOptions,
) -> truthound_stores_core::Result<bool> {
    let (faults, slow) = faulty(memory, config);
    let gate = Gate::new("before the document is deleted");
    faults.add(Fault::hold(&gate).on(Operation::Delete));
    let held = tokio::spawn(async move { slow.delete(&key("r"), options).await });
    gate.reached().await;
    plain(memory, keeping()).save(run("r", "newer"), none()).await.unwrap();
    gate.open();
    held.await.unwrap()
}

/// A delete that took the history along looked at the version and then deleted whatever was there: a save that was acknowledged in between was destroyed with all of
/// its history, though the caller had said which version was meant.
#[tokio::test]
async fn r_ver_2_a_removal_of_an_expected_version_destroys_no_newer_save() {
    let memory = memory();
    fill(&plain(&memory, keeping())).await;
    let answer = overtaken(&memory, removing(), none().with_expected_version(3)).await;
    assert_eq!(answer.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(current(&memory, "r").await, "newer");
    let store = plain(&memory, keeping());
    assert_eq!(notes(&store, "r").await, ["newer", "three", "two", "one"]);
    assert_eq!(store.list_labels(&key("r")).await.unwrap().len(), 1);
    assert_eq!(records(&memory).await, (5, 2), "nothing says that it is to go");
    assert_whole(&memory, "r").await;
}

/// Who names no version removes what is there when the document goes, and nothing of it is left.
#[tokio::test]
async fn a_removal_that_is_overtaken_looks_again_and_removes_that_too() {
    let memory = memory();
    fill(&plain(&memory, keeping())).await;
    assert!(overtaken(&memory, removing(), none()).await.unwrap());
    assert!(!memory.exists(&key("r")).await.unwrap());
    assert_eq!(records(&memory).await, (0, 0));
}

/// Two callers who expected the same version were both told that they had won.
#[test]
fn r_ver_2_of_deletes_and_saves_that_expect_one_version_one_wins() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for seed in 0..400 {
        let memory = memory();
        let config = if seed % 2 == 0 { removing() } else { keeping() };
        runtime.block_on(fill(&plain(&memory, config.clone())));
        let handles: Vec<_> = (0..4)
            .map(|writer| {
                let inner = Stepping::new(memory.in_namespace("default").unwrap());
                versioned(inner, config.clone(), seed * 10 + writer)
            })
            .collect();
        let wins = RefCell::new(Vec::new());
        let tasks = handles.iter().enumerate().map(|(writer, store)| {
            let wins = &wins;
            let task: Task<'_> = Box::pin(async move {
                let expecting = none().with_expected_version(3);
                let answer = if writer % 2 == 0 {
                    store.delete(&key("r"), expecting).await
                } else {
                    store.save(run("r", &writer.to_string()), expecting).await.map(|_| true)
                };
                match answer {
                    Ok(true) => wins.borrow_mut().push(writer),
                    // It was gone already.
                    Ok(false) => assert_eq!(writer % 2, 0),
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::Conflict, "seed {seed}: {}", error.report());
                    }
                }
            });
            task
        });
        interleave(tasks.collect(), seed);
        let [winner] = wins.into_inner()[..] else { panic!("seed {seed}: not one winner") };
        runtime.block_on(async {
            assert_whole(&memory, "r").await;
            if winner % 2 == 1 {
                assert_eq!(current(&memory, "r").await, winner.to_string(), "seed {seed}");
                assert_eq!(versions(&plain(&memory, keeping()), "r").await.len(), 4, "seed {seed}");
            } else {
                assert!(!memory.exists(&key("r")).await.unwrap(), "seed {seed}");
            }
        });
    }
}

/// Another program had overwritten the document: whoever expected the version before that deleted what they had never seen.
#[tokio::test]
async fn r_ver_2_a_delete_of_an_expected_version_refuses_what_another_program_wrote() {
    for config in [keeping(), removing(), keeping().with_track_changes(false)] {
        let memory = memory();
        let store = plain(&memory, config.clone());
        save_all(&store, &["one", "two"]).await;
        memory.put(run("r", "theirs")).await.unwrap();
        let error = store.delete(&key("r"), none().with_expected_version(2)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{}", error.report());
        assert!(error.report().contains("v3"), "{}", error.report());
        assert_eq!(current(&memory, "r").await, "theirs");
        assert_eq!(versions(&store, "r").await[0].origin, Origin::Outside);
        assert!(store.delete(&key("r"), none().with_expected_version(3)).await.unwrap());
        assert!(!memory.exists(&key("r")).await.unwrap());
        if config.deleted_history == DeletedHistory::Remove {
            assert_eq!(records(&memory).await, (0, 0));
        }
    }
}

/// A removal that was cut off after the document left its labels and branches for ever, and the next document of that id had them: they named what had been removed.
#[tokio::test]
async fn what_a_removal_left_is_seen_by_nobody_and_goes_with_whatever_comes_next() {
    for next in ["save", "delete", "purge", "rollback", "branch", "maintain"] {
        let place = crate::conformance::memory();
        let inside = truthound_stores_testkit::Place::open(&place, "default").await;
        let faults = Faults::new();
        let cut = versioned(FaultyStore::new(Arc::clone(&inside), &faults), removing(), 1);
        fill(&cut).await;
        faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::DeleteMany).forever());
        cut.delete(&key("r"), none()).await.unwrap_err();
        assert!(!inside.exists(&key("r")).await.unwrap());

        let store = versioned(Arc::clone(&inside), keeping(), 2);
        let gone = |kind| assert_eq!(kind, ErrorKind::NotFound, "{next}");
        gone(store.list_versions(&key("r"), &History::new()).await.unwrap_err().kind());
        gone(store.list_versions(&key("r"), &History::new().with_branch("fix")).await.unwrap_err().kind());
        gone(store.get_version(&key("r"), "good").await.unwrap_err().kind());
        gone(store.add_label(&key("r"), "new", "latest", None).await.unwrap_err().kind());
        assert!(store.list_labels(&key("r")).await.unwrap().is_empty());
        assert!(store.list_branches(&key("r")).await.unwrap().is_empty());
        match next {
            "save" => {
                assert_eq!(store.save(run("r", "new"), none()).await.unwrap().ordinal, 1);
                assert_eq!(records(&*inside).await, (1, 0));
                gone(store.get_version(&key("r"), "good").await.unwrap_err().kind());
                assert!(store.list_branches(&key("r")).await.unwrap().is_empty());
            }
            "delete" => assert!(!store.delete(&key("r"), none()).await.unwrap()),
            "purge" => assert!(store.purge(&key("r")).await.unwrap()),
            "rollback" => gone(store.rollback(&key("r"), "good", none()).await.unwrap_err().kind()),
            "branch" => {
                let on = none().with_branch("fix");
                gone(store.save(run("r", "fixed again"), on).await.unwrap_err().kind());
            }
            _ => {
                let keeper = store.upkeep().unwrap();
                assert!(!keeper.verify(VerifyOptions::default(), &()).await.unwrap().is_damaged());
                keeper.maintain(MaintainOptions::default(), &()).await.unwrap();
            }
        }
        if !["save", "rollback", "branch"].contains(&next) {
            assert_eq!(records(&*inside).await, (0, 0), "{next}");
        }
    }
}

/// Of a document that was deleted past the store, upkeep removed no history that had a label or a branch, however old it was.
#[tokio::test]
async fn upkeep_removes_a_history_without_a_document_with_its_labels_and_branches() {
    let place = crate::conformance::memory();
    let inside = truthound_stores_testkit::Place::open(&place, "default").await;
    let clock = Arc::new(ManualClock::new(1));
    let store = VersionedStore::new(Arc::clone(&inside), keeping(), Arc::clone(&clock) as _).unwrap();
    fill(&store).await;
    inside.delete(&key("r")).await.unwrap();
    let keeper = store.upkeep().unwrap();
    keeper.maintain(MaintainOptions::default(), &()).await.unwrap();
    assert_eq!(records(&*inside).await, (4, 2), "the document may be brought back");
    clock.set(Timestamp::from_micros(4_000_000_000_000_000));
    keeper.maintain(MaintainOptions::default(), &()).await.unwrap();
    assert_eq!(records(&*inside).await, (0, 0));
}

/// A removal that was cut off before the document was gone is not done, and is no threat: a document that is deleted past the store days later would have
/// counted as removed.
#[tokio::test]
async fn a_removal_that_did_not_reach_the_document_is_forgotten_by_upkeep() {
    let place = crate::conformance::memory();
    let inside = truthound_stores_testkit::Place::open(&place, "default").await;
    let faults = Faults::new();
    let cut = versioned(FaultyStore::new(Arc::clone(&inside), &faults), removing(), 1);
    fill(&cut).await;
    faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::Delete).forever());
    cut.delete(&key("r"), none()).await.unwrap_err();
    let clock = Arc::new(ManualClock::new(2));
    let store = VersionedStore::new(Arc::clone(&inside), keeping(), Arc::clone(&clock) as _).unwrap();
    assert_eq!(names(&store, "r").await, ["v3", "v2", "v1"]);
    assert_eq!(store.list_labels(&key("r")).await.unwrap().len(), 1);
    assert_eq!(records(&*inside).await, (4, 3));
    let keeper = store.upkeep().unwrap();
    keeper.maintain(MaintainOptions::default(), &()).await.unwrap();
    assert_eq!(records(&*inside).await, (4, 3));
    clock.advance(Duration::from_hours(48));
    keeper.maintain(MaintainOptions::default(), &()).await.unwrap();
    assert_eq!(records(&*inside).await, (4, 2));
}

/// A save that had seen where a deleted history ended went on from there, while another process purged all of it: what was saved then had a parent that was gone,
/// and the history of a live document was damaged.
#[tokio::test]
async fn a_save_that_a_purge_overtakes_begins_a_history() {
    for rollback in [false, true] {
        let memory = memory();
        fill(&plain(&memory, keeping())).await;
        plain(&memory, keeping()).delete(&key("r"), none()).await.unwrap();
        let (faults, slow) = faulty(&memory, keeping());
        let gate = Gate::new("before the document is put");
        faults.add(Fault::hold(&gate).on(Operation::Put).nth(2));
        let held = tokio::spawn(async move {
            if rollback {
                slow.rollback(&key("r"), 1, none()).await
            } else {
                slow.save(run("r", "one"), none()).await
            }
        });
        gate.reached().await;
        assert!(plain(&memory, keeping()).purge(&key("r")).await.unwrap());
        gate.open();
        let saved = held.await.unwrap().unwrap();
        assert_eq!(saved.ordinal, 5);
        let store = plain(&memory, keeping());
        assert_eq!(names(&store, "r").await, ["v5"]);
        assert_eq!(notes(&store, "r").await, ["one"]);
        save_all(&store, &["next"]).await;
        assert_eq!(notes(&store, "r").await, ["next", "one"]);
        assert_whole(&memory, "r").await;
    }
}

/// A save that had seen where a deleted history ended hid what others had saved and deleted again before its document was there.
#[tokio::test]
async fn a_save_after_a_deletion_hides_no_version_that_came_between() {
    let memory = memory();
    let fast = plain(&memory, keeping());
    save_all(&fast, &["one"]).await;
    fast.delete(&key("r"), none()).await.unwrap();
    let (faults, slow) = faulty(&memory, keeping());
    let gate = Gate::new("before the document is put");
    faults.add(Fault::hold(&gate).on(Operation::Put).nth(2));
    let held = tokio::spawn(async move { slow.save(run("r", "slow"), none()).await });
    gate.reached().await;
    save_all(&fast, &["between"]).await;
    fast.delete(&key("r"), none()).await.unwrap();
    gate.open();
    assert_eq!(held.await.unwrap().unwrap().ordinal, 5);
    let origins: Vec<_> = versions(&fast, "r").await.into_iter().map(|version| version.origin).collect();
    let (save, deletion) = (Origin::Save, Origin::Deletion);
    assert_eq!(origins, [save, deletion, save, deletion, save]);
    let between = fast.get_version(&key("r"), 3).await.unwrap();
    assert_eq!(note(&between.record.body), "between");
    assert_whole(&memory, "r").await;
}

/// Purges, saves, rollbacks and deletes of several processes at an item that was deleted: a document that is there in the end has a history that is whole, and nothing
/// is named that cannot be read.
#[test]
fn a_purge_that_races_with_others_leaves_no_history_with_a_hole() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for seed in 0..600 {
        let memory = memory();
        let config = if seed % 3 == 0 { removing() } else { keeping() };
        let store = plain(&memory, keeping());
        runtime.block_on(async {
            fill(&store).await;
            if seed % 4 != 0 {
                store.delete(&key("r"), none()).await.unwrap();
            }
        });
        let handles: Vec<_> = (0..4)
            .map(|writer| {
                let inner = Stepping::new(memory.in_namespace("default").unwrap());
                versioned(inner, config.clone(), seed * 10 + writer)
            })
            .collect();
        let tasks = handles.iter().enumerate().map(|(writer, store)| {
            let task: Task<'_> = Box::pin(async move {
                let answer = match (writer, seed % 5) {
                    (0, _) | (2, 0) => store.purge(&key("r")).await.map(drop),
                    (1, _) => store.save(run("r", "saved"), none()).await.map(drop),
                    (2, 1) => store.delete(&key("r"), none()).await.map(drop),
                    (2, 2) => store.add_label(&key("r"), "late", "latest", None).await.map(drop),
                    (2, _) => store.save(run("r", "saved, too"), none()).await.map(drop),
                    _ => store.rollback(&key("r"), 2, none()).await.map(drop),
                };
                if let Err(error) = answer {
                    let fair = [ErrorKind::Conflict, ErrorKind::NotFound, ErrorKind::Invalid];
                    assert!(fair.contains(&error.kind()), "seed {seed}: {writer}: {}", error.report());
                }
            });
            task
        });
        interleave(tasks.collect(), seed);
        runtime.block_on(async {
            assert_whole(&memory, "r").await;
            save_all(&store, &["the last"]).await;
            assert_whole(&memory, "r").await;
            for label in store.list_labels(&key("r")).await.unwrap() {
                if let Err(error) = store.get_version(&key("r"), &label.name).await {
                    // The latest version was a deletion.
                    assert_eq!(error.kind(), ErrorKind::NotFound, "seed {seed}: {}", error.report());
                }
            }
            for branch in store.list_branches(&key("r")).await.unwrap() {
                store.get_version(&key("r"), &branch.version).await.unwrap();
            }
            store.cleanup(&key("r")).await.unwrap();
            assert_whole(&memory, "r").await;
        });
    }
}

/// A purge removes what was left of an item that was deleted past the store, but not what may be a save that is under way.
#[tokio::test]
async fn a_purge_tells_what_is_left_from_what_is_under_way() {
    let clock = Arc::new(ManualClock::new(1));
    let memory = MemoryStore::new().with_clock(Arc::clone(&clock) as _);
    let open = || {
        let inner = memory.in_namespace("default").unwrap();
        VersionedStore::new(inner, keeping(), Arc::clone(&clock) as _).unwrap()
    };
    let store = open();
    assert!(!store.purge(&key("r")).await.unwrap());
    save_all(&store, &["one"]).await;
    memory.delete(&key("r")).await.unwrap();
    let error = store.purge(&key("r")).await.unwrap_err();
    assert!(
        error.kind() == ErrorKind::Conflict && error.report().contains("under way"),
        "{}",
        error.report()
    );
    clock.advance(Duration::from_secs(61));
    assert!(store.purge(&key("r")).await.unwrap());
    assert_eq!(records(&memory).await, (0, 0));
    assert!(!store.purge(&key("r")).await.unwrap());
}

/// A document that was copied without its history, or brought back after that was purged, counted for a day as one whose history is there: the next save lost its
/// content, and the history was damaged.
#[tokio::test]
async fn a_document_that_comes_without_its_history_begins_one() {
    for purged in [false, true] {
        let clock = Arc::new(ManualClock::new(1));
        let memory = MemoryStore::new().with_clock(Arc::clone(&clock) as _);
        let open = |memory: &MemoryStore| {
            let inner = memory.in_namespace("default").unwrap();
            VersionedStore::new(inner, keeping(), Arc::clone(&clock) as _).unwrap()
        };
        let source = open(&memory);
        save_all(&source, &["one", "two"]).await;
        let other = if purged {
            memory.in_namespace("default").unwrap()
        } else {
            MemoryStore::new().with_clock(Arc::clone(&clock) as _)
        };
        let raw = memory.read(&key("r")).await.unwrap().into_record().unwrap();
        assert!(raw.attributes.ext.get("versioning.head").is_some());
        if purged {
            source.purge(&key("r")).await.unwrap();
            clock.advance(Duration::from_secs(10));
            other.put(raw).await.unwrap();
        } else {
            clock.advance(Duration::from_secs(10));
            let copied = copy(&memory, &other, &Query::new(), &CopyOptions::new(), &()).await.unwrap();
            assert_eq!(copied.copied, 1);
        }
        let target = open(&other);
        // As of a document that was there before there were versions.
        assert!(versions(&target, "r").await.is_empty());
        let saved = target.save(run("r", "next"), none()).await.unwrap();
        assert_eq!(saved.ordinal, 4, "numbers go on");
        assert_eq!(notes(&target, "r").await, ["next", "two"]);
        assert_eq!(versions(&target, "r").await[1].origin, Origin::Outside);
        assert_whole(&other, "r").await;
        assert!(target.delete_opts(&key("r"), DeleteOptions::default()).await.unwrap());
        target.rollback(&key("r"), 3, none()).await.unwrap();
        assert_eq!(current(&target, "r").await, "two");
    }
}
