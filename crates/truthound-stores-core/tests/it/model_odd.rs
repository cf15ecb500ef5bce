//! R-ANY-9: a document with `tags: null`, `NaN`, unknown fields or an unknown status is returned as it is.
//! Truthound checks no types, so real stores hold all of these; what cannot be read is refused by name.

use truthound_stores_core::json::{Json, Layout};
use truthound_stores_core::{
    Attributes, Body, Collection, Document, Error, ErrorKind, ExpectationSuite, Reading, Result, Status,
    TimeText, ValidationResult, describe,
};

const RESULT: &[u8] = include_bytes!("../fixtures/model/validation_result_from_th_check.json");
const SUITE: &[u8] = include_bytes!("../fixtures/model/expectation_suite.json");

fn parse(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap()
}

/// Finds the value at `path`: names, and the places of items.
fn at<'a>(json: &'a mut Json, path: &str) -> &'a mut Json {
    path.split('.').fold(json, |json, step| match json {
        Json::Array(items) => &mut items[step.parse::<usize>().unwrap()],
        Json::Object(members) => {
            if !members.contains(step) {
                members.set(step, Json::Null);
            }
            members.get_mut(step).unwrap()
        }
        other => panic!("{other} has no {step}"),
    })
}

fn changed(text: &[u8], path: &str, value: &str) -> Json {
    let mut json = Json::parse(text).unwrap();
    *at(&mut json, path) = parse(value);
    json
}

/// Removes the last name of `path`.
fn without(text: &[u8], path: &str) -> Json {
    let mut json = Json::parse(text).unwrap();
    let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
    let parent = if parent.is_empty() { &mut json } else { at(&mut json, parent) };
    parent.as_object_mut().unwrap().remove(name).unwrap();
    json
}

fn result(json: Json) -> Result<ValidationResult> {
    ValidationResult::from_json(json)
}

fn attributes(json: &Json) -> Attributes {
    describe(&Collection::RESULTS, &json.to_vec(Layout::Compact), &Reading::default()).unwrap().1
}

