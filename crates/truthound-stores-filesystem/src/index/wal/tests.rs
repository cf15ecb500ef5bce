use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::*;

/// A log of several commits, as SQLite writes it, and where each of them ends. Whoever closes the index would delete its log.
fn log(dir: &Path) -> (Vec<u8>, Vec<usize>, Connection) {
    let path = dir.join("index.db");
    let index = Connection::open(&path).unwrap();
    index.pragma_update(None, "journal_mode", "wal").unwrap();
    index.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    index.execute_batch("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)").unwrap();
    for number in 0..6 {
        index.execute("INSERT INTO t VALUES (?1, ?2)", (number, "x".repeat(9_000))).unwrap();
    }
    let log = fs::read(dir.join("index.db-wal")).unwrap();
    let frames = log[HEADER..].chunks_exact(FRAME_HEADER + PAGE as usize);
    let ends = frames.enumerate().filter(|(_, frame)| word(frame, 4) != 0).map(|(at, _)| at).collect();
    (log, ends, index)
}

fn at(frame: usize) -> usize {
    HEADER + frame * (FRAME_HEADER + PAGE as usize)
}

/// A write whose end is missing.
fn torn_off(is_rest_misleading: bool) -> Log {
    Log::Torn { is_rest_misleading, only_by_power_cut: None }
}

fn look(log: &[u8]) -> Log {
    examine(&mut &*log).unwrap()
}

fn is_damaged_at(log: &[u8], at: u32, of: u32) -> bool {
    matches!(look(log), Log::Damaged { frame, frames, .. } if (frame, frames) == (at, of))
}

/// One flipped bit hid every commit after it: SQLite takes the place for the end of the log, and nothing told that from a crash.
#[test]
fn a_flipped_bit_before_later_commits_is_told_from_a_crash() {
    let dir = tempfile::tempdir().unwrap();
    let (whole, ends, _index) = log(dir.path());
    let frames = u32::try_from((whole.len() - HEADER) / (FRAME_HEADER + PAGE as usize)).unwrap();
    assert_eq!(look(&whole), Log::Whole);
    for byte in (HEADER..whole.len()).step_by(397) {
        let mut log = whole.clone();
        log[byte] ^= 0x10;
        let frame = u32::try_from((byte - HEADER) / (FRAME_HEADER + PAGE as usize)).unwrap();
        assert!(is_damaged_at(&log, frame + 1, frames), "byte {byte}: {:?}", look(&log));
    }
    for byte in 0..HEADER {
        let mut log = whole.clone();
        log[byte] ^= 0x10;
        assert!(is_damaged_at(&log, 0, frames), "byte {byte} of the header: {:?}", look(&log));
    }
    // A page of zeros, as a disk leaves it that lost a write, before commits that were acknowledged after it.
    let mut log = whole.clone();
    log[at(ends[2])..at(ends[2] + 1)].fill(0);
    assert!(matches!(look(&log), Log::Damaged { .. }));
}

#[test]
fn what_a_crash_leaves_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let (whole, ends, _index) = log(dir.path());
    let (last, before) = (ends[ends.len() - 1], ends[ends.len() - 2]);
    assert!(last - before > 2, "the last commit has several frames");
    for end in 0..whole.len() {
        if end % 509 == 0 || end < 64 {
            assert!(!matches!(look(&whole[..end]), Log::Damaged { .. }), "cut at {end}");
        }
    }
    for &end in &ends {
        assert_eq!(look(&whole[..at(end + 1)]), Log::Whole, "cut behind a commit");
    }
    assert_eq!(look(&whole[..at(last)]), torn_off(false));
    // A power cut, before the sync by which it would have been acknowledged: pages of the last commit are there, and others are not.
    let mut torn = whole.clone();
    torn[at(before + 2)..at(before + 3)].fill(0);
    let Log::Torn { is_rest_misleading: true, only_by_power_cut: Some(_) } = look(&torn) else {
        panic!("{:?}", look(&torn))
    };
}

