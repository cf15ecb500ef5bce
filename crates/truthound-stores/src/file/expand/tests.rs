//! R-ANY-14 and R-ANY-16: a variable that is not set is named with its key; values never appear.

use super::*;

fn expanded(text: &str) -> Result<String> {
    let lookup = |name: &str| match name {
        "USER" => Some("ann".to_owned()),
        "_EMPTY" => Some(String::new()),
        "NESTED" => Some("${USER}".to_owned()),
        _ => None,
    };
    expand("store.url", text, &lookup)
}

#[test]
fn variables_are_inserted_once_and_other_dollars_stay() {
    for (text, expected) in [
        ("", ""),
        ("plain", "plain"),
        ("${USER}", "ann"),
        ("a${USER}b${_EMPTY}c${USER}", "aannbcann"),
        ("${NESTED}", "${USER}"),
        ("$${USER}", "${USER}"),
        ("$$${USER}", "$${USER}"),
        ("$${", "${"),
        ("$USER $ $$ {USER} }", "$USER $ $$ {USER} }"),
        ("é${USER}é", "éanné"),
    ] {
        assert_eq!(expanded(text).unwrap(), expected, "{text:?}");
    }
}

#[test]
fn what_cannot_be_expanded_names_the_key_and_shows_no_text() {
    for (text, part) in [
        ("secret${TOKEN}", "the environment variable TOKEN, which is not set"),
        ("secret${", "without its }"),
        ("secret${USER", "without its }"),
        ("secret${}", "holds no variable's name"),
        ("${secret-key}", "holds no variable's name"),
        ("secret${USER:-nobody}", "holds no variable's name"),
        ("secret${1}", "holds no variable's name"),
        ("secret${USER}${GONE}", "GONE"),
    ] {
        let error = expanded(text).unwrap_err().to_string();
        assert!(error.starts_with("store.url ") && error.contains(part), "{error}");
        assert!(!error.contains("secret") && !error.contains("ann"), "{error}");
    }
}
