//! Stores that Truthound wrote open as they are and answer (R-ANY-11); so does what is saved into them.
//!
//! These tests once opened the samples where they lie, and an index of ours got among them: from then on no folder was opened as
//! Truthound had left it. Each test has a copy.

use std::fs;
use std::path::Path;

use crate::harness::{Place, result};

/// A folder with a copy of a sample, as the store `store`.
pub(crate) fn holding(name: &str) -> Place {
    let place = Place::new();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name), &place.path("store"));
    assert!(
        place.files().iter().all(|file| !file.iter().any(|part| part == "_catalog")),
        "it is Truthound's alone"
    );
    place
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, target) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn a_plain_store_answers_queries() {
    let place = holding("fs_default");
    let list = |more: &[&str]| {
        place.run_words(["--store", "store", "list", "--format", "ids"].iter().chain(more)).ok()
    };
    assert_eq!(
        list(&[]),
        "run_20260101_000800_00000008\nrun_20260101_000700_00000007\nrun_20260101_000100_00000001\n"
    );
    assert_eq!(list(&["--asset", "데이터*"]), "run_20260101_000700_00000007\n");
    assert_eq!(list(&["--tag", "unicode=데이터-ß-✓"]), "run_20260101_000700_00000007\n");
    assert_eq!(list(&["--until", "2026-01-01T00:01:00.123456"]), "run_20260101_000100_00000001\n");
    let suite = place.run("--store file:store get customer_suite --collection expectations");
    assert!(suite.ok().contains("\"expectation_type\": \"not_null\""));
}

#[test]
fn a_gzip_store_answers_queries() {
    let place = holding("fs_gzip");
    let failures = place.run("--store store failures --format ids").ok();
    assert_eq!(failures, "run_20260101_000100_00000001\n");
    let document = place.run("--store store latest warehouse.sales.table_13").ok();
    assert!(document.contains("\"status\": \"warning\""), "{document}");
}

#[test]
fn new_documents_live_beside_the_old_ones_whatever_the_format() {
    let place = holding("fs_gzip");
    let index = fs::read(place.path("store/default/validations/_index.json")).unwrap();
    for (id, options) in [
        ("a", ""),
        ("b", "?compression=zstd"),
        ("c", "?serialization_format=yaml"),
        ("d", "?pretty_print=false"),
    ] {
        let document = result(id, "new", "2026-02-01", "success");
        let saved = place.run_with(&format!("--store file:store{options} save -"), document.as_bytes());
        assert_eq!(saved.ok(), format!("{id}\n"));
    }
    let listed = place.run("--store store list --format ids").ok();
    assert_eq!(listed, "d\nc\nb\na\nrun_20260101_001300_0000000d\nrun_20260101_000100_00000001\n");
    assert_eq!(fs::read(place.path("store/default/validations/_index.json")).unwrap(), index);
}

/// What Truthound wrote is printed as it wrote it, but for the layout.
#[test]
fn real_documents_are_copied_through_a_pipe_unchanged() {
    let place = holding("fs_default");
    let texts = place.run("--store store query").ok();
    place.run_with("save -", texts.as_bytes()).ok();
    assert_eq!(place.run("query").ok(), texts);
}
