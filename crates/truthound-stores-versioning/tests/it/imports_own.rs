//! A copy of a versioned store once was a copy of its latest documents, which named versions that were not there. An import takes histories over as they are.

use truthound_stores_core::{Collection, CopyProblem, ErrorKind, Query, Store, StoreExt, VerifyOptions};
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::{Stepping, Task, cut_after};
use truthound_stores_versioning::{
    History, ImportOptions, ImportReport, MergeMode, Origin, SaveOptions, VersionedStore, VersioningConfig,
    VersioningMode,
};

use crate::imports::Heard;
use crate::support::{assert_whole, key, names, notes, run, versioned, versions};

fn said(message: &str) -> SaveOptions {
    SaveOptions::new().with_message(message).with_author("ada").with_metadata("ticket", "DQ-7")
}

fn config() -> VersioningConfig {
    VersioningConfig::new().with_enable_branching(true)
}

fn open(memory: &MemoryStore, config: VersioningConfig, seed: u64) -> VersionedStore<MemoryStore> {
    versioned(memory.in_namespace("default").unwrap(), config, seed)
}

/// Items of every kind: with branches and labels, with shared and cleaned up contents, deleted, and written past their versions.
pub(crate) async fn fill(memory: &MemoryStore, config: VersioningConfig) {
    let store = open(memory, config.clone(), 5);
    for content in ["one", "two", "three"] {
        store.save(run("r", content), said(content)).await.unwrap();
    }
    store.create_branch(&key("r"), "fix", 2, Some("bob".to_owned())).await.unwrap();
    store.save(run("r", "fixed"), said("on the branch").with_branch("fix")).await.unwrap();
    store.add_label(&key("r"), "good", 1, Some("eve".to_owned())).await.unwrap();
    store.rollback(&key("r"), 1, said("back")).await.unwrap();
    store.save(run("gone", "was here"), said("first")).await.unwrap();
    assert!(store.delete(&key("gone"), said("no longer true")).await.unwrap());
    store.save(run("strange", "ours"), said("first")).await.unwrap();
    memory.put(run("strange", "outside")).await.unwrap();
    let few = open(memory, config.with_max_versions(2), 6);
    for content in ["a", "b", "c"] {
        few.save(run("short", content), said(content)).await.unwrap();
    }
    few.rollback(&key("short"), 2, said("shared")).await.unwrap();
    memory.put(run("plain", "without versions")).await.unwrap();
}

async fn import<S: Store>(
    target: &VersionedStore<S>,
    source: &MemoryStore,
    options: &ImportOptions,
) -> (ImportReport, Vec<(CopyProblem, ErrorKind, String)>) {
    let (heard, source) = (Heard::default(), open(source, config(), 9));
    let report = target.import(&source, &Collection::RESULTS, options, &heard).await.unwrap();
    (report, heard.take())
}

#[tokio::test]
async fn histories_branches_labels_and_deletions_are_what_they_were() {
    for mode in [
        VersioningMode::Incremental,
        VersioningMode::Semantic,
        VersioningMode::Timestamp,
        VersioningMode::GitLike,
    ] {
        let (old, new) = (MemoryStore::new(), MemoryStore::new());
        fill(&old, config().with_mode(mode)).await;
        let (source, target) =
            (open(&old, config().with_mode(mode), 3), open(&new, config().with_mode(mode), 4));
        let (report, issues) = import(&target, &old, &ImportOptions::new()).await;
        assert_eq!(issues, [], "{mode:?}");
        assert_eq!((report.items, report.imported, report.branches, report.labels), (4, 4, 1, 1), "{mode:?}");
        for item in ["r", "gone", "short"] {
            assert_eq!(versions(&target, item).await, versions(&source, item).await, "{mode:?}: {item}");
        }
        assert_eq!(notes(&target, "r").await, ["one", "three", "two", "one"]);
        let branch = History::new().with_branch("fix");
        assert_eq!(
            target.list_versions(&key("r"), &branch).await.unwrap(),
            source.list_versions(&key("r"), &branch).await.unwrap()
        );
        assert_eq!(
            target.list_branches(&key("r")).await.unwrap(),
            source.list_branches(&key("r")).await.unwrap()
        );
        assert_eq!(
            target.list_labels(&key("r")).await.unwrap(),
            source.list_labels(&key("r")).await.unwrap()
        );
        // What came from outside became a version here.
        assert_eq!(notes(&target, "strange").await, ["outside", "ours"]);
        assert_eq!(versions(&target, "strange").await[0].origin, Origin::Outside);
        assert!(!target.exists(&key("gone")).await.unwrap());
        assert!(!target.exists(&key("plain")).await.unwrap(), "it has no history: a copy takes it");
        for item in ["r", "gone", "strange", "short"] {
            assert_whole(&new, item).await;
        }
        let (again, issues) = import(&target, &old, &ImportOptions::new()).await;
        assert_eq!(
            (again.equal, again.versions, again.branches, again.labels, issues.len()),
            (4, 0, 0, 0, 0)
        );
        // Everything goes on.
        target.rollback(&key("gone"), 1, SaveOptions::new()).await.unwrap();
        target.merge(&key("r"), "fix", MergeMode::Theirs, SaveOptions::new()).await.unwrap();
        target.save(run("short", "d"), SaveOptions::new()).await.unwrap();
        let verified = target.upkeep().map(|keeper| async move {
            keeper.verify(VerifyOptions::default(), &()).await.unwrap().is_damaged()
        });
        if let Some(damaged) = verified {
            assert!(!damaged.await);
        }
        let (ahead, issues) = import(&target, &old, &ImportOptions::new()).await;
        assert_eq!((ahead.equal, ahead.versions, issues.len()), (4, 0, 0), "{mode:?}");
    }
}

