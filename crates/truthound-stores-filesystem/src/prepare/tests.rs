//! A document whose file says everything by itself gets no sidecar; every other gets one, or a rebuilt index would have lost
//! something.

use truthound_stores_core::{Collection, ErrorKind, Reading};

use super::*;
use crate::describe::tests::plain;

fn record(id: &str) -> Record {
    let text = format!(
        r#"{{"run_id":{id:?},"run_time":"2026-01-01T00:00:00","data_asset":"orders","status":"success"}}"#
    );
    Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap()
}

fn has_sidecar(folder: &Folder, record: Record, stem: Option<&str>) -> bool {
    let prepared = Prepared::new(folder, ".json", record).unwrap();
    let stem = stem.unwrap_or(&prepared.stem).to_owned();
    prepared.sidecar(folder, &stem, ".json").unwrap().is_some()
}

#[test]
fn only_what_a_file_does_not_say_makes_a_sidecar() {
    let dir = tempfile::tempdir().unwrap();
    let folder = plain(dir.path());
    assert!(!has_sidecar(&folder, record("x"), None));
    assert!(!has_sidecar(&folder, record("a/b"), None), "the name spells the id");
    let long = "a".repeat(300);
    assert!(!has_sidecar(&folder, record(&long), None), "the text says what the shortened name stands for");
    assert!(has_sidecar(&folder, record("x"), Some("y")), "under another document's name");

    let mut other_facts = record("x");
    other_facts.attributes.data_asset = "people".to_owned();
    assert!(has_sidecar(&folder, other_facts, None));
    let mut extra = record("x");
    extra.attributes.ext.set("versioning.parent", "1").unwrap();
    assert!(has_sidecar(&folder, extra, None));
    let mut renamed = record("x");
    renamed.key = Key::result(&long).unwrap();
    assert!(has_sidecar(&folder, renamed, None), "a shortened name, and a text with another id");
}

/// A document that has a file already keeps how that is named and packed.
#[test]
fn bytes_are_made_for_the_suffix_that_a_document_has() {
    let dir = tempfile::tempdir().unwrap();
    let folder = plain(dir.path());
    let prepared = Prepared::new(&folder, ".json", record("x")).unwrap();
    assert_eq!(prepared.bytes_as(&folder, ".json").unwrap().as_ref(), Some(&prepared.bytes));
    if cfg!(feature = "gzip") {
        let packed = prepared.bytes_as(&folder, ".json.gz").unwrap().unwrap();
        assert!(packed.starts_with(&[0x1f, 0x8b]));
        let text = folder.text(&folder.file("x", ".json.gz"), &packed).unwrap();
        assert_eq!(text.checksum(), prepared.checksum);
    }
}

#[test]
fn what_no_index_could_order_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut record = record("x");
    record.attributes.statistics.execution_time_ms = f64::NAN;
    let error = Prepared::new(&plain(dir.path()), ".json", record).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}
