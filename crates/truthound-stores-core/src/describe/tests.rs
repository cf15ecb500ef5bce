use super::*;
use crate::ErrorKind;

fn result(text: &str) -> Result<(String, Attributes)> {
    describe(&Collection::RESULTS, text.as_bytes(), &Reading::default())
}

const START: &str = r#""run_id": "r", "run_time": "2026-01-01", "data_asset": "a", "status": "success""#;

/// R-ANY-9: a document with `tags: null`, `NaN`, unknown fields or an unknown status is described.
#[test]
fn real_documents_have_odd_values() {
    let text = format!(
        r#"{{{START}, "status": "skipped", "tags": null, "results": [{{"x": [NaN, {{}}]}}], "new": {{}},
           "statistics": {{"total_issues": 3.0, "total_rows": -1, "low_issues": "4", "execution_time_ms": NaN}}}}"#
    );
    let (id, attributes) = result(&text).unwrap();
    assert_eq!(id, "r");
    assert_eq!(attributes.status.as_str(), "skipped");
    assert!(attributes.tags.is_empty());
    let counts = &attributes.statistics;
    assert_eq!((counts.total_issues, counts.total_rows, counts.low_issues), (3, 0, 0));
}

#[test]
fn tags_that_are_no_strings_count_as_their_text() {
    let text =
        format!(r#"{{{START}, "tags": {{"a": 1.50, "b": true, "c": null, "d": ["x", 2], "é": "\u00e9"}}}}"#);
    let (_, attributes) = result(&text).unwrap();
    let tags: Vec<_> = attributes.tags.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(tags, [("a", "1.50"), ("b", "true"), ("d", r#"["x",2]"#), ("é", "é")]);
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    for (text, culprit) in [
        ("[]", "not a JSON object"),
        ("3", "not a JSON object"),
        ("{}", "\"run_id\""),
        (r#"{"run_id": 3}"#, "\"run_id\" is a number"),
        (r#"{"run_id": "r"}"#, "\"run_time\""),
        (r#"{"run_id": "r", "run_time": "noon"}"#, "noon"),
        (r#"{"run_id": "r", "run_time": "2026-01-01"}"#, "\"data_asset\""),
        (r#"{"run_id": "r", "run_time": "2026-01-01", "data_asset": "a", "status": null}"#, "\"status\""),
        (r#"{"run_id": "r""#, ""),
    ] {
        let error = result(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{text}");
        assert!(error.to_string().contains(culprit), "{text}: {error}");
    }
}

#[test]
fn the_last_of_two_equal_names_holds() {
    let text = format!(r#"{{{START}, "run_id": "second", "tags": {{"a": "1", "a": "2"}}}}"#);
    let (id, attributes) = result(&text).unwrap();
    assert_eq!((id.as_str(), attributes.tags["a"].as_str()), ("second", "2"));
}

#[test]
fn suites_and_other_documents_have_their_own_rules() {
    let suite = br#"{"name": "s", "data_asset": "a", "created_at": "2026-01-01", "updated_at": "2026-01-02T00:00:00"}"#;
    let (id, attributes) = describe(&Collection::EXPECTATIONS, suite, &Reading::default()).unwrap();
    assert_eq!((id.as_str(), attributes.suite_name.as_deref()), ("s", Some("s")));
    assert_eq!(attributes.run_time.to_string(), "2026-01-02T00:00:00Z");
    assert_eq!(attributes.status, Status::NONE);

    let reports = Collection::new("reports").unwrap();
    let at = "2026-05-05".parse().unwrap();
    let reading = Reading::default().with_fallback_time(at);
    let (id, attributes) = describe(&reports, br#"{"id": null, "name": "n"}"#, &reading).unwrap();
    assert_eq!((id.as_str(), attributes.run_time), ("n", at));
    assert!(describe(&reports, b"{}", &reading).unwrap_err().to_string().contains("reports"));
}

#[test]
fn the_assumed_zone_is_used() {
    let reading = Reading::default().with_assume_timezone("+09:00".parse().unwrap());
    let (_, attributes) =
        describe(&Collection::RESULTS, format!("{{{START}}}").as_bytes(), &reading).unwrap();
    assert_eq!(attributes.run_time.to_string(), "2025-12-31T15:00:00Z");
}

/// Two ids that differed only in half of a surrogate pair once were one: the second save overwrote the first document.
#[test]
fn an_id_with_half_of_a_surrogate_pair_is_refused() {
    for name in ["run_id", "name"] {
        let text =
            format!(r#"{{"{name}": "q\ud800", "run_time": "2026-01-01", "data_asset": "a", "status": "x"}}"#);
        let collection = if name == "name" { Collection::EXPECTATIONS } else { Collection::RESULTS };
        let error = describe(&collection, text.as_bytes(), &Reading::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains(name), "{error}");
    }
    let asset = format!(r#"{{{START}, "data_asset": "q\ud800"}}"#);
    assert_eq!(result(&asset).unwrap().1.data_asset, "q\u{fffd}");
    let pair = format!(r#"{{{START}, "run_id": "q\ud83d\ude00"}}"#);
    assert_eq!(result(&pair).unwrap().0, "q😀");
}
