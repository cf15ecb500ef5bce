use proptest::prelude::*;

use super::super::{Layout, MAX_DEPTH, Text, Tokens};
use super::{Token, Writer};
use crate::{ErrorKind, Result};

fn text(raw: &str) -> Text<'_> {
    Text::new(raw).unwrap()
}

#[test]
fn a_token_that_cannot_follow_is_refused_and_not_written() {
    let mut writer = Writer::new(Layout::Compact);
    let refuse = |result: Result<()>, expected: &str| {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert_eq!(error.message(), format!("no JSON document: expected {expected}"));
    };
    refuse(writer.token(Token::EndArray), "a value, got `]`");
    refuse(writer.key("k"), "a value, got a name");
    writer.token(Token::BeginObject).unwrap();
    refuse(writer.token(Token::Null), "a name or `}`, got a value");
    refuse(writer.string("s"), "a name or `}`, got a string");
    refuse(writer.token(Token::BeginArray), "a name or `}`, got `[`");
    refuse(writer.token(Token::EndArray), "a name or `}`, got `]`");
    writer.token(Token::Key(text(r"k\u0041"))).unwrap();
    refuse(writer.token(Token::EndObject), "a member's value, got `}`");
    refuse(writer.token(Token::Key(text("k"))), "a member's value, got a name");
    assert_eq!(writer.token(Token::Number("1.")).unwrap_err().message(), "\"1.\" is not a JSON number");
    writer.token(Token::BeginArray).unwrap();
    refuse(writer.token(Token::EndObject), "a value or `]`, got `}`");
    writer.token(Token::EndArray).unwrap();
    refuse(writer.clone().finish().map(drop), "a name or `}`, got the end");
    writer.token(Token::EndObject).unwrap();
    refuse(writer.token(Token::Null), "nothing more, got a value");
    assert_eq!(writer.finish().unwrap(), br#"{"kA":[]}"#);
    refuse(Writer::new(Layout::Compact).finish().map(drop), "a value, got the end");
}

#[test]
fn nesting_that_could_not_be_read_again_is_not_written() {
    let mut writer = Writer::new(Layout::Compact);
    for _ in 0..MAX_DEPTH {
        writer.token(Token::BeginArray).unwrap();
    }
    let error = writer.token(Token::BeginObject).unwrap_err();
    assert_eq!(error.message(), "no JSON document: nested deeper than 128 levels");
    for _ in 0..MAX_DEPTH {
        writer.token(Token::EndArray).unwrap();
    }
    assert!(writer.finish().is_ok());
}

#[test]
fn producers_strings_are_escaped_as_the_layout_says() {
    let value = "\"\\/\u{8}\u{c}\n\r\t\0\u{1f} \u{7f}\u{80}é\u{2028}\u{ffff}😀";
    for (layout, expected) in [
        (Layout::Compact, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f \u{7f}\u{80}é\u{2028}\u{ffff}😀\""),
        (Layout::Spaced, r#""\"\\/\b\f\n\r\t\u0000\u001f \u007f\u0080\u00e9\u2028\uffff\ud83d\ude00""#),
    ] {
        let mut writer = Writer::new(layout);
        writer.string(value).unwrap();
        assert_eq!(String::from_utf8(writer.finish().unwrap()).unwrap(), expected);
    }
}

fn tokens() -> impl Strategy<Value = Vec<Token<'static>>> {
    let token = prop::sample::select(vec![
        Token::Null,
        Token::Bool(true),
        Token::Number("-1.50"),
        Token::String(text("sé")),
        Token::Key(text("k")),
        Token::BeginArray,
        Token::EndArray,
        Token::BeginObject,
        Token::EndObject,
    ]);
    prop::collection::vec(token, 0..60)
}

proptest! {
    #[test]
    fn accepted_tokens_are_read_again(
        tokens in tokens(),
        layout in prop::sample::select(vec![Layout::Compact, Layout::Pretty, Layout::Spaced]),
    ) {
        let mut writer = Writer::new(layout);
        let mut accepted = tokens;
        accepted.retain(|token| writer.token(*token).is_ok());
        // Completes the document.
        for _ in 0..200 {
            for token in [Token::EndArray, Token::EndObject, Token::Null] {
                let unfinished = writer.clone().finish().is_err();
                if unfinished && writer.token(token).is_ok() {
                    accepted.push(token);
                }
            }
        }
        let written = writer.finish().unwrap();
        let read: Vec<_> = Tokens::new(&written).collect::<Result<_>>().unwrap();
        let decoded = |token: &Token<'_>| match token {
            Token::String(text) => format!("{:?}", text.decode()),
            other => format!("{other:?}"),
        };
        prop_assert_eq!(
            read.iter().map(decoded).collect::<Vec<_>>(),
            accepted.iter().map(decoded).collect::<Vec<_>>()
        );
    }
}
