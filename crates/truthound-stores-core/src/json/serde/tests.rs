use serde_json::{Value, json};

use super::super::{Json, Object};

fn parse(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap()
}

#[test]
fn a_document_goes_through_serde_and_keeps_order_and_types() {
    let text = r#"{"z":[1,-2,18446744073709551615,1.5,3.0,true,null,"é"],"a":{}}"#;
    assert_eq!(serde_json::to_string(&parse(text)).unwrap(), text);
    let json: Json = serde_json::from_str(text).unwrap();
    assert_eq!(json, parse(text));
    let object: Object = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&object).unwrap(), text);
    assert!(serde_json::from_str::<Object>("[]").is_err());
}

#[test]
fn numbers_beyond_integers_go_as_the_nearest_float() {
    for (text, expected) in [
        ("-0", "-0.0"),
        ("1e3", "1000.0"),
        ("18446744073709551616", "1.8446744073709552e+19"),
        ("NaN", "null"),
        ("-Infinity", "null"),
        ("1E400", "null"),
    ] {
        assert_eq!(serde_json::to_string(&parse(text)).unwrap(), expected, "{text}");
    }
}

#[test]
fn an_optional_document_in_a_struct_is_read() {
    #[derive(serde::Deserialize)]
    struct Settings {
        extra: Option<Json>,
        rest: Object,
    }
    let settings: Settings = serde_json::from_str(r#"{"extra":[1],"rest":{"b":1,"a":2}}"#).unwrap();
    assert_eq!(settings.extra, Some(parse("[1]")));
    assert_eq!(Json::from(settings.rest), parse(r#"{"b":1,"a":2}"#));
}

#[test]
fn duplicate_names_are_resolved_as_in_parse() {
    let json: Json = serde_json::from_str(r#"{"a":1,"b":2,"a":3}"#).unwrap();
    assert_eq!(json.to_string(), r#"{"a":3,"b":2}"#);
}

#[test]
fn serde_json_values_are_taken_and_given() {
    let value = json!({"a": [1, -1, u64::MAX, 1.0, 1e-5, null, false, "s"], "b": {}});
    let json = Json::from(value.clone());
    assert_eq!(json.to_string(), r#"{"a":[1,-1,18446744073709551615,1.0,1e-05,null,false,"s"],"b":{}}"#);
    assert_eq!(Value::from(&json), value);
    assert_eq!(Value::from(&parse("[NaN,1E400,-Infinity]")), json!([null, null, null]));
}
