//! A save once died between the version and the document, or between the document and the version: then the history said one thing and the
//! document another. Here every operation is cut at every step, and every call of the store inside fails once, before and after its
//! effect, in each of the four modes; each time the history and the document agree, nothing that was acknowledged is lost, no name is given twice, and the
//! next save goes on (R-VER-3).

use std::collections::BTreeSet;
use std::sync::Arc;

use truthound_stores_core::{Collection, ErrorKind, Query, Result, Store, StoreExt};
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::{Fault, Faults, FaultyStore, Stepping, Task, cut_after};
use truthound_stores_versioning::{
    DeletedHistory, History, MergeMode, Origin, SaveOptions, VersionedStore, VersioningConfig, VersioningMode,
};

use crate::support::{assert_whole, key, memory, note, run, versioned, versions};

fn config() -> VersioningConfig {
    VersioningConfig::new().with_enable_branching(true)
}

/// What is done, and what must have been done before.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Deed {
    First,
    Second,
    AfterOutside,
    BeforeVersions,
    ExpectAfterOutside,
    Rollback,
    Delete,
    DeleteOutside,
    DeleteExpectAfterOutside,
    RemoveExpectAfterOutside,
    Remove,
    Again,
    Undelete,
    Branch,
    OnBranch,
    DropBranch,
    Merge,
    Label,
    MoveLabel,
    Trim,
    CleanUp,
}

const DEEDS: [Deed; 21] = [
    Deed::First,
    Deed::Second,
    Deed::AfterOutside,
    Deed::BeforeVersions,
    Deed::ExpectAfterOutside,
    Deed::Rollback,
    Deed::Delete,
    Deed::DeleteOutside,
    Deed::DeleteExpectAfterOutside,
    Deed::RemoveExpectAfterOutside,
    Deed::Remove,
    Deed::Again,
    Deed::Undelete,
    Deed::Branch,
    Deed::OnBranch,
    Deed::DropBranch,
    Deed::Merge,
    Deed::Label,
    Deed::MoveLabel,
    Deed::Trim,
    Deed::CleanUp,
];

impl Deed {
    fn config(self, mode: VersioningMode) -> VersioningConfig {
        let config = config().with_mode(mode);
        match self {
            Self::Trim | Self::CleanUp => config.with_max_versions(2),
            Self::Remove | Self::RemoveExpectAfterOutside => {
                config.with_deleted_history(DeletedHistory::Remove)
            }
            _ => config,
        }
    }

    /// Whether a version is expected that is not the latest any more, for another program has written.
    fn is_refused(self) -> bool {
        matches!(
            self,
            Self::ExpectAfterOutside | Self::DeleteExpectAfterOutside | Self::RemoveExpectAfterOutside
        )
    }

    async fn prepare(self, mode: VersioningMode, memory: &MemoryStore) {
        let store = versioned(memory.in_namespace("default").unwrap(), config().with_mode(mode), 7);
        if self == Self::BeforeVersions {
            memory.put(run("r", "from before")).await.unwrap();
            return;
        }
        if self == Self::First {
            return;
        }
        for content in ["one", "two", "three"] {
            store.save(run("r", content), SaveOptions::new()).await.unwrap();
        }
        match self {
            Self::AfterOutside
            | Self::DeleteOutside
            | Self::ExpectAfterOutside
            | Self::DeleteExpectAfterOutside
            | Self::RemoveExpectAfterOutside => {
                memory.put(run("r", "outside")).await.unwrap();
            }
            Self::Again | Self::Undelete => {
                assert!(store.delete(&key("r"), SaveOptions::new()).await.unwrap());
            }
            Self::MoveLabel => drop(store.add_label(&key("r"), "good", 1, None).await.unwrap()),
            Self::OnBranch | Self::DropBranch | Self::Merge | Self::Remove => {
                store.create_branch(&key("r"), "fix", 2, None).await.unwrap();
                if self == Self::Remove {
                    let options = SaveOptions::new().with_branch("fix");
                    store.save(run("r", "of the branch"), options).await.unwrap();
                    store.add_label(&key("r"), "good", 1, None).await.unwrap();
                }
                if self == Self::Merge {
                    store.create_branch(&key("r"), "late", 3, None).await.unwrap();
                    let options = SaveOptions::new().with_branch("late");
                    store.save(run("r", "of the branch"), options).await.unwrap();
                }
            }
            _ => {}
        }
    }

