//! An index that is replaced, or was damaged by more than one thing, while others have it open or look at it.

use std::fs;
use std::sync::Arc;

use truthound_stores_core::{
    ErrorKind, Query, Record, ReindexOptions, Store, StoreExt, SystemClock, Upkeep, VerifyOptions,
};

use super::index::copy_dir;
use super::story::Story;
use super::unsettled::{Killed, catalog, log, verify};
use super::{folder, live, open, record, temp_dir};
use crate::files::Step;
use crate::files::faults::Faults;
use crate::gate::Gate;
use crate::upkeep::{Held, held_against};

const ENOSPC: i32 = 28;

/// Reads with as many connections at once.
fn deep(live: &crate::live::Live, depth: u32) -> truthound_stores_core::Result<()> {
    let mut inner = Ok(());
    live.readers.read("read", |_| {
        if depth > 0 {
            inner = deep(live, depth - 1);
        }
        Ok(())
    })?;
    inner
}

/// SQLite opens the log by its name: a connection to the old index that was opened in the moment of its replacement wrote over the log of
/// the new one. Acknowledged overwrites were gone, and deletes came back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_connection_is_opened_to_an_index_that_is_being_replaced() {
    let dir = temp_dir();
    let store = open(dir.path()).await;
    store.put(record("a", 1)).await.unwrap();
    store.flush().await.unwrap();
    let old = live(&store);
    // Another process has built a new index, and was killed before it was in its place.
    let index = catalog(dir.path()).join("index.db");
    let settled = rusqlite::Connection::open(&index).unwrap();
    settled.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(settled);
    fs::copy(&index, catalog(dir.path()).join("index.new")).unwrap();

    // One connection more than are kept.
    assert_eq!(deep(&old, 6).unwrap_err().kind(), ErrorKind::Unavailable);
    let ran = old.exclusively(|_| Ok(()));
    assert_eq!(ran.unwrap_err().kind(), ErrorKind::Unavailable, "work on documents that the new one judges");

    // Whoever comes by the usual way finishes the replacement, and goes on.
    store.put(record("b", 1)).await.unwrap();
    assert_eq!(store.count(&Query::new()).await.unwrap(), 2);
    assert!(!catalog(dir.path()).join("index.new").exists());
    store.close().await.unwrap();
    assert!(!verify(dir.path(), false).await.is_damaged());
}

/// One process was killed in the sync of its commit, which nobody saw, another wrote over the beginning of it, was acknowledged, and was
/// killed in the middle of a later write. What was left was taken for one damaged commit, and the older half laid over the newer. Where the two made
/// no whole index together, what was acknowledged was left out, too, since what can be read of it did not say so.
#[tokio::test]
async fn the_end_of_a_commit_that_nobody_saw_is_not_laid_over_a_later_one() {
    let begin = temp_dir();
    let first_one = open(begin.path()).await;
    save(&first_one, (0..120).map(|number| record(&format!("s{number}"), 1))).await;
    first_one.flush().await.unwrap();
    let mut gate = Gate::new(&live(&first_one).folder.catalog());
    let turn = gate.pass().unwrap();
    save(&first_one, (0..60).map(|number| long(&format!("w{number}")))).await;
    let (first, second) = (temp_dir(), temp_dir());
    for copy in [&first, &second] {
        copy_dir(begin.path(), copy.path());
    }
    drop(turn);
    first_one.close().await.unwrap();

    let writing = open(first.path()).await;
    let mut gate = Gate::new(&folder(first.path()).join("_catalog"));
    let turn = gate.pass().unwrap();
    save(&writing, (0..120).map(|number| record(&format!("s{number}"), 2))).await;
    let unseen = fs::read(log(&catalog(first.path()))).unwrap();
    drop(turn);
    writing.close().await.unwrap();

    let told = Story::default();
    let writing = open(second.path()).await;
    let mut gate = Gate::new(&folder(second.path()).join("_catalog"));
    let turn = gate.pass().unwrap();
    told.put(&writing, record("b", 1)).await.unwrap();
    let acknowledged = fs::read(log(&catalog(second.path()))).unwrap().len();
    save(&writing, (0..90).map(|number| record(&format!("c{number}"), 1))).await;
    let killed = temp_dir();
    copy_dir(second.path(), killed.path());
    let later = fs::read(log(&catalog(second.path()))).unwrap();
    drop(turn);
    writing.close().await.unwrap();

    assert_eq!(later[16..24], unseen[16..24], "one use of the log");
    let mut lost = 0;
    for frames in 0..12 {
        let from = acknowledged + frames * (24 + 4096);
        assert!(unseen.len() > from, "the unseen commit reaches further");
        let mixed = [&later[..from], &unseen[from..]].concat();
        let copy = temp_dir();
        copy_dir(killed.path(), copy.path());
        fs::write(log(&catalog(copy.path())), mixed).unwrap();
        let store = open(copy.path()).await;
        for (id, allowed) in told.now() {
            let found = super::stored(&store, &id).await.unwrap();
            lost += u32::from(!allowed.contains(&found));
        }
        store.close().await.unwrap();
    }
    assert_eq!(lost, 0);
}

