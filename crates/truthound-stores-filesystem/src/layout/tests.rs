use super::*;
use truthound_stores_core::ErrorKind;

fn layout(namespace: &str, prefix: Option<&str>) -> Result<Layout> {
    let mut store = StoreConfig::default().with_namespace(namespace);
    store.prefix = prefix.map(ToOwned::to_owned);
    Layout::new(&FileSystemConfig::new("base").with_store(store))
}

#[test]
fn folders_are_truthounds_own() {
    for (namespace, prefix, results, suites) in [
        ("default", None, "base/default/validations", "base/default/expectations"),
        (
            "production",
            Some("nightly/checks/"),
            "base/production/nightly/checks",
            "base/production/expectations",
        ),
        ("", None, "base/validations", "base/expectations"),
        ("", Some(""), "base", "base/expectations"),
        ("x", Some(""), "base/x", "base/x/expectations"),
    ] {
        let layout = layout(namespace, prefix).unwrap();
        assert_eq!(layout.folder(&Collection::RESULTS), Path::new(results));
        assert_eq!(layout.folder(&Collection::EXPECTATIONS), Path::new(suites));
        let reports = Collection::new("reports").unwrap();
        assert_eq!(layout.folder(&reports), Path::new(results).join("_collections/reports"));
    }
}

/// R-ANY-12: namespaces and prefixes isolate, and none leaves the store.
#[test]
fn settings_that_leave_the_store_or_mix_collections_are_refused() {
    for (namespace, prefix) in [
        ("..", None),
        ("a/b", None),
        ("/etc", None),
        ("a", Some("../..")),
        ("a", Some("_catalog")),
        ("a", Some("expectations")),
        ("a", Some("Expectations/")),
        ("", Some("expectations")),
        ("", Some("x/expectations")),
        ("expectations", Some("")),
        ("a\0", None),
    ] {
        assert_eq!(
            layout(namespace, prefix).unwrap_err().kind(),
            ErrorKind::Invalid,
            "{namespace} {prefix:?}"
        );
    }
    assert!(layout("expectations", None).is_ok());
    assert!(Layout::new(&FileSystemConfig::new("")).is_err());
}
