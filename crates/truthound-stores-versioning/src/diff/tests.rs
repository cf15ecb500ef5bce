//! Differences are all there, at the right place, and none is made up.
#![allow(clippy::unwrap_used, reason = "a test reports by panicking")]

use super::*;

fn paths(older: &str, newer: &str) -> Vec<String> {
    let parse = |text: &str| Json::parse(text.as_bytes()).unwrap();
    diff(&parse(older), &parse(newer))
        .iter()
        .map(|change| format!("{} {}", change.kind, change.path))
        .collect()
}

#[test]
fn equal_documents_do_not_differ_whatever_the_order() {
    assert!(paths(r#"{"a": 1, "b": [1, {"c": NaN}]}"#, r#"{"b": [1, {"c": NaN}], "a": 1}"#).is_empty());
}

#[test]
fn members_and_items_are_named_by_their_paths() {
    assert_eq!(
        paths(r#"{"a": {"x": 1, "y": 2}, "gone": []}"#, r#"{"a": {"x": 1.0, "y": 2}, "new": null}"#),
        ["changed $.a.x", "removed $.gone", "added $.new"]
    );
    assert_eq!(paths("[1, 2, 3]", "[1]"), ["removed $[1]", "removed $[2]"]);
    assert_eq!(paths("1", "[1]"), ["changed $"]);
}

#[test]
fn names_that_are_no_identifiers_are_quoted() {
    assert_eq!(
        paths("{}", r#"{"a b": 1, "it's": 2, "\n": 3, "größe": 4, "": 5, "1": 6}"#),
        [
            "added $['a b']",
            "added $['it\\'s']",
            "added $['\\n']",
            "added $['größe']",
            "added $['']",
            "added $['1']",
        ]
    );
}
