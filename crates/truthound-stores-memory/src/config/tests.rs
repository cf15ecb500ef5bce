//! R-ANY-14: no option is misread, ignored or without effect; R-ANY-12: spellings of one place are one place.

use truthound_stores_core::ErrorKind;

use super::*;

fn refusal(options: &Options) -> String {
    let error = MemoryConfig::from_options(options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    error.to_string()
}

#[test]
fn every_setting_is_an_option() {
    let pairs = [
        ("namespace", "nightly"),
        ("prefix", "a/b"),
        ("metadata.team", "quality"),
        ("assume_timezone", "+09:00"),
        ("max_items", "7"),
    ];
    let names: Vec<&str> = pairs.iter().filter_map(|(name, _)| name.split('.').next()).collect();
    assert_eq!(names, MemoryConfig::NAMES);
    let read = MemoryConfig::from_options(&Options::from_pairs(pairs).unwrap()).unwrap();
    let expected = MemoryConfig::new()
        .with_namespace("nightly")
        .with_prefix("a/b")
        .with_metadata("team", "quality")
        .with_assume_timezone("+09:00".parse().unwrap())
        .with_max_items(7);
    assert_eq!(read, expected);
    assert_eq!(MemoryConfig::from_options(&Options::new()).unwrap(), MemoryConfig::default());
}

#[test]
fn options_that_have_no_effect_in_memory_are_refused_by_name() {
    for (name, value) in [("serialization_format", "json"), ("compression", "none"), ("compression", "gzip")]
    {
        let message = refusal(&Options::new().with(name, value));
        assert!(message.contains(name) && message.contains("leave it out"), "{message}");
    }
    let absent = Options::new().with("compression", serde_json::Value::Null);
    assert_eq!(MemoryConfig::from_options(&absent).unwrap(), MemoryConfig::default());
}

#[test]
fn unknown_options_and_wrong_types_are_refused_by_name() {
    assert!(refusal(&Options::new().with("max_item", 3)).contains("did you mean \"max_items\"?"));
    assert!(refusal(&Options::new().with("base_path", "/tmp")).contains("base_path"));
    for wrong in ["-1", "1.5", "many", ""] {
        assert!(refusal(&Options::new().with("max_items", wrong)).contains("max_items"), "{wrong}");
    }
    assert!(refusal(&Options::new().with("assume_timezone", "Mars/Olympus")).contains("assume_timezone"));
}

#[test]
fn a_space_has_one_spelling_and_stays_inside() {
    let space = |namespace: &str, prefix: &str| {
        MemoryConfig::new().with_namespace(namespace).with_prefix(prefix).space()
    };
    assert_eq!(space("default", "a/b/").unwrap(), space("default", "a/b").unwrap());
    assert_ne!(space("a", "b").unwrap(), space("", "a/b").unwrap());
    for (namespace, prefix, culprit) in
        [("a/b", "", "namespace"), ("..", "", "namespace"), ("a", "b//c", "prefix")]
    {
        let error = space(namespace, prefix).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains(culprit), "{error}");
    }
}
