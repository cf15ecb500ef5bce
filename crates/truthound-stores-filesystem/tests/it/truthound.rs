//! A store that Truthound wrote opens as it is, indexed or not, gz or not; Truthound reads what was written here (R-FS-4, as far as
//! files go).

use std::fs;

use truthound_stores_core::json::Json;
use truthound_stores_core::{
    Collection, ErrorKind, ExpectationSuite, Key, MaintainOptions, PutOptions, Query, Status, Store,
    StoreConfig, StoreExt, ValidationResult, VerifyOptions,
};
use truthound_stores_filesystem::{FileSystemConfig, FileSystemStore};

use crate::support::{files, fixture, ids, open, record};

#[tokio::test]
async fn every_layout_of_truthound_opens_and_answers_queries() {
    for (name, count) in [("fs_default", 19), ("fs_gzip", 20), ("fs_compact", 20), ("fs_concurrent", 20)] {
        let folder = fixture(name);
        let store = open(folder.path()).await;
        let results = store.query::<ValidationResult>(&Query::new()).await.unwrap();
        assert!(results.damaged.is_empty(), "{name}: {:?}", results.damaged);
        assert_eq!(results.len(), count, "{name}");
        assert_eq!(store.count(&Query::new()).await.unwrap(), count as u64, "{name}");
        let failed = store.get_failures::<ValidationResult>(None).await.unwrap();
        assert!(!failed.is_empty() && failed.iter().all(|result| result.status == Status::FAILURE), "{name}");
        // Nothing of Truthound's is touched; the index stands apart.
        assert!(folder.path().join("default/validations/_catalog/index.db").exists(), "{name}");
    }
}

#[tokio::test]
async fn a_namespace_and_a_prefix_of_their_own_are_found() {
    let folder = fixture("fs_ns");
    let store = StoreConfig::default().with_namespace("production").with_prefix("nightly/checks");
    let config = FileSystemConfig::new(folder.path()).with_store(store);
    let store = FileSystemStore::open(config).await.unwrap();
    assert_eq!(ids(&store).await.len(), 20);
}

/// An index that is missing, corrupt or wrong changes nothing: documents are the truth.
#[tokio::test]
async fn truthounds_index_does_not_matter() {
    for index in [None, Some("{ torn"), Some("{}"), Some("[]"), Some(r#"{"ghost": {"file": "ghost.json"}}"#)]
    {
        let folder = fixture("fs_default");
        let path = folder.path().join("default/validations/_index.json");
        match index {
            Some(text) => fs::write(&path, text).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let store = open(folder.path()).await;
        assert_eq!(ids(&store).await.len(), 19, "{index:?}");
        store.put(record("mine", 1)).await.unwrap();
        store.flush().await.unwrap();
        assert_eq!(index.is_some(), path.exists(), "the index is never written");
    }
}

#[tokio::test]
async fn suites_are_found_by_their_own_names() {
    let folder = fixture("fs_default");
    let store = open(folder.path()).await;
    let query = Query::new().with_collection(Collection::EXPECTATIONS);
    let suites = store.query::<ExpectationSuite>(&query).await.unwrap().into_complete().unwrap();
    let mut names: Vec<&str> = suites.iter().map(|suite| suite.name.as_str()).collect();
    names.sort_unstable();
    // Truthound flattened the second one's name into that of a file.
    assert_eq!(names, ["customer_suite", "team/a\\b suite"]);
    for name in names {
        assert_eq!(store.get::<ExpectationSuite>(name).await.unwrap().name, name);
    }
    // Overwriting keeps the file that Truthound looks for.
    let before = files(&folder.path().join("default/expectations"));
    store.save(&suites[0]).await.unwrap();
    store.save(&suites[1]).await.unwrap();
    store.flush().await.unwrap();
    assert_eq!(files(&folder.path().join("default/expectations")), before);
}

/// What is written here is byte for byte what Truthound writes, so its `rebuild_index()` and `get` read it.
#[tokio::test]
async fn a_result_saved_again_is_the_file_that_truthound_wrote() {
    for (name, pretty) in [("fs_default", true), ("fs_compact", false)] {
        let folder = fixture(name);
        let results = folder.path().join("default/validations");
        let config = FileSystemConfig::new(folder.path()).with_pretty_print(pretty);
        let store = FileSystemStore::open(config).await.unwrap();
        for id in ids(&store).await {
            let path = results.join(format!("{id}.json"));
            let before = fs::read(&path).unwrap();
            let typed = store.get::<ValidationResult>(&id).await.unwrap();
            store.save(&typed).await.unwrap();
            store.flush().await.unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), String::from_utf8(before).unwrap(), "{id}");
        }
    }
}

/// Documents win over the index: what is read is what the files say, and what appears is found when the store is opened, when it is
/// asked for by id, and by `maintain`.
#[tokio::test]
async fn what_truthound_adds_changes_and_deletes_meanwhile_is_found() {
    let folder = fixture("fs_default");
    let results = folder.path().join("default/validations");
    let store = open(folder.path()).await;
    let before = ids(&store).await;
    let path = |id: &str| results.join(format!("{id}.json"));
    let text = fs::read_to_string(path(&before[0])).unwrap();
    for id in ["from_python", "by_id"] {
        fs::write(path(id), text.replace(&before[0], id)).unwrap();
    }
    fs::write(path(&before[0]), text.replace("\"data_asset\": \"", "\"data_asset\": \"moved.")).unwrap();
    fs::remove_file(path(&before[1])).unwrap();

    // By id, at once; an id that Truthound has taken is taken.
    assert!(store.exists(&Key::result("by_id").unwrap()).await.unwrap());
    let taken = store.put_opts(record("from_python", 1), PutOptions::create()).await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::Conflict);
    let moved = store.get::<ValidationResult>(&before[0]).await.unwrap();
    assert!(moved.data_asset.starts_with("moved."));
    // A file that is gone is named: nobody has deleted the document here.
    let gone = store.get::<ValidationResult>(&before[1]).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::Corrupt);
    assert!(gone.to_string().contains(&before[1]) && gone.to_string().contains("gone"), "{gone}");

    for again in 0..2 {
        let fresh = open(folder.path()).await;
        let after = ids(&fresh).await;
        assert!(after.contains(&"from_python".to_owned()) && after.contains(&"by_id".to_owned()), "{again}");
        assert_eq!(after.len(), before.len() + 2, "{again}");
        let moved = fresh.query::<Json>(&Query::new().with_data_asset("moved.*")).await.unwrap();
        assert_eq!(moved.len(), 1, "{again}");
        fs::write(path("later"), text.replace(&before[0], "later")).unwrap();
        let report = fresh.upkeep().unwrap().maintain(MaintainOptions::default(), &()).await.unwrap();
        assert!(report.is_damaged(), "the file that is gone is named: {report:?}");
        assert!(ids(&fresh).await.contains(&"later".to_owned()));
        fs::remove_file(path("later")).unwrap();
        fresh.delete(&Key::result("later").unwrap()).await.unwrap();
    }
    // Whoever knows that it is gone for good says so.
    let options = VerifyOptions::default().with_repair(true);
    let report = store.upkeep().unwrap().verify(options, &()).await.unwrap();
    assert!(!report.is_damaged(), "{report:?}");
    assert!(!store.exists(&Key::result(&before[1]).unwrap()).await.unwrap());
    assert_eq!(ids(&store).await.len(), before.len() + 1);
}

