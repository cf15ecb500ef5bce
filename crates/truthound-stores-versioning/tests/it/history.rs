//! What a history says: names, order, content, differences, rollback.

use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::{DeleteOptions, ErrorKind, PutOptions, Query, Store, StoreExt};
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::ManualClock;
use truthound_stores_versioning::{
    Bump, ChangeKind, ChecksumAlgorithm, History, Origin, SaveOptions, VersionedStore, VersioningConfig,
    VersioningMode,
};

use crate::support::{current, key, names, note, notes, run, versioned, versions};

fn said(message: &str) -> SaveOptions {
    SaveOptions::new().with_message(message)
}

#[tokio::test]
async fn each_mode_names_versions_by_its_format() {
    for (mode, first, second) in [
        (VersioningMode::Incremental, "v1", "v2"),
        (VersioningMode::Semantic, "1.0.0", "1.0.1"),
        (VersioningMode::Timestamp, "2026-01-01T00:00:00.000000", "2026-01-01T00:00:00.000001"),
    ] {
        let store = versioned(MemoryStore::new(), VersioningConfig::new().with_mode(mode), 1);
        store.save(run("r", "a"), said("one")).await.unwrap();
        store.save(run("r", "b"), said("two")).await.unwrap();
        assert_eq!(names(&store, "r").await, [second, first]);
        for name in [first, "1"] {
            assert_eq!(note(&store.get_version(&key("r"), name).await.unwrap().record.body), "a", "{name}");
        }
    }
}

#[tokio::test]
async fn r_ver_1_versions_never_collide_and_survive_a_restart() {
    // The clock stands still and then goes back; patches pass 99.
    let memory = MemoryStore::new();
    let clock = Arc::new(ManualClock::new(1));
    for mode in [
        VersioningMode::Timestamp,
        VersioningMode::Semantic,
        VersioningMode::GitLike,
        VersioningMode::Incremental,
    ] {
        let config = VersioningConfig::new().with_mode(mode);
        let store =
            VersionedStore::new(memory.in_namespace("default").unwrap(), config, Arc::clone(&clock) as _)
                .unwrap();
        clock.advance(Duration::from_secs(1));
        for step in 0..102 {
            if step == 50 {
                clock.set(ManualClock::START);
            }
            store.save(run("r", "the same"), SaveOptions::new()).await.unwrap();
        }
    }
    let store = VersionedStore::new(memory, VersioningConfig::new(), clock).unwrap();
    let all = versions(&store, "r").await;
    assert_eq!(all.len(), 408);
    assert!(
        all.windows(2)
            .all(|pair| pair[0].created_at > pair[1].created_at && pair[0].ordinal == pair[1].ordinal + 1)
    );
    assert!(all.windows(2).all(|pair| pair[0].parent.as_deref() == Some(pair[1].version.as_str())));
    let mut unique: Vec<&str> = all.iter().map(|version| version.version.as_str()).collect();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), 408);
    assert!(unique.contains(&"1.0.99") && unique.contains(&"1.0.100") && unique.contains(&"v408"));
}

