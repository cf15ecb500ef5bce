//! A folder as a store, by every way to name it.

use std::path::Path;

use truthound_stores::{
    ErrorKind, FileSystemConfig, FileSystemStore, Options, Store, get_store, open, open_with,
};

use crate::sample;

fn base_path(folder: &Path) -> Options {
    Options::new().with("base_path", folder.to_str().unwrap())
}

#[tokio::test]
async fn one_folder_opens_by_name_by_url_by_path_and_by_type() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("my results");
    let path = folder.to_str().unwrap();
    let escaped = path.replace(' ', "%20");

    let by_name = get_store("filesystem", base_path(&folder)).await.unwrap();
    sample::save_and_read_back(&by_name, "run_1").await;
    by_name.close().await.unwrap();

    let typed = FileSystemStore::open(FileSystemConfig::new(&folder)).await.unwrap();
    assert_eq!(sample::ids(&typed).await, ["run_1"]);
    for url in [format!("file://{escaped}"), format!("file:{escaped}"), path.to_owned()] {
        let store = open(&url).await.unwrap();
        assert_eq!(store.info().backend, "filesystem");
        assert_eq!(sample::ids(&store).await, ["run_1"], "{url}");
    }
}

/// R-ANY-12: the same id in two namespaces is two records.
#[tokio::test]
async fn options_of_the_url_and_beside_it_take_effect() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().to_str().unwrap();
    let nightly = open(&format!("{path}?namespace=nightly&compression=gzip")).await.unwrap();
    sample::save_and_read_back(&nightly, "run_1").await;
    let hourly = open_with(path, Options::new().with("namespace", "hourly")).await.unwrap();
    assert_eq!(sample::ids(&hourly).await, [""; 0]);
    sample::save_and_read_back(&hourly, "run_1").await;
    for store in [&nightly, &hourly] {
        store.flush().await.unwrap();
    }
    assert!(temp.path().join("nightly/validations/run_1.json.gz").is_file());
    assert!(temp.path().join("hourly/validations/run_1.json").is_file());
}

/// R-ANY-14.
#[tokio::test]
async fn wrong_urls_and_options_are_refused_by_name_and_create_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("never");
    let path = folder.to_str().unwrap();
    for (url, options, part) in [
        ("file:".to_owned(), Options::new(), "names no folder"),
        ("?namespace=a".to_owned(), Options::new(), "names no folder"),
        (format!("file://host{path}"), Options::new(), "names a host"),
        (format!("{path}?base_path={path}"), Options::new(), "\"base_path\""),
        (path.to_owned(), base_path(&folder), "\"base_path\""),
        (format!("{path}?pretty=true"), Options::new(), "unknown option \"pretty\" of filesystem"),
        (format!("{path}?pretty_print=perhaps"), Options::new(), "option \"pretty_print\""),
        (format!("{path}?compression=rar"), Options::new(), "option \"compression\""),
        (format!("{path}?namespace=a"), Options::new().with("namespace", "b"), "\"namespace\""),
    ] {
        let error = open_with(&url, options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{url}: {error}");
        assert!(error.to_string().contains(part), "{url}: {error}");
    }
    assert!(!folder.exists());
}
