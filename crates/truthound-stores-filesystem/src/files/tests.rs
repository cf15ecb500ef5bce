use super::*;
use truthound_stores_core::ErrorKind;

fn bytes_of(path: &Path) -> Option<Vec<u8>> {
    match read(path, 100).unwrap() {
        Found::Nothing => None,
        Found::File { bytes, .. } => Some(bytes),
    }
}

#[test]
fn a_staged_file_replaces_or_creates_and_is_removed_if_neither() {
    let dir = tempfile::tempdir().unwrap();
    let (target, temp) = (dir.path().join("x.json"), dir.path().join("tmp-1"));
    let stage = |text: &[u8], time| Staged::write(temp.clone(), text, time, None, true).unwrap();

    let first = stage(b"one", 1_000_000_123).place(&target, Placing::Create).unwrap().unwrap();
    assert_eq!((first.modified, first.size), (1_000_000_123, 3));
    assert_eq!(stamp(&target).unwrap(), Some(first));
    assert!(stage(b"two", 5).place(&target, Placing::Create).unwrap().is_none());
    assert_eq!(bytes_of(&target).unwrap(), b"one");
    let second = stage(b"two", 2_000_000_000).place(&target, Placing::Replace).unwrap().unwrap();
    assert_ne!(first.revision(None), second.revision(None));
    assert_eq!(bytes_of(&target).unwrap(), b"two");
    drop(stage(b"three", 5));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    assert!(remove(&target).unwrap() && !remove(&target).unwrap());
    assert_eq!(bytes_of(&target), None);
}

/// On a file system that keeps whole seconds, two saves within one second once had one revision, and a compare-and-swap on
/// the first succeeded over the second.
#[test]
fn a_file_is_always_later_than_the_one_it_replaces() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x");
    let second = 1_000_000_000;
    for (wanted, after) in [(5 * second, 5 * second), (5 * second, 9 * second + 7), (5 * second, second)] {
        let stamp = Staged::write(path.clone(), b"x", wanted, Some(after), false).unwrap().stamp();
        assert!(stamp.modified > after && stamp.modified >= wanted, "{wanted} {after}: {stamp:?}");
    }
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
