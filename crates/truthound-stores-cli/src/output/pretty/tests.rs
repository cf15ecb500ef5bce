use truthound_stores::json::{Layout, relayout};

use super::*;

#[test]
fn the_document_stays_the_same() {
    for canonical in [
        r#"{"a":1.50,"b":[],"c":{},"d":[{"e":"x,:{}[]\"\\"},NaN,null],"f":"데이터 ✓"}"#,
        r#"{"escape":"\u001b[31m","del":"..."}"#,
        "[]",
        "1e-05",
    ] {
        let laid = pretty(canonical);
        assert_eq!(relayout(laid.as_bytes(), Layout::Compact).unwrap(), canonical.as_bytes(), "{laid}");
    }
}

#[test]
fn each_item_has_its_line() {
    assert_eq!(
        pretty(r#"{"a":[1,{"b":"é"}],"c":{}}"#),
        "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"é\"\n    }\n  ],\n  \"c\": {}\n}"
    );
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    assert_eq!(pretty("\"\u{9b}31m\u{7f}\""), r#""\u009b31m\u007f""#);
}
