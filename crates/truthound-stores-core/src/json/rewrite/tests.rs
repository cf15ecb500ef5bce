//! R-ANY-9: what is rewritten holds the same values, and reads byte for byte as other programs
//! write it.

use proptest::prelude::*;
use serde_json::Value;

use super::super::{Json, Layout, relayout, strict};

/// Holds every kind of value, escape and white space.
const SOURCE: &str = r#"{"run_id": "run\u005f1", "empty": [[], {}, [[]], [{}]], "numbers": [0, -1, 1.5, 1e-05, 1e+16, 123456789012345678901234567890, NaN, Infinity, -Infinity],
  "text": "\u00e9 é \u007f \u0080 \ud83d\ude00 😀 \ud800 \/ / \" \\ \b\f\n\r\t \u0000 \u001F \u2028 �", "": {"nested": {"deep": [true, false, null, {"한글": "값"}]}} , "lone\udc00": ""}"#;

/// `json.dumps(json.loads(SOURCE), indent=2)` of Python 3.11.
const PRETTY: &str = r#"{
  "run_id": "run_1",
  "empty": [
    [],
    {},
    [
      []
    ],
    [
      {}
    ]
  ],
  "numbers": [
    0,
    -1,
    1.5,
    1e-05,
    1e+16,
    123456789012345678901234567890,
    NaN,
    Infinity,
    -Infinity
  ],
  "text": "\u00e9 \u00e9 \u007f \u0080 \ud83d\ude00 \ud83d\ude00 \ud800 / / \" \\ \b\f\n\r\t \u0000 \u001f \u2028 \ufffd",
  "": {
    "nested": {
      "deep": [
        true,
        false,
        null,
        {
          "\ud55c\uae00": "\uac12"
        }
      ]
    }
  },
  "lone\udc00": ""
}"#;

/// `json.dumps(json.loads(SOURCE))` of Python 3.11.
const SPACED: &str = r#"{"run_id": "run_1", "empty": [[], {}, [[]], [{}]], "numbers": [0, -1, 1.5, 1e-05, 1e+16, 123456789012345678901234567890, NaN, Infinity, -Infinity], "text": "\u00e9 \u00e9 \u007f \u0080 \ud83d\ude00 \ud83d\ude00 \ud800 / / \" \\ \b\f\n\r\t \u0000 \u001f \u2028 \ufffd", "": {"nested": {"deep": [true, false, null, {"\ud55c\uae00": "\uac12"}]}}, "lone\udc00": ""}"#;

/// The canonical form: raw UTF-8; ␡, ␀ and ¶ stand for U+007F, U+0080 and U+2028.
const COMPACT: &str = r#"{"run_id":"run_1","empty":[[],{},[[]],[{}]],"numbers":[0,-1,1.5,1e-05,1e+16,123456789012345678901234567890,NaN,Infinity,-Infinity],"text":"é é ␡ ␀ 😀 😀 \ud800 / / \" \\ \b\f\n\r\t \u0000 \u001f ¶ �","":{"nested":{"deep":[true,false,null,{"한글":"값"}]}},"lone\udc00":""}"#;

fn compact() -> String {
    COMPACT.replace('␡', "\u{7f}").replace('␀', "\u{80}").replace('¶', "\u{2028}")
}

fn text(result: crate::Result<Vec<u8>>) -> String {
    String::from_utf8(result.unwrap()).unwrap()
}

#[test]
fn each_layout_is_written_byte_for_byte() {
    for source in [SOURCE, PRETTY, SPACED, &compact()] {
        assert_eq!(text(relayout(source.as_bytes(), Layout::Pretty)), PRETTY);
        assert_eq!(text(relayout(source.as_bytes(), Layout::Spaced)), SPACED);
        assert_eq!(text(relayout(source.as_bytes(), Layout::Compact)), compact());
    }
}

#[test]
fn number_texts_duplicate_names_and_scalars_stay() {
    let digits = format!("[-{}.50]", "7".repeat(300));
    for source in [r#"{"a":1.50,"a":-0}"#, "[1E400,1e-05,-0.0]", "NaN", "\"\"", "0", "[]", "{}", &digits] {
        assert_eq!(text(relayout(source.as_bytes(), Layout::Compact)), source);
        let with_mark = format!("\u{feff} {source}\n");
        assert_eq!(text(relayout(with_mark.as_bytes(), Layout::Compact)), source);
    }
}

#[test]
fn what_is_no_document_is_refused() {
    for source in ["", "[1,]", "{} {}", "[\"\u{1}\"]"] {
        assert!(relayout(source.as_bytes(), Layout::Compact).is_err(), "{source:?}");
        assert!(strict(source.as_bytes()).is_err(), "{source:?}");
    }
}