#[test]
fn odd_values_are_written_back_as_they_are() {
    for (path, value) in [
        ("run_time", r#""20240115T103045""#),
        ("run_time", r#""2026-03-01T12:00:00.123+0900""#),
        ("status", r#""skipped""#),
        ("status", r#""failed""#),
        ("status", r#""""#),
        ("results", "null"),
        ("results.0.success", r#""yes""#),
        ("results.0.success", "0"),
        ("results.0.success", "null"),
        ("results.0.column", "7"),
        ("results.0.issue_type", "[1]"),
        ("results.0.count", "1.5"),
        ("results.0.count", "-3"),
        ("results.0.count", "NaN"),
        ("results.0.count", "null"),
        ("results.0.count", "123456789012345678901234567890"),
        ("results.0.severity", r#""blocker""#),
        ("results.0.severity", "{}"),
        ("results.0.message", "false"),
        ("results.0.details", "null"),
        ("results.0.details", r#"["a", NaN]"#),
        ("results.0.execution_time_ms", "Infinity"),
        ("results.0.execution_time_ms", "0"),
        ("results.0.execution_time_ms", "1e400"),
        ("results.0.unknown", r#"{"b": 1.50, "a": null}"#),
        ("statistics", "null"),
        ("statistics", "[]"),
        ("statistics.total_rows", "4.0"),
        ("statistics.total_issues", r#""three""#),
        ("statistics.execution_time_ms", "NaN"),
        ("statistics.execution_time_ms", "null"),
        ("statistics.pass_rate", "NaN"),
        ("statistics.issue_rate", "7"),
        ("statistics.unknown", "1"),
        ("tags", "null"),
        ("tags", "[]"),
        ("tags", r#"{"n": 1, "none": null, "list": ["x"], "s": "y"}"#),
        ("metadata", "null"),
        ("metadata.worst", "-Infinity"),
        ("suite_name", r#""nightly""#),
        ("runtime_environment", "3"),
        ("unknown", r#"{"deep": [NaN, 1e-05]}"#),
    ] {
        let json = changed(RESULT, path, value);
        let read = result(json.clone()).unwrap_or_else(|error| panic!("{path} = {value}: {error}"));
        assert_eq!(read.to_json().unwrap(), json, "{path} = {value}");
        let seen = attributes(&json);
        assert_eq!(seen.statistics, (&read.statistics).into(), "{path} = {value}");
        let tags = read.tags.iter().map(|(name, value)| (name.to_owned(), value.into_owned()));
        assert_eq!(seen.tags, tags.collect(), "{path} = {value}");
        assert_eq!((seen.status, seen.suite_name), (read.status, read.suite_name), "{path} = {value}");
    }
    for (path, value) in [
        ("expectations", "null"),
        ("expectations.0.enabled", r#""no""#),
        ("expectations.0.enabled", "null"),
        ("expectations.0.mostly", "1"),
        ("expectations.0.mostly", "null"),
        ("expectations.0.kwargs", "[]"),
        ("expectations.0.meta", "null"),
        ("expectations.0.unknown", "0"),
        ("created_at", "null"),
        ("updated_at", r#""2026-01-01""#),
        ("meta", "null"),
        ("tags", "null"),
        ("unknown", "[NaN]"),
    ] {
        let json = changed(SUITE, path, value);
        let read = ExpectationSuite::from_json(json.clone()).unwrap();
        assert_eq!(read.to_json().unwrap(), json, "{path} = {value}");
    }
}

#[test]
fn a_change_is_written_and_the_odd_values_beside_it_stay() {
    let mut json = changed(RESULT, "results.0.count", "1.5");
    *at(&mut json, "results.0.success") = parse("0");
    *at(&mut json, "tags") = Json::Null;
    *at(&mut json, "statistics.execution_time_ms") = parse("NaN");
    let mut read = result(json).unwrap();
    read.results[0].count = 9;
    read.tags.set("team", "sales");
    read.statistics.counts.total_rows = 8;
    let mut written = read.to_json().unwrap();
    assert_eq!(*at(&mut written, "results.0.count"), parse("9"));
    assert_eq!(*at(&mut written, "results.0.success"), parse("0"));
    assert_eq!(*at(&mut written, "tags"), parse(r#"{"team": "sales"}"#));
    assert_eq!(*at(&mut written, "statistics.execution_time_ms"), parse("NaN"));
    assert_eq!(*at(&mut written, "statistics.issue_rate"), parse("0.375"));
}

#[test]
fn setting_a_field_to_the_value_it_was_read_as_changes_nothing() {
    let json = changed(RESULT, "status", r#""failed""#);
    let mut read = result(json.clone()).unwrap();
    read.status = Status::FAILURE;
    assert_eq!(read.to_json().unwrap(), json);
    read.status = Status::SUCCESS;
    assert_eq!(*at(&mut read.to_json().unwrap(), "status"), parse(r#""success""#));
}

#[test]
fn what_is_missing_is_written_with_its_default() {
    let text = r#"{"unknown": 1, "status": "success", "data_asset": "a", "run_time": "2026-01-01T00:00:00",
        "run_id": "run_min"}"#;
    let mut minimal =
        Json::parse(include_bytes!("../fixtures/model/validation_result_minimal_defaults.json")).unwrap();
    minimal.as_object_mut().unwrap().set("unknown", 1);
    assert_eq!(result(parse(text)).unwrap().to_json().unwrap(), minimal);

    let suite = ExpectationSuite::from_json(parse(
        r#"{"data_asset": "a", "name": "s", "expectations": [{"expectation_type": "t"}]}"#,
    ));
    // A time that nobody knows stays away: null would keep Truthound from reading the suite.
    assert_eq!(
        suite.unwrap().to_json().unwrap().to_string(),
        concat!(
            r#"{"name":"s","data_asset":"a","expectations":[{"expectation_type":"t","column":null,"kwargs":{},"#,
            r#""meta":{},"enabled":true,"mostly":1.0}],"meta":{},"tags":{}}"#
        )
    );
}

fn assert_names(error: &Error, place: &str) {
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.message().starts_with(&format!("{place:?} ")), "{error}");
}

#[test]
fn what_is_required_is_named_when_it_is_missing_or_wrong() {
    for (path, place) in [
        ("run_id", "run_id"),
        ("run_time", "run_time"),
        ("data_asset", "data_asset"),
        ("status", "status"),
        ("results.3.validator_name", "results[3].validator_name"),
    ] {
        assert_names(&result(without(RESULT, path)).unwrap_err(), place);
        assert_names(&result(changed(RESULT, path, "null")).unwrap_err(), place);
        assert_names(&result(changed(RESULT, path, "5")).unwrap_err(), place);
    }
    assert_names(&result(without(RESULT, "results.2.success")).unwrap_err(), "results[2].success");
    assert_names(&result(changed(RESULT, "run_time", r#""yesterday""#)).unwrap_err(), "run_time");
    assert_names(&result(changed(RESULT, "results", "{}")).unwrap_err(), "results");
    assert_names(&result(changed(RESULT, "results.1", "[]")).unwrap_err(), "results[1]");
    for (path, place) in [
        ("name", "name"),
        ("data_asset", "data_asset"),
        ("expectations.0.expectation_type", "expectations[0].expectation_type"),
    ] {
        assert_names(&ExpectationSuite::from_json(without(SUITE, path)).unwrap_err(), place);
    }
    let late = changed(SUITE, "updated_at", "5");
    assert_names(&ExpectationSuite::from_json(late).unwrap_err(), "updated_at");
    let error = result(Json::Array(vec![])).unwrap_err();
    assert_eq!(error.message(), "the document is an array: it must be an object");
}

#[test]
fn an_unreadable_time_says_which_text_it_is() {
    let error = result(changed(RESULT, "run_time", r#""yesterday""#)).unwrap_err();
    assert!(error.report().contains("yesterday"), "{}", error.report());
}

#[test]
fn numbers_of_our_own_must_be_finite() {
    let read = || result(Json::parse(RESULT).unwrap()).unwrap();
    let mut nan = read();
    nan.results[3].execution_time_ms = f64::NAN;
    assert_names(&nan.to_json().unwrap_err(), "results[3].execution_time_ms");
    let mut infinite = read();
    infinite.statistics.counts.execution_time_ms = f64::INFINITY;
    assert_names(&infinite.to_json().unwrap_err(), "statistics.execution_time_ms");
    // One infinity came with the document, the other did not.
    let mut other = result(changed(RESULT, "results.0.execution_time_ms", "Infinity")).unwrap();
    other.results[0].execution_time_ms = f64::NEG_INFINITY;
    assert_names(&other.to_json().unwrap_err(), "results[0].execution_time_ms");
    let mut suite = ExpectationSuite::from_json(Json::parse(SUITE).unwrap()).unwrap();
    suite.expectations[1].mostly = f64::NAN;
    assert_names(&suite.to_json().unwrap_err(), "expectations[1].mostly");
}

#[test]
fn extra_fields_cannot_take_the_place_of_known_ones() {
    let mut read = result(Json::parse(RESULT).unwrap()).unwrap();
    read.extra.set("status", "success");
    assert_names(&read.to_json().unwrap_err(), "status");
    let mut read = result(Json::parse(RESULT).unwrap()).unwrap();
    read.statistics.extra.set("pass_rate", 1);
    assert_names(&read.to_json().unwrap_err(), "statistics.pass_rate");
}

#[test]
fn a_new_time_replaces_the_text() {
    let body = Body::parse(RESULT).unwrap();
    let mut read = (*body.parsed::<ValidationResult>().unwrap()).clone();
    read.run_time = TimeText::new("2026-05-01T00:00:00+02:00").unwrap();
    let written = read.to_json().unwrap();
    assert_eq!(attributes(&written).run_time.to_string(), "2026-04-30T22:00:00Z");
    assert!(TimeText::new("soon").is_err());
}
