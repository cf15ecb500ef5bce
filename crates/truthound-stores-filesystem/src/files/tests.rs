use super::*;
use truthound_stores_core::ErrorKind;

fn bytes_of(path: &Path) -> Option<Vec<u8>> {
    match read(path, 100).unwrap() {
        Found::Nothing => None,
        Found::File { bytes, .. } => Some(bytes),
    }
}

#[test]
fn a_staged_file_replaces_what_is_there_and_is_removed_if_it_never_does() {
    let dir = tempfile::tempdir().unwrap();
    let (target, temp) = (dir.path().join("x.json"), dir.path().join("tmp-1"));
    let stage = |text: &[u8], time| Staged::write(temp.clone(), text, time).unwrap();

    drop(stage(b"one", 1_000_000_123).place(&target).unwrap());
    let first = stamp(&target).unwrap().unwrap();
    assert!(
        first.may_be(1_000_000_123, 3) && !first.may_be(1_000_000_124, 3) && !first.may_be(1_000_000_123, 4)
    );
    drop(stage(b"two", 2_000_000_000).place(&target).unwrap());
    assert_eq!(bytes_of(&target).unwrap(), b"two");
    drop(stage(b"three", 5));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    assert!(remove(&target).unwrap() && !remove(&target).unwrap());
    assert_eq!(bytes_of(&target), None);
}

/// `tar` keeps whole seconds, FAT every second second.
#[test]
fn a_rounded_time_may_be_any_that_rounds_to_it() {
    let rounded = Stamp { modified: 4_000_000_000, size: 1 };
    assert!(rounded.may_be(4_999_999_999, 1) && rounded.may_be(5_900_000_000, 1));
    assert!(!rounded.may_be(6_000_000_001, 1));
}

#[test]
fn too_large_files_are_refused_at_the_limit() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x");
    fs::write(&path, vec![b'x'; 100]).unwrap();
    assert!(matches!(read(&path, 100), Ok(Found::File { .. })));
    let error = read(&path, 99).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains("99 bytes"));
}

#[cfg(unix)]
#[test]
fn links_pipes_and_folders_are_no_documents() {
    let dir = tempfile::tempdir().unwrap();
    let secret = dir.path().join("secret");
    fs::write(&secret, "{}").unwrap();
    let link = dir.path().join("link.json");
    std::os::unix::fs::symlink(&secret, &link).unwrap();
    let error = read(&link, 100).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains("symbolic link"), "{error}");
    assert_eq!(read(dir.path(), 100).unwrap_err().kind(), ErrorKind::Corrupt);
    let pipe = dir.path().join("pipe.json");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
    assert_eq!(read(&pipe, 100).unwrap_err().kind(), ErrorKind::Corrupt);
}