#[tokio::test]
async fn what_the_source_has_gained_since_is_taken_over() {
    let (old, new) = (MemoryStore::new(), MemoryStore::new());
    fill(&old, config()).await;
    let (source, target) = (open(&old, config(), 3), open(&new, config(), 4));
    import(&target, &old, &ImportOptions::new()).await;
    source.save(run("r", "more"), said("more")).await.unwrap();
    source.save(run("r", "more fixed"), said("more").with_branch("fix")).await.unwrap();
    source.add_label(&key("r"), "late", 5, None).await.unwrap();
    source.rollback(&key("gone"), 1, said("again")).await.unwrap();
    assert!(source.delete(&key("short"), said("gone too")).await.unwrap());
    let (report, issues) = import(&target, &old, &ImportOptions::new()).await;
    assert_eq!(issues, []);
    assert_eq!((report.continued, report.equal, report.branches, report.labels), (3, 1, 1, 1));
    for item in ["r", "gone", "short"] {
        assert_eq!(versions(&target, item).await, versions(&source, item).await, "{item}");
        assert_eq!(
            target.exists(&key(item)).await.unwrap(),
            source.exists(&key(item)).await.unwrap(),
            "{item}"
        );
        assert_whole(&new, item).await;
    }
    assert_eq!(note_of(&target, "fix").await, "more fixed");
    // Both go on.
    source.save(run("r", "there"), said("there")).await.unwrap();
    target.save(run("r", "here"), said("here")).await.unwrap();
    source.move_label(&key("r"), "late", 6).await.unwrap();
    let (report, issues) = import(&target, &old, &ImportOptions::new()).await;
    assert_eq!((report.conflicts, report.equal, report.versions), (1, 3, 0));
    assert_eq!(issues.len(), 1, "{issues:?}");
    assert_eq!(
        names(&target, "r").await[0],
        names(&source, "r").await[0],
        "each has a version of this number"
    );
}

async fn note_of(store: &VersionedStore<MemoryStore>, version: &str) -> String {
    crate::support::note(&store.get_version(&key("r"), version).await.unwrap().record.body)
}