/// Truthound changes its `use_compression` and writes the same id again beside the old file.
#[tokio::test]
async fn of_two_files_of_one_id_the_newer_one_counts() {
    let folder = fixture("fs_default");
    let results = folder.path().join("default/validations");
    let store = open(folder.path()).await;
    store.put(record("twice", 1)).await.unwrap();
    store.flush().await.unwrap();
    let newer = record("twice", 2);
    let path = results.join("twice.json.gz");
    let codec = truthound_stores_core::codec::Codec::new(
        truthound_stores_core::codec::Format::Json,
        truthound_stores_core::codec::Compression::Gzip,
    );
    fs::write(&path, codec.encode(newer.body.as_bytes()).unwrap()).unwrap();
    let tomorrow = fs::metadata(&path).unwrap().modified().unwrap() + std::time::Duration::from_hours(24);
    fs::File::options().write(true).open(&path).unwrap().set_modified(tomorrow).unwrap();

    let key = Key::result("twice").unwrap();
    let store = open(folder.path()).await;
    assert_eq!(store.read(&key).await.unwrap().into_body().unwrap(), newer.body);
    assert_eq!(ids(&store).await.iter().filter(|id| *id == "twice").count(), 1);
    // The next save leaves one file, and a delete none.
    store.put(record("twice", 3)).await.unwrap();
    store.flush().await.unwrap();
    assert!(path.exists() && !results.join("twice.json").exists());
    assert!(store.delete(&key).await.unwrap());
    store.flush().await.unwrap();
    assert!(!path.exists() && !store.exists(&key).await.unwrap());
}

/// Such a folder once looked empty to whoever did not know the extension.
#[tokio::test]
async fn an_extension_that_truthound_was_told_is_taken_from_its_index() {
    let folder = fixture("fs_compact");
    let results = folder.path().join("default/validations");
    for name in files(&results) {
        if let Some(stem) = name.strip_suffix(".json").filter(|stem| *stem != "_index") {
            fs::rename(results.join(&name), results.join(format!("{stem}.res"))).unwrap();
        }
    }
    let index = results.join("_index.json");
    fs::write(&index, fs::read_to_string(&index).unwrap().replace(".json\"", ".res\"")).unwrap();
    assert_eq!(ids(&open(folder.path()).await).await.len(), 20);
}
