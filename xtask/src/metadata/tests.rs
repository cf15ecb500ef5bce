//! What is read from cargo's answer.

use super::*;

const ANSWER: &str = r#"{"target_directory": "target", "packages": [{
    "name": "a", "manifest_path": "crates/a/Cargo.toml",
    "targets": [{"kind": ["lib"]}, {"kind": ["test"]}],
    "features": {"memory": ["dep:b", "codecs"]},
    "dependencies": [
        {"name": "b", "kind": null, "req": "^0.1.0", "source": null},
        {"name": "c", "kind": "dev", "req": "*", "source": "git+https://example.org/c"},
        {"name": "d", "kind": "build", "req": "^1", "source": "registry+https://example.org/index"}
    ]}]}"#;

#[test]
fn kinds_sources_and_features_are_read() {
    let metadata = Metadata::parse(ANSWER).unwrap();
    let package = metadata.package("a").unwrap();
    assert!(package.is_library);
    assert_eq!(package.features["memory"], ["dep:b", "codecs"]);
    let kinds: Vec<Kind> = package.dependencies.iter().map(|dependency| dependency.kind).collect();
    assert_eq!(kinds, [Kind::Normal, Kind::Dev, Kind::Build]);
    assert_eq!(package.dependencies[0].source, None);
    assert_eq!(package.dependencies[1].source.as_deref(), Some("git+https://example.org/c"));
}

#[test]
fn a_member_that_is_not_there_is_an_error_that_names_it() {
    let error = Metadata::parse(ANSWER).unwrap().package("z").unwrap_err();
    assert!(error.contains("\"z\""), "{error}");
}

#[test]
fn an_answer_of_another_form_is_an_error_that_names_what_is_missing() {
    let error = Metadata::parse(&ANSWER.replace("\"req\"", "\"wants\"")).unwrap_err();
    assert!(error.contains("\"req\""), "{error}");
}