    async fn carry_out<S: Store>(self, store: &VersionedStore<S>) -> Result<()> {
        let key = key("r");
        let none = SaveOptions::new;
        match self {
            Self::Delete | Self::DeleteOutside | Self::Remove => {
                store.delete(&key, none()).await.map(|deleted| assert!(deleted, "{self:?}: it was there"))
            }
            Self::DropBranch => {
                store.delete_branch(&key, "fix").await.map(|dropped| assert!(dropped, "it was there"))
            }
            Self::MoveLabel => store.move_label(&key, "good", 2).await.map(drop),
            Self::Rollback | Self::Undelete => store.rollback(&key, 1, none()).await.map(drop),
            Self::Branch => store.create_branch(&key, "new", 2, None).await.map(drop),
            Self::OnBranch => store.save(run("r", "new"), none().with_branch("fix")).await.map(drop),
            Self::Merge => store.merge(&key, "late", MergeMode::FastForward, none()).await.map(drop),
            Self::Label => store.add_label(&key, "good", 2, None).await.map(drop),
            Self::CleanUp => store.cleanup(&key).await.map(drop),
            deed if deed.is_refused() => {
                let expecting = none().with_expected_version(3);
                let answer = if deed == Self::ExpectAfterOutside {
                    store.save(run("r", "new"), expecting).await.map(drop)
                } else {
                    store.delete(&key, expecting).await.map(drop)
                };
                match answer {
                    Err(error) if error.kind() == ErrorKind::Conflict => Ok(()),
                    Ok(()) => panic!("{deed:?}: what came from outside was not seen"),
                    Err(error) => Err(error),
                }
            }
            _ => store.save(run("r", "new"), none()).await.map(drop),
        }
    }
}

/// What a reader sees.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    current: Option<String>,
    /// The notes of all versions.
    main: Vec<String>,
    /// The branches, each with the notes of its versions.
    branches: Vec<(String, Vec<String>)>,
    /// The labels, each with the note of its version.
    labels: Vec<(String, String)>,
}

async fn history(store: &VersionedStore<MemoryStore>, history: &History) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for version in store.list_versions(&key("r"), history).await? {
        all.push(match version.origin {
            Origin::Deletion => "(deleted)".to_owned(),
            _ => note(&store.get_version(&key("r"), &version.version).await?.record.body),
        });
    }
    Ok(all)
}

async fn seen(memory: &MemoryStore) -> Seen {
    let store = versioned(memory.in_namespace("default").unwrap(), config(), 8);
    let current = match store.read(&key("r")).await {
        Ok(stored) => Some(note(&stored.into_body().unwrap())),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::NotFound, "{}", error.report());
            None
        }
    };
    let main = match history(&store, &History::new()).await {
        Err(error) if error.kind() == ErrorKind::NotFound && current.is_none() => Vec::new(),
        main => main.unwrap_or_else(|error| panic!("{}", error.report())),
    };
    let (mut branches, mut labels) = (Vec::new(), Vec::new());
    for branch in store.list_branches(&key("r")).await.unwrap() {
        let own = history(&store, &History::new().with_branch(&branch.name)).await;
        branches.push((branch.name, own.unwrap_or_else(|error| panic!("{}", error.report()))));
    }
    for label in store.list_labels(&key("r")).await.unwrap() {
        let version = store.get_version(&key("r"), &label.name).await.unwrap();
        labels.push((label.name, note(&version.record.body)));
    }
    Seen { current, main, branches, labels }
}

/// What may be seen after a deed that may have been done or not.
fn assert_between(deed: Deed, when: &str, now: &Seen, before: &Seen, after: &Seen) {
    assert!(
        now == before || now == after,
        "{deed:?} cut {when}: {now:?} is neither {before:?} nor {after:?}"
    );
}

async fn states(deed: Deed, mode: VersioningMode) -> [Seen; 2] {
    let memory = memory();
    deed.prepare(mode, &memory).await;
    let before = seen(&memory).await;
    let store = versioned(memory.in_namespace("default").unwrap(), deed.config(mode), 9);
    deed.carry_out(&store).await.unwrap();
    [before, seen(&memory).await]
}

/// Tells whether a version of the main line has a name as the mode gives it.
fn is_name_of(mode: VersioningMode, ordinal: u64, name: &str) -> bool {
    match mode {
        VersioningMode::Incremental => name == format!("v{ordinal}"),
        VersioningMode::Semantic => name == format!("1.0.{}", ordinal - 1),
        VersioningMode::Timestamp => {
            let shape: String = name.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            shape == "0000-00-00T00:00:00.000000"
        }
        VersioningMode::GitLike => name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit()),
        other => panic!("a mode without a test: {other:?}"),
    }
}

/// Checks that each version has a name of its own, as the mode gives it.
async fn assert_names(mode: VersioningMode, when: &str, memory: &MemoryStore) {
    let store = versioned(memory.in_namespace("default").unwrap(), config(), 11);
    let mut names = BTreeSet::new();
    for version in versions(&store, "r").await {
        assert!(is_name_of(mode, version.ordinal, &version.version), "{mode:?} {when}: {version:?}");
        assert!(names.insert(version.version.clone()), "{mode:?} {when}: {} twice", version.version);
    }
}

