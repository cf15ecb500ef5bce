//! Patterns and prefixes, and the plans that databases make.

use super::*;

#[cfg(all(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod plans;

#[test]
fn patterns_become_the_databases_own() {
    let like = |pattern: &str| like(Dialect::Postgres, &Pattern::new(pattern));
    assert_eq!(like("warehouse.*"), "warehouse.%");
    assert_eq!(like("50%_!*"), "50!%!_!!%");
    // What one character is, databases see differently: it is looked at again.
    assert_eq!(like("a?c"), "a_%c");
}

#[test]
fn patterns_become_sqlites_own() {
    let like = |pattern: &str| like(Dialect::Sqlite, &Pattern::new(pattern));
    assert_eq!(like("warehouse.*"), "warehouse.*");
    assert_eq!(like(r"a\*[b]*"), "a[*][[]b]*");
    assert_eq!(like("a?c"), "a?*c");
}

#[test]
fn what_comes_after_a_prefix_is_the_next_code_point() {
    assert_eq!(after_prefix("ab"), Some("ac".to_owned()));
    assert_eq!(after_prefix("a\u{10ffff}"), Some("b".to_owned()));
    assert_eq!(after_prefix("\u{d7ff}"), Some("\u{e000}".to_owned()));
    assert_eq!(after_prefix(""), None);
}

#[test]
fn sql_decides_on_all_patterns_but_those_with_a_question_mark() {
    let exact = |pattern: &str| is_exact(&Query::new().with_data_asset(pattern));
    assert!(exact("orders") && exact("orders.*") && exact(r"orders\?"));
    assert!(!exact("orders?") && !exact("*?"));
    assert!(is_exact(&Query::new()));
}
