//! Several processes at one item: each has a handle of its own, and a seed decides who takes the next step. Nothing that was acknowledged is lost, nobody wins
//! twice, and the history is one line (R-VER-1, R-VER-2).

use std::cell::RefCell;
use std::collections::BTreeSet;

use truthound_stores_core::{DeleteOptions, ErrorKind, PutOptions, Store, StoreExt};
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::{
    Fault, Faults, FaultyStore, Gate, Operation, SeededRandom, Stepping, Task, interleave,
};
use truthound_stores_versioning::{
    MergeMode, Origin, SaveOptions, VersionedStore, VersioningConfig, VersioningMode,
};

use crate::support::{assert_whole, current, key, memory, notes, run, versioned, versions};

type Shared = VersionedStore<Stepping<MemoryStore>>;

fn handles(memory: &MemoryStore, config: &VersioningConfig, count: u64, seed: u64) -> Vec<Shared> {
    let handle =
        |n| versioned(Stepping::new(memory.in_namespace("default").unwrap()), config.clone(), seed * 100 + n);
    (0..count).map(handle).collect()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn r_ver_2_of_many_who_expect_one_version_one_wins() {
    for seed in 0..200 {
        let memory = memory();
        let stores = handles(&memory, &VersioningConfig::new(), 4, seed);
        let wins = RefCell::new(Vec::new());
        for round in 0..3_u64 {
            let tasks = stores.iter().enumerate().map(|(writer, store)| {
                let wins = &wins;
                let task: Task<'_> = Box::pin(async move {
                    // Each version's name is good for it, too; 0 is what does not exist yet.
                    let expected =
                        if round > 0 && writer % 2 == 1 { format!("v{round}") } else { round.to_string() };
                    let options = SaveOptions::new().with_expected_version(expected);
                    match store.save(run("r", &format!("{round} {writer}")), options).await {
                        Ok(version) => wins.borrow_mut().push((version.ordinal, format!("{round} {writer}"))),
                        Err(error) => {
                            assert_eq!(error.kind(), ErrorKind::Conflict, "seed {seed}: {}", error.report());
                        }
                    }
                });
                task
            });
            interleave(tasks.collect(), seed * 3 + round);
            assert_eq!(wins.borrow().len() as u64, round + 1, "seed {seed}: the winners are {wins:?}");
        }
        let fresh = versioned(memory.in_namespace("default").unwrap(), VersioningConfig::new(), 1);
        let won: Vec<String> = wins.into_inner().into_iter().rev().map(|(_, content)| content).collect();
        assert_eq!(block_on(notes(&fresh, "r")), won);
        block_on(assert_whole(&memory, "r"));
    }
}

/// R-VER-2: create-only works for the first version.
#[test]
fn create_and_replace_have_one_winner_each() {
    for seed in 0..100 {
        let memory = memory();
        let stores = handles(&memory, &VersioningConfig::new(), 3, seed);
        for mode in ["create", "replace"] {
            let won = RefCell::new(0);
            let opts = match mode {
                "create" => PutOptions::create(),
                _ => PutOptions::replace(block_on(memory.head(&key("r"))).unwrap().revision),
            };
            let tasks = stores.iter().map(|store| {
                let (won, opts) = (&won, opts.clone());
                let task: Task<'_> = Box::pin(async move {
                    match store.put_opts(run("r", mode), opts).await {
                        Ok(_) => *won.borrow_mut() += 1,
                        Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict),
                    }
                });
                task
            });
            interleave(tasks.collect(), seed);
            assert_eq!(won.into_inner(), 1, "seed {seed}: {mode}");
        }
    }
}

