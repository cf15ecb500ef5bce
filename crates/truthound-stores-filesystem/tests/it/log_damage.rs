//! R-FS-3 with a live log: a process was killed whose last documents had no files yet. Whatever is damaged then, what can be read is taken
//! over, what is missing is said, and nothing that may hold it is thrown away.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use truthound_stores_core::{ErrorKind, Level, Query, Report, Store, StoreExt, VerifyOptions};
use truthound_stores_filesystem::FileSystemStore;

use crate::child;
use crate::model::{key, version_of};
use crate::support::{copy_dir, files, open};

/// So many documents have files, and so many are acknowledged and in the log alone.
const PLACED: usize = 30;
const LOGGED: usize = 40;

/// What a process left that was killed.
struct Killed {
    dir: TempDir,
    acknowledged: BTreeSet<String>,
}

impl Killed {
    fn new() -> Self {
        Self::after(PLACED)
    }

    /// A process is killed of whose documents at least `placed` were acknowledged before none got a file any more.
    fn after(placed: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().join("store");
        let mut child = child::start("save plainly", &[base.to_str().unwrap()]);
        let mut acknowledged: BTreeSet<String> = (0..placed).map(|_| child.hear().unwrap()).collect();
        // Nobody publishes while somebody else does.
        let gate = File::options()
            .read(true)
            .write(true)
            .open(base.join("default/validations/_catalog/publish"))
            .unwrap();
        gate.lock().unwrap();
        acknowledged.extend((0..LOGGED).map(|_| child.hear().unwrap()));
        acknowledged.extend(child.kill());
        let killed = Self { dir, acknowledged };
        let placed = files(&base.join("default/validations")).len();
        assert!(placed + LOGGED / 2 < killed.acknowledged.len(), "{placed} of {}", killed.acknowledged.len());
        killed
    }

    /// A copy in which something was done to the catalog.
    fn with(&self, damage: impl FnOnce(&Path)) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_dir(&self.dir.path().join("store"), copy.path());
        drop(fs::remove_file(catalog(copy.path()).join("index.db-shm")));
        damage(&catalog(copy.path()));
        copy
    }

    async fn missing(&self, store: &FileSystemStore) -> BTreeSet<String> {
        let listed: BTreeSet<String> =
            store.list_ids(&Query::new()).await.unwrap().items.into_iter().collect();
        for id in &listed {
            version_of(&store.read(&key(id)).await.unwrap().into_record().unwrap());
        }
        self.acknowledged.difference(&listed).cloned().collect()
    }
}

fn catalog(base: &Path) -> PathBuf {
    base.join("default/validations/_catalog")
}

/// Where frames of the log begin.
fn frame(number: usize) -> usize {
    32 + number * (24 + 4096)
}

fn change_log(catalog: &Path, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let path = catalog.join("index.db-wal");
    let mut log = fs::read(&path).unwrap();
    change(&mut log);
    fs::write(path, &log).unwrap();
    log
}

async fn verify(store: &FileSystemStore, repair: bool) -> Report {
    store.upkeep().unwrap().verify(VerifyOptions::default().with_repair(repair), &()).await.unwrap()
}

fn kept(base: &Path) -> Vec<PathBuf> {
    let names = files(&catalog(base)).into_iter().filter(|name| name.starts_with("damaged-"));
    names.map(|name| catalog(base).join(name)).collect()
}

