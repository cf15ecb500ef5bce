//! An id is decided by a file's name and its text. Wrongly decided, a document changes its id when the index is rebuilt.

use std::collections::BTreeSet;

use truthound_stores_core::codec::{Compression, Format};

use super::*;

/// A folder of plain results, for all tests of this crate.
pub(crate) fn plain(path: &Path) -> Folder {
    Folder {
        collection: Collection::RESULTS,
        path: path.to_owned(),
        extensions: Extensions::new(".json", &BTreeSet::new()),
        codec: Codec::new(Format::Json, Compression::None),
        limits: Limits::default(),
        reading: Reading::default(),
        folds_case: false,
    }
}

#[test]
fn an_id_is_what_the_name_spells_unless_the_text_says_what_it_was_made_of() {
    let folder = plain(Path::new("store"));
    let long = "a".repeat(300);
    for (stem, own_id, id) in [
        ("run1", "run1", "run1"),
        // A copy that somebody made and renamed is a document of its own.
        ("copy of run1", "run1", "copy of run1"),
        ("a%2Fb", "a/b", "a/b"),
        ("a%2Fb", "x", "a/b"),
        // Truthound does not escape: its names are their ids, whatever they look like to us.
        ("50%", "50%", "50%"),
        ("a%2Fb", "a%2Fb", "a%2Fb"),
        (&name::escape(&long, false), &long, &long),
        (&name::shorten("run1"), "run1", "run1"),
    ] {
        assert_eq!(folder.id_of(stem, Some(own_id)).unwrap(), id, "{stem} with {own_id}");
    }
    let error = folder.id_of(&name::shorten("run1"), Some("run2")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "a shortened name tells nothing by itself");
}

#[test]
fn where_cases_are_one_a_files_own_spelling_counts() {
    let mut folder = plain(Path::new("store"));
    assert_eq!(folder.id_of("run", Some("Run")).unwrap(), "run");
    folder.folds_case = true;
    assert_eq!(folder.id_of("run", Some("Run")).unwrap(), "Run");
    assert_eq!(folder.id_of("%52un", Some("Run")).unwrap(), "Run");
    assert_eq!(folder.id_of("run", Some("other")).unwrap(), "run");
}

#[test]
fn every_stem_that_a_document_may_have_is_looked_at_once() {
    let mut folder = plain(Path::new("store"));
    let stems = folder.stems("a/B");
    assert_eq!(stems, ["a%2FB", "a%2F%42", &name::shorten("a/B")]);
    folder.collection = Collection::EXPECTATIONS;
    assert!(folder.stems("a/B").contains(&"a_B".to_owned()), "as Truthound names suites");
}