/// R-VER-1: eight writers at one item, and no name twice, in any mode.
#[test]
fn saves_without_an_expected_version_serialise_without_loss() {
    for seed in 0..150 {
        let memory = memory();
        let mode = [
            VersioningMode::Incremental,
            VersioningMode::Semantic,
            VersioningMode::Timestamp,
            VersioningMode::GitLike,
        ][usize::try_from(seed % 4).unwrap()];
        let config = VersioningConfig::new().with_mode(mode).with_track_changes(seed % 2 == 0);
        let stores = handles(&memory, &config, 8, seed);
        let tasks = stores.iter().enumerate().map(|(writer, store)| {
            let task: Task<'_> = Box::pin(async move {
                for round in 0..2 {
                    store.save(run("r", &format!("{writer} {round}")), SaveOptions::new()).await.unwrap();
                }
            });
            task
        });
        interleave(tasks.collect(), seed);
        let fresh = versioned(memory.in_namespace("default").unwrap(), config, 1);
        let all = block_on(versions(&fresh, "r"));
        assert_eq!((all.len(), all[0].ordinal), (16, 16), "seed {seed}");
        let names: BTreeSet<&str> = all.iter().map(|version| version.version.as_str()).collect();
        assert_eq!(names.len(), 16, "seed {seed}: {names:?}");
        let found: BTreeSet<String> = block_on(notes(&fresh, "r")).into_iter().collect();
        assert_eq!(found.len(), 16, "seed {seed}: {found:?}");
        block_on(assert_whole(&memory, "r"));
    }
}

/// Everything at once: saves, rollbacks, deletes, branches, labels, clean-ups, and another program that writes past all of that.
#[test]
fn whatever_happens_at_once_the_history_is_whole() {
    for seed in 0..300 {
        let memory = memory();
        let most = [0, 2, 3][usize::try_from(seed % 3).unwrap()];
        let config = VersioningConfig::new().with_enable_branching(true).with_max_versions(most);
        let plain = versioned(memory.in_namespace("default").unwrap(), config.clone(), 5);
        block_on(async {
            for content in ["one", "two"] {
                plain.save(run("r", content), SaveOptions::new()).await.unwrap();
            }
            plain.create_branch(&key("r"), "fix", 2, None).await.unwrap();
        });
        let stores = handles(&memory, &config, 4, seed);
        let acknowledged = RefCell::new(Vec::new());
        let mut tasks: Vec<Task<'_>> = Vec::new();
        for (writer, store) in stores.iter().enumerate() {
            let (acknowledged, memory) = (&acknowledged, &memory);
            tasks.push(Box::pin(async move {
                let mut random = SeededRandom::new(seed * 10 + writer as u64);
                for step in 0..4 {
                    let content = format!("{writer} {step}");
                    let none = SaveOptions::new;
                    let answer = match random.below(10) {
                        0 => store.rollback(&key("r"), "latest", none()).await.map(drop),
                        1 => store.delete(&key("r"), none()).await.map(drop),
                        2 => store.save(run("r", &content), none().with_branch("fix")).await.map(drop),
                        3 => store.merge(&key("r"), "fix", MergeMode::Theirs, none()).await.map(drop),
                        4 => store.cleanup(&key("r")).await.map(drop),
                        5 => store
                            .add_label(&key("r"), &format!("l{writer}-{step}"), "latest", None)
                            .await
                            .map(drop),
                        6 if writer == 0 => memory.put(run("r", &content)).await.map(drop),
                        7 => store
                            .list_versions(&key("r"), &truthound_stores_versioning::History::new())
                            .await
                            .map(drop),
                        _ => {
                            let saved = store.save(run("r", &content), none()).await;
                            saved.map(|_| acknowledged.borrow_mut().push(content))
                        }
                    };
                    if let Err(error) = answer {
                        // A timeout says that it was done, and that what came from outside hid the answer.
                        let fair = [
                            ErrorKind::Conflict,
                            ErrorKind::NotFound,
                            ErrorKind::Invalid,
                            ErrorKind::Timeout,
                        ];
                        assert!(fair.contains(&error.kind()), "seed {seed}: {}", error.report());
                    }
                }
            }));
        }
        interleave(tasks, seed);
        block_on(assert_whole(&memory, "r"));
        block_on(async {
            plain.save(run("r", "the last"), SaveOptions::new()).await.unwrap();
            let all = versions(&plain, "r").await;
            if most == 0 {
                let mut found = BTreeSet::new();
                for version in all.iter().filter(|version| version.origin == Origin::Save) {
                    let read = plain.get_version(&key("r"), version.ordinal).await.unwrap();
                    found.insert(crate::support::note(&read.record.body));
                }
                for content in acknowledged.into_inner() {
                    assert!(
                        found.contains(&content),
                        "seed {seed}: {content} was acknowledged and is lost: {found:?}"
                    );
                }
            } else {
                assert!(all.len() as u64 <= most, "seed {seed}: {} are kept", all.len());
            }
            plain.cleanup(&key("r")).await.unwrap();
            for label in plain.list_labels(&key("r")).await.unwrap() {
                match plain.get_version(&key("r"), &label.name).await {
                    Ok(_) => {}
                    // The latest version was a deletion.
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::NotFound, "seed {seed}: {}", error.report());
                    }
                }
            }
            let branch = truthound_stores_versioning::History::new().with_branch("fix");
            for version in plain.list_versions(&key("r"), &branch).await.unwrap() {
                plain
                    .get_version(&key("r"), &version.version)
                    .await
                    .unwrap_or_else(|error| panic!("seed {seed}: {}", error.report()));
            }
            let listed = plain.list_versions(&key("r"), &branch).await.unwrap();
            assert_eq!(
                listed.first().map(|version| version.ordinal),
                plain.list_branches(&key("r")).await.unwrap().first().map(|branch| branch.ordinal)
            );
        });
        block_on(assert_whole(&memory, "r"));
    }
}