/// A process was killed between its commit and telling the others of it, who share the log by memory: they write over its beginning, and
/// its end stays behind theirs. The index was rebuilt over that, and the change feed broke off.
#[test]
fn what_others_have_left_of_a_commit_that_they_never_saw_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let (whole, ends, _index) = log(dir.path());
    let (last, before) = (ends[ends.len() - 1], ends[ends.len() - 2]);
    // The last commit but one once more, in the place of the last one's beginning.
    let header = Header::parse(whole.first_chunk().unwrap());
    let mut shared = whole[..at(before + 1)].to_vec();
    let frame = &whole[at(before)..at(before + 1)];
    let end = &whole[at(before) + 16..at(before) + 24];
    let (head, page) = frame.split_at(FRAME_HEADER);
    let sum = Frame { head, page }.add_to((word(end, 0), word(end, 4)), header.is_big);
    shared.extend_from_slice(&head[..16]);
    shared.extend_from_slice(&sum.0.to_be_bytes());
    shared.extend_from_slice(&sum.1.to_be_bytes());
    shared.extend_from_slice(page);
    assert_eq!(look(&shared), Log::Whole);
    shared.extend_from_slice(&whole[at(before + 2)..at(last + 1)]);
    assert_eq!(look(&shared), torn_off(true));
}

/// What an earlier use of the file left lies behind the end of each log that was begun anew.
#[test]
fn what_an_earlier_use_left_behind_the_end_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let (long, _, index) = log(dir.path());
    let done: (i64, i64, i64) = index
        .query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap();
    index.execute("DELETE FROM t WHERE a = 1", []).unwrap();
    let anew = fs::read(dir.path().join("index.db-wal")).unwrap();
    assert!(
        anew.len() >= long.len() && anew[..HEADER] != long[..HEADER],
        "it was not begun anew in its place: {done:?}, {} bytes after {}",
        anew.len(),
        long.len()
    );
    assert_eq!(look(&anew), Log::Whole);
}

#[test]
fn a_log_that_is_written_anew_is_read_beyond_what_is_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let (whole, ends, _index) = log(dir.path());
    let other = tempfile::tempdir().unwrap();
    for (what, byte) in [
        ("the header", 20),
        ("a page", at(ends[2]) + 2_000),
        ("a sum", at(ends[1]) + 17),
        ("its salt", at(ends[1]) + 9),
    ] {
        let mut damaged = whole.clone();
        damaged[byte] ^= 1;
        let mut mended = Vec::new();
        let pages = reseal(&mut &*damaged, Part::All, &mut mended).unwrap();
        assert_eq!(look(&mended), Log::Whole, "{what}");
        assert_eq!(mended.len(), whole.len(), "{what}");
        let path = other.path().join("index.db");
        // The database's own first pages are in the log.
        fs::write(&path, vec![0; pages.pages as usize * PAGE as usize]).unwrap();
        fs::write(other.path().join("index.db-wal"), &mended).unwrap();
        let index = Connection::open(&path).unwrap();
        let count: i64 = index.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 6, "{what}");
        drop(index);
        for end in ["", "-wal", "-shm"] {
            drop(fs::remove_file(other.path().join(format!("index.db{end}"))));
        }
    }
    assert_eq!(reseal(&mut &*Vec::new(), Part::All, &mut Vec::new()).unwrap().pages, 0);
}

/// A process was killed between the two writes of its commit's last frame, in a log that was used before: the frame tells of a commit, and its
/// page is an old one. Since the writer was of this start of the system, it was taken for damage.
#[test]
fn a_last_frame_that_was_half_written_is_no_damage_whoever_has_worked_since() {
    let dir = tempfile::tempdir().unwrap();
    let (whole, ends, _index) = log(dir.path());
    let last = ends[ends.len() - 1];
    let mut torn = whole[..at(last + 1)].to_vec();
    torn[at(last) + FRAME_HEADER..].fill(0x5a);
    let Log::Torn { only_by_power_cut: None, .. } = look(&torn) else { panic!("{:?}", look(&torn)) };
}
