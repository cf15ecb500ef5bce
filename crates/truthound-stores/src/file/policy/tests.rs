//! One set of settings in each format, and what is wrong with a file.

use truthound_stores_core::ErrorKind;

use super::*;
use crate::RetentionConfig;

fn lookup(name: &str) -> Option<String> {
    (name == "BACKUP").then(|| "/backup".to_owned())
}

const TOML: &str = r#"
archive = "file:${BACKUP}/results"
grace_days = 0.5
[[policies]]
type = "time"
max_age_days = 90
action = "archive"
[[policies]]
type = "keep"
daily = 7
"#;

#[test]
fn toml_and_json_say_the_same() {
    let json = r#"{"archive": "file:${BACKUP}/results", "grace_days": 0.5, "policies": [
        {"type": "time", "max_age_days": 90, "action": "archive"}, {"type": "keep", "daily": 7}]}"#;
    let read = |text: &str, name: &str| {
        let file = PolicyFile::parse(text, name, &lookup).unwrap();
        RetentionConfig::from_options(file.options()).unwrap()
    };
    let (toml, json) = (read(TOML, "a.toml"), read(json, "a.json"));
    assert_eq!(toml, json);
    assert_eq!(toml.archive.unwrap().to_string(), "file:/backup/results");
    assert_eq!(read(TOML, "policies").policies.len(), 2, "TOML unless the name says something else");
}

#[cfg(feature = "yaml")]
#[test]
fn yaml_says_the_same() {
    let yaml = "archive: file:${BACKUP}/results\ngrace_days: 0.5\npolicies:\n  - {type: time, max_age_days: 90, action: archive}\n  - type: keep\n    daily: 7\n";
    let read = |text: &str, name: &str| {
        let file = PolicyFile::parse(text, name, &lookup).unwrap();
        RetentionConfig::from_options(file.options()).unwrap()
    };
    for name in ["a.yaml", "a.YML"] {
        assert_eq!(read(yaml, name), read(TOML, "a.toml"));
    }
}

#[test]
fn what_is_wrong_is_named_with_the_file() {
    for (text, name, said) in [
        ("policies = [", "a.toml", "not TOML, line 1"),
        ("archive = '${GONE}'", "a.toml", "policies.archive needs the environment variable GONE"),
        (r#"{"policies": [{"x": "${GONE}"}]}"#, "a.json", "policies.policies[0].x needs the environment"),
        ("{", "a.json", ""),
        ("[1]", "a.json", "options are an object"),
    ] {
        let error = PolicyFile::parse(text, name, &lookup).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{text}: {error}");
        assert!(error.to_string().contains(said) && error.context("file") == Some(name), "{text}: {error}");
    }
    let error = PolicyFile::read("/there/is/no/such.toml", &lookup).unwrap_err();
    assert!(error.to_string().contains("there is no such file of policies"), "{error}");
}
