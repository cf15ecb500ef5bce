//! No document makes the typed model panic, and reading and writing it back changes nothing: known fields
//! take their fixed places, those that are absent get their defaults, and everything else stays as it was.

use proptest::prelude::*;
use truthound_stores_core::json::{Json, Number, Object, python_float};
use truthound_stores_core::{Document, ExpectationSuite, ValidationResult};

/// The fields of one object in order, with the JSON text of the default of those that have one.
type Fields = [(&'static str, Option<&'static str>)];

const RESULT: &Fields = &[
    ("run_id", None),
    ("run_time", None),
    ("data_asset", None),
    ("status", None),
    ("results", Some("[]")),
    ("statistics", Some("{}")),
    ("tags", Some("{}")),
    ("metadata", Some("{}")),
    ("suite_name", Some("null")),
    ("runtime_environment", Some("{}")),
];

const VALIDATOR: &Fields = &[
    ("validator_name", None),
    ("success", None),
    ("column", Some("null")),
    ("issue_type", Some("null")),
    ("count", Some("0")),
    ("severity", Some("null")),
    ("message", Some("null")),
    ("details", Some("{}")),
    ("execution_time_ms", Some("0.0")),
];

const STATISTICS: &Fields = &[
    ("total_validators", Some("0")),
    ("passed_validators", Some("0")),
    ("failed_validators", Some("0")),
    ("error_validators", Some("0")),
    ("total_rows", Some("0")),
    ("total_columns", Some("0")),
    ("total_issues", Some("0")),
    ("critical_issues", Some("0")),
    ("high_issues", Some("0")),
    ("medium_issues", Some("0")),
    ("low_issues", Some("0")),
    ("execution_time_ms", Some("0.0")),
    // Their defaults follow from the counts: generated statistics have both, or no members at all.
    ("pass_rate", Some("1.0")),
    ("issue_rate", Some("0.0")),
];

const SUITE: &Fields = &[
    ("name", None),
    ("data_asset", None),
    ("expectations", Some("[]")),
    ("meta", Some("{}")),
    ("created_at", None),
    ("updated_at", None),
    ("tags", Some("{}")),
];

const EXPECTATION: &Fields = &[
    ("expectation_type", None),
    ("column", Some("null")),
    ("kwargs", Some("{}")),
    ("meta", Some("{}")),
    ("enabled", Some("true")),
    ("mostly", Some("1.0")),
];

/// Says what writing back must give, in the plainest way.
fn expected(json: &Json, fields: &Fields) -> Json {
    let Json::Object(members) = json else { return json.clone() };
    let mut written = Object::new();
    for (name, default) in fields {
        let default = default.map(|text| Json::parse(text.as_bytes()).unwrap());
        let Some(value) = members.get(name).cloned().or(default) else { continue };
        let value = match (*name, &value) {
            ("statistics", _) => expected(&value, STATISTICS),
            ("results", Json::Array(items)) => each(items, VALIDATOR),
            ("expectations", Json::Array(items)) => each(items, EXPECTATION),
            _ => value,
        };
        written.set(*name, value);
    }
    for (name, value) in members.iter().filter(|(name, _)| fields.iter().all(|(known, _)| known != name)) {
        written.set(name, value.clone());
    }
    written.into()
}

fn each(items: &[Json], fields: &Fields) -> Json {
    Json::Array(items.iter().map(|item| expected(item, fields)).collect())
}

fn number() -> impl Strategy<Value = Json> {
    const TEXTS: &[&str] = &["NaN", "Infinity", "-Infinity", "-0", "1e400", "1.50", "1E5", "0.0", "1e-05"];
    let text = prop_oneof![
        prop::sample::select(TEXTS).prop_map(str::to_owned),
        any::<i64>().prop_map(|value| value.to_string()),
        any::<u64>().prop_map(|value| value.to_string()),
        any::<f64>().prop_map(python_float),
        "[1-9][0-9]{0,30}(\\.[0-9]{1,5})?",
    ];
    text.prop_map(|text| Json::Number(Number::parse(&text).unwrap()))
}

