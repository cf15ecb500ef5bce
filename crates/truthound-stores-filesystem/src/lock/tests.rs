//! A writer that waited behind a stopped one must be told in time, and one whose caller has left must not write; and a lock on a file
//! that somebody has deleted excludes nobody.

use std::cell::Cell;

use truthound_stores_core::ErrorKind;

use super::*;

#[test]
fn one_has_the_turn_and_the_next_gets_it_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    let (mut one, mut two) = (Turnstile::new(dir.path()), Turnstile::new(dir.path()));
    let turn = one.pass(LONGEST, &|| false).unwrap();
    let error = two.pass(Duration::from_millis(1), &|| false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("lock"), "{error}");
    drop(turn);
    drop(two.pass(Duration::ZERO, &|| false).unwrap());
    drop(one.pass(Duration::ZERO, &|| false).unwrap());
}

#[test]
fn who_gives_up_waits_no_longer() {
    let dir = tempfile::tempdir().unwrap();
    let (mut one, mut two) = (Turnstile::new(dir.path()), Turnstile::new(dir.path()));
    let _turn = one.pass(LONGEST, &|| false).unwrap();
    let asked = Cell::new(0);
    let given_up = || {
        asked.set(asked.get() + 1);
        asked.get() > 3
    };
    assert_eq!(two.pass(LONGEST, &given_up).unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(asked.get(), 4);
}

/// Who waits for the turn holds the head of the queue, so a writer who comes back at once comes after it.
#[test]
fn who_waits_at_the_head_is_not_overtaken() {
    let dir = tempfile::tempdir().unwrap();
    let (mut waiting, mut back) = (Turnstile::new(dir.path()), Turnstile::new(dir.path()));
    assert!(waiting.queue.try_lock().unwrap());
    let error = back.pass(Duration::from_millis(1), &|| false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "though nobody has the turn");
}

/// Somebody deletes the catalog while a handle keeps its locks open.
#[cfg(unix)]
#[test]
fn a_lock_that_others_cannot_find_is_not_taken_for_one() {
    let dir = tempfile::tempdir().unwrap();
    let mut one = Lockable::new(dir.path().join("lock"));
    assert!(one.try_lock().unwrap());
    one.unlock();
    std::fs::remove_file(one.path()).unwrap();
    assert!(!one.try_lock().unwrap(), "the file that is open is not the one that others would open");
    assert!(one.try_lock().unwrap(), "a new one is");
    let mut two = Lockable::new(dir.path().join("lock"));
    assert!(!two.try_lock().unwrap());
}

/// A million documents take longer to index than a writer waits for its turn: every save of the meantime failed, and the first command
/// after an upgrade, too.
#[test]
fn who_waits_behind_an_index_under_construction_goes_on_waiting() {
    let dir = tempfile::tempdir().unwrap();
    let (mut one, mut two) = (Turnstile::new(dir.path()), Turnstile::new(dir.path()));
    let turn = Cell::new(Some(one.pass(LONGEST, &|| false).unwrap()));
    let asked = Cell::new(0);
    let is_worth_it = || {
        asked.set(asked.get() + 1);
        if asked.get() == 3 {
            drop(turn.take());
        }
        true
    };
    drop(two.pass_while(Duration::from_millis(1), &|| false, &is_worth_it).unwrap());
    assert_eq!(asked.get(), 3);
    drop(turn);

    let _turn = one.pass(LONGEST, &|| false).unwrap();
    let error = two.pass_while(Duration::from_millis(1), &|| false, &|| false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "nobody builds");
}

#[test]
fn an_index_is_under_construction_while_its_file_changes() {
    let dir = tempfile::tempdir().unwrap();
    assert!(!is_being_built(dir.path()));
    std::fs::write(dir.path().join("index.db"), "x").unwrap();
    assert!(!is_being_built(dir.path()), "that one is finished");
    let building = File::create(dir.path().join("building-00ff")).unwrap();
    assert!(is_being_built(dir.path()));
    let now = building.metadata().unwrap().modified().unwrap();
    building.set_modified(now - LONGEST * 3).unwrap();
    assert!(!is_being_built(dir.path()), "its builder was killed, or stopped");
}