/// As above, seen from the two states: places that one has given to its documents are other documents' in the other.
#[tokio::test]
async fn two_states_of_an_index_that_did_not_come_after_each_other_contradict() {
    let mut found = Vec::new();
    for id in ["a", "b"] {
        let dir = temp_dir();
        let store = open(dir.path()).await;
        store.put(record("first", 1)).await.unwrap();
        store.flush().await.unwrap();
        let mut gate = Gate::new(&live(&store).folder.catalog());
        let turn = gate.pass().unwrap();
        store.put(record(id, 1)).await.unwrap();
        let (folder, index) = (Arc::clone(&live(&store).folder), catalog(dir.path()).join("index.db"));
        let rescued = crate::upkeep::rescue(&folder, &index, dir.path(), &SystemClock::new()).rescued;
        assert_eq!(rescued.len(), 1);
        found.push((dir, store, index, rescued));
        drop(turn);
    }
    for (number, (_, _, index, _)) in found.iter().enumerate() {
        for (other, (_, _, _, rescued)) in found.iter().enumerate() {
            let expected = if number == other { Held::Together } else { Held::Apart };
            assert_eq!(held_against(index, rescued), expected);
        }
    }
    for (_, store, ..) in found {
        store.close().await.unwrap();
    }
}

async fn save(store: &crate::store::FileSystemStore, records: impl Iterator<Item = Record>) {
    for outcome in store.put_many(records.collect(), truthound_stores_core::PutOptions::default()).await {
        outcome.unwrap();
    }
}

/// A document of a kilobyte.
fn long(id: &str) -> Record {
    let text = format!(
        r#"{{"run_id": {id:?}, "run_time": "2026-01-01T00:00:00", "data_asset": "a", "status": "success", "notes": "{}"}}"#,
        "x".repeat(1_000)
    );
    Record::parse(
        truthound_stores_core::Collection::RESULTS,
        text.as_bytes(),
        &truthound_stores_core::Reading::default(),
    )
    .unwrap()
}

/// The index was deleted after its log had begun anew: what was not settled was in the index alone, and nobody said so.
#[tokio::test]
async fn a_log_without_its_index_that_has_not_every_page_is_not_all_there_was() {
    let killed = Killed::new().await;
    let copy = killed.with(|catalog| {
        let index = rusqlite::Connection::open(catalog.join("index.db")).unwrap();
        index.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        index.execute("INSERT INTO meta (name, value) VALUES ('begun anew', 1)", []).unwrap();
        let log = fs::read(log(catalog)).unwrap();
        drop(index);
        fs::remove_file(catalog.join("index.db")).unwrap();
        fs::write(super::unsettled::log(catalog), log).unwrap();
    });
    let report = verify(copy.path(), true).await;
    let wrong = killed.wrong(copy.path()).await;
    assert!(wrong == 0 || report.is_damaged(), "{wrong} are wrong, and all is said to be well: {report:?}");
}

/// On a full disk each command left half a copy of the damaged index, told of it as of one that was kept, and could read nothing.
#[tokio::test]
async fn a_damaged_index_that_cannot_be_kept_is_read_and_leaves_nothing() {
    let killed = Killed::new().await;
    let copy = killed.with(|catalog| {
        let mut bytes = fs::read(log(catalog)).unwrap();
        bytes[32 + 24 + 100] ^= 4;
        fs::write(log(catalog), bytes).unwrap();
    });
    let faults = Faults::of(copy.path());
    faults.fail(ENOSPC, |_, step, path| step == Step::Place && path.to_string_lossy().contains("damaged-"));
    for _ in 0..2 {
        let store = open(copy.path()).await;
        let found = super::stored(&store, "over").await.unwrap();
        assert_eq!(found, Some(super::value(&record("over", 2))));
        store.close().await.unwrap();
    }
    assert!(faults.lift() > 0);
    let left: Vec<String> = fs::read_dir(catalog(copy.path()))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("damaged-") || name.starts_with("building-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

/// A store whose documents were in the log alone, and whose index was deleted, was said to be empty.
#[tokio::test]
async fn a_log_that_is_left_alone_is_something_that_is_stored() {
    let killed = Killed::new().await;
    let alone = || {
        let copy = killed.with(|catalog| fs::remove_file(catalog.join("index.db")).unwrap());
        for entry in fs::read_dir(folder(copy.path())).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::remove_file(path).unwrap();
            }
        }
        copy
    };
    let copy = alone();
    let store = open(copy.path()).await;
    let report = store.diagnose().await.unwrap();
    let told: Vec<&str> = report.findings.iter().map(|found| found.message.as_str()).collect();
    assert!(!told.iter().any(|text| text.contains("nothing is stored")), "{told:?}");
    assert!(told.iter().any(|text| text.contains("not in its place")), "{told:?}");
    store.close().await.unwrap();
    let copy = alone();
    let store = open(copy.path()).await;
    store.reindex(ReindexOptions::default(), &()).await.unwrap();
    assert!(store.count(&Query::new()).await.is_ok_and(|count| count >= 40));
    store.verify(VerifyOptions::default(), &()).await.unwrap();
    store.close().await.unwrap();
}
