//! Lengths at and over the limits.

use super::super::finding::Severity;
use super::*;

fn severity(path: &str, lines: usize) -> Option<Severity> {
    let text = "//\n".repeat(lines);
    check(&Tree::of(&[(path, &text)])).first().map(|finding| finding.severity)
}

#[test]
fn over_600_lines_is_an_error_and_over_400_a_warning() {
    assert_eq!(severity("crates/a/src/b.rs", 400), None);
    assert_eq!(severity("crates/a/src/b.rs", 401), Some(Severity::Warning));
    assert_eq!(severity("crates/a/src/b.rs", 600), Some(Severity::Warning));
    assert_eq!(severity("crates/a/src/b.rs", 601), Some(Severity::Error));
}

#[test]
fn tests_and_texts_may_be_longer() {
    assert_eq!(severity("crates/a/src/b/tests.rs", 601), None);
    assert_eq!(severity("crates/a/tests/it/c.rs", 601), None);
    assert_eq!(severity("docs/long.md", 601), None);
}
