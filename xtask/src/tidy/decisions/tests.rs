//! Numbers, names and first lines of decisions.

use super::*;

fn findings(files: &[(&str, &str)]) -> Vec<String> {
    check(&Tree::of(files)).iter().map(ToString::to_string).collect()
}

const FIRST: (&str, &str) = ("docs/decisions/0001-pages.md", "# 0001 List by pages\n\nContext.\n");

#[test]
fn numbered_decisions_are_accepted() {
    let second = ("docs/decisions/0002-own-json.md", "# 0002 JSON of our own — accepted\n");
    assert_eq!(findings(&[FIRST, second, ("docs/other.md", "")]), [""; 0]);
}

#[test]
fn a_number_used_twice_is_reported() {
    let twice = findings(&[FIRST, ("docs/decisions/0001-zebra.md", "# 0001 Zebra\n")]);
    assert!(twice.concat().contains("0001 is taken"), "{twice:?}");
}

/// Two branches that each took the next number could not both be merged, nor one with a higher number before the other.
#[test]
fn a_number_that_is_on_its_way_may_be_missing() {
    assert_eq!(findings(&[FIRST, ("docs/decisions/0003-a.md", "# 0003 A\n")]), [""; 0]);
}

#[test]
fn a_name_without_a_number_or_with_capitals_is_reported() {
    assert_eq!(findings(&[("docs/decisions/pages.md", "# 0001 A\n")]).len(), 1);
    assert_eq!(findings(&[("docs/decisions/0001-Pages.md", "# 0001 A\n")]).len(), 1);
}

#[test]
fn a_first_line_with_another_number_or_no_title_is_reported() {
    assert_eq!(findings(&[(FIRST.0, "# 0002 List by pages\n")]).len(), 1);
    assert_eq!(findings(&[(FIRST.0, "# 0001 \n")]).len(), 1);
    assert_eq!(findings(&[(FIRST.0, "")]).len(), 1);
}