#[tokio::test]
async fn who_is_overtaken_between_version_and_document_begins_anew() {
    let memory = memory();
    let faults = Faults::new();
    let slow = versioned(
        FaultyStore::new(memory.in_namespace("default").unwrap(), &faults),
        VersioningConfig::new(),
        1,
    );
    let fast = versioned(memory.in_namespace("default").unwrap(), VersioningConfig::new(), 2);
    fast.save(run("r", "first"), SaveOptions::new()).await.unwrap();
    let gate = Gate::new("before the document is put");
    faults.add(Fault::hold(&gate).on(Operation::Put).nth(2));
    let held = tokio::spawn(async move { slow.save(run("r", "slow"), SaveOptions::new()).await });
    gate.reached().await;
    let overtook = fast.save(run("r", "fast"), SaveOptions::new()).await.unwrap();
    gate.open();
    let late = held.await.unwrap().unwrap();
    assert_eq!((overtook.ordinal, late.ordinal), (2, 3));
    assert_eq!(notes(&fast, "r").await, ["slow", "fast", "first"]);
    assert_eq!(
        memory
            .count(
                &truthound_stores_core::Query::new()
                    .with_collection(truthound_stores_core::Collection::hidden("versioning").unwrap())
            )
            .await
            .unwrap(),
        3,
        "the loser's record is gone"
    );
}

#[tokio::test]
async fn a_delete_that_is_overtaken_deletes_what_it_finds_then_and_one_of_a_revision_nothing() {
    let memory = memory();
    let fast = versioned(memory.in_namespace("default").unwrap(), VersioningConfig::new(), 2);
    for conditional in [false, true] {
        let first = fast.put(run("r", "first")).await.unwrap();
        let faults = Faults::new();
        let slow = versioned(
            FaultyStore::new(memory.in_namespace("default").unwrap(), &faults),
            VersioningConfig::new(),
            1,
        );
        let gate = Gate::new("before the document is deleted");
        faults.add(Fault::hold(&gate).on(Operation::Delete));
        let opts = if conditional {
            DeleteOptions::if_revision(first.meta.revision)
        } else {
            DeleteOptions::default()
        };
        let held = tokio::spawn(async move { slow.delete_opts(&key("r"), opts).await });
        gate.reached().await;
        fast.save(run("r", "second"), SaveOptions::new()).await.unwrap();
        gate.open();
        match held.await.unwrap() {
            Ok(deleted) => assert!(deleted && !conditional),
            Err(error) => assert!(error.kind() == ErrorKind::Conflict && conditional),
        }
        assert_eq!(memory.exists(&key("r")).await.unwrap(), conditional);
        assert_whole(&memory, "r").await;
    }
    assert_eq!(current(&memory, "r").await, "second");
}
