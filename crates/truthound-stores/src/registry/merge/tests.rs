//! R-ANY-14: an option given in two places is taken once or refused by name, never dropped.

use serde_json::json;

use super::*;

fn merged(place: &Value, beside: &Value) -> Result<Options> {
    let options = |value: &Value| Options::from_value(value.clone()).unwrap();
    merge(options(place), "the URL", &options(beside))
}

#[test]
fn options_of_both_places_are_kept() {
    for (place, beside, expected) in [
        (json!({"a": 1}), json!({"b": "x"}), json!({"a": 1, "b": "x"})),
        (json!({"a": 1}), json!({"a": 1}), json!({"a": 1})),
        (json!({"a": "12"}), json!({"a": 12}), json!({"a": "12"})),
        (json!({"a": true}), json!({"a": "true"}), json!({"a": true})),
        (json!({"a": 1}), json!({"a": null}), json!({"a": 1})),
        (json!({"a": null}), json!({"a": 1}), json!({"a": 1})),
        (
            json!({"metadata": {"team": "core"}}),
            json!({"metadata": {"zone": "eu"}}),
            json!({"metadata": {"team": "core", "zone": "eu"}}),
        ),
        (
            json!({"pool": {"retry": {"base_delay": "1"}}}),
            json!({"pool": {"retry": {"base_delay": 1, "max_retries": 3}}}),
            json!({"pool": {"retry": {"base_delay": "1", "max_retries": 3}}}),
        ),
    ] {
        let expected = Options::from_value(expected).unwrap();
        assert!(merged(&place, &beside).unwrap() == expected, "{place} with {beside}");
    }
}

#[test]
fn values_that_differ_are_refused_by_name_and_not_shown() {
    for (place, beside, name) in [
        (json!({"password": "one"}), json!({"password": "two"}), "\"password\""),
        (json!({"a": "12"}), json!({"a": 13}), "\"a\""),
        (json!({"a": "1"}), json!({"a": true}), "\"a\""),
        (json!({"metadata": {"team": "one"}}), json!({"metadata": {"team": "two"}}), "\"metadata.team\""),
        (json!({"metadata": {"team": "one"}}), json!({"metadata": "two"}), "\"metadata\""),
    ] {
        let error = merged(&place, &beside).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains("the URL"), "{error}");
        assert!(!error.contains("one") && !error.contains("two"), "{error}");
    }
}
