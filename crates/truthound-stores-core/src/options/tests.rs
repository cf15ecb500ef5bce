use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::*;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(default)]
struct Sample {
    count: u32,
    rate: f64,
    on: bool,
    name: Option<String>,
    mode: Mode,
    labels: BTreeMap<String, String>,
    fields: Vec<String>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Mode {
    #[default]
    Fast,
    VerySafe,
}

impl Default for Sample {
    fn default() -> Self {
        Self {
            count: 1,
            rate: 0.5,
            on: false,
            name: None,
            mode: Mode::Fast,
            labels: BTreeMap::new(),
            fields: Vec::new(),
        }
    }
}

const NAMES: &[&str] = &["count", "rate", "on", "name", "mode", "labels", "fields"];

fn read(options: &Options) -> Result<Sample> {
    options.read("sample", NAMES)
}

#[test]
fn text_becomes_the_type_that_the_option_has() {
    let pairs = [
        ("count", "12"),
        ("rate", "1e3"),
        ("on", "true"),
        ("name", "5"),
        ("mode", "very_safe"),
        ("labels.team", "7"),
        ("labels.env", "a.b"),
        ("fields", "password, token"),
    ];
    let sample = read(&Options::from_pairs(pairs).unwrap()).unwrap();
    let expected = Sample {
        count: 12,
        rate: 1000.0,
        on: true,
        name: Some("5".to_owned()),
        mode: Mode::VerySafe,
        labels: [("team".to_owned(), "7".to_owned()), ("env".to_owned(), "a.b".to_owned())].into(),
        fields: vec!["password".to_owned(), "token".to_owned()],
    };
    assert_eq!(sample, expected);
}

#[test]
fn typed_values_are_taken_as_they_are_and_null_means_not_given() {
    let options = Options::from_value(json!({
        "count": 2, "rate": 1, "on": true, "name": null, "mode": "fast", "labels": {"a": "b"}, "fields": ["x"]
    }));
    let sample = read(&options.unwrap()).unwrap();
    assert_eq!((sample.count, sample.on, sample.name), (2, true, None));
    assert_eq!(read(&Options::from_value(json!({"count": null})).unwrap()).unwrap(), Sample::default());
}

/// R-ANY-14: options that are misspelt or of the wrong type are errors that name the key.
#[test]
fn what_is_wrong_is_named_and_its_value_is_not_shown() {
    for (options, parts) in [
        (json!({"cuont": 3}), vec!["\"cuont\"", "\"count\"", "sample"]),
        (json!({"banana": 3}), vec!["\"banana\"", "count, rate, on"]),
        (json!({"count": -1}), vec!["\"count\"", "sample"]),
        (json!({"count": "-1"}), vec!["\"count\"", "not negative"]),
        (json!({"count": "s3cret"}), vec!["\"count\"", "whole number"]),
        (json!({"count": [1]}), vec!["\"count\"", "list"]),
        (json!({"count": 5_000_000_000_u64}), vec!["\"count\""]),
        (json!({"on": "maybe"}), vec!["\"on\"", "true or false"]),
        (json!({"on": "s3cret"}), vec!["\"on\""]),
        (json!({"mode": "s3cret"}), vec!["\"mode\"", "fast, very_safe"]),
        (json!({"name": {"s3cret": 1}}), vec!["\"name\"", "table"]),
        (json!({"labels": "s3cret"}), vec!["\"labels\"", "text"]),
    ] {
        let error = read(&Options::from_value(options.clone()).unwrap()).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Invalid);
        let text = format!("{error} {error:?}");
        for part in parts {
            assert!(text.contains(part), "{options}: {text}");
        }
        assert!(!text.contains("s3cret"), "{text}");
    }
}

#[test]
fn an_option_given_twice_is_an_error() {
    for pairs in [[("a", "1"), ("a", "2")], [("a.b", "1"), ("a.b", "2")], [("a", "1"), ("a.b", "2")]] {
        assert!(Options::from_pairs(pairs).unwrap_err().to_string().contains("twice"));
    }
    let mut options = Options::new().with("a", 1);
    assert!(options.set_once("a", 1).is_ok());
    assert!(options.set_once("a", 2).is_err());
}

#[test]
fn debug_output_shows_names_only() {
    let options = Options::new().with("account_key", "s3cret");
    assert_eq!(format!("{options:?}"), "{\"account_key\"}");
}