/// A bit flipped in frame 451 of 625, or in the header, of a log in which 85 of 385 acknowledged documents lay alone: all after it were
/// gone, `count` answered 300, and `verify --repair` found no damage. The next writer overwrote what was left of them.
#[tokio::test]
async fn a_flipped_bit_in_a_live_log_is_said_and_what_follows_it_is_taken_over() {
    let killed = Killed::new();
    let length = killed
        .with(|_| {})
        .path()
        .join("default/validations/_catalog/index.db-wal")
        .metadata()
        .unwrap()
        .len();
    let frames = (usize::try_from(length).unwrap() - 32) / (24 + 4096);
    for at in [
        2,
        20,
        frame(3) + 9,
        frame(frames / 2) + 30,
        frame(frames * 3 / 4) + 2_000,
        frame(frames * 9 / 10) + 4_000,
    ] {
        let what = format!("byte {at} of {length}");
        let mut damaged = Vec::new();
        let copy = killed.with(|catalog| damaged = change_log(catalog, |log| log[at] ^= 4));
        let store = open(copy.path()).await;
        let error = store.count(&Query::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{what}: {}", error.report());
        let listed = store.list_ids(&Query::new()).await.unwrap();
        assert!(!listed.damaged.is_empty(), "{what}: a listing says nothing");
        let missing = killed.missing(&store).await;
        assert!(missing.len() <= 3, "{what}: of what follows the damage, {missing:?} are missing");
        let diagnosed = store.upkeep().unwrap().diagnose().await.unwrap();
        assert!(diagnosed.is_damaged(), "{what}: doctor: {diagnosed:?}");
        let kept_logs: Vec<Vec<u8>> = kept(copy.path()).iter().map(|path| fs::read(path).unwrap()).collect();
        assert!(kept_logs.contains(&damaged), "{what}: the damaged log is not kept");
        assert!(verify(&store, false).await.is_damaged(), "{what}: verify");
        store.close().await.unwrap();
        // Whoever repairs is told, and whoever asks after that is told where to look.
        let store = open(copy.path()).await;
        let told = verify(&store, true).await;
        assert!(
            told.is_damaged() && told.findings.iter().any(|found| found.message.contains("damaged-")),
            "{what}: {told:?}"
        );
        let after = verify(&store, false).await;
        assert!(!after.is_damaged(), "{what}: {after:?}");
        assert!(
            after
                .findings
                .iter()
                .any(|found| found.level == Level::Note && found.message.contains("damaged-"))
        );
        // The process may have been killed between a commit and its word of it: one more may be there.
        let count = usize::try_from(store.count(&Query::new()).await.unwrap()).unwrap();
        let known = killed.acknowledged.len() - missing.len();
        assert!((known..=known + 1).contains(&count), "{what}: {count} of {known}");
        store.close().await.unwrap();
    }
}

/// Frames that are gone cannot be told from frames that never were: nothing must be made up.
#[tokio::test]
async fn a_log_that_ends_in_a_torn_write_is_no_damage() {
    let killed = Killed::new();
    for cut in [1, 24, 4_000] {
        let copy = killed.with(|catalog| drop(change_log(catalog, |log| log.truncate(log.len() - cut))));
        let store = open(copy.path()).await;
        let report = verify(&store, false).await;
        assert!(!report.is_damaged(), "{report:?}");
        assert!(killed.missing(&store).await.len() <= 1, "only the last write is gone");
        assert!(kept(copy.path()).is_empty());
        store.close().await.unwrap();
    }
}

/// The page of facts was lost, as `dd` does it, and `verify --repair` threw away what could be read: which feed it was could not.
#[tokio::test]
async fn an_index_without_its_facts_gives_what_was_acknowledged() {
    let killed = Killed::new();
    let copy = killed.with(|catalog| {
        // All is moved into the index, so that the log has no other copy of the page.
        let index = rusqlite::Connection::open(catalog.join("index.db")).unwrap();
        index.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        drop(index);
        let mut bytes = fs::read(catalog.join("index.db")).unwrap();
        bytes[4096..8192].fill(0);
        fs::write(catalog.join("index.db"), bytes).unwrap();
    });
    let store = open(copy.path()).await;
    assert!(store.count(&Query::new()).await.is_err());
    let report = verify(&store, true).await;
    assert!(!report.is_damaged(), "nothing is missing: {report:?}");
    assert_eq!(killed.missing(&store).await, BTreeSet::new());
    store.close().await.unwrap();
}

/// A page of the table itself is lost: what lies on both sides of it is taken over, and that something is missing is no success.
#[tokio::test]
async fn an_index_that_lost_acknowledged_documents_is_not_said_to_be_repaired() {
    let killed = Killed::new();
    let mut told = 0;
    let pages = 70;
    for page in (4..pages).step_by(6) {
        let copy = killed.with(|catalog| {
            let index = rusqlite::Connection::open(catalog.join("index.db")).unwrap();
            index.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
            drop(index);
            let mut bytes = fs::read(catalog.join("index.db")).unwrap();
            let (from, to) = (page * 4096, bytes.len().min(page * 4096 + 4096));
            if from < to {
                bytes[from..to].fill(0);
            }
            fs::write(catalog.join("index.db"), bytes).unwrap();
        });
        let store = open(copy.path()).await;
        let report = verify(&store, true).await;
        let missing = killed.missing(&store).await;
        let is_said = report
            .findings
            .iter()
            .any(|found| found.level >= Level::Warning && found.message.contains("damaged-"));
        assert!(missing.is_empty() || is_said, "page {page}: {missing:?} are missing: {report:?}");
        told += usize::from(is_said);
        if is_said {
            assert!(!kept(copy.path()).is_empty());
            let after = verify(&store, false).await;
            assert!(after.findings.iter().any(|found| found.message.contains("damaged-")), "{after:?}");
        }
        store.close().await.unwrap();
    }
    println!("{told} times something was kept");
}

/// The index was emptied (`: > index.db`), or gone, beside its log: `SQLite`, asked to read it, took it for a new one and deleted the log,
/// with all that was in it alone.
#[tokio::test]
async fn an_empty_index_does_not_cost_its_log() {
    let killed = Killed::new();
    let mut log = Vec::new();
    let copy = killed.with(|catalog| {
        fs::write(catalog.join("index.db"), "").unwrap();
        log = change_log(catalog, |_| {});
    });
    let store = open(copy.path()).await;
    let error = store.count(&Query::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{}", error.report());
    assert!(store.upkeep().unwrap().diagnose().await.unwrap().is_damaged());
    assert!(verify(&store, false).await.is_damaged());
    assert!(fs::read(catalog(copy.path()).join("index.db-wal")).unwrap() == log, "reading changed the log");
    let report = verify(&store, true).await;
    assert!(report.findings.iter().any(|found| found.message.contains("damaged-")), "{report:?}");
    assert_eq!(killed.missing(&store).await, BTreeSet::new());
    store.close().await.unwrap();

    let copy = killed.with(|catalog| fs::remove_file(catalog.join("index.db")).unwrap());
    let store = open(copy.path()).await;
    assert_eq!(killed.missing(&store).await, BTreeSet::new());
    store.close().await.unwrap();
}

/// The index was gone, and no document had a file yet: a store without documents was taken for an empty one, whatever its log held.
#[tokio::test]
async fn a_log_alone_is_no_empty_store() {
    let killed = Killed::after(1);
    let copy = killed.with(|catalog| fs::remove_file(catalog.join("index.db")).unwrap());
    let documents = copy.path().join("default/validations");
    let placed: BTreeSet<String> =
        files(&documents).into_iter().map(|name| name.trim_end_matches(".json").to_owned()).collect();
    for name in &placed {
        fs::remove_file(documents.join(format!("{name}.json"))).unwrap();
    }
    let store = open(copy.path()).await;
    let missing = killed.missing(&store).await;
    assert!(missing.is_subset(&placed), "{missing:?}");
    store.close().await.unwrap();
}

/// A page was blank near the end of a log, and it was the first one of the table that holds what has no file yet: with all of the log
/// nothing of that table could be read, and 44 of 50 documents were missing that lay before the damage.
#[tokio::test]
async fn a_page_that_is_lost_late_in_a_log_hides_nothing_that_was_there_before() {
    let killed = Killed::after(1);
    let length = fs::read(catalog(&killed.dir.path().join("store")).join("index.db-wal")).unwrap().len();
    let frames = (length - 32) / (24 + 4096);
    assert!(frames > 100, "{frames}");
    for back in 3..23 {
        let copy = killed.with(|catalog| {
            drop(change_log(catalog, |log| {
                let page = frame(frames - back) + 24;
                log[page..page + 4096].fill(0);
            }));
        });
        let store = open(copy.path()).await;
        let missing = killed.missing(&store).await;
        assert!(missing.len() < 5, "{back} frames before the end: {missing:?}");
        store.close().await.unwrap();
    }
}
