//! A sidecar belongs to one file and one text: taken for another's it would give a document a stranger's id or attributes.

use std::fs;

use truthound_stores_core::{ErrorKind, Status, Timestamp};

use super::*;

fn attributes() -> Attributes {
    Attributes::new("orders", Timestamp::from_micros(1), Status::FAILURE).with_tag("team", "x")
}

fn write(folder: &Path, file: &str, checksum: Checksum) -> Sidecar {
    let sidecar = Sidecar::new(file, checksum, "the id", &attributes());
    drop(sidecar.write(folder, folder.join("tmp-1"), 5, false).unwrap());
    sidecar
}

#[test]
fn a_sidecar_reads_back_for_its_own_file_and_text() {
    let dir = tempfile::tempdir().unwrap();
    assert!(!Sidecar::any(dir.path()));
    assert_eq!(Sidecar::read(dir.path(), "x.json").unwrap(), None);
    let checksum = Checksum::of(b"{}");
    let written = write(dir.path(), "x.json", checksum);
    assert!(Sidecar::any(dir.path()));
    assert_eq!(Sidecar::read(dir.path(), "x.json").unwrap(), Some(written.clone()));
    assert_eq!(Sidecar::read(dir.path(), "x.json.gz").unwrap(), None, "that is another file");
    assert_eq!(written.clone().attributes_of(checksum), Some(attributes()));
    assert_eq!(written.attributes_of(Checksum::of(b"[]")), None, "of another text it says nothing");
    Sidecar::remove(dir.path(), "x.json").unwrap();
    Sidecar::remove(dir.path(), "x.json").unwrap();
    assert_eq!(Sidecar::read(dir.path(), "x.json").unwrap(), None);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no temporary file stays");
}

#[test]
fn a_damaged_sidecar_is_named() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "x.json", Checksum::of(b"{}"));
    let path = Sidecar::path(dir.path(), "x.json");
    for bytes in ["", "{}", r#"{"file":"x.json"}"#] {
        fs::write(&path, bytes).unwrap();
        let error = Sidecar::read(dir.path(), "x.json").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{bytes:?}");
        assert!(error.report().contains(&path.display().to_string()), "{}", error.report());
    }
}

/// What could not be read back is refused when it is saved.
#[test]
fn attributes_that_take_too_much_are_refused() {
    let large = attributes().with_tag("note", "a".repeat(LIMIT));
    let sidecar = Sidecar::new("x.json", Checksum::of(b"{}"), "x", &large);
    assert_eq!(sidecar.to_bytes().unwrap_err().kind(), ErrorKind::Invalid);
}
