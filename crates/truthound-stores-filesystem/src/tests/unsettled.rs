//! What was acknowledged and has no file yet, while the index that holds it is damaged, rebuilt, or longer than it should be.

use std::fs;
use std::path::{Path, PathBuf};

use truthound_stores_core::{
    ErrorKind, Level, MaintainOptions, Query, Record, Report, Store, StoreExt, Upkeep, VerifyOptions,
};

use super::index::copy_dir;
use super::story::Story;
use super::{folder, live, open, record, stored, temp_dir, value};
use crate::files::faults::Faults;
use crate::gate::Gate;
use crate::index::LONG_LOG;

const EIO: i32 = 5;

/// A store as a process leaves it that is killed: some documents have files, the rest is acknowledged and in the log alone.
pub(super) struct Killed {
    dir: tempfile::TempDir,
    story: Story,
}

impl Killed {
    pub(super) async fn new() -> Self {
        let (dir, story) = (temp_dir(), Story::default());
        let (base, copy) = (dir.path().join("store"), dir.path().join("killed"));
        let open_store = open(&base).await;
        for id in ["over", "gone", "kept"] {
            story.put(&open_store, record(id, 1)).await.unwrap();
        }
        open_store.flush().await.unwrap();
        // Nobody publishes while somebody else does.
        let mut gate = Gate::new(&live(&open_store).folder.catalog());
        let turn = gate.pass().unwrap();
        story.put(&open_store, record("over", 2)).await.unwrap();
        assert!(story.delete(&open_store, &["gone"]).await[0].as_ref().unwrap());
        let batch: Vec<Record> = (0..40).map(|number| record(&format!("new{number:02}"), 1)).collect();
        story.put_many(&open_store, batch).await.into_iter().for_each(Result::unwrap);
        copy_dir(&base, &copy);
        drop(turn);
        open_store.close().await.unwrap();
        Self { dir, story }
    }

    /// A copy in which something was done to the catalog.
    pub(super) fn with(&self, damage: impl FnOnce(&Path)) -> tempfile::TempDir {
        let copy = temp_dir();
        copy_dir(&self.dir.path().join("killed"), copy.path());
        drop(fs::remove_file(catalog(copy.path()).join("index.db-shm")));
        damage(&catalog(copy.path()));
        copy
    }

    /// How many documents are not what was acknowledged.
    pub(super) async fn wrong(&self, base: &Path) -> usize {
        let store = open(base).await;
        let mut wrong = 0;
        for (id, allowed) in self.story.now() {
            wrong += usize::from(!allowed.contains(&stored(&store, &id).await.unwrap()));
        }
        store.close().await.unwrap();
        wrong
    }
}

pub(super) fn catalog(base: &Path) -> PathBuf {
    folder(base).join("_catalog")
}

pub(super) fn log(catalog: &Path) -> PathBuf {
    catalog.join("index.db-wal")
}

/// Where the page of a frame begins, counted from the end of the log.
fn page_from_the_end(length: usize, back: usize) -> usize {
    let frames = (length - 32) / (24 + 4096);
    32 + (frames - back) * (24 + 4096) + 24
}

pub(super) async fn verify(base: &Path, repair: bool) -> Report {
    let store = open(base).await;
    let report = store.verify(VerifyOptions::default().with_repair(repair), &()).await.unwrap();
    store.close().await.unwrap();
    report
}

