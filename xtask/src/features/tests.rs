//! Which sets are planned, and that a warning counts as a failure.

use std::path::PathBuf;

use super::*;

fn library(name: &str, features: &[&str]) -> Package {
    Package {
        name: name.to_owned(),
        manifest_path: PathBuf::new(),
        is_library: true,
        features: features.iter().map(|&name| (name.to_owned(), Vec::new())).collect(),
        dependencies: Vec::new(),
        services: BTreeSet::new(),
    }
}

fn workspace(umbrella: &[&str]) -> Metadata {
    let program = Package { is_library: false, ..library("truthound-stores-cli", &["extra"]) };
    let packages = vec![library(UMBRELLA, umbrella), library("truthound-stores-core", &["zstd"]), program];
    Metadata { packages, target_directory: PathBuf::new() }
}

fn shown(checks: &[Check]) -> Vec<String> {
    checks.iter().map(|check| format!("{} {}", check.package, check.flags.join(" "))).collect()
}

#[test]
fn each_takes_no_feature_and_every_feature_alone_of_every_library() {
    let checks = plan(&workspace(&["default", "filesystem", "memory"]), Mode::Each).unwrap();
    assert_eq!(
        shown(&checks),
        [
            "truthound-stores --no-default-features",
            "truthound-stores --no-default-features --features filesystem",
            "truthound-stores --no-default-features --features memory",
            "truthound-stores-core --no-default-features",
            "truthound-stores-core --no-default-features --features zstd",
        ]
    );
}

#[test]
fn pairs_takes_each_pair_of_the_umbrella_once() {
    let checks = plan(&workspace(&["default", "a", "b", "c"]), Mode::Pairs).unwrap();
    assert_eq!(
        shown(&checks),
        [
            "truthound-stores --no-default-features --features a,b",
            "truthound-stores --no-default-features --features a,c",
            "truthound-stores --no-default-features --features b,c",
        ]
    );
}

#[test]
fn a_promise_of_a_feature_that_is_gone_is_an_error_that_names_it() {
    let umbrella = ["default", "codecs", "filesystem", "memory"];
    let error = plan(&workspace(&umbrella), Mode::Promised).unwrap_err();
    assert!(error.contains("\"config-file\""), "{error}");
}

#[test]
fn the_promised_sets_end_with_what_a_user_gets_who_says_nothing_and_with_all() {
    let backends = ["filesystem", "memory", "mysql", "postgres", "sqlite"];
    let wrappers = ["resilience", "retention", "versioning"];
    let umbrella = [&["default", "codecs", "config-file"], &backends[..], &wrappers[..]].concat();
    let checks = plan(&workspace(&umbrella), Mode::Promised).unwrap();
    let shown = shown(&checks);
    assert!(shown.contains(&"truthound-stores ".to_owned()), "{shown:?}");
    assert!(shown.contains(&"truthound-stores --all-features".to_owned()), "{shown:?}");
}

#[test]
fn warnings_are_taken_from_the_compilers_messages_and_notes_are_not() {
    let stdout = concat!(
        r#"{"reason":"compiler-artifact","fresh":true}"#,
        "\n",
        r#"{"reason":"compiler-message","message":{"level":"warning","rendered":"warning: unused import\n"}}"#,
        "\n",
        r#"{"reason":"compiler-message","message":{"level":"failure-note","rendered":"for more information"}}"#,
        "\nnot JSON\n",
    );
    assert_eq!(messages(stdout), ["warning: unused import"]);
}
