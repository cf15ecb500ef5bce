//! What is kept and what goes: `max_versions`, deletes, writes from outside, damage.

use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::json::{Json, Layout};
use truthound_stores_core::{
    Body, ChangeOp, Collection, DeleteOptions, ErrorKind, Level, MaintainOptions, PutOptions, Query, Reading,
    Record, RecordMeta, Store, StoreExt, SystemClock, VerifyOptions,
};
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::{Fault, Faults, FaultyStore, Gate, ManualClock, Operation, Place};
use truthound_stores_versioning::{
    ChecksumAlgorithm, DeletedHistory, History, Origin, SaveOptions, VersionedStore, VersioningConfig,
    VersioningMode,
};

use crate::support::{assert_whole, current, key, memory, names, note, notes, run, versioned, versions};

fn none() -> SaveOptions {
    SaveOptions::new()
}

fn hidden() -> Query {
    Query::new().with_collection(Collection::hidden("versioning").unwrap())
}

async fn save_all<S: Store>(store: &VersionedStore<S>, contents: &[&str]) {
    for content in contents {
        store.save(run("r", content), none()).await.unwrap();
    }
}

#[tokio::test]
async fn max_versions_keeps_the_latest_and_what_bears_a_name() {
    let memory = MemoryStore::new();
    let config = VersioningConfig::new().with_max_versions(3).with_enable_branching(true);
    let store = versioned(memory.in_namespace("default").unwrap(), config, 1);
    save_all(&store, &["1", "2", "3"]).await;
    store.add_label(&key("r"), "good", 1, None).await.unwrap();
    store.create_branch(&key("r"), "fix", 2, None).await.unwrap();
    save_all(&store, &["4", "5", "6"]).await;
    assert_eq!(names(&store, "r").await, ["v6", "v5", "v4"]);
    assert_eq!(notes(&store, "r").await, ["6", "5", "4"]);
    let read = async |version: &str| note(&store.get_version(&key("r"), version).await.unwrap().record.body);
    assert_eq!(
        (read("good").await, read("1").await, read("fix").await),
        ("1".to_owned(), "1".to_owned(), "2".to_owned())
    );
    assert_eq!(store.get_version(&key("r"), 3).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(memory.count(&hidden()).await.unwrap(), 5);
    // What the label kept goes when the label goes.
    store.remove_label(&key("r"), "good").await.unwrap();
    store.delete_branch(&key("r"), "fix").await.unwrap();
    save_all(&store, &["7"]).await;
    assert_eq!(memory.count(&hidden()).await.unwrap(), 3);
    assert_whole(&memory, "r").await;
}

#[tokio::test]
async fn shared_content_outlives_the_version_that_brought_it() {
    let memory = MemoryStore::new();
    let store =
        versioned(memory.in_namespace("default").unwrap(), VersioningConfig::new().with_max_versions(2), 1);
    save_all(&store, &["old", "new"]).await;
    store.rollback(&key("r"), 1, none()).await.unwrap();
    save_all(&store, &["old"]).await;
    assert_eq!(notes(&store, "r").await, ["old", "old"]);
    assert_eq!(
        memory.count(&hidden()).await.unwrap(),
        3,
        "two versions, and the record that holds their content"
    );
    save_all(&store, &["x", "y"]).await;
    assert_eq!(memory.count(&hidden()).await.unwrap(), 2);
    assert_eq!(notes(&store, "r").await, ["y", "x"]);
}

#[tokio::test]
async fn without_auto_cleanup_only_cleanup_removes() {
    let memory = MemoryStore::new();
    let config = VersioningConfig::new().with_max_versions(2).with_auto_cleanup(false);
    let store = versioned(memory.in_namespace("default").unwrap(), config, 1);
    let mut first = run("r", "1");
    first.attributes.ext.set("x", "y".repeat(1000)).unwrap();
    save_all(&store, &["0"]).await;
    store.save(first.clone(), none()).await.unwrap();
    save_all(&store, &["2", "3"]).await;
    store.save(first.clone(), none()).await.unwrap();
    assert_eq!(versions(&store, "r").await.len(), 5);
    assert_eq!(store.cleanup(&key("r")).await.unwrap(), 3);
    assert_eq!(names(&store, "r").await, ["v5", "v4"]);
    assert_eq!(store.read(&key("r")).await.unwrap().into_record().unwrap(), first);
    assert_eq!(store.cleanup(&key("r")).await.unwrap(), 0);
    assert_eq!(store.cleanup(&key("none")).await.unwrap_err().kind(), ErrorKind::NotFound);
    save_all(&store, &["6"]).await;
    assert_eq!(names(&store, "r").await, ["v6", "v5", "v4"]);
}

#[tokio::test]
async fn a_deleted_document_comes_back_and_its_history_goes_on() {
    let memory = MemoryStore::new();
    let store = versioned(memory.in_namespace("default").unwrap(), VersioningConfig::new(), 1);
    save_all(&store, &["one", "two"]).await;
    assert!(store.delete(&key("r"), none().with_author("ada").with_message("no longer true")).await.unwrap());
    assert!(!store.delete(&key("r"), none()).await.unwrap());
    assert!(!store.exists(&key("r")).await.unwrap());
    let all = versions(&store, "r").await;
    assert_eq!((all[0].origin, all[0].created_by.as_deref(), all.len()), (Origin::Deletion, Some("ada"), 3));
    assert_eq!(store.get_version(&key("r"), 3).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(note(&store.get_version(&key("r"), 2).await.unwrap().record.body), "two");
    store.rollback(&key("r"), 1, none()).await.unwrap();
    assert_eq!(current(&store, "r").await, "one");
    assert!(store.delete(&key("r"), none()).await.unwrap());
    // Create-only means the document, and so does the version 0.
    store.save(run("r", "again"), none().with_expected_version(0)).await.unwrap();
    assert_eq!(names(&store, "r").await, ["v6", "v5", "v4", "v3", "v2", "v1"]);
    let stale = store.delete(&key("r"), none().with_expected_version(5)).await.unwrap_err();
    assert_eq!(stale.kind(), ErrorKind::Conflict);
    assert_whole(&memory, "r").await;
}

#[tokio::test]
async fn a_history_goes_with_its_document_where_that_is_wanted() {
    let memory = MemoryStore::new();
    let config =
        VersioningConfig::new().with_deleted_history(DeletedHistory::Remove).with_enable_branching(true);
    let store = versioned(memory.in_namespace("default").unwrap(), config, 1);
    save_all(&store, &["one", "two"]).await;
    store.save(run("other", "kept"), none()).await.unwrap();
    store.create_branch(&key("r"), "fix", 1, None).await.unwrap();
    assert!(store.delete_opts(&key("r"), DeleteOptions::default()).await.unwrap());
    assert_eq!(memory.count(&hidden()).await.unwrap(), 1);
    assert_eq!(
        store.list_versions(&key("r"), &History::new()).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
    save_all(&store, &["new"]).await;
    assert_eq!(names(&store, "r").await, ["v1"]);
    assert!(store.list_branches(&key("r")).await.unwrap().is_empty());
    // `purge` does so whatever the settings say, also afterwards.
    let keeping = versioned(memory.in_namespace("default").unwrap(), VersioningConfig::new(), 2);
    assert!(keeping.delete(&key("r"), none()).await.unwrap());
    assert!(keeping.purge(&key("r")).await.unwrap());
    assert!(!keeping.purge(&key("r")).await.unwrap());
    assert_eq!(memory.count(&hidden()).await.unwrap(), 1);
}

#[tokio::test]
async fn what_is_written_past_the_store_becomes_a_version() {
    let memory = MemoryStore::new();
    let store = versioned(memory.in_namespace("default").unwrap(), VersioningConfig::new(), 1);
    memory.put(run("r", "from before")).await.unwrap();
    assert!(versions(&store, "r").await.is_empty());
    save_all(&store, &["mine"]).await;
    memory.put(run("r", "theirs")).await.unwrap();
    assert_eq!(names(&store, "r").await, ["v2", "v1"]);
    let stale = store.save(run("r", "late"), none().with_expected_version(2)).await.unwrap_err();
    assert_eq!(stale.kind(), ErrorKind::Conflict);
    assert!(stale.report().contains("v3"), "{}", stale.report());
    store.save(run("r", "informed"), none().with_expected_version(3)).await.unwrap();
    assert_eq!(notes(&store, "r").await, ["informed", "theirs", "mine", "from before"]);
    let origins: Vec<Origin> =
        versions(&store, "r").await.into_iter().map(|version| version.origin).collect();
    assert_eq!(origins, [Origin::Save, Origin::Outside, Origin::Save, Origin::Outside]);
    // The same text again, as a tool does that copies: it only lost what it did not know of.
    memory.put(run("r", "informed")).await.unwrap();
    save_all(&store, &["next"]).await;
    assert_eq!(names(&store, "r").await.len(), 5);
    // Deleted past the store: what was there is gone with its history.
    memory.delete(&key("r")).await.unwrap();
    assert_eq!(
        store.list_versions(&key("r"), &History::new()).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
    // A delete keeps what came from outside, too.
    memory.put(run("r", "theirs")).await.unwrap();
    assert!(store.delete(&key("r"), none()).await.unwrap());
    store.rollback(&key("r"), "latest", none()).await.unwrap_err();
    let all = versions(&store, "r").await;
    store.rollback(&key("r"), all[1].ordinal, none()).await.unwrap();
    assert_eq!(current(&store, "r").await, "theirs");
    assert_whole(&memory, "r").await;
}

/// Alters the text of a version's record as somebody would who does not know of the seals.
async fn tamper(memory: &MemoryStore, ordinal: u64, alter: impl Fn(&str) -> String) {
    let page = memory.list_page(&hidden(), None).await.unwrap();
    let at = truthound_stores_core::Timestamp::from_micros(i64::try_from(ordinal).unwrap());
    let meta = page.metas.into_iter().find(|meta| meta.attributes.run_time == at).unwrap();
    let stored = memory.read(&meta.key).await.unwrap();
    let altered = alter(stored.body.as_ref().unwrap().as_str());
    assert_ne!(altered, stored.body.as_ref().unwrap().as_str());
    let record =
        Record::parse(meta.key.collection().clone(), altered.as_bytes(), &Reading::default()).unwrap();
    memory.put_opts(record, PutOptions::replace(meta.revision)).await.unwrap();
}

#[tokio::test]
async fn r_ver_5_a_version_that_was_altered_is_corrupt() {
    type Alter = fn(&str) -> String;
    let content: Alter = |text| text.replace(r#""note":"two""#, r#""note":"TWO""#);
    let author: Alter = |text| text.replace(r#""created_by":"ada""#, r#""created_by":"bob""#);
    let changes: Alter = |text| text.replace("$.note", "$.nose");
    let gone: Alter = |text| {
        let mut json = Json::parse(text.as_bytes()).unwrap();
        json.as_object_mut().unwrap().remove("document");
        String::from_utf8(json.to_vec(Layout::Compact)).unwrap()
    };
    for (what, alter) in [("content", content), ("author", author), ("changes", changes), ("gone", gone)] {
        let memory = MemoryStore::new();
        let store = versioned(memory.in_namespace("default").unwrap(), VersioningConfig::new(), 1);
        for content in ["one", "two", "three"] {
            store.save(run("r", content), none().with_author("ada")).await.unwrap();
        }
        tamper(&memory, 2, alter).await;
        let error = store.get_version(&key("r"), 2).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{what}: {}", error.report());
        assert!(error.report().contains("results/r"), "{what}: {}", error.report());
        assert_eq!(note(&store.get_version(&key("r"), 3).await.unwrap().record.body), "three");
        assert_eq!(current(&store, "r").await, "three");
        assert!(store.rollback(&key("r"), 2, none()).await.is_err());
        store.save(run("r", "four"), none()).await.unwrap();
    }
}

/// Nothing had saved a version under SHA-512, nor held its content against it.
#[tokio::test]
async fn a_version_under_sha512_says_so_and_is_held_against_it() {
    let sha512 = ChecksumAlgorithm::Sha512;
    let memory = crate::conformance::memory().open("default").await;
    let config = VersioningConfig::new().with_checksum_algorithm(sha512);
    let store = versioned(Arc::clone(&memory), config, 1);
    save_all(&store, &["one", "two"]).await;
    // Whoever saves by another hash reads it by this one.
    let other = versioned(Arc::clone(&memory), VersioningConfig::new(), 2);
    for store in [&store, &other] {
        let version = store.get_version(&key("r"), 2).await.unwrap();
        assert_eq!(note(&version.record.body), "two");
        assert_eq!(version.info.algorithm, sha512);
        assert_eq!(version.info.checksum, sha512.hex(run("r", "two").body.as_bytes()));
        assert_eq!(versions(store, "r").await[0], version.info);
        let report = store.upkeep().unwrap().verify(VerifyOptions::default(), &()).await.unwrap();
        assert!(!report.is_damaged(), "{:?}", report.findings);
    }
    // The content alone: what stands beside it is under a seal of its own.
    let first = hidden().with_end_time(truthound_stores_core::Timestamp::from_micros(1));
    let page = memory.list_page(&first, None).await.unwrap();
    let mut altered = memory.read(&page.metas[0].key).await.unwrap().into_record().unwrap();
    let text = altered.body.as_str().replace(r#""note":"one""#, r#""note":"ONE""#);
    assert_ne!(text, altered.body.as_str());
    altered.body = Body::parse(text.as_bytes()).unwrap();
    memory.put(altered).await.unwrap();
    for store in [&store, &other] {
        let error = store.get_version(&key("r"), 1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert!(error.report().contains("the content of version v1"), "{}", error.report());
        assert_eq!(note(&store.get_version(&key("r"), 2).await.unwrap().record.body), "two");
        let report = store.upkeep().unwrap().verify(VerifyOptions::default(), &()).await.unwrap();
        let damaged: Vec<_> = report.findings.iter().filter_map(|found| found.key.as_ref()).collect();
        assert_eq!((report.is_damaged(), damaged), (true, vec![&key("r")]), "{:?}", report.findings);
    }
}

#[tokio::test]
async fn a_version_that_is_missing_is_corrupt_and_no_end_of_the_history() {
    let memory = MemoryStore::new();
    let store = versioned(memory.in_namespace("default").unwrap(), VersioningConfig::new(), 1);
    save_all(&store, &["one", "two", "three", "four"]).await;
    let at = truthound_stores_core::Timestamp::from_micros(2);
    let page = memory.list_page(&hidden().with_start_time(at).with_end_time(at), None).await.unwrap();
    memory.delete(&page.metas[0].key).await.unwrap();
    let error = store.list_versions(&key("r"), &History::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{}", error.report());
    assert_eq!(store.get_version(&key("r"), 2).await.unwrap_err().kind(), ErrorKind::Corrupt);
    assert_eq!(store.list_versions(&key("r"), &History::new().with_limit(2)).await.unwrap().len(), 2);
    store.save(run("r", "five"), none()).await.unwrap();
}

/// A document of which another wrapper keeps so much that only its version has room for it.
fn full(note: &str) -> Record {
    let mut record = run("full", note);
    record.attributes.ext.set("other.fact", "x".repeat(950)).unwrap();
    record
}

/// How long that is.
fn fact(meta: &RecordMeta) -> Option<usize> {
    meta.attributes.ext.get("other.fact").map(str::len)
}

/// The feed ended for ever at a change whose version had been removed.
#[tokio::test]
async fn the_feed_goes_on_past_versions_that_are_gone() {
    let memory = memory();
    let config = VersioningConfig::new().with_max_versions(2);
    let store = versioned(memory.in_namespace("default").unwrap(), config, 1);
    let start = store.changes(None, 1).await.unwrap().next;
    for note in ["one", "two", "three"] {
        store.put(full(note)).await.unwrap();
    }
    let page = store.changes(Some(start), 100).await.unwrap();
    let facts = page.changes.iter().map(|change| match &change.op {
        ChangeOp::Put(meta) => fact(meta),
        other => panic!("{other:?}"),
    });
    assert_eq!(facts.collect::<Vec<_>>(), [None, Some(950), Some(950)]);
    assert!(store.changes(Some(page.next), 100).await.unwrap().changes.is_empty());
}

/// A version that was removed while a page was made of its document ended the whole listing.
#[tokio::test]
async fn a_listing_goes_on_past_versions_that_are_removed_meanwhile() {
    for deletes in [false, true] {
        let memory = memory();
        let config = VersioningConfig::new().with_max_versions(1);
        let saving = versioned(memory.in_namespace("default").unwrap(), config.clone(), 1);
        saving.put(full("one")).await.unwrap();
        saving.put(run("r", "one")).await.unwrap();
        let (faults, gate) = (Faults::new(), Gate::new("before the version is read"));
        faults.add(Fault::hold(&gate).on(Operation::Get));
        let listing = {
            let inside = FaultyStore::new(memory.in_namespace("default").unwrap(), &faults);
            let store = versioned(inside, config, 2);
            tokio::spawn(async move { store.list_page(&Query::new(), None).await })
        };
        gate.reached().await;
        if deletes {
            saving.purge(&key("full")).await.unwrap();
        } else {
            saving.put(full("two")).await.unwrap();
        }
        gate.open();
        let page = listing.await.unwrap().unwrap();
        assert!(page.damaged.is_empty(), "{:?}", page.damaged);
        let mut listed: Vec<_> = page.metas.iter().map(|meta| (meta.key.id(), fact(meta))).collect();
        listed.sort_unstable();
        let expected: &[_] = if deletes { &[("r", None)] } else { &[("full", Some(950)), ("r", None)] };
        assert_eq!(listed, expected);
    }
}

/// The history of a document was lost without a trace: verify went through what there was of histories, and said that all was well.
#[tokio::test]
async fn a_history_that_is_lost_as_a_whole_is_damage() {
    let place = crate::conformance::memory();
    let memory = place.open("default").await;
    let clock = Arc::new(SystemClock::new());
    let store = VersionedStore::new(Arc::clone(&memory), VersioningConfig::new(), clock).unwrap();
    // One that was saved before there were versions is well.
    memory.put(run("plain", "one")).await.unwrap();
    store.put(run("whole", "one")).await.unwrap();
    let keeper = store.upkeep().unwrap();
    let before = memory.list_page(&hidden(), None).await.unwrap().metas;
    save_all(&store, &["one", "two"]).await;
    assert!(!keeper.verify(VerifyOptions::default(), &()).await.unwrap().is_damaged());
    for meta in memory.list_page(&hidden(), None).await.unwrap().metas {
        if before.iter().all(|other| other.key != meta.key) {
            memory.delete(&meta.key).await.unwrap();
        }
    }
    let report = keeper.verify(VerifyOptions::default(), &()).await.unwrap();
    let damaged: Vec<_> = report.findings.iter().filter(|found| found.level == Level::Damage).collect();
    assert!(damaged.len() == 1 && damaged[0].key.as_ref() == Some(&key("r")), "{:?}", report.findings);
}

/// One document whose version was lost stopped every listing, where the version held what other wrappers keep of the document.
#[tokio::test]
async fn a_lost_version_costs_its_own_document_alone() {
    let memory = MemoryStore::new();
    let store = versioned(memory.in_namespace("default").unwrap(), VersioningConfig::new(), 1);
    store.put(full("one")).await.unwrap();
    store.put(full("two")).await.unwrap();
    store.put(run("r", "one")).await.unwrap();
    let listed = store.list_runs(&Query::new()).await.unwrap().into_complete().unwrap();
    assert_eq!(listed.iter().filter_map(fact).collect::<Vec<_>>(), [950]);
    let second = hidden().with_start_time(truthound_stores_core::Timestamp::from_micros(2));
    let page = memory.list_page(&second, None).await.unwrap();
    memory.delete(&page.metas[0].key).await.unwrap();
    let page = store.list_page(&Query::new(), None).await.unwrap();
    assert_eq!(page.metas.iter().map(|meta| meta.key.id()).collect::<Vec<_>>(), ["r"]);
    let [lost] = page.damaged.as_slice() else { panic!("{:?}", page.damaged) };
    assert_eq!((lost.kind(), lost.key()), (ErrorKind::Corrupt, Some(&key("full"))), "{}", lost.report());
    assert_eq!(store.read(&key("full")).await.unwrap_err().kind(), ErrorKind::Corrupt);
    // A save by somebody who knows what it is to be makes it good.
    store.put(full("three")).await.unwrap();
    assert_eq!(store.list_page(&Query::new(), None).await.unwrap().metas.len(), 2);
}

#[tokio::test]
async fn upkeep_checks_every_version_and_clears_what_was_cut_off() {
    let place = crate::conformance::memory();
    let memory = place.open("default").await;
    let clock = Arc::new(ManualClock::new(1));
    let store =
        VersionedStore::new(Arc::clone(&memory), VersioningConfig::new(), Arc::clone(&clock) as _).unwrap();
    save_all(&store, &["one", "two", "three"]).await;
    let keeper = store.upkeep().unwrap();
    assert!(!keeper.verify(VerifyOptions::default(), &()).await.unwrap().is_damaged());
    // A save that was cut off leaves a record; so does an item that was deleted past the store.
    let page = memory.list_page(&hidden().with_limit(1), None).await.unwrap();
    let mut left = memory.read(&page.metas[0].key).await.unwrap().into_record().unwrap();
    store.save(run("gone", "x"), none()).await.unwrap();
    memory.delete(&key("gone")).await.unwrap();
    let before = memory.count(&hidden()).await.unwrap();
    clock.set(truthound_stores_core::Timestamp::from_micros(4_000_000_000_000_000));
    keeper.maintain(MaintainOptions::default(), &()).await.unwrap();
    assert_eq!(memory.count(&hidden()).await.unwrap(), before - 1);
    clock.advance(Duration::from_secs(1));
    // A record that was altered is damage.
    let text = left.body.as_str().replace(r#""note":"three""#, r#""note":"THREE""#);
    left.body = Body::parse(text.as_bytes()).unwrap();
    memory.put(left).await.unwrap();
    let report = keeper.verify(VerifyOptions::default(), &()).await.unwrap();
    assert!(report.is_damaged(), "{:?}", report.findings);
    assert!(
        report.findings.iter().any(|found| found.key.as_ref() == Some(&key("r"))),
        "{:?}",
        report.findings
    );
    assert_eq!(report.documents, 1);
}

#[tokio::test]
async fn modes_may_change_and_versions_keep_their_names() {
    let memory = MemoryStore::new();
    for (mode, name) in [
        (VersioningMode::Incremental, Some("v1")),
        (VersioningMode::Semantic, Some("1.0.0")),
        (VersioningMode::GitLike, None),
        (VersioningMode::Semantic, Some("1.0.1")),
        (VersioningMode::Incremental, Some("v5")),
    ] {
        let store =
            versioned(memory.in_namespace("default").unwrap(), VersioningConfig::new().with_mode(mode), 1);
        let saved = store.save(run("r", "x"), none()).await.unwrap();
        assert!(name.is_none_or(|name| saved.version == name), "{}", saved.version);
    }
}