/// A rebuild of an index that was gone, or whose log was damaged, removed that log before the new index was in its place: killed between
/// the two, it had thrown away what was in the log alone, and nobody said so.
#[tokio::test]
async fn a_rebuild_that_ends_anywhere_keeps_what_it_has_taken_over() {
    let killed = Killed::new().await;
    let headless = |catalog: &Path| fs::remove_file(catalog.join("index.db")).unwrap();
    let flipped = |catalog: &Path| {
        let mut bytes = fs::read(log(catalog)).unwrap();
        // Early, in a page that later ones take the place of: all that was acknowledged can be read.
        bytes[32 + 24 + 100] ^= 4;
        fs::write(log(catalog), bytes).unwrap();
    };
    for (what, damage) in [("headless", &headless as &dyn Fn(&Path)), ("flipped", &flipped)] {
        let whole = killed.wrong(killed.with(damage).path()).await;
        let mut ended = 0;
        for at in 0.. {
            let copy = killed.with(damage);
            let faults = Faults::of(copy.path());
            // From here on nothing is done any more, as in a process that is gone.
            faults.fail(EIO, move |number, _, _| number >= at);
            let store = open(copy.path()).await;
            let looked = store.count(&Query::new()).await;
            live_or_not(&store);
            drop(store);
            // Who cannot finish it reads what is there, and is told no older state.
            let reader = open(copy.path()).await;
            for (id, allowed) in killed.story.now() {
                if let Ok(found) = stored(&reader, &id).await {
                    assert!(
                        whole > 0 || allowed.contains(&found),
                        "{what}, ended at {at}: {id} is {found:?}"
                    );
                }
            }
            drop(reader);
            let failed = faults.lift();
            drop(faults);
            if at % 2 == 1 {
                // Who builds anew without opening it first once threw the waiting one away, and said that all was well.
                let store = open(copy.path()).await;
                store.reindex(truthound_stores_core::ReindexOptions::default(), &()).await.unwrap();
                store.close().await.unwrap();
            }
            let left = killed.wrong(copy.path()).await;
            assert!(
                left <= whole,
                "{what}, ended at {at}: {left} are wrong, {whole} after a rebuild that did not end"
            );
            if failed == 0 {
                assert!(looked.is_ok() || at > 0);
                break;
            }
            ended += 1;
        }
        assert!(ended > 5, "{what}: {ended}");
    }
}

/// Ends the threads of a store, if they have begun.
fn live_or_not(store: &crate::store::FileSystemStore) {
    let partition = store.shared().partition(&truthound_stores_core::Collection::RESULTS);
    if let Some(live) = partition.opened() {
        live.stop();
    }
}

/// The last commit of a log held many acknowledged documents, and two bits of it had flipped: it was taken for a write that nobody had been
/// told of, as a power cut leaves one, though the system had not been started since.
#[tokio::test]
async fn damage_within_the_last_commit_is_no_torn_write() {
    let killed = Killed::new().await;
    let length = fs::read(log(&catalog(&killed.dir.path().join("killed")))).unwrap().len();
    for (what, damage) in [
        (
            "two bits",
            (|page: &mut [u8]| {
                page[100] ^= 1;
                page[3_000] ^= 8;
            }) as fn(&mut [u8]),
        ),
        ("sixteen bytes", |page| page[500..516].fill(0xaa)),
        ("a sector", |page| page[512..1024].fill(0xaa)),
    ] {
        let copy = killed.with(|catalog| {
            let mut bytes = fs::read(log(catalog)).unwrap();
            let at = page_from_the_end(length, 3);
            damage(&mut bytes[at..at + 4096]);
            fs::write(log(catalog), bytes).unwrap();
        });
        let report = verify(copy.path(), false).await;
        let wrong = killed.wrong(copy.path()).await;
        assert!(report.is_damaged(), "{what}: {wrong} are wrong: {report:?}");
        assert!(wrong < 10, "{what}: {wrong} are wrong");
    }
}

/// The log was gone, and what publishers leave for each other told of later entries than the index had: it was rebuilt, and the next
/// `verify` said that all was well.
#[tokio::test]
async fn an_index_that_is_known_to_have_lost_entries_says_that_saves_may_be_missing() {
    let dir = temp_dir();
    let store = open(dir.path()).await;
    store.put(record("a", 1)).await.unwrap();
    store.maintain(MaintainOptions::default(), &()).await.unwrap();
    for number in 0..20 {
        store.put(record(&format!("b{number}"), 1)).await.unwrap();
    }
    store.flush().await.unwrap();
    let copy = temp_dir();
    copy_dir(dir.path(), copy.path());
    for end in ["-wal", "-shm"] {
        drop(fs::remove_file(catalog(copy.path()).join(format!("index.db{end}"))));
    }
    let again = open(copy.path()).await;
    let listed = again.list_ids(&Query::new()).await.unwrap();
    assert_eq!(listed.items.len(), 21, "documents have files");
    assert!(!listed.damaged.is_empty(), "that entries are lost is known from the first answer on");
    again.close().await.unwrap();
    let report = verify(copy.path(), true).await;
    assert!(report.is_damaged(), "{report:?}");
    assert!(!verify(copy.path(), false).await.is_damaged(), "it is said once more");
}

