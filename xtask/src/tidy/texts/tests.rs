//! Each needle is seen to be found, and innocent neighbours are not. Needles are in pieces here too.

use super::*;

fn found(path: &str, line: &str) -> usize {
    check(&Tree::of(&[(path, line)])).len()
}

#[test]
fn leftovers_in_code_are_reported_and_texts_may_name_them() {
    for needle in UNFINISHED {
        let line = format!("    {needle}");
        assert_eq!(found("crates/a/src/b.rs", &line), 1, "{needle}");
        assert_eq!(found("docs/a.md", &line), 0, "{needle}");
    }
}

#[test]
fn sleeping_is_reported_in_tests_and_not_in_production() {
    for needle in SLEEPS {
        assert_eq!(found("crates/a/tests/it/b.rs", needle), 1, "{needle}");
        assert_eq!(found("crates/a/src/b/tests.rs", needle), 1, "{needle}");
        assert_eq!(found("crates/a/src/b.rs", needle), 0, "{needle}");
    }
}

#[test]
fn white_space_at_the_end_and_tabs_are_reported_with_their_line() {
    let tree = Tree::of(&[("a/b.rs", "fn a() {}\n\tfn b() {} \n"), ("a/Makefile", "\ta \n")]);
    let lines: Vec<(String, usize)> =
        check(&tree).into_iter().map(|finding| (finding.path, finding.line)).collect();
    assert_eq!(lines, [("a/b.rs".to_owned(), 2), ("a/b.rs".to_owned(), 2)]);
}

#[test]
fn absolute_paths_of_one_machine_are_reported_in_every_text() {
    for needle in MACHINES {
        for line in [format!("see {needle}a"), format!("\"{needle}a\""), format!("file://{needle}a")] {
            assert_eq!(found("scripts/run", &line), 1, "{line}");
        }
        assert_eq!(found("scripts/run", &format!("src{needle}a.rs")), 0, "{needle}");
        assert_eq!(found("crates/a/fixtures/run.json", &format!("\"{needle}a\"")), 0, "{needle}");
    }
}
