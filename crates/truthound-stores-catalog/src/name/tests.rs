//! Two ids under one name are one lost document; a name that a store folds or refuses is another (R-ANY-10).

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[test]
fn truthound_names_are_kept() {
    for id in ["run_20260131_120000_0a1b2c3d", "nightly-2026.01.31", "Run", "a", "-", "com10", "console"] {
        assert_eq!(stem(id, false), id);
        assert_eq!(spelt(id, false), Some(id));
    }
}

#[test]
fn ids_that_are_no_safe_names_are_shortened_and_hashed() {
    for id in [
        "_index", "_catalog", ".", "..", ".a", "a.", "a/b", "../x", "con", "COM1.x", "lpt9", "a b", "é", "~",
        "%41", "a\\b",
    ] {
        let stem = stem(id, false);
        assert!(is_shortened(&stem), "{id:?}: {stem}");
        assert_eq!(spelt(&stem, false), None);
    }
    assert!(!is_shortened(&stem(&"x".repeat(180), false)));
    assert!(is_shortened(&stem(&"x".repeat(181), false)));
    assert!(stem("a/b", false).starts_with("~a-b~"));
}

#[test]
fn ids_that_look_alike_have_names_apart_even_where_cases_are_one() {
    let ids = ["run", "Run", "RUN", "a/b", "a_b", "a\\b", "a-b", "A/B", "~a-b~", "a:b", "é", "e\u{301}"];
    for folds_case in [false, true] {
        let mut names = BTreeMap::new();
        for id in ids {
            let stem = stem(id, folds_case);
            let seen_as = if folds_case { stem.to_lowercase() } else { stem };
            if let Some(other) = names.insert(seen_as, id) {
                panic!("{id:?} and {other:?} have one name");
            }
        }
    }
}

proptest! {
    #[test]
    fn every_stem_is_short_and_of_safe_letters(id in "\\PC{1,300}", folds_case: bool) {
        let stem = stem(&id, folds_case);
        prop_assert!(stem.len() <= LONGEST);
        prop_assert!(stem.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-~".contains(&b)));
        prop_assert!(!folds_case || !stem.bytes().any(|b| b.is_ascii_uppercase()));
        prop_assert!(!stem.starts_with('_'));
    }
}
