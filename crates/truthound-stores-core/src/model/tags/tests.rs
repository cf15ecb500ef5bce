use super::*;

fn tags(text: &str) -> Tags {
    serde_json::from_str(text).unwrap()
}

/// R-ANY-9: tags mean the same here as in the attributes that queries use.
#[test]
fn values_that_are_no_strings_read_as_their_json_text() {
    let tags = tags(r#"{"b": "x", "a": 1, "gone": null, "list": ["y", 2]}"#);
    let seen: Vec<_> = tags.iter().collect();
    assert_eq!(seen, [("b", "x".into()), ("a", "1".into()), ("list", r#"["y",2]"#.into())]);
    assert_eq!(tags.get("gone"), None);
    assert!(Tags::from_iter([("a", "1")]).get("a").is_some());
}

#[test]
fn setting_one_tag_leaves_the_others_as_they_are() {
    let mut tags = tags(r#"{"b": 1, "a": null}"#);
    tags.set("c", "new");
    assert!(tags.remove("b"));
    assert!(!tags.remove("b"));
    assert_eq!(serde_json::to_string(&tags).unwrap(), r#"{"a":null,"c":"new"}"#);
    assert!(!tags.is_empty());
    tags.remove("c");
    assert!(tags.is_empty());
}
