use super::Text;

fn units(raw: &str) -> Vec<Result<char, u16>> {
    Text::new(raw).unwrap().chars_or_surrogates().collect()
}

#[test]
fn every_escape_is_decoded() {
    let text = Text::new(r#"a\"\\\/\b\f\n\r\t\u0041\u00e9\uD83D\uDE00é\u0000"#).unwrap();
    assert_eq!(text.decode(), "a\"\\/\u{8}\u{c}\n\r\tAé😀é\0");
    assert!(!text.has_lone_surrogate());
    assert_eq!(text.raw(), r#"a\"\\\/\b\f\n\r\t\u0041\u00e9\uD83D\uDE00é\u0000"#);
}

#[test]
fn a_text_without_escapes_is_borrowed() {
    assert!(matches!(Text::new("plain é").unwrap().decode(), std::borrow::Cow::Borrowed("plain é")));
}

#[test]
fn lone_surrogates_are_told_apart_from_pairs() {
    for (raw, decoded, expected) in [
        (r"\ud800", "\u{fffd}", vec![Err(0xd800)]),
        (r"\uDE00\ud83d", "\u{fffd}\u{fffd}", vec![Err(0xde00), Err(0xd83d)]),
        (r"\ud83dx", "\u{fffd}x", vec![Err(0xd83d), Ok('x')]),
        (r"\ud83d\n", "\u{fffd}\n", vec![Err(0xd83d), Ok('\n')]),
        (r"\ud83d\u0041", "\u{fffd}A", vec![Err(0xd83d), Ok('A')]),
        (r"\ud83d\ud83d\ude00", "\u{fffd}😀", vec![Err(0xd83d), Ok('😀')]),
        (r"\ud83d\\ude00", "\u{fffd}\\ude00", {
            let mut units = vec![Err(0xd83d)];
            units.extend("\\ude00".chars().map(Ok));
            units
        }),
    ] {
        let text = Text::new(raw).unwrap();
        assert_eq!(text.decode(), decoded, "{raw}");
        assert_eq!(units(raw), expected, "{raw}");
        assert!(text.has_lone_surrogate(), "{raw}");
    }
    assert_eq!(units(r"x\uffff\udbff\udfff"), [Ok('x'), Ok('\u{ffff}'), Ok('\u{10ffff}')]);
}

#[test]
fn what_cannot_stand_between_quotes_is_refused() {
    for (raw, message) in [
        ("a\"b", "not JSON: a quote in a string must be escaped at line 1, column 2"),
        ("a\nb", "not JSON: a control character in a string must be escaped at line 1, column 2"),
        (r"é\x", "not JSON: a backslash begins no escape that JSON has at line 1, column 2"),
        (r"\u12g4", "not JSON: expected four hexadecimal digits at line 1, column 5"),
        (r"\u123", "not JSON: the text ends inside a string at line 1, column 6"),
        ("\\", "not JSON: the text ends inside a string at line 1, column 2"),
    ] {
        assert_eq!(Text::new(raw).unwrap_err().message(), message, "{raw:?}");
    }
}