#[test]
fn strict_parsers_can_read_the_strict_form() {
    let source = r#"{"a\ud800": [NaN, Infinity, -Infinity, 1e-05, "\udc00\ud800\n", "\ud83d\ude00"]}"#;
    let expected = "{\"a\u{fffd}\":[null,null,null,1e-05,\"\u{fffd}\u{fffd}\\n\",\"😀\"]}";
    assert_eq!(text(strict(source.as_bytes())), expected);
    assert!(serde_json::from_slice::<Value>(&strict(SOURCE.as_bytes()).unwrap()).is_ok());
}

/// Documents with all kinds of values, written with all kinds of escapes and white space.
fn documents() -> impl Strategy<Value = String> {
    let space = || prop::sample::select(vec!["", "", "", " ", "\n", "\t\r\n  "]);
    let character = prop_oneof![
        any::<char>().prop_map(|char| match char {
            '"' | '\\' => format!("\\{char}"),
            '\0'..' ' => format!("\\u{:04x}", u32::from(char)),
            _ => char.to_string(),
        }),
        any::<u16>().prop_map(|unit| format!("\\u{unit:04x}")),
        any::<u16>().prop_map(|unit| format!("\\u{unit:04X}")),
        (0xd800_u16..0xe000).prop_map(|unit| format!("\\u{unit:04x}")),
        any::<char>().prop_map(|char| {
            let mut buffer = [0; 2];
            let units = char.encode_utf16(&mut buffer).iter().map(|unit| format!("\\u{unit:04x}"));
            units.collect::<Vec<_>>().concat()
        }),
        prop::sample::select(vec!["\\n", "\\/", "\\\"", "\\\\", "a", "plain text"]).prop_map(str::to_owned),
    ];
    let string = prop::collection::vec(character, 0..8).prop_map(|parts| format!("\"{}\"", parts.concat()));
    let number = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        "-?(0|[1-9][0-9]{0,24})([.][0-9]{1,9})?([eE][+-]?[0-9]{1,3})?",
    ];
    let words = vec!["null", "true", "false", "NaN", "Infinity", "-Infinity"];
    let scalar = prop_oneof![prop::sample::select(words).prop_map(str::to_owned), number, string.clone()];
    let document = scalar.prop_recursive(5, 40, 6, move |inner| {
        let item = (space(), inner.clone(), space()).prop_map(|(a, item, b)| format!("{a}{item}{b}"));
        let member = (space(), string.clone(), space(), space(), inner)
            .prop_map(|(a, name, b, c, value)| format!("{a}{name}{b}:{c}{value}"));
        let items = (space(), prop::collection::vec(item, 0..6));
        let members = (space(), prop::collection::vec(member, 0..6));
        prop_oneof![
            items.prop_map(|(space, items)| format!("[{space}{}]", items.join(","))),
            members.prop_map(|(space, members)| format!("{{{space}{}}}", members.join(","))),
        ]
    });
    (space(), document, space()).prop_map(|(a, document, b)| format!("{a}{document}{b}"))
}

fn without_floats(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => Value::Null,
        Value::Array(items) => items.into_iter().map(without_floats).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, without_floats(value))).collect()
        }
        other => other,
    }
}

proptest! {
    #[test]
    fn all_layouts_hold_the_same_document(source in documents()) {
        let compact = relayout(source.as_bytes(), Layout::Compact).unwrap();
        for layout in [Layout::Compact, Layout::Pretty, Layout::Spaced] {
            let written = relayout(source.as_bytes(), layout).unwrap();
            prop_assert!(layout == Layout::Compact || written.is_ascii());
            prop_assert_eq!(&relayout(&compact, layout).unwrap(), &written);
            prop_assert_eq!(&relayout(&written, Layout::Compact).unwrap(), &compact);
        }
    }

    #[test]
    fn no_value_changes(source in documents()) {
        let compact = relayout(source.as_bytes(), Layout::Compact).unwrap();
        prop_assert_eq!(Json::parse(&compact).unwrap(), Json::parse(source.as_bytes()).unwrap());
        // serde_json is the judge, where it can read the document. It rounds floats less exactly.
        if let Ok(value) = serde_json::from_str::<Value>(&source) {
            prop_assert_eq!(&serde_json::from_slice::<Value>(&compact).unwrap(), &value);
            let ours = Value::from(&Json::parse(source.as_bytes()).unwrap());
            prop_assert_eq!(without_floats(ours), without_floats(value));
        }
    }

    #[test]
    fn the_strict_form_is_read_by_serde_json(source in documents()) {
        let strict = strict(source.as_bytes()).unwrap();
        match serde_json::from_slice::<Value>(&strict) {
            Ok(_) => {}
            Err(error) => {
                prop_assert!(error.to_string().contains("number out of range"), "{}", error);
            }
        }
    }
}
