//! Stores from a configuration file.

use truthound_stores::{ErrorKind, Options, Registry, Result, StoreFile};

#[cfg(feature = "memory")]
async fn open_error(text: &str) -> truthound_stores::Error {
    open_text(text, Options::new()).await.unwrap_err()
}

async fn open_text(text: &str, options: Options) -> Result<std::sync::Arc<dyn truthound_stores::Store>> {
    let file = StoreFile::parse(text, "stores.toml", &|_| None)?;
    Registry::new().open_file(&file, options).await
}

#[cfg(feature = "filesystem")]
#[tokio::test]
async fn a_file_names_a_folder_with_the_help_of_the_environment() {
    use crate::sample;

    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("stores.toml");
    std::fs::write(
        &path,
        "[store]\nurl = \"file:${BASE}/results?namespace=nightly\"\ncompression = \"gzip\"\nmetadata.team = \"${TEAM}\"\n",
    )
    .unwrap();
    let base = temp.path().to_str().unwrap().to_owned();
    let lookup = move |name: &str| match name {
        "BASE" => Some(base.clone()),
        "TEAM" => Some("quality".to_owned()),
        _ => None,
    };
    let store = truthound_stores::open_config(&path, &lookup).await.unwrap();
    sample::save_and_read_back(&store, "run_1").await;
    assert_eq!(store.info().metadata.get("team").map(String::as_str), Some("quality"));
    store.flush().await.unwrap();
    assert!(temp.path().join("results/nightly/validations/run_1.json.gz").is_file());

    let registry = Registry::new();
    let same =
        registry.open_config_with(&path, &lookup, Options::new().with("namespace", "nightly")).await.unwrap();
    assert_eq!(sample::ids(&same).await, ["run_1"]);
    let other = registry.open_config_with(&path, &lookup, Options::new().with("namespace", "x")).await;
    let error = other.unwrap_err();
    assert!(error.to_string().contains("\"namespace\" is given twice"), "{error}");
    assert_eq!(error.context("file"), path.to_str());
}

#[cfg(feature = "memory")]
#[tokio::test]
async fn a_backend_by_name_takes_its_options_from_the_table() {
    let text = "[store]\nbackend = \"memory\"\nmax_items = 3\nmetadata = { team = \"core\" }\n";
    let store = open_text(text, Options::new()).await.unwrap();
    assert_eq!(store.info().backend, "memory");
    assert_eq!(store.info().metadata.get("team").map(String::as_str), Some("core"));
    let agreeing =
        open_text("[store]\nbackend = \"memory\"\nurl = \"memory:\"\n", Options::new()).await.unwrap();
    assert_eq!(agreeing.info().backend, "memory");
}

/// R-ANY-14.
#[cfg(feature = "memory")]
#[tokio::test]
async fn mistakes_that_only_opening_finds_name_the_file_too() {
    for (text, part) in [
        ("[store]\nbackend = \"memory\"\nmax_item = 3\n", "unknown option \"max_item\" of memory"),
        ("[store]\nbackend = \"memory\"\nmax_items = \"many\"\n", "option \"max_items\""),
        ("[store]\nbackend = \"memory\"\nmax_items = [1]\n", "option \"max_items\""),
        ("[store]\nbackend = \"memor\"\n", "did you mean \"memory\"?"),
        ("[store]\nurl = \"memory:?max_items=1\"\nmax_items = 2\n", "option \"max_items\" is given twice"),
        ("[store]\nurl = \"ftp://host\"\n", "unknown scheme \"ftp\""),
    ] {
        let error = open_error(text).await;
        assert_eq!(error.kind(), ErrorKind::Invalid, "{text}: {error}");
        assert!(error.to_string().contains(part), "{text}: {error}");
        assert_eq!(error.context("file"), Some("stores.toml"));
    }
    let error =
        open_text("[store]\nbackend = \"memory\"\nmax_items = 1\n", Options::new().with("max_items", 2))
            .await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("\"max_items\" is given twice, with different values: in the file"), "{error}");
}

#[cfg(all(feature = "memory", feature = "filesystem"))]
#[tokio::test]
async fn a_backend_that_contradicts_the_url_is_refused() {
    let error = open_error("[store]\nbackend = \"filesystem\"\nurl = \"memory:\"\n").await;
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("backend = \"filesystem\" contradicts the url"), "{error}");
}

#[tokio::test]
async fn a_backend_that_is_not_built_yet_is_unsupported() {
    for text in [
        "[store]\nbackend = \"s3\"\nbucket = \"runs\"\nsecret_access_key = \"secret\"\n",
        "[store]\nurl = \"s3://ann:secret@runs/quality\"\n",
    ] {
        let error = open_text(text, Options::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert!(!error.report().contains("secret"), "{error}");
    }
}