#[tokio::test]
async fn a_damaged_history_is_named_and_stops_no_other() {
    let (old, new) = (MemoryStore::new(), MemoryStore::new());
    fill(&old, config()).await;
    let hidden = Query::new().with_collection(Collection::hidden("versioning").unwrap());
    let page = old.list_page(&hidden, None).await.unwrap();
    let second = page
        .metas
        .iter()
        .find(|meta| {
            let facts = &meta.attributes.tags["facts"];
            facts.contains(r#""item":"r""#) && facts.contains(r#""id":"0000000002-"#)
        })
        .unwrap();
    old.delete(&second.key).await.unwrap();
    let target = open(&new, config(), 4);
    let (report, issues) = import(&target, &old, &ImportOptions::new()).await;
    assert_eq!((report.imported, report.unreadable), (3, 1));
    assert!(!report.is_complete() && report.left_out.contains(&key("r")));
    assert!(issues.len() == 1 && issues[0].2.contains("ordinal 2"), "{issues:?}");
    assert!(!target.exists(&key("r")).await.unwrap(), "a history is there as a whole or not at all");
}

#[tokio::test]
async fn branches_need_the_setting_and_what_the_target_says_otherwise_stays() {
    let (old, new) = (MemoryStore::new(), MemoryStore::new());
    fill(&old, config()).await;
    let target = open(&new, VersioningConfig::new(), 4);
    let (report, issues) = import(&target, &old, &ImportOptions::new()).await;
    assert_eq!((report.imported, report.branches, report.labels), (4, 0, 1));
    assert!(
        issues.len() == 1 && issues[0].0 == CopyProblem::Refused && issues[0].2.contains("enable_branching")
    );
    let target = open(&new, config(), 4);
    target.move_label(&key("r"), "good", 3).await.unwrap();
    target.create_branch(&key("r"), "fix", 1, None).await.unwrap();
    let (report, issues) = import(&target, &old, &ImportOptions::new()).await;
    // The branch stood at a version that the other one has passed: it moves on. The label is somebody's decision.
    assert_eq!((report.equal, report.branches, report.labels), (4, 1, 0));
    assert!(
        issues.len() == 1 && issues[0].0 == CopyProblem::Conflict && issues[0].2.contains("good"),
        "{issues:?}"
    );
    assert_eq!(note_of(&target, "good").await, "three");
    assert_eq!(note_of(&target, "fix").await, "fixed");
}

/// All that a store holds, texts and hidden records, too.
async fn all(memory: &MemoryStore) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let collections = [
        Collection::RESULTS,
        Collection::hidden("versioning").unwrap(),
        Collection::hidden("versioning_refs").unwrap(),
    ];
    for collection in collections {
        let page = memory
            .list_page(&Query::new().with_collection(collection).with_page_size(1000), None)
            .await
            .unwrap();
        for meta in page.metas {
            let stored = memory.read(&meta.key).await.unwrap();
            found.push((
                format!("{} {:?}", meta.key, meta.attributes.ext),
                stored.body.unwrap().as_str().to_owned(),
            ));
        }
    }
    found.sort();
    found
}

/// What Truthound would have left: three versions, and a document that is none of them.
async fn truthounds(memory: &MemoryStore) {
    for (id, content) in
        [("t__v1", "one"), ("t__v2", "two"), ("t__v3", "two"), ("t", "outside"), ("u__v1", "x"), ("u", "x")]
    {
        memory.put(run(id, content)).await.unwrap();
    }
}

/// R-VER-3 for imports: wherever one is cut off, each history is there as a whole or not at all, and the next import makes of it what one import would have made.
#[tokio::test]
async fn an_import_that_is_cut_off_anywhere_is_finished_by_the_next_one() {
    let old = MemoryStore::new();
    fill(&old, config()).await;
    truthounds(&old).await;
    let whole = MemoryStore::new();
    import(&open(&whole, config(), 4), &old, &ImportOptions::new()).await;
    let wanted = all(&whole).await;
    let (mut steps, mut is_done) = (0, false);
    while !is_done {
        let new = MemoryStore::new();
        let stepping = versioned(Stepping::new(new.in_namespace("default").unwrap()), config(), 4);
        let source = open(&old, config(), 9);
        // One item at a time, so that every step of each is cut.
        let options = ImportOptions::new().with_concurrency(1);
        let task: Task<'_> = Box::pin(async {
            stepping.import(&source, &Collection::RESULTS, &options, &()).await.unwrap();
        });
        is_done = cut_after(steps, task);
        let target = open(&new, config(), 4);
        for item in ["r", "gone", "strange", "short", "t", "u"] {
            assert_whole(&new, item).await;
            let there = target.list_versions(&key(item), &History::new()).await.map(|all| all.len());
            let count = versions(&open(&whole, config(), 1), item).await.len();
            assert!(
                there.is_err() || there.is_ok_and(|there| there == count),
                "{item} is there in part after {steps}"
            );
        }
        let (report, issues) = import(&target, &old, &ImportOptions::new()).await;
        assert_eq!(issues, [], "after {steps} steps");
        assert_eq!(report.imported + report.equal, 6, "after {steps} steps");
        assert_eq!(all(&new).await, wanted, "after {steps} steps");
        steps += 1;
    }
    assert!(steps > 80, "{steps} steps were looked at");
}