fn text() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &["", "failed", "success", "critical", "2026-01-31", "run_1", "null", "\u{1f600}"];
    prop_oneof![prop::sample::select(WORDS).prop_map(str::to_owned), ".{0,8}"]
}

fn value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        number(),
        text().prop_map(Json::String)
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            prop::collection::vec((text(), inner), 0..4)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

/// Makes an object of some of the `fields`, in any order, with any values; those in `sound` are as given.
fn object(fields: &'static Fields, sound: Vec<(&'static str, BoxedStrategy<Json>)>) -> BoxedStrategy<Json> {
    let is_sound = |name: &str| sound.iter().any(|(known, _)| *known == name);
    let loose: Vec<&str> = fields.iter().map(|(name, _)| *name).filter(|name| !is_sound(name)).collect();
    let loose = if loose.is_empty() {
        Just(Vec::new()).boxed()
    } else {
        let name = prop_oneof![4 => prop::sample::select(loose).prop_map(str::to_owned), 1 => "x_[a-z]{1,3}"];
        prop::collection::vec((name, value()), 0..10).boxed()
    };
    let sound: Vec<_> = sound
        .into_iter()
        .map(|(name, value)| value.prop_map(move |value| (name.to_owned(), value)))
        .collect();
    (loose, sound)
        .prop_map(|(loose, sound)| [loose, sound].concat())
        .prop_shuffle()
        .prop_map(|members| Json::Object(members.into_iter().collect()))
        .boxed()
}

fn string() -> BoxedStrategy<Json> {
    text().prop_map(Json::String).boxed()
}

fn time() -> BoxedStrategy<Json> {
    const TEXTS: &[&str] =
        &["2026-01-31", "20240115T103045", "2026-03-01 12:00:00.5+0900", "2026-01-01T00:01:00.123456"];
    prop::sample::select(TEXTS).prop_map(Json::from).boxed()
}

fn list(item: BoxedStrategy<Json>) -> BoxedStrategy<Json> {
    prop_oneof![1 => Just(Json::Null), 4 => prop::collection::vec(item, 0..3).prop_map(Json::Array)].boxed()
}

fn result() -> BoxedStrategy<Json> {
    let validator = object(VALIDATOR, vec![("validator_name", string()), ("success", value().boxed())]);
    let rates = vec![("pass_rate", value().boxed()), ("issue_rate", value().boxed())];
    let statistics =
        prop_oneof![4 => object(STATISTICS, rates), 1 => Just(Json::Object(Object::new())), 1 => number()];
    let sound = vec![
        ("run_id", string()),
        ("run_time", time()),
        ("data_asset", string()),
        ("status", string()),
        ("results", list(validator)),
        ("statistics", statistics.boxed()),
    ];
    object(RESULT, sound)
}

fn suite() -> BoxedStrategy<Json> {
    let expectation = object(EXPECTATION, vec![("expectation_type", string())]);
    let maybe_time = || prop_oneof![Just(Json::Null), time()].boxed();
    let sound = vec![
        ("name", string()),
        ("data_asset", string()),
        ("expectations", list(expectation)),
        ("created_at", maybe_time()),
        ("updated_at", maybe_time()),
    ];
    object(SUITE, sound)
}

proptest! {
    #[test]
    fn results_are_written_back_as_they_were_read(json in result()) {
        let read = ValidationResult::from_json(json.clone()).unwrap();
        let written = read.to_json().unwrap();
        prop_assert_eq!(&written, &expected(&json, RESULT));
        let again = ValidationResult::from_json(written.clone()).unwrap();
        prop_assert_eq!(again.to_json().unwrap(), written);
        read.summary();
    }

    #[test]
    fn suites_are_written_back_as_they_were_read(json in suite()) {
        let read = ExpectationSuite::from_json(json.clone()).unwrap();
        prop_assert_eq!(read.to_json().unwrap(), expected(&json, SUITE));
    }

    #[test]
    fn anything_is_read_whole_or_refused(json in prop_oneof![object(RESULT, vec![]), object(SUITE, vec![]), value()]) {
        if let Ok(read) = ValidationResult::from_json(json.clone()) {
            read.to_json().unwrap();
        }
        if let Ok(read) = ExpectationSuite::from_json(json) {
            read.to_json().unwrap();
        }
    }
}