#[tokio::test]
async fn bumps_raise_their_part() {
    let store = versioned(MemoryStore::new(), VersioningConfig::new().with_mode(VersioningMode::Semantic), 1);
    for bump in [Bump::Patch, Bump::Minor, Bump::Patch, Bump::Major] {
        store.save(run("r", "a"), SaveOptions::new().with_bump(bump)).await.unwrap();
    }
    assert_eq!(names(&store, "r").await, ["2.0.0", "1.1.1", "1.1.0", "1.0.0"]);
    let plain = versioned(MemoryStore::new(), VersioningConfig::new(), 1);
    let refused = plain.save(run("r", "a"), SaveOptions::new().with_bump(Bump::Major)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn a_version_says_who_why_and_what_changed() {
    let store = versioned(MemoryStore::new(), VersioningConfig::new(), 1);
    store.save(run("r", "a"), SaveOptions::new()).await.unwrap();
    let options = said("late rows").with_author("ada").with_metadata("ticket", "DQ-7");
    let saved = store.save(run("r", "b"), options).await.unwrap();
    let version = store.get_version(&key("r"), "v2").await.unwrap();
    assert_eq!(version.info, saved);
    assert_eq!(saved.message.as_deref(), Some("late rows"));
    assert_eq!(saved.created_by.as_deref(), Some("ada"));
    assert_eq!(saved.metadata["ticket"], "DQ-7");
    assert_eq!(saved.checksum, ChecksumAlgorithm::Sha256.hex(run("r", "b").body.as_bytes()));
    assert_eq!(saved.size, run("r", "b").body.as_bytes().len() as u64);
    assert_eq!(version.record, run("r", "b"));
    let changes = version.changes.unwrap();
    assert_eq!(
        (changes[0].path.as_str(), changes[0].kind, changes.len()),
        ("$.note", ChangeKind::Changed, 1)
    );
    let changes = store.diff(&key("r"), 2, "v1").await.unwrap();
    assert_eq!(changes[0].to.as_ref().and_then(|to| to.as_str()), Some("a"));
}

#[tokio::test]
async fn the_settings_are_heeded() {
    let config = VersioningConfig::new().with_require_message(true).with_track_changes(false);
    let store = versioned(MemoryStore::new(), config.with_checksum_algorithm(ChecksumAlgorithm::Blake3), 1);
    let refused = store.save(run("r", "a"), SaveOptions::new()).await.unwrap_err();
    assert!(refused.report().contains("require_message"), "{}", refused.report());
    assert_eq!(store.put(run("r", "a")).await.unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(store.count(&Query::new()).await.unwrap(), 0);
    store.save(run("r", "a"), said("one")).await.unwrap();
    store.save(run("r", "b"), said("two")).await.unwrap();
    let version = store.get_version(&key("r"), 2).await.unwrap();
    assert_eq!((version.changes, version.info.checksum.len()), (None, 64));
    assert_eq!(version.info.algorithm, ChecksumAlgorithm::Blake3);
    let refused = store.save(run("r", "b"), said("x").with_branch("fix")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn a_rollback_is_a_new_version_and_stores_no_content_again() {
    let memory = MemoryStore::new();
    let store = versioned(memory.in_namespace("default").unwrap(), VersioningConfig::new(), 1);
    let long = "x".repeat(10_000);
    store.save(run("r", &long), said("one")).await.unwrap();
    store.save(run("r", "b"), said("two")).await.unwrap();
    let back = store.rollback(&key("r"), 1, SaveOptions::new().with_author("ada")).await.unwrap();
    assert_eq!((back.ordinal, back.origin, back.created_by.as_deref()), (3, Origin::Rollback, Some("ada")));
    assert_eq!(current(&store, "r").await, long);
    assert_eq!(notes(&store, "r").await, [long.clone(), "b".to_owned(), long.clone()]);
    // What is saved again unchanged is not stored again either.
    store.save(run("r", &long), SaveOptions::new()).await.unwrap();
    let hidden =
        Query::new().with_collection(truthound_stores_core::Collection::hidden("versioning").unwrap());
    let sizes: Vec<u64> =
        memory.list_page(&hidden, None).await.unwrap().metas.iter().map(|meta| meta.size).collect();
    assert_eq!(sizes.iter().filter(|size| **size > 10_000).count(), 1, "{sizes:?}");
    assert_eq!(notes(&store, "r").await[0], long);
}

#[tokio::test]
async fn r_ver_4_odd_ids_are_ordinary_and_versions_appear_in_no_query() {
    let store = versioned(MemoryStore::new(), VersioningConfig::new(), 1);
    let ids = ["r", "r__v1", "r__v2", "r@1", "r~1", "v1"];
    for id in ids {
        for content in ["a", "b"] {
            store.save(run(id, &format!("{id} {content}")), SaveOptions::new()).await.unwrap();
        }
    }
    assert_eq!(store.count(&Query::new()).await.unwrap(), 6);
    let mut listed = store.list_ids(&Query::new()).await.unwrap().items;
    listed.sort_unstable();
    assert_eq!(listed, ["r", "r@1", "r__v1", "r__v2", "r~1", "v1"]);
    for id in ids {
        assert_eq!(notes(&store, id).await, [format!("{id} b"), format!("{id} a")]);
    }
    let page = store.changes(None, 10).await.unwrap();
    store.save(run("r", "c"), SaveOptions::new()).await.unwrap();
    let page = store.changes(Some(page.next), 10).await.unwrap();
    assert_eq!(page.changes.len(), 1);
    let stranger = truthound_stores_core::Key::new(
        truthound_stores_core::Collection::hidden("versioning").unwrap(),
        "x",
    )
    .unwrap();
    let mut record = run("x", "x");
    record.key = stranger.clone();
    assert_eq!(store.put_opts(record, PutOptions::default()).await.unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(
        store.delete_opts(&stranger, DeleteOptions::default()).await.unwrap_err().kind(),
        ErrorKind::Invalid
    );
}

#[tokio::test]
async fn r_ver_5_a_prefix_of_a_hash_names_a_version_of_the_right_item_after_a_restart() {
    let memory = MemoryStore::new();
    let config = VersioningConfig::new().with_mode(VersioningMode::GitLike);
    let store = versioned(memory.in_namespace("default").unwrap(), config.clone(), 1);
    for id in ["one", "two"] {
        for content in 0..50 {
            store.save(run(id, &content.to_string()), SaveOptions::new()).await.unwrap();
        }
    }
    let store = versioned(memory, config, 2);
    let all = versions(&store, "one").await;
    for version in &all {
        let alone = |digits: usize| {
            all.iter()
                .filter(|other| other.version.starts_with(version.version.get(..digits).unwrap()))
                .count()
                == 1
        };
        let digits = (7..40).find(|digits| alone(*digits)).unwrap();
        let prefix = version.version.get(..digits).unwrap();
        let found = store.get_version(&key("one"), prefix).await.unwrap();
        assert_eq!(found.info, *version);
        assert_eq!(note(&found.record.body), (version.ordinal - 1).to_string());
        assert_eq!(store.get_version(&key("two"), prefix).await.unwrap_err().kind(), ErrorKind::NotFound);
    }
    assert_eq!(all[0].version.len(), 40);
}

#[tokio::test]
async fn a_page_of_the_latest_reads_one_page() {
    let store = versioned(MemoryStore::new(), VersioningConfig::new(), 1);
    for content in 0..30 {
        store.save(run("r", &content.to_string()), SaveOptions::new()).await.unwrap();
    }
    let latest = store.list_versions(&key("r"), &History::new().with_limit(3)).await.unwrap();
    assert_eq!(latest.iter().map(|version| version.ordinal).collect::<Vec<_>>(), [30, 29, 28]);
    assert!(store.list_versions(&key("r"), &History::new().with_limit(0)).await.unwrap().is_empty());
    assert_eq!(
        store.list_versions(&key("none"), &History::new()).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
    assert_eq!(store.get_version(&key("r"), 31).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(store.get_version(&key("r"), "nonsense").await.unwrap_err().kind(), ErrorKind::NotFound);
}
