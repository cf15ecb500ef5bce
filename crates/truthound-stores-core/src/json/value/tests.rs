use super::super::{Layout, MAX_DEPTH, Number, Object};
use super::Json;

fn parse(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap()
}

#[test]
fn a_document_is_parsed_into_its_values() {
    let json = parse(r#"{"a":[1,"s\n",true,null,{}],"b":{"c":-1.50e3}}"#);
    assert_eq!(json.get("a").and_then(Json::as_array).map(<[Json]>::len), Some(5));
    let items = json.get("a").and_then(Json::as_array).unwrap();
    assert_eq!(items[0].as_i64(), Some(1));
    assert_eq!(items[1].as_str(), Some("s\n"));
    assert_eq!(items[2].as_bool(), Some(true));
    assert!(items[3].is_null());
    assert_eq!(items[4].as_object().map(Object::len), Some(0));
    assert_eq!(json.get("b").and_then(|b| b.get("c")).and_then(Json::as_f64), Some(-1500.0));
    assert!(Json::parse(b"[1,").is_err());
}

#[test]
fn an_accessor_of_another_type_answers_nothing() {
    let mut text = Json::from("1");
    assert_eq!(text.as_i64(), None);
    assert_eq!(text.as_f64(), None);
    assert_eq!(text.as_bool(), None);
    assert_eq!(text.as_array(), None);
    assert_eq!(text.get("a"), None);
    assert!(text.as_object_mut().is_none());
    assert!(!text.is_null());
    assert_eq!(Json::from(1).as_str(), None);
}

#[test]
fn of_duplicate_names_the_last_value_wins_at_the_first_place() {
    assert_eq!(parse(r#"{"a":1,"b":2,"\u0061":[3]}"#).to_string(), r#"{"a":[3],"b":2}"#);
}

#[test]
fn numbers_and_order_survive_and_lone_surrogates_do_not() {
    let text = r#"{"z":1.50,"a":[1E400,-0,NaN,-Infinity,1e-05],"m":{"é":"\u0000"}}"#;
    assert_eq!(parse(text).to_string(), text);
    assert_eq!(parse(r#"["\ud800","\ud83d\ude00"]"#).to_string(), "[\"\u{fffd}\",\"😀\"]");
}

#[test]
fn every_layout_is_that_of_relayout() {
    let text = r#"[[],{},[[1,{"a":[{}]}]],"é\"",{"k":{"l":[true,false,null]}}]"#.as_bytes();
    for layout in [Layout::Compact, Layout::Pretty, Layout::Spaced] {
        assert_eq!(Json::parse(text).unwrap().to_vec(layout), super::super::relayout(text, layout).unwrap());
    }
}

#[test]
fn depth_is_bounded_when_read_and_harmless_when_written() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(parse(&nested(MAX_DEPTH)).to_string(), nested(MAX_DEPTH));
    assert!(Json::parse(nested(MAX_DEPTH + 1).as_bytes()).is_err());
    let mut deep = Json::Array(Vec::new());
    for _ in 1..1000 {
        deep = Json::from(vec![deep]);
    }
    assert_eq!(deep.to_string(), nested(1000));
}

#[test]
fn values_are_made_of_what_rust_has() {
    let json = Json::from(vec![
        Json::from(true),
        Json::from(-1_i32),
        Json::from(i64::MIN),
        Json::from(1_u32),
        Json::from(u64::MAX),
        Json::from(7_usize),
        Json::try_from(1e16).unwrap(),
        Json::from(Number::parse("1.50").unwrap()),
        Json::from("s"),
        Json::from(String::from("t")),
        Json::from(Object::new()),
        Json::from(Some("u")),
        Json::from(None::<bool>),
        Json::default(),
    ]);
    assert_eq!(
        json.to_string(),
        r#"[true,-1,-9223372036854775808,1,18446744073709551615,7,1e+16,1.50,"s","t",{},"u",null,null]"#
    );
    assert!(Json::try_from(f64::NAN).is_err());
}
