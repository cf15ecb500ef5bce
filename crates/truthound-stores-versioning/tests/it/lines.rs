//! Branches, labels, merges.

use truthound_stores_core::{ErrorKind, PutOptions, Query, Store, StoreExt};
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::{Fault, Faults, FaultyStore, Operation};
use truthound_stores_versioning::{
    History, MergeMode, Origin, SaveOptions, VersionedStore, VersioningConfig, VersioningMode,
};

use crate::support::{current, key, note, run, versioned};

async fn with_versions(mode: VersioningMode) -> VersionedStore<MemoryStore> {
    let config = VersioningConfig::new().with_mode(mode).with_enable_branching(true);
    let store = versioned(MemoryStore::new(), config, 1);
    for content in ["one", "two", "three"] {
        store.save(run("r", content), SaveOptions::new()).await.unwrap();
    }
    store
}

fn on(branch: &str) -> SaveOptions {
    SaveOptions::new().with_branch(branch)
}

async fn listed(store: &VersionedStore<MemoryStore>, branch: &str) -> Vec<String> {
    let history = store.list_versions(&key("r"), &History::new().with_branch(branch)).await.unwrap();
    history.into_iter().map(|version| version.version).collect()
}

async fn read(store: &VersionedStore<MemoryStore>, version: &str) -> String {
    note(&store.get_version(&key("r"), version).await.unwrap().record.body)
}

#[tokio::test]
async fn a_branch_goes_on_beside_the_document() {
    let store = with_versions(VersioningMode::Incremental).await;
    let branch = store.create_branch(&key("r"), "fix", "v2", Some("ada".to_owned())).await.unwrap();
    assert_eq!((branch.base, branch.ordinal, branch.created_by.as_deref()), (2, 2, Some("ada")));
    let saved = store.save(run("r", "fixed"), on("fix")).await.unwrap();
    assert_eq!((saved.version.as_str(), saved.ordinal, saved.parent.as_deref()), ("fix/v3", 3, Some("v2")));
    assert_eq!(current(&store, "r").await, "three");
    assert_eq!(listed(&store, "fix").await, ["fix/v3", "v2", "v1"]);
    assert_eq!(listed(&store, "main").await, ["v3", "v2", "v1"]);
    for (name, content) in
        [("fix/v3", "fixed"), ("v3", "three"), ("3", "three"), ("fix", "fixed"), ("latest", "three")]
    {
        assert_eq!(read(&store, name).await, content, "{name}");
    }
    let taken = store.create_branch(&key("r"), "fix", 1, None).await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::Conflict);
    let none = store.save(run("r", "x"), on("none")).await.unwrap_err();
    assert_eq!(none.kind(), ErrorKind::NotFound);
    let stale = store.save(run("r", "x"), on("fix").with_expected_version(2)).await.unwrap_err();
    assert_eq!(stale.kind(), ErrorKind::Conflict);
    assert_eq!(store.count(&Query::new()).await.unwrap(), 1);
    let hash = "0123456789abcdef0123456789abcdef01234567";
    let names = ["", "main", "latest", "12", "v3", "a/b", ".x", "a b", "größe", "1.0.0", "10.2.30", hash];
    for name in names {
        let refused = store.create_branch(&key("r"), name, 1, None).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Invalid, "{name:?}");
    }
}

