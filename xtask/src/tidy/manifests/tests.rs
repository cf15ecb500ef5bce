//! Each rule is seen to fail on a manifest that breaks it and nothing else.

use super::*;

const GOOD: &str = r#"
[package]
name = "a"
description = "What it is"
version.workspace = true
license.workspace = true
[package.metadata.docs.rs]
all-features = true
[lints]
workspace = true
[dependencies]
serde.workspace = true
tokio = { workspace = true, features = ["rt"] }
[target.'cfg(unix)'.dependencies]
rustix.workspace = true
"#;

fn findings(manifest: &str) -> Vec<String> {
    let tree = Tree::of(&[("crates/a/Cargo.toml", manifest), ("crates/a/src/lib.rs", "")]);
    check(&tree).into_iter().map(|finding| finding.message).collect()
}

fn only(manifest: &str, expected: &str) {
    let found = findings(manifest);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found.concat().contains(expected), "{found:?}");
}

#[test]
fn a_good_member_is_accepted() {
    assert_eq!(findings(GOOD), [""; 0]);
}

#[test]
fn a_version_outside_the_root_manifest_is_reported() {
    only(&GOOD.replace("serde.workspace = true", "serde = \"1\""), "[dependencies] serde");
    only(
        &GOOD.replace("rustix.workspace = true", "rustix = { version = \"1\" }"),
        "target.cfg(unix).dependencies",
    );
    only(&GOOD.replace("version.workspace = true", "version = \"0.2.0\""), "version of its own");
}

#[test]
fn lints_of_its_own_are_reported() {
    only(&GOOD.replace("[lints]\nworkspace = true", "[lints.clippy]\npedantic = \"allow\""), "[lints]");
}

#[test]
fn a_member_says_what_it_is_and_under_which_licence() {
    only(&GOOD.replace("\"What it is\"", "\" \""), "`description`");
    only(&GOOD.replace("license.workspace = true", ""), "`license`");
    only(&GOOD.replace("name = \"a\"", "name = \"b\""), "named as its folder");
}

#[test]
fn a_library_has_docs_rs_metadata_and_a_program_needs_none() {
    let without = GOOD.replace("[package.metadata.docs.rs]\nall-features = true", "");
    only(&without, "docs.rs");
    let program = Tree::of(&[("crates/a/Cargo.toml", without.as_str()), ("crates/a/src/main.rs", "")]);
    assert_eq!(check(&program), []);
}

#[test]
fn the_root_names_no_git_repository_and_switches_our_default_features_off() {
    let root = |line: &str| {
        let text = format!("[workspace.dependencies]\n{line}\n");
        check(&Tree::of(&[("Cargo.toml", text.as_str())])).len()
    };
    assert_eq!(root("serde = { git = \"https://example.org/serde\" }"), 1);
    assert_eq!(root("truthound-stores-core = { path = \"crates/truthound-stores-core\" }"), 1);
    assert_eq!(root("truthound-stores-core = { path = \"x\", default-features = false }"), 0);
}

#[test]
fn a_manifest_that_is_no_toml_is_reported_by_name() {
    let found = check(&Tree::of(&[("crates/a/Cargo.toml", "[package")]));
    assert_eq!(found.first().map(|finding| finding.path.as_str()), Some("crates/a/Cargo.toml"));
}
