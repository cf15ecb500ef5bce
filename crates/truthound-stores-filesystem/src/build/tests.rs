//! An index that is built anew takes over what the old one had acknowledged. What it cannot make out must not take the place of what is
//! on the disk.

use std::sync::Mutex;

use truthound_stores_core::SystemClock;
use truthound_stores_testkit::ManualClock;

use super::*;
use crate::describe::tests::plain;
use crate::index::Profile;

fn text(asset: &str) -> Vec<u8> {
    let text = format!(
        r#"{{"run_id":"x","run_time":"2026-01-01T00:00:00","data_asset":{asset:?},"status":"success"}}"#
    );
    text.into_bytes()
}

/// Builds the index of a folder that holds `x` of the asset `old`, with one save or removal taken over; answers the asset that `x` has
/// then, and how much is unsettled.
fn built(body: Option<Vec<u8>>) -> (Option<String>, usize) {
    let dir = tempfile::tempdir().unwrap();
    let folder = plain(dir.path());
    std::fs::write(folder.file("x", ".json"), text("old")).unwrap();
    let (id, stem, suffix) = ("x".to_owned(), "x".to_owned(), ".json".to_owned());
    let pending = Pending { seq: 9, id, stem, suffix, modified: i64::MAX, body };
    let clock = SystemClock::new();
    let rescued = vec![Rescued { owner: 7, pending, row: None }];
    let plan = Plan { folder: &folder, clock: &clock, progress: &(), rescued, remarks: Vec::new() };
    let target = dir.path().join("index.db");
    build(&plan, &target).unwrap();
    let index = index::open(&target, Profile::Read).unwrap();
    let row = index::by_id(&index, "x").unwrap();
    (row.map(|row| row.attributes.data_asset), index::pending(&index, 7, 0, 10).unwrap().len())
}

#[test]
fn what_was_acknowledged_counts_before_what_the_file_says() {
    assert_eq!(built(Some(text("new"))), (Some("new".to_owned()), 1));
    assert_eq!(built(None), (None, 1));
}

/// A document whose text says nothing of it, and whose row is damaged: the state before it once went from the index, too.
#[test]
fn what_cannot_be_made_out_leaves_the_state_before_it() {
    assert_eq!(built(Some(b"{}".to_vec())), (Some("old".to_owned()), 0));
}

/// What kept the old index's log from being moved into it was once passed over: an interruption at that moment lost what was in the log.
#[test]
fn an_index_whose_log_somebody_still_reads_is_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, clock) = (plain(dir.path()), SystemClock::new());
    let plan =
        Plan { folder: &folder, clock: &clock, progress: &(), rescued: Vec::new(), remarks: Vec::new() };
    let target = dir.path().join("index.db");
    build(&plan, &target).unwrap();
    let reader = index::open(&target, Profile::Read).unwrap();
    let writer = index::open(&target, Profile::Write(Durability::Fsync)).unwrap();
    let transaction = reader.unchecked_transaction().unwrap();
    assert_eq!(index::meta::<i64>(&transaction, "answer").unwrap(), None);
    index::set_meta(&writer, "answer", 42).unwrap();
    let error = build_within(&plan, &target, Duration::ZERO).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{}", error.report());
    assert!(error.report().contains("index.db"), "{}", error.report());
    drop(transaction);
    let answer = || index::meta::<i64>(&index::open(&target, Profile::Read).unwrap(), "answer").unwrap();
    assert_eq!(answer(), Some(42), "the old one is there, and whole");
    let left = std::fs::read_dir(dir.path()).unwrap().flatten();
    assert!(left.into_iter().all(|entry| !entry.file_name().to_string_lossy().starts_with("building-")));
    build_within(&plan, &target, Duration::ZERO).unwrap();
    assert_eq!(answer(), None, "nobody reads the old one");
}

/// A damaged index is what rebuilding is for.
#[test]
fn an_index_that_is_damaged_is_replaced_whatever_its_log_says() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, clock) = (plain(dir.path()), SystemClock::new());
    let plan =
        Plan { folder: &folder, clock: &clock, progress: &(), rescued: Vec::new(), remarks: Vec::new() };
    let target = dir.path().join("index.db");
    for end in ["", "-wal"] {
        std::fs::write(with_end(&target, end), [7; 8192]).unwrap();
    }
    build(&plan, &target).unwrap();
    index::open(&target, Profile::Read).unwrap();
}

/// Looks at the time of the file that is being built, each time a document was read.
struct Looking<'a> {
    folder: &'a Path,
    times: Mutex<Vec<(u64, Option<std::time::SystemTime>)>>,
}

impl Progress for Looking<'_> {
    fn advance(&self, _: &str, done: u64, _: Option<u64>) {
        let building = std::fs::read_dir(self.folder).unwrap().flatten().find(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.starts_with("building-") && !name.contains("-wal") && !name.contains("-journal")
        });
        let time = building.map(|entry| entry.metadata().unwrap().modified().unwrap());
        self.times.lock().unwrap().push((done, time));
    }
}

/// Those who wait for an index under construction go by its file's time. SQLite writes nothing before its cache is full, so that the file of
/// a large folder looked as if its builder had been stopped, and everybody else gave up after half a minute.
#[test]
fn the_file_of_an_index_under_construction_says_that_somebody_is_at_work() {
    let dir = tempfile::tempdir().unwrap();
    let folder = plain(dir.path());
    for number in 0..1_100 {
        std::fs::write(folder.file(&format!("x{number}"), ".json"), text("old")).unwrap();
    }
    let clock = ManualClock::new(7);
    let progress = Looking { folder: dir.path(), times: Mutex::default() };
    let (rescued, remarks) = (Vec::new(), Vec::new());
    let plan = Plan { folder: &folder, clock: &clock, progress: &progress, rescued, remarks };
    build(&plan, &dir.path().join("index.db")).unwrap();
    let now = std::time::UNIX_EPOCH + Duration::from_micros(clock.now().as_micros().cast_unsigned());
    let times = progress.times.into_inner().unwrap();
    let at = |wanted: u64| times.iter().find(|(done, _)| *done == wanted).unwrap().1.unwrap();
    assert_ne!(at(1_000), now);
    assert_eq!(at(1_025), now, "the clock's time, and not when SQLite has written");
}
