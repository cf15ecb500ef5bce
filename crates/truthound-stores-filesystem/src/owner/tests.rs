//! Work that is acknowledged but not settled is finished by others only when its owner is gone: too early, and two write one file;
//! never, and it waits for good.

use truthound_stores_core::SystemClock;

use super::*;

#[test]
fn an_owner_is_alive_as_long_as_it_is_held_and_leaves_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (
        Owner::register(dir.path(), &SystemClock::new()).unwrap(),
        Owner::register(dir.path(), &SystemClock::new()).unwrap(),
    );
    assert_ne!(one.token(), two.token());
    assert!(is_alive(dir.path(), one.token()) && is_alive(dir.path(), two.token()));
    let token = one.token();
    drop(one);
    assert!(!is_alive(dir.path(), token) && is_alive(dir.path(), two.token()));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

/// A process that was killed leaves its file, but not the lock on it.
#[test]
fn a_file_without_a_lock_is_a_dead_owners_and_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(format!("{START}{:016x}", 7));
    fs::write(&file, "").unwrap();
    assert!(!is_alive(dir.path(), 7));
    assert!(!file.exists());
    assert!(!is_alive(dir.path(), 8), "nobody ever was");
}