/// What must hold once everything is over: the next save goes on from what is seen, upkeep finds no damage, and what was left is cleared.
async fn assert_goes_on(deed: Deed, mode: VersioningMode, when: &str, memory: &MemoryStore) {
    assert_whole(memory, "r").await;
    let before = seen(memory).await;
    let was_removed = deed == Deed::Remove && before.current.is_none();
    let store = versioned(memory.in_namespace("default").unwrap(), config().with_mode(mode), 10);
    store
        .save(run("r", "the next"), SaveOptions::new())
        .await
        .unwrap_or_else(|error| panic!("{deed:?} cut {when}: {}", error.report()));
    let after = seen(memory).await;
    assert_eq!(after.current.as_deref(), Some("the next"));
    assert!(after.main.ends_with(&before.main), "{deed:?} cut {when}: {before:?} became {after:?}");
    assert_eq!((&after.branches, &after.labels), (&before.branches, &before.labels), "{deed:?} cut {when}");
    assert_names(mode, when, memory).await;
    store.cleanup(&key("r")).await.unwrap();
    assert_eq!(seen(memory).await, after);
    assert_whole(memory, "r").await;
    for branch in store.list_branches(&key("r")).await.unwrap() {
        store.get_version(&key("r"), &branch.version).await.unwrap();
    }
    for label in store.list_labels(&key("r")).await.unwrap() {
        store.get_version(&key("r"), &label.name).await.unwrap();
    }
    // Of the main line, only what is in the history is left.
    let hidden = Query::new().with_collection(Collection::hidden("versioning").unwrap());
    let branched = [Deed::OnBranch, Deed::Merge].contains(&deed) || (deed == Deed::Remove && !was_removed);
    if was_removed {
        assert_eq!(after.main, ["the next"], "{deed:?} cut {when}: what was removed is there again");
        let names = Collection::hidden("versioning_refs").unwrap();
        assert_eq!(
            memory.count(&Query::new().with_collection(names)).await.unwrap(),
            0,
            "{deed:?} cut {when}"
        );
    }
    if !branched && deed != Deed::Delete && deed != Deed::DeleteOutside {
        assert_eq!(
            memory.count(&hidden).await.unwrap(),
            versions(&store, "r").await.len() as u64,
            "{deed:?} cut {when} left something"
        );
    }
}

/// R-VER-3, for a process that dies.
fn cut_at_any_step(mode: VersioningMode) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for deed in DEEDS {
        let [before, after] = runtime.block_on(states(deed, mode));
        let mut steps = 0;
        loop {
            let memory = memory();
            runtime.block_on(deed.prepare(mode, &memory));
            let stepping = Stepping::new(memory.in_namespace("default").unwrap());
            let store = Arc::new(versioned(stepping, deed.config(mode), 9));
            let task: Task<'_> = Box::pin(async { deed.carry_out(&*store).await.unwrap() });
            let done = cut_after(steps, task);
            let when = format!("after {steps} steps");
            let now = runtime.block_on(seen(&memory));
            if deed.is_refused() {
                let mut adopted = before.clone();
                adopted.main.insert(0, "outside".to_owned());
                assert!(now == before || now == adopted, "{deed:?} {when}: {now:?}");
            } else if done {
                assert_eq!(now, after, "{deed:?} {when}");
            } else {
                assert_between(deed, &when, &now, &before, &after);
            }
            runtime.block_on(assert_goes_on(deed, mode, &when, &memory));
            if done {
                break;
            }
            steps += 1;
        }
        assert!(steps >= 4, "{deed:?} took {steps} steps: nothing was cut");
    }
}

/// R-VER-3, for a store inside that fails.
async fn failing_at_any_call(mode: VersioningMode) {
    for deed in DEEDS {
        let [before, after] = states(deed, mode).await;
        for kind in [ErrorKind::Unavailable, ErrorKind::Timeout, ErrorKind::Conflict] {
            for call in 1.. {
                let memory = memory();
                deed.prepare(mode, &memory).await;
                let faults = Faults::new();
                let store = versioned(
                    FaultyStore::new(memory.in_namespace("default").unwrap(), &faults),
                    deed.config(mode),
                    9,
                );
                let fault = Fault::fail(kind).nth(call);
                // A conflict after the effect is a lost answer to an attempt that somebody below made again.
                faults.add(if kind == ErrorKind::Unavailable { fault } else { fault.after() });
                let answer = deed.carry_out(&store).await;
                let struck = faults.total_calls() >= call;
                faults.heal();
                let when = format!("by {kind:?} at call {call}, answered {answer:?}");
                let now = seen(&memory).await;
                if !deed.is_refused() {
                    if answer.is_ok() && deed != Deed::CleanUp {
                        assert_eq!(now, after, "{deed:?} {when}");
                    } else {
                        assert_between(deed, &when, &now, &before, &after);
                    }
                }
                if kind != ErrorKind::Conflict {
                    assert_goes_on(deed, mode, &when, &memory).await;
                }
                assert_whole(&memory, "r").await;
                if !struck {
                    break;
                }
            }
        }
    }
}

/// Makes the two tests of a mode.
macro_rules! in_mode {
    ($($name:ident: $mode:ident),+ $(,)?) => {
        $(
            mod $name {
                use truthound_stores_versioning::VersioningMode;

                #[test]
                fn r_ver_3_cut_at_any_step_history_and_document_agree() {
                    super::cut_at_any_step(VersioningMode::$mode);
                }

                #[tokio::test]
                async fn r_ver_3_failing_at_any_call_history_and_document_agree() {
                    super::failing_at_any_call(VersioningMode::$mode).await;
                }
            }
        )+
    };
}

in_mode!(incremental: Incremental, semantic: Semantic, timestamp: Timestamp, git_like: GitLike);