/// While others saved, too, the log could never be moved as a whole, and so never began anew: 374 MB of it after 27,000 saves, all of which
/// each command looked through.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_begins_anew_however_many_save() {
    let dir = temp_dir();
    let text = "x".repeat(6_000);
    let save = |writer: u32| {
        let (base, text) = (dir.path().to_owned(), text.clone());
        async move {
            let store = open(&base).await;
            for number in 0..800 {
                let json = format!(
                    r#"{{"run_id":"w{writer}-{number}","run_time":"2026-01-01T00:00:00","data_asset":"a","status":"success","notes":"{text}"}}"#
                );
                let reading = truthound_stores_core::Reading::default();
                let record =
                    Record::parse(truthound_stores_core::Collection::RESULTS, json.as_bytes(), &reading)
                        .unwrap();
                store.put(record).await.unwrap();
            }
            store.close().await.unwrap();
        }
    };
    tokio::join!(save(0), save(1), save(2));
    let length = || fs::metadata(log(&catalog(dir.path()))).map_or(0, |meta| meta.len());
    assert!(length() < 4 * LONG_LOG, "{} bytes", length());
    let store = open(dir.path()).await;
    assert_eq!(store.count(&Query::new()).await.unwrap(), 2_400);
    store.maintain(MaintainOptions::default(), &()).await.unwrap();
    assert_eq!(length(), 0, "maintenance gives its room back");
    store.close().await.unwrap();
}

/// Somebody read the index with another program while the log ended in what a killed process had left: every command failed until that
/// program ended.
#[tokio::test]
async fn a_reader_of_the_index_keeps_nobody_from_a_log_that_ends_in_a_torn_write() {
    let killed = Killed::new().await;
    let copy = killed.with(|catalog| {
        let mut bytes = fs::read(log(catalog)).unwrap();
        let last = bytes[bytes.len() - (24 + 4096)..].to_vec();
        bytes.extend(last);
        fs::write(log(catalog), bytes).unwrap();
    });
    let index = rusqlite::Connection::open(catalog(copy.path()).join("index.db")).unwrap();
    index.execute_batch("BEGIN; SELECT count(*) FROM record;").unwrap();
    let mut statement = index.prepare("SELECT id FROM record").unwrap();
    let mut rows = statement.query([]).unwrap();
    assert!(rows.next().unwrap().is_some());
    assert_eq!(killed.wrong(copy.path()).await, 0);
    assert!(!verify(copy.path(), false).await.is_damaged());
}

/// With a page of the index overwritten, `get` answered the state before the last one from the file, and brought back what was deleted;
/// and a repair that could not find the last one ended as if all were well.
#[tokio::test]
async fn a_damaged_index_makes_no_older_state_the_answer() {
    let killed = Killed::new().await;
    let old = [("over", Some(value(&record("over", 1)))), ("gone", Some(value(&record("gone", 1))))];
    let moved = killed.with(|catalog| {
        let index = rusqlite::Connection::open(catalog.join("index.db")).unwrap();
        index.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    });
    let pages = fs::metadata(catalog(moved.path()).join("index.db")).unwrap().len() / 4096;
    let mut answered = 0;
    for (page, is_noise) in (0..pages).flat_map(|page| [(page, true), (page, false)]) {
        let copy = temp_dir();
        copy_dir(moved.path(), copy.path());
        let path = catalog(copy.path()).join("index.db");
        let mut bytes = fs::read(&path).unwrap();
        let at = usize::try_from(page * 4096).unwrap();
        if !is_noise {
            // A page in another's place may lead back, for ever.
            let other = usize::try_from((page * 7 + 5) % pages * 4096).unwrap();
            bytes.copy_within(other..other + 4096, at);
            fs::write(&path, bytes).unwrap();
            let told = tokio::time::timeout(super::LONG, verify(copy.path(), true)).await;
            told.unwrap_or_else(|_| panic!("page {page}: it does not end"));
            continue;
        }
        let noise: Vec<u8> =
            (0..4096_u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[1]).collect();
        bytes[at..at + 4096].copy_from_slice(&noise);
        fs::write(&path, bytes).unwrap();
        let store = open(copy.path()).await;
        for (id, before) in &old {
            match stored(&store, id).await {
                Ok(found) => {
                    answered += 1;
                    assert_ne!(&found, before, "page {page}: {id} is what it was before");
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::Corrupt, "{}", error.report()),
            }
        }
        store.close().await.unwrap();
        let told = verify(copy.path(), true).await;
        let store = open(copy.path()).await;
        if stored(&store, "over").await.unwrap() == old[0].1 {
            assert!(
                told.findings.iter().any(|found| found.level == Level::Damage && !found.repaired),
                "page {page}: {told:?}"
            );
        }
        store.close().await.unwrap();
    }
    assert!(answered > usize::try_from(pages).unwrap() / 2, "{answered} of {pages}");
}
