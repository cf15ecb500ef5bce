//! "tidy fails when a crate or module is missing from ARCHITECTURE.md."

use super::*;

const GOOD: &str = "# Architecture\n\
    ## `truthound-stores-core`\n**Invariant:** knows no backend.\n### Text\n- `json`, `json/lexer`: reads JSON.\n\
    ## `crates/truthound-stores-memory`\n**Invariant:** keeps nothing on disk.\n| `store` | the store |\n\
    ## How a save travels\n- `save` is not a module here.\n";

fn findings(architecture: &str) -> Vec<String> {
    let tree = Tree::of(&[
        (FILE, architecture),
        ("crates/truthound-stores-core/Cargo.toml", ""),
        ("crates/truthound-stores-core/src/lib.rs", ""),
        ("crates/truthound-stores-core/src/json.rs", ""),
        ("crates/truthound-stores-core/src/json/lexer.rs", ""),
        ("crates/truthound-stores-core/src/json/tests.rs", ""),
        ("crates/truthound-stores-core/src/json/tests/numbers.rs", ""),
        ("crates/truthound-stores-core/tests/it/main.rs", ""),
        ("crates/truthound-stores-memory/Cargo.toml", ""),
        ("crates/truthound-stores-memory/src/lib.rs", ""),
        ("crates/truthound-stores-memory/src/store.rs", ""),
    ]);
    check(&tree).iter().map(ToString::to_string).collect()
}

#[test]
fn a_complete_text_is_accepted_and_test_files_are_no_modules() {
    assert_eq!(findings(GOOD), [""; 0]);
}

#[test]
fn a_missing_file_is_reported() {
    assert_eq!(check(&Tree::of(&[])).len(), 1);
}

#[test]
fn a_crate_without_a_heading_is_reported() {
    let found = findings(&GOOD.replace("`crates/truthound-stores-memory`", "Memory"));
    assert!(found.concat().contains("no heading names the crate `truthound-stores-memory`"), "{found:?}");
}

#[test]
fn a_module_that_is_not_listed_is_reported() {
    let found = findings(&GOOD.replace(", `json/lexer`", ""));
    assert_eq!(found, ["ARCHITECTURE.md:2: module `json/lexer` of `truthound-stores-core` is not listed"]);
}

#[test]
fn a_module_listed_under_another_crate_does_not_count() {
    let moved = GOOD.replace("| `store` | the store |", "").replace("- `json`", "- `store`, `json`");
    let found = findings(&moved);
    assert!(
        found.concat().contains("module `store` of `truthound-stores-memory` is not listed"),
        "{found:?}"
    );
    assert!(found.concat().contains("`truthound-stores-core` has no module `store`"), "{found:?}");
}

#[test]
fn a_module_that_is_gone_is_reported_where_it_stands() {
    let found = findings(&GOOD.replace("`json/lexer`: reads", "`json/lexer` and `json/gone`: reads"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found.concat().starts_with("ARCHITECTURE.md:5: `truthound-stores-core` has no module `json/gone`")
    );
}

#[test]
fn a_crate_that_is_gone_is_reported() {
    let found = findings(&format!("{GOOD}## `truthound-stores-tape`\n**Invariant:** none.\n"));
    assert_eq!(found, ["ARCHITECTURE.md:11: there is no crate `truthound-stores-tape`"]);
}

#[test]
fn a_crate_without_an_invariant_is_reported_even_if_another_has_one() {
    let found = findings(&GOOD.replace("**Invariant:** keeps nothing on disk.", "Keeps nothing."));
    assert_eq!(found, ["ARCHITECTURE.md:6: `truthound-stores-memory` states no **Invariant:**"]);
}
