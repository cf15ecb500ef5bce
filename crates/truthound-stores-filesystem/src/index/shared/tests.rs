use std::fs;
use std::path::PathBuf;

use rusqlite::Connection;

use super::*;
use crate::index::health::{Health, beside};
use crate::index::wal::Log;
use crate::owner;

const FRAME: usize = 24 + 4096;

/// An index's files as they were at one time.
struct Files {
    index: Vec<u8>,
    log: Vec<u8>,
    memory: Vec<u8>,
}

impl Files {
    fn of(index: &Path) -> Self {
        let read = |end: &str| fs::read(beside(index, end)).unwrap();
        Self { index: fs::read(index).unwrap(), log: read("-wal"), memory: read("-shm") }
    }

    /// Puts them into a folder in which the log was found whole since the system was started.
    fn put(&self, folder: &Path) -> PathBuf {
        let index = folder.join("index.db");
        fs::write(&index, &self.index).unwrap();
        fs::write(beside(&index, "-wal"), &self.log).unwrap();
        fs::write(beside(&index, "-shm"), &self.memory).unwrap();
        owner::note_start(folder);
        index
    }

    fn frames(&self) -> usize {
        (self.log.len() - HEADER) / FRAME
    }

    /// Where a frame begins, counted from 0.
    fn at(frame: usize) -> usize {
        HEADER + frame * FRAME
    }
}

/// What two writers would each have left who both began where the log was whole, and how it was then.
struct Writers {
    before: Files,
    one: Files,
    other: Files,
}

impl Writers {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let before = {
            let index = open(&dir.path().join("index.db"));
            index.execute_batch("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)").unwrap();
            insert(&index, 0, 9_000);
            insert(&index, 1, 9_000);
            Files::of(&dir.path().join("index.db"))
        };
        let commit = |number: u32, length: usize| {
            let dir = tempfile::tempdir().unwrap();
            let path = before.put(dir.path());
            let index = open(&path);
            insert(&index, number, length);
            Files::of(&path)
        };
        let (one, other) = (commit(2, 40_000), commit(3, 30_000));
        assert!(other.frames() > before.frames() + 4 && one.frames() > other.frames());
        Self { before, one, other }
    }
}

fn open(path: &Path) -> Connection {
    let index = Connection::open(path).unwrap();
    index.pragma_update(None, "journal_mode", "wal").unwrap();
    index.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    index
}

fn insert(index: &Connection, number: u32, length: usize) {
    let text = char::from(b'a' + u8::try_from(number).unwrap()).to_string().repeat(length);
    index.execute("INSERT INTO t VALUES (?1, ?2)", (number, text)).unwrap();
}

fn health(files: &Files) -> Health {
    let dir = tempfile::tempdir().unwrap();
    Health::of(&files.put(dir.path())).unwrap()
}

/// A process was killed between the last frame of its commit and telling the others of it; another one, which did not see that commit,
/// began to write over it, and was killed in the middle of a frame. Nothing of both was acknowledged, but frames of a write that was not
/// finished lay before the break, and a commit behind it: the index was rebuilt, the change feed broke off, and listings said that saves
/// might be missing.
#[cfg(target_os = "linux")]
#[test]
fn what_two_who_were_killed_one_after_the_other_leave_is_no_damage() {
    let Writers { before, one, other } = Writers::new();
    let first = before.frames() + 1;
    let (mut torn, mut odd) = (0, 0);
    for frame in first..other.frames() {
        // Between frames, between the two writes of one, and within a page.
        for cut in [0, 24, 24 + 2_048] {
            let cut = Files::at(frame) + cut;
            let log = [other.log.split_at(cut).0, one.log.split_at(cut).1].concat();
            let told = |memory: &[u8]| Files {
                index: before.index.clone(),
                log: log.clone(),
                memory: memory.to_vec(),
            };
            let left = told(&before.memory);
            assert!(matches!(health(&left), Health::Well(Log::Torn { .. })), "{cut}: {:?}", health(&left));
            torn += 1;
            // The next one was killed, too, before it had read the log.
            for length in [0, 3, before.memory.len()] {
                let mut begun = before.memory[..length.min(3)].to_vec();
                begun.resize(length, 0);
                assert!(matches!(health(&told(&begun)), Health::Well(_)), "{cut}, {length} bytes");
            }
            // What somebody was told of was acknowledged.
            let lost = told(&one.memory);
            odd += u32::from(matches!(health(&lost), Health::Cut { .. }));
        }
    }
    assert!(torn > 12 && odd == torn, "{torn} breaks, of which {odd} are damage if the commit was told of");
}

