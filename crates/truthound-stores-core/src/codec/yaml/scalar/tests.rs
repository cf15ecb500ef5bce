use super::*;

fn plain(text: &str) -> Scalar<'_> {
    Scalar::plain(Cow::Borrowed(text))
}

#[test]
fn plain_scalars_resolve_by_the_core_schema() {
    for text in ["", "~", "null", "Null", "NULL"] {
        assert_eq!(plain(text), Scalar::Null, "{text:?}");
    }
    for (text, value) in [("true", true), ("True", true), ("TRUE", true), ("FALSE", false)] {
        assert_eq!(plain(text), Scalar::Bool(value), "{text:?}");
    }
    for text in [
        "yes",
        "No",
        "on",
        "y",
        "nULL",
        "tRUE",
        "NaN",
        "Infinity",
        "inf",
        "1_000",
        "0b1",
        "1:30",
        "2024-01-01",
        "0x",
        "0o8",
        "0xg",
        "1e",
        "e5",
        ".",
        "-",
        "+",
        "-.",
        ".e5",
        "1.2.3",
        "1e5.0",
        "--1",
        "0x-1",
        "-0x1",
        "１",
        "1 2",
        ".nAn",
        "-.nan",
        "<<",
        "=",
    ] {
        assert_eq!(plain(text), Scalar::String(Cow::Borrowed(text)), "{text:?}");
    }
}

#[test]
fn numbers_keep_their_text_unless_json_cannot_write_it() {
    for text in ["0", "-0", "1.50", "1e-05", "1E400", "-12.0e+3", &"9".repeat(300)] {
        assert_eq!(plain(text), Scalar::Number(Cow::Borrowed(text)), "{text:?}");
    }
    for (text, json) in [
        ("+5", "5"),
        ("007", "7"),
        ("-00", "-0"),
        (".5", "0.5"),
        ("-.5e3", "-0.5e3"),
        ("5.", "5.0"),
        ("5.e3", "5.0e3"),
        ("+01.50", "1.50"),
        ("0x1F", "31"),
        ("0o17", "15"),
        ("0xffffffffffffffffff", "4722366482869645213695"),
        (".nan", "NaN"),
        (".inf", "Infinity"),
        ("+.INF", "Infinity"),
        ("-.Inf", "-Infinity"),
    ] {
        assert_eq!(plain(text), Scalar::Number(Cow::Borrowed(json)), "{text:?}");
    }
}

#[test]
fn tags_decide_and_refuse_what_contradicts_them() {
    let number = |text| Some(Scalar::Number(Cow::Borrowed(text)));
    let tagged = |tag, text| Scalar::tagged(tag, Cow::Borrowed(text));
    assert_eq!(tagged("str", "1"), Some(Scalar::String(Cow::Borrowed("1"))));
    assert_eq!(tagged("float", "1e-05"), number("1e-05"));
    assert_eq!(tagged("float", "3"), number("3.0"));
    assert_eq!(tagged("float", ".inf"), number("Infinity"));
    assert_eq!(tagged("int", "0x10"), number("16"));
    assert_eq!(tagged("null", ""), Some(Scalar::Null));
    assert_eq!(tagged("bool", "true"), Some(Scalar::Bool(true)));
    for (tag, text) in
        [("int", "1.5"), ("int", "x"), ("float", "x"), ("bool", "1"), ("null", "0"), ("binary", "x")]
    {
        assert_eq!(tagged(tag, text), None, "!!{tag} {text}");
    }
}

/// What these would be with `PyYAML` (YAML 1.1), were they written plain, is not what they are.
#[test]
fn floats_that_yaml_1_1_takes_for_strings_are_tagged() {
    let written = |text| {
        let mut out = String::new();
        push_number(&mut out, text);
        out
    };
    for text in ["1e5", "1e-05", "1.5e10", "1E400"] {
        assert_eq!(written(text), format!("!!float {text}"));
    }
    for text in ["0", "-1", "1.50", "1.5e+10", "1.0E-7"] {
        assert_eq!(written(text), text);
    }
    assert_eq!(written("NaN"), ".nan");
    assert_eq!(written("Infinity"), ".inf");
    assert_eq!(written("-Infinity"), "-.inf");
}

#[test]
fn strings_are_plain_only_when_nobody_can_mistake_them() {
    let written = |text| {
        let mut out = String::new();
        push_string(&mut out, text);
        out
    };
    for text in ["success", "run_20240101_000000_ab12cd34", "data/orders.csv", "a-b", "e5", "Nano"] {
        assert_eq!(written(text), text);
    }
    for text in [
        "",
        "null",
        "True",
        "YES",
        "no",
        "On",
        "off",
        "y",
        "N",
        "NaN",
        "inf",
        "~",
        "1",
        "-",
        "- a",
        "a: b",
        "a:",
        "a #b",
        "2024-01-01",
        "1e5",
        ".5",
        "_x",
        "é",
        "[",
        "{",
        "&a",
        "*a",
        "!a",
        "%a",
        "@a",
        "`a",
        "a b",
        "<<",
        "=",
        "---",
        "...",
        "/x",
    ] {
        assert_eq!(written(text), format!("\"{text}\""));
    }
    assert_eq!(written("\"\\\n\t\r\0\u{7f}\u{85}\u{9f}"), r#""\"\\\n\t\r\x00\x7f\x85\x9f""#);
    assert_eq!(
        written("\u{a0}é\u{2028}\u{2029}\u{feff}\u{ffff}😀"),
        "\"\u{a0}é\\u2028\\u2029\\ufeff\\uffff😀\""
    );
}
