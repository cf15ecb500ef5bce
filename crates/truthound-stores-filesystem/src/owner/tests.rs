//! Work that is acknowledged but not settled is finished by others only when its owner is gone: too early, and two write one file;
//! never, and it waits for good.

use truthound_stores_core::SystemClock;

use super::*;

#[test]
fn an_owner_is_alive_as_long_as_it_is_held_and_leaves_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (
        Owner::register(dir.path(), 5, &SystemClock::new()).unwrap(),
        Owner::register(dir.path(), 5, &SystemClock::new()).unwrap(),
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
fn a_file_without_a_lock_is_a_dead_owners() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(format!("{START}{:016x}", 7));
    fs::write(&file, "").unwrap();
    assert!(!is_alive(dir.path(), 7));
    forget(dir.path(), 7);
    assert!(!file.exists());
    assert!(!is_alive(dir.path(), 8), "nobody ever was");
}

/// The word of an index that was rebuilt since, or of before the system was started, once would have been believed of other work.
#[cfg(target_os = "linux")]
#[test]
fn how_far_an_owner_came_is_known_of_its_own_index_until_the_system_is_started_anew() {
    let dir = tempfile::tempdir().unwrap();
    let mut owner = Owner::register(dir.path(), 5, &SystemClock::new()).unwrap();
    let token = owner.token();
    let known = |epoch| progress(dir.path(), token, epoch);
    assert_eq!(known(5), Progress::default());
    owner.has_come_to(70_000, dir.path());
    owner.has_come_to(70_001, dir.path());
    assert_eq!(known(5), Progress { seq: 70_001, at: files::changed(dir.path()).unwrap() });
    assert_eq!(known(6), Progress::default(), "another index");
    owner.keep_word();
    drop(owner);
    assert!(!is_alive(dir.path(), token));
    assert_eq!(known(5).seq, 70_001);
    let file = path(dir.path(), token);
    let word = fs::read_to_string(&file).unwrap();
    for (changed, what) in [
        (word.replace(boot().unwrap(), "0000-1111"), "another start of the system"),
        (word.chars().take(word.len() - 4).collect(), "half a word"),
        (String::new(), "none"),
    ] {
        fs::write(&file, changed).unwrap();
        assert_eq!(known(5), Progress::default(), "{what}");
    }
}

/// A disk that is taken away and comes back without its last changes, while the system goes on, has the old file in its place again.
#[cfg(unix)]
#[test]
fn a_file_that_was_there_before_the_work_was_done_is_not_somebody_elses() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.json");
    fs::write(&file, "old").unwrap();
    let changed = files::changed(&file).unwrap();
    assert!(!Progress { seq: 7, at: changed }.is_before(7, &file));
    assert!(!Progress { seq: 7, at: changed - 1 }.is_before(8, &file), "that is not done");
    assert!(
        !Progress { seq: 7, at: changed - 1 }.is_before(7, &dir.path().join("y.json")),
        "nothing is there"
    );
    assert!(Progress { seq: 7, at: changed - 1 }.is_before(7, &file));
}