/// In doubt it is damage: nothing that may have been acknowledged is dropped without a word.
#[cfg(target_os = "linux")]
#[test]
fn a_last_commit_that_cannot_be_read_is_damage_unless_nobody_was_told_of_it() {
    let Writers { before, one, .. } = Writers::new();
    let mut log = one.log.clone();
    let page = Files::at(before.frames() + 2) + 24;
    log[page + 500..page + 700].fill(0xaa);
    let damaged =
        |memory: &[u8]| Files { index: one.index.clone(), log: log.clone(), memory: memory.to_vec() };
    let is_cut = |memory: &[u8]| matches!(health(&damaged(memory)), Health::Cut { .. });
    assert!(is_cut(&one.memory), "it was told of");
    assert!(!is_cut(&before.memory), "nobody was told of it");
    for byte in [0, 12, 16, 40] {
        let mut strange = before.memory.clone();
        strange[byte] ^= 1;
        assert!(is_cut(&strange), "byte {byte} of one header");
        strange[LENGTH + byte] ^= 1;
        assert!(is_cut(&strange), "byte {byte} of both headers");
    }
    // Of another use of the file.
    let mut other_log = log.clone();
    other_log[16] ^= 1;
    let files = Files { index: one.index.clone(), log: other_log, memory: before.memory.clone() };
    assert!(matches!(health(&files), Health::Cut { .. }));
    let dir = tempfile::tempdir().unwrap();
    let path = damaged(&before.memory).put(dir.path());
    fs::remove_file(beside(&path, "-shm")).unwrap();
    assert!(matches!(Health::of(&path).unwrap(), Health::Cut { .. }), "nobody knows");
}

/// To close a file releases all locks that this process holds on it.
#[cfg(unix)]
#[test]
fn looking_takes_no_lock_from_those_who_work_in_this_process() {
    use std::os::unix::fs::MetadataExt;

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index.db");
    let writer = open(&path);
    writer.execute_batch("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)").unwrap();
    insert(&writer, 1, 10);
    assert!(was_told(&path, &beside(&path, "-wal"), 1));
    let same = fs::metadata(beside(&path, "-shm")).unwrap();
    for _ in 0..10 {
        assert!(!was_told(&path, &beside(&path, "-wal"), 1_000));
    }
    let open = fs::read_dir("/dev/fd").unwrap().filter(|file| {
        let meta = file.as_ref().ok().and_then(|file| fs::metadata(file.path()).ok());
        meta.is_some_and(|meta| (meta.dev(), meta.ino()) == (same.dev(), same.ino()))
    });
    // SQLite's own, and the one that stays open.
    assert_eq!(open.count(), 2);
}

/// Whoever looked for one file and opened another, which was open already, closed that one, and with it went its locks.
#[cfg(unix)]
#[test]
fn a_file_that_takes_the_name_of_another_this_moment_stays_open_twice() {
    let dir = tempfile::tempdir().unwrap();
    let (path, other) = (dir.path().join("index.db-shm"), dir.path().join("other"));
    fs::write(&path, "one").unwrap();
    fs::write(&other, "other").unwrap();
    let found = fs::symlink_metadata(&path).unwrap();
    let mut kept = keeping::Kept(Vec::new());
    kept.file(&other, &fs::symlink_metadata(&other).unwrap()).unwrap();
    fs::rename(&other, &path).unwrap();
    assert_eq!(kept.file(&path, &found).unwrap_err().kind(), std::io::ErrorKind::NotFound);
    assert_eq!(kept.0.len(), 2);
    // From now on it is found, and not opened once more.
    kept.file(&path, &fs::symlink_metadata(&path).unwrap()).unwrap();
    assert_eq!(kept.0.len(), 2);
}
