use super::*;
use crate::ErrorKind;

#[test]
fn compression_wins_where_it_is_set_and_contradictions_are_errors() {
    let none = StoreConfig::default();
    let zstd = StoreConfig::default().with_compression(Compression::Zstd);
    let off = StoreConfig::default().with_compression(Compression::None);
    for (config, given, default, expected) in [
        (&none, None, false, Some(Compression::None)),
        (&none, None, true, Some(Compression::Gzip)),
        (&none, Some(true), false, Some(Compression::Gzip)),
        (&none, Some(false), true, Some(Compression::None)),
        (&zstd, None, false, Some(Compression::Zstd)),
        (&zstd, Some(true), false, Some(Compression::Zstd)),
        (&zstd, Some(false), false, None),
        (&off, None, true, Some(Compression::None)),
        (&off, Some(true), true, None),
        (&off, Some(false), true, Some(Compression::None)),
    ] {
        let outcome = config.effective_compression(given, default);
        match expected {
            Some(expected) => assert_eq!(outcome.unwrap(), expected, "{given:?} {default}"),
            None => assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Invalid),
        }
    }
}

#[test]
fn paths_stay_inside_the_store() {
    assert_eq!(StoreConfig::segments("prefix", "a/b/").unwrap(), ["a", "b"]);
    assert!(StoreConfig::segments("prefix", "").unwrap().is_empty());
    for bad in
        ["..", "a/../b", "/a", "a//b", "./a", "a\\b", "a\0b", "_catalog", "a/_x", "C:", "D:x", "a.", "a "]
    {
        let error = StoreConfig::segments("namespace", bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{bad}");
        assert!(error.to_string().contains("namespace"));
    }
}