#[tokio::test]
async fn a_branch_is_written_through_the_contract_by_its_own_revisions() {
    let store = with_versions(VersioningMode::Incremental).await;
    store.create_branch(&key("r"), "fix", 3, None).await.unwrap();
    let mut record = run("r", "fixed");
    on("fix").attach(&mut record).unwrap();
    let written = store.put(record.clone()).await.unwrap();
    assert_eq!((written.meta.key.clone(), written.is_new()), (key("r"), false));
    assert_eq!(written.meta.attributes, run("r", "fixed").attributes);
    let over = PutOptions::replace(written.meta.revision);
    store.put_opts(record.clone(), over.clone()).await.unwrap();
    assert_eq!(store.put_opts(record.clone(), over).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(store.put_opts(record, PutOptions::create()).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(current(&store, "r").await, "three");
}

#[tokio::test]
async fn a_merge_moves_on_only_from_where_the_branch_left() {
    let store = with_versions(VersioningMode::Semantic).await;
    store.create_branch(&key("r"), "fix", "latest", None).await.unwrap();
    let item = key("r");
    let merge = |mode| store.merge(&item, "fix", mode, SaveOptions::new());
    assert_eq!(
        merge(MergeMode::FastForward).await.unwrap_err().kind(),
        ErrorKind::Invalid,
        "nothing to merge"
    );
    store.save(run("r", "fixed"), on("fix")).await.unwrap();
    let merged = merge(MergeMode::FastForward).await.unwrap();
    assert_eq!((merged.version.as_str(), merged.origin), ("1.0.3", Origin::Merge));
    assert_eq!(merged.message.as_deref(), Some("merge of fix"));
    assert_eq!(current(&store, "r").await, "fixed");
    assert_eq!(merge(MergeMode::Theirs).await.unwrap_err().kind(), ErrorKind::Invalid, "merged already");
    // The branch goes on, and what was merged counts as common.
    store.save(run("r", "fixed again"), on("fix")).await.unwrap();
    merge(MergeMode::FastForward).await.unwrap();
    assert_eq!(current(&store, "r").await, "fixed again");
    // Both move.
    store.save(run("r", "four"), SaveOptions::new()).await.unwrap();
    store.save(run("r", "theirs"), on("fix")).await.unwrap();
    assert_eq!(merge(MergeMode::FastForward).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(current(&store, "r").await, "four");
    merge(MergeMode::Theirs).await.unwrap();
    assert_eq!(current(&store, "r").await, "theirs");
    // The other way round.
    store.create_branch(&key("r"), "old", 1, None).await.unwrap();
    let back = store.merge(&key("r"), "fix", MergeMode::Theirs, on("old")).await.unwrap();
    assert_eq!(back.branch, "old");
    assert_eq!(read(&store, "old").await, "theirs");
}

#[tokio::test]
async fn a_branch_that_is_deleted_takes_its_own_versions_and_no_shared_content() {
    let store = with_versions(VersioningMode::GitLike).await;
    store.create_branch(&key("r"), "fix", "latest", None).await.unwrap();
    let own = store.save(run("r", "fixed"), on("fix")).await.unwrap();
    store.save(run("r", "fixed later"), on("fix")).await.unwrap();
    store.merge(&key("r"), "fix", MergeMode::FastForward, SaveOptions::new()).await.unwrap();
    assert_eq!(read(&store, own.version.get(..12).unwrap()).await, "fixed");
    assert!(store.delete_branch(&key("r"), "fix").await.unwrap());
    assert!(!store.delete_branch(&key("r"), "fix").await.unwrap());
    assert_eq!(store.get_version(&key("r"), &own.version).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(store.cleanup(&key("r")).await.unwrap(), 1, "the one that shares its content with main stays");
    assert_eq!(read(&store, "latest").await, "fixed later");
    assert!(store.list_branches(&key("r")).await.unwrap().is_empty());
    // The same name begins anew.
    store.create_branch(&key("r"), "fix", 1, None).await.unwrap();
    assert_eq!(read(&store, "fix").await, "one");
}

#[tokio::test]
async fn labels_name_versions_and_move_by_compare_and_swap() {
    let store = with_versions(VersioningMode::Incremental).await;
    let label = store.add_label(&key("r"), "good", 2, None).await.unwrap();
    assert_eq!((label.version.as_str(), label.ordinal), ("v2", 2));
    assert_eq!(read(&store, "good").await, "two");
    assert_eq!(store.add_label(&key("r"), "good", 1, None).await.unwrap_err().kind(), ErrorKind::Conflict);
    store.move_label(&key("r"), "good", "latest").await.unwrap();
    assert_eq!(read(&store, "good").await, "three");
    store.rollback(&key("r"), "good", SaveOptions::new()).await.unwrap();
    assert_eq!(store.list_labels(&key("r")).await.unwrap().len(), 1);
    assert!(store.remove_label(&key("r"), "good").await.unwrap());
    assert!(!store.remove_label(&key("r"), "good").await.unwrap());
    assert_eq!(store.get_version(&key("r"), "good").await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(store.move_label(&key("r"), "good", 1).await.unwrap_err().kind(), ErrorKind::NotFound);
}

/// A label could have the name of a version, and then hid it: `1.0.0` named what somebody had labelled so.
#[tokio::test]
async fn no_label_has_a_name_that_a_version_may_have_in_any_mode() {
    let store = with_versions(VersioningMode::Semantic).await;
    let hash = "f".repeat(40);
    for name in ["1.0.0", "1.0.7", "2026-01-01T00:00:00.000000", &hash, "v1", "3"] {
        let refused = store.add_label(&key("r"), name, 3, None).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Invalid, "{name:?}");
    }
    assert_eq!(read(&store, "1.0.0").await, "one");
    for name in ["1.0", "1.0.0-rc1", "2026-01-01", "v1.0", "deadbeef"] {
        store.add_label(&key("r"), name, 3, None).await.unwrap();
        assert_eq!(read(&store, name).await, "three");
    }
}

/// A branch that was deleted and made again gave the names of its versions a second time, though a label kept the first ones: one of the two was answered by chance.
#[tokio::test]
async fn a_branch_that_is_made_again_gives_no_name_twice() {
    for mode in [
        VersioningMode::Incremental,
        VersioningMode::Semantic,
        VersioningMode::Timestamp,
        VersioningMode::GitLike,
    ] {
        let store = with_versions(mode).await;
        let mut names = Vec::new();
        for round in 0..3 {
            store.create_branch(&key("r"), "fix", 2, None).await.unwrap();
            for step in 0..2 {
                // The same content after the same version each time.
                let saved = store.save(run("r", &format!("fixed {step}")), on("fix")).await.unwrap();
                store.add_label(&key("r"), &format!("l{round}-{step}"), &saved.version, None).await.unwrap();
                names.push((saved.version, format!("fixed {step}")));
            }
            assert_eq!(listed(&store, "fix").await.len(), 4, "{mode:?}");
            store.delete_branch(&key("r"), "fix").await.unwrap();
        }
        let mut distinct: Vec<_> = names.iter().map(|(name, _)| name.as_str()).collect();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), 6, "{mode:?}: {names:?}");
        for (name, content) in &names {
            assert_eq!(read(&store, name).await, *content, "{mode:?} {name}");
        }
    }
}

/// Where histories are brought together that have each given a name, whoever asked by that name got one of the two versions by chance.
#[tokio::test]
async fn a_name_that_two_versions_have_is_refused_and_they_are_told() {
    let one = with_versions(VersioningMode::Incremental).await;
    let config = VersioningConfig::new().with_enable_branching(true);
    let other = versioned(MemoryStore::new(), config, 2);
    let import = truthound_stores_versioning::ImportOptions::new();
    let results = truthound_stores_core::Collection::RESULTS;
    other.import(&one, &results, &import, &()).await.unwrap();
    for (store, content) in [(&one, "here"), (&other, "there")] {
        store.create_branch(&key("r"), "fix", 2, None).await.unwrap();
        store.save(run("r", content), on("fix")).await.unwrap();
    }
    one.add_label(&key("r"), "kept", "fix", None).await.unwrap();
    one.delete_branch(&key("r"), "fix").await.unwrap();
    assert_eq!(one.import(&other, &results, &import, &()).await.unwrap().branches, 1);
    let error = one.get_version(&key("r"), "fix/v3").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{}", error.report());
    assert!(error.report().contains("the name of 2 versions"), "{}", error.report());
    assert_eq!((read(&one, "kept").await, read(&one, "fix").await), ("here".to_owned(), "there".to_owned()));
}

/// An answer that was lost below, to an attempt that somebody made again, made a save on a branch twice or refused it though it was done, and branches and labels
/// were "there already" as soon as they were made.
#[tokio::test]
async fn a_lost_answer_on_a_branch_is_no_conflict() {
    let memory = MemoryStore::new();
    let config = VersioningConfig::new().with_enable_branching(true);
    let faults = Faults::new();
    let store =
        versioned(FaultyStore::new(memory.in_namespace("default").unwrap(), &faults), config.clone(), 1);
    store.save(run("r", "one"), SaveOptions::new()).await.unwrap();
    store.save(run("r", "two"), SaveOptions::new()).await.unwrap();
    let lose = |operation, nth| {
        faults.heal();
        faults.add(Fault::fail(ErrorKind::Conflict).on(operation).nth(nth).after());
    };
    lose(Operation::Put, 1);
    store.create_branch(&key("r"), "fix", 1, None).await.unwrap();
    lose(Operation::Put, 1);
    store.add_label(&key("r"), "good", 1, None).await.unwrap();
    lose(Operation::Put, 1);
    assert_eq!(store.move_label(&key("r"), "good", 2).await.unwrap().ordinal, 2);
    lose(Operation::Put, 2);
    let saved = store.save(run("r", "fixed"), on("fix").with_expected_version(1)).await.unwrap();
    assert_eq!(saved.version, "fix/v2");
    let mut record = run("r", "fixed again");
    on("fix").attach(&mut record).unwrap();
    lose(Operation::Put, 2);
    let written = store.put(record.clone()).await.unwrap();
    // The revision is the one that stands there.
    faults.heal();
    store.put_opts(record, PutOptions::replace(written.meta.revision)).await.unwrap();
    let plain = versioned(memory.in_namespace("default").unwrap(), config, 2);
    assert_eq!(listed(&plain, "fix").await, ["fix/v4", "fix/v3", "fix/v2", "v1"]);
    // What somebody else has made is there already, as before.
    for kind in ["branch", "label"] {
        let error = match kind {
            "branch" => store.create_branch(&key("r"), "fix", 1, None).await.unwrap_err(),
            _ => store.add_label(&key("r"), "good", 2, None).await.unwrap_err(),
        };
        assert_eq!(error.kind(), ErrorKind::Conflict, "{kind}");
    }
    lose(Operation::Delete, 1);
    assert!(store.delete_branch(&key("r"), "fix").await.unwrap());
    lose(Operation::Delete, 1);
    assert!(store.remove_label(&key("r"), "good").await.unwrap());
    faults.heal();
    assert!(store.list_branches(&key("r")).await.unwrap().is_empty());
    assert!(store.list_labels(&key("r")).await.unwrap().is_empty());
}
