//! Documents that Truthound 3.2.0 wrote must come out of the typed model as the very bytes that went in:
//! whoever reads, tags and saves a result must not change anything else in it.

use std::fs;
use std::path::{Path, PathBuf};

use truthound_stores_core::json::{Json, Layout};
use truthound_stores_core::{
    Body, Collection, Document, ExpectationSuite, Reading, Record, ValidationResult,
};

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder);
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect()
}

/// Reads and writes one file; returns its record as the text describes it, and as the typed form does.
fn through<T: Document>(text: &[u8]) -> (Record, Record) {
    let typed = T::from_json(Json::parse(text).unwrap()).unwrap();
    let written = typed.to_json().unwrap().to_vec(Layout::Pretty);
    assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(text));
    let record = Record::parse(T::COLLECTION, text, &Reading::default()).unwrap();
    (record, Record::of(&typed, &Reading::default()).unwrap())
}

#[test]
fn what_truthound_wrote_is_written_back_byte_for_byte() {
    let mut seen = [0, 0];
    for path in fixtures("model").into_iter().chain(fixtures("fs_default")) {
        let text = fs::read(&path).unwrap();
        let is_suite = Json::parse(&text).unwrap().get("expectations").is_some();
        let (read, typed) =
            if is_suite { through::<ExpectationSuite>(&text) } else { through::<ValidationResult>(&text) };
        assert_eq!(read, typed, "{}", path.display());
        seen[usize::from(is_suite)] += 1;
    }
    assert_eq!(seen, [8, 2]);
}

/// Queries see attributes, users see the typed form: both must count alike.
#[test]
fn the_typed_form_agrees_with_the_attributes() {
    for path in fixtures("model") {
        let text = fs::read(&path).unwrap();
        let record = |collection| Record::parse(collection, &text, &Reading::default());
        if let Ok(record) = record(Collection::RESULTS) {
            let result = record.body.parsed::<ValidationResult>().unwrap();
            assert_eq!(record.attributes.statistics, (&result.statistics).into());
            assert_eq!(record.attributes.status, result.status);
            assert_eq!(record.attributes.suite_name, result.suite_name);
            let tags = result.tags.iter().map(|(name, value)| (name.to_owned(), value.into_owned()));
            assert_eq!(record.attributes.tags, tags.collect());
        } else {
            let suite = record(Collection::EXPECTATIONS).unwrap().body.parsed::<ExpectationSuite>().unwrap();
            assert_eq!(suite.expectations.len(), 3);
            assert_eq!(suite.enabled().count(), 2);
            assert_eq!(suite.expectations[1].mostly.to_bits(), 0.95_f64.to_bits());
        }
    }
}

#[test]
fn a_real_result_tells_its_failed_columns() {
    let text = include_bytes!("../fixtures/model/validation_result_from_th_check.json");
    let result = Body::parse(text).unwrap().parsed::<ValidationResult>().unwrap();
    assert_eq!(result.get_failed_columns(), ["age", "email", "id"]);
    assert_eq!(result.get_issues_by_severity("high").len(), 2);
    assert!(!result.success());
}

#[test]
fn serde_reads_and_writes_the_same_document() {
    let text = include_str!("../fixtures/model/validation_result_synthetic_failure.json");
    let result: ValidationResult = serde_json::from_str(text).unwrap();
    let again: ValidationResult = serde_json::from_str(&serde_json::to_string(&result).unwrap()).unwrap();
    assert_eq!(again, result);
    assert_eq!(result.to_json().unwrap(), Json::parse(text.as_bytes()).unwrap());
}
