use std::collections::HashMap;

use super::*;

#[test]
fn ordinary_ids_are_their_own_names() {
    for id in ["run_20260101_000000_0a1b2c3d", "a b", "é😀", "x#12", "a.json", "A", "run__v1", "a~b", "100"]
    {
        assert_eq!(escape(id, false), id);
        assert_eq!(unescape(id).as_deref(), Some(id));
        assert_eq!(truthound(id, false).as_deref(), Some(id));
    }
}

/// R-ANY-10: never outside the root, never over the store's own files, never over another id.
#[test]
fn ids_that_some_system_treats_as_special_are_escaped() {
    for (id, stem) in [
        ("../x", "%2E.%2Fx"),
        (".", "%2E"),
        ("..", "%2E%2E"),
        ("a/b", "a%2Fb"),
        ("a\\b", "a%5Cb"),
        ("a%2Fb", "a%252Fb"),
        ("_index", "%5Findex"),
        ("_catalog", "%5Fcatalog"),
        ("~a~b", "%7Ea~b"),
        ("-rf", "%2Drf"),
        (" a ", "%20a%20"),
        ("a.", "a%2E"),
        ("con", "%63on"),
        ("CON.txt", "%43ON.txt"),
        ("com1", "%63om1"),
        ("console", "console"),
        ("c:d", "c%3Ad"),
    ] {
        assert_eq!(escape(id, false), stem, "{id}");
        assert_eq!(unescape(stem).as_deref(), Some(id), "{stem}");
    }
    assert_eq!(escape("Aé", true), "%41%C3%A9");
    assert_eq!(unescape("%41%C3%A9").as_deref(), Some("Aé"));
}

#[test]
fn stems_that_nobody_writes_are_not_read_as_escapes() {
    for stem in ["a%20b", "a%2fb", "%", "a%2", "a%2Fb%", "%FF", "~x~1"] {
        assert_eq!(unescape(stem), None, "{stem}");
    }
}

#[test]
fn long_ids_are_shortened_and_stay_apart() {
    let long = |last: char| format!("{}{last}", "é".repeat(255));
    let (a, b) = (escape(&long('a'), false), escape(&long('b'), false));
    assert!(is_shortened(&a) && a.len() <= 180 && a != b, "{a}");
    assert!(escape(&"/".repeat(512), false).len() <= 180);
    assert_eq!(unescape(&a), None);
}

#[test]
fn truthound_flattens_names_of_suites() {
    assert_eq!(truthound("team_a/b suite", true).as_deref(), Some("team_a_b suite"));
    for id in ["a/b", "../x", "_index", ".hidden"] {
        assert_eq!(truthound(id, false), None, "{id}");
    }
}

proptest::proptest! {
    #[test]
    fn escaping_is_reversible_and_safe(id in "\\P{Cc}{1,120}", fold in proptest::bool::ANY) {
        let stem = escape(&id, fold);
        proptest::prop_assert!(!stem.contains(['/', '\\', '\0', ':']) && !stem.starts_with(['.', '_', '-']));
        proptest::prop_assert!(stem.len() <= 180);
        if !is_shortened(&stem) {
            proptest::prop_assert_eq!(unescape(&stem), Some(id));
        }
    }

    #[test]
    fn no_two_ids_share_a_stem(ids in proptest::collection::hash_set("[aA%/_.~ 25F]{1,6}", 2..40)) {
        let mut seen = HashMap::new();
        for id in ids {
            if let Some(other) = seen.insert(escape(&id, true).to_ascii_lowercase(), id.clone()) {
                // Escapes are upper-case hex; letters that fold are escaped, so folding joins nothing.
                proptest::prop_assert!(false, "{} and {}", other, id);
            }
        }
    }
}
