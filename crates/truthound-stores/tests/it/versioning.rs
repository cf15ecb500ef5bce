//! Versions as a layer of a configuration file and of a command line, over folders.

use truthound_stores::{
    Collection, ErrorKind, FileLayer, History, Key, Options, Reading, Record, Registry, SaveOptions, Store,
    StoreExt, StoreFile,
};

fn record(status: &str) -> Record {
    let text =
        format!(r#"{{"run_id": "r", "run_time": "2026-01-31", "data_asset": "a", "status": "{status}"}}"#);
    Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap()
}

#[tokio::test]
async fn every_save_through_a_file_with_the_layer_is_a_version() {
    let temp = tempfile::tempdir().unwrap();
    let text = r#"
        [store]
        url = "file:${BASE}/live"
        [[layers]]
        type = "versioning"
        mode = "semantic"
        require_message = true
    "#;
    let base = temp.path().to_str().unwrap().to_owned();
    let lookup = move |name: &str| (name == "BASE").then(|| base.clone());
    let file = StoreFile::parse(text, "stores.toml", &lookup).unwrap();
    let registry = Registry::new();
    let store = registry.open_file(&file, Options::new()).await.unwrap();
    assert_eq!(store.to_string().split('(').next(), Some("Versioned"));
    assert_eq!(store.put(record("failure")).await.unwrap_err().kind(), ErrorKind::Invalid);
    for status in ["failure", "success"] {
        let mut record = record(status);
        SaveOptions::new().with_message(status).attach(&mut record).unwrap();
        store.put(record).await.unwrap();
    }
    store.close().await.unwrap();

    let without = registry.open_bare(&file, Options::new()).await.unwrap();
    let versions = registry.open_versions(without, file.layers()[0].options()).unwrap();
    let listed = versions.list_versions(&Key::result("r").unwrap(), &History::new()).await.unwrap();
    let told: Vec<_> =
        listed.iter().map(|version| (version.version.as_str(), version.message.as_deref())).collect();
    assert_eq!(told, [("1.0.1", Some("success")), ("1.0.0", Some("failure"))]);
    versions.close().await.unwrap();
}

#[test]
fn a_layer_is_named_on_a_command_line_with_its_options() {
    let layer = FileLayer::parse(r"versioning:mode=git_like,checksum_algorithm=a\,b").unwrap();
    assert_eq!(layer.kind(), "versioning");
    let value = |name: &str| layer.options().get(name).and_then(|value| value.as_str().map(str::to_owned));
    assert_eq!(
        (value("mode").as_deref(), value("checksum_algorithm").as_deref()),
        (Some("git_like"), Some("a,b"))
    );
    assert!(FileLayer::parse("versioning").unwrap().options().names().next().is_none());
    for (text, kind, said) in [
        ("caching", ErrorKind::Unsupported, "the layer: the type \"caching\" is not part of this build"),
        ("versionin", ErrorKind::Invalid, "unknown type \"versionin\""),
        ("versioning:semantic", ErrorKind::Invalid, "\"semantic\" is no option"),
        ("versioning:mode=a,mode=b", ErrorKind::Invalid, "twice"),
    ] {
        let error = FileLayer::parse(text).unwrap_err();
        assert_eq!(error.kind(), kind, "{text}");
        assert!(error.report().contains(said), "{text}: {}", error.report());
    }
}

#[tokio::test]
async fn mistakes_of_the_layer_are_named_with_its_place() {
    let text = "[store]\nurl = 'memory:'\n[[layers]]\ntype = 'versioning'\nmax_version = 3";
    let file = StoreFile::parse(text, "stores.toml", &|_| None).unwrap();
    let error = Registry::new().open_file(&file, Options::new()).await.unwrap_err().report();
    assert!(error.contains("max_version") && error.contains("1 (versioning)"), "{error}");
}

#[tokio::test]
async fn a_layer_that_stands_twice_is_refused() {
    let layer = "[[layers]]\ntype = 'versioning'\n";
    let text = format!("[store]\nurl = 'memory:'\n{layer}[[layers]]\ntype = 'retention'\n{layer}");
    let error = StoreFile::parse(&text, "stores.toml", &|_| None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(
        error.report().contains("layers 1 and 3 are both of the type \"versioning\""),
        "{}",
        error.report()
    );
    // One of the command line, and one of the file.
    let layers = ["versioning", "versioning:mode=semantic"].map(|text| FileLayer::parse(text).unwrap());
    let registry = Registry::new();
    let store = registry.open("memory:").await.unwrap();
    assert_eq!(registry.wrap(store, &layers).await.unwrap_err().kind(), ErrorKind::Invalid);
}
