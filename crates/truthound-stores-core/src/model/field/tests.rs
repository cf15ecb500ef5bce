use super::*;

fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap()
}

/// Reads `text`, and checks that its original is remembered just if writing the value would not give it back.
fn read<F: Field>(text: &str, default: F) -> F {
    let (value, odd) = F::read(json(text), default);
    match odd {
        Some(original) => {
            assert_eq!(original, json(text));
            assert_ne!(value.write().ok(), Some(json(text)), "{text} need not be remembered");
        }
        None => assert_eq!(value.write().unwrap(), json(text)),
    }
    value
}

#[test]
fn truth_is_what_python_says() {
    for (text, truth) in [
        ("true", true),
        ("false", false),
        ("1", true),
        ("-0.5", true),
        ("0", false),
        ("-0.0", false),
        ("0e5", false),
        ("NaN", true),
        (r#""yes""#, true),
        (r#""false""#, true),
        (r#""""#, false),
        ("null", false),
        ("[]", false),
        ("[0]", true),
        ("{}", false),
        (r#"{"a":0}"#, true),
    ] {
        assert_eq!(read(text, true), truth, "{text}");
    }
}

#[test]
fn counts_are_whole_and_never_negative() {
    for (text, count) in [
        ("0", 0),
        ("18446744073709551615", u64::MAX),
        ("1.5", 1),
        ("3.0", 3),
        ("1e3", 1000),
        ("-0", 0),
        ("-7", 0),
        ("1e300", u64::MAX),
        ("Infinity", u64::MAX),
        ("NaN", 0),
        ("null", 5),
        ("true", 5),
        (r#""12""#, 5),
        ("[1]", 5),
    ] {
        assert_eq!(read(text, 5_u64), count, "{text}");
    }
}

#[test]
fn floats_keep_the_texts_of_other_writers() {
    for (text, value) in [
        ("0.0", 0.0),
        ("1e-05", 1e-5),
        ("1.50", 1.5),
        ("3", 3.0),
        ("1E2", 100.0),
        ("1e400", f64::INFINITY),
        ("-Infinity", f64::NEG_INFINITY),
        ("NaN", f64::NAN),
        ("null", 0.25),
        (r#""0.5""#, 0.25),
    ] {
        assert!(read(text, 0.25).same(&value), "{text}");
    }
}

#[test]
fn texts_that_are_none_are_shown_as_json() {
    for (text, value) in [
        (r#""email""#, Some("email")),
        ("null", None),
        ("5", Some("5")),
        (r#"["a", {"b": 1}]"#, Some(r#"["a",{"b":1}]"#)),
    ] {
        assert_eq!(read(text, None::<String>).as_deref(), value, "{text}");
    }
}

#[test]
fn what_is_no_object_has_no_members() {
    for text in ["null", "[1]", r#""a""#, "1"] {
        assert!(read(text, Object::new()).is_empty(), "{text}");
    }
    assert_eq!(read(r#"{"b": 1, "a": NaN}"#, Object::new()).len(), 2);
}

#[test]
fn a_float_that_is_not_finite_is_refused_by_its_value() {
    for (value, named) in [(f64::NAN, "is NaN"), (f64::NEG_INFINITY, "is -Infinity")] {
        let error = crate::Error::from(value.write().unwrap_err().within("mostly"));
        assert!(error.to_string().contains(named), "{error}");
    }
}
