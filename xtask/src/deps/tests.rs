//! Each rule is seen to fail on a seeded violation.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;
use crate::metadata::Dependency;

fn on(name: &str, kind: Kind) -> Dependency {
    Dependency { name: name.to_owned(), kind, req: "^0.1.0".to_owned(), source: None }
}

fn package(name: &str, dependencies: Vec<Dependency>) -> Package {
    Package {
        name: name.to_owned(),
        manifest_path: PathBuf::new(),
        is_library: true,
        features: BTreeMap::new(),
        dependencies,
        services: BTreeSet::new(),
    }
}

fn broken(name: &str, dependency: Dependency) -> Vec<String> {
    let packages = vec![package(name, vec![dependency])];
    internal(&Metadata { packages, target_directory: PathBuf::new() })
}

fn names(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn members_are_not_counted_and_versions_of_one_crate_are_two_crates() {
    let tree = "truthound-stores v0.1.0 (/src/truthound-stores)\nsyn v2.0.119\nsyn v3.0.10\nserde_derive v1.0.229 (proc-macro)\nsyn v3.0.10\n";
    let ours = vec![package(UMBRELLA, vec![])];
    let metadata = Metadata { packages: ours, target_directory: PathBuf::new() };
    let found = external_in(tree, &metadata);
    assert_eq!(found, names(&["serde_derive 1.0.229", "syn 2.0.119", "syn 3.0.10"]));
}

#[test]
fn one_crate_over_the_limit_is_reported_with_the_list() {
    let found = names(&["a 1.0.0", "b 1.0.0"]);
    assert!(judge("set", &found, 2, &[]).is_empty());
    let broken = judge("set", &found, 1, &[]);
    assert!(broken.concat().contains("a 1.0.0, b 1.0.0"), "{broken:?}");
}

#[test]
fn a_forbidden_crate_is_reported_and_one_whose_name_only_begins_alike_is_not() {
    let broken = judge("set", &names(&["ring 0.17.0", "ringbuf 1.0.0"]), 9, &[TLS]);
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken.concat().contains("ring 0.17.0"), "{broken:?}");
}

#[test]
fn core_may_depend_on_no_member() {
    let broken = broken("truthound-stores-core", on("truthound-stores-resilience", Kind::Normal));
    assert_eq!(broken.len(), 1, "{broken:?}");
}

#[test]
fn core_may_use_a_runtime_in_its_tests_only() {
    assert!(broken("truthound-stores-core", on("tokio", Kind::Dev)).is_empty());
    assert_eq!(broken("truthound-stores-core", on("tokio", Kind::Normal)).len(), 1);
}

#[test]
fn a_backend_may_not_depend_on_another_backend() {
    let broken = broken("truthound-stores-s3", on("truthound-stores-filesystem", Kind::Normal));
    assert_eq!(broken.len(), 1, "{broken:?}");
}

#[test]
fn a_wrapper_may_depend_on_core_but_not_on_a_backend() {
    let wrapper = "truthound-stores-caching";
    assert!(broken(wrapper, on("truthound-stores-core", Kind::Normal)).is_empty());
    assert!(broken(wrapper, on("truthound-stores-memory", Kind::Dev)).is_empty());
    assert_eq!(broken(wrapper, on("truthound-stores-memory", Kind::Normal)).len(), 1);
}

#[test]
fn the_testkit_is_for_tests_and_carries_no_version() {
    let testkit = "truthound-stores-testkit";
    assert_eq!(broken("truthound-stores-memory", on(testkit, Kind::Normal)).len(), 1);
    let broken_by_version = broken("truthound-stores-memory", on(testkit, Kind::Dev));
    assert!(broken_by_version.concat().contains("circle"), "{broken_by_version:?}");
    let by_path = Dependency { req: "*".to_owned(), ..on(testkit, Kind::Dev) };
    assert!(broken("truthound-stores-memory", by_path).is_empty());
}

#[test]
fn a_git_dependency_is_refused() {
    let source = Some("git+https://example.org/serde".to_owned());
    let dependency = Dependency { source, ..on("serde", Kind::Normal) };
    assert_eq!(broken("truthound-stores-memory", dependency).len(), 1);
}

#[test]
fn a_crate_without_a_role_must_be_given_one() {
    let broken = broken("truthound-stores-tape", on("serde", Kind::Normal));
    assert!(broken.concat().contains("roles.rs"), "{broken:?}");
}
