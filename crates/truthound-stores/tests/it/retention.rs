//! Retention as a layer of a configuration file, over folders.

use truthound_stores::{
    Collection, ErrorKind, Options, PolicyFile, Query, Reading, Record, Registry, RestoreFrom, Store,
    StoreExt, StoreFile,
};

async fn save(store: &dyn Store, id: &str, time: &str) {
    let text =
        format!(r#"{{"run_id": "{id}", "run_time": "{time}", "data_asset": "a", "status": "success"}}"#);
    let record = Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap();
    store.put(record).await.unwrap();
}

async fn ids(store: &dyn Store) -> Vec<String> {
    store.list_ids(&Query::new()).await.unwrap().into_complete().unwrap()
}

#[tokio::test]
async fn a_file_wraps_a_store_and_opens_what_records_are_moved_to() {
    let temp = tempfile::tempdir().unwrap();
    let text = r#"
        [store]
        url = "file:${BASE}/live"
        [[layers]]
        type = "retention"
        grace_days = 0
        archive = "file:${BASE}/archive"
        policies = [{ type = "time", max_age_days = 90, action = "archive" }]
    "#;
    let base = temp.path().to_str().unwrap().to_owned();
    let lookup = move |name: &str| (name == "BASE").then(|| base.clone());
    let file = StoreFile::parse(text, "stores.toml", &lookup).unwrap();
    let registry = Registry::new();
    let store = registry.open_file(&file, Options::new()).await.unwrap();
    assert_eq!(store.to_string().split('(').next(), Some("Retention"));
    save(&store, "old", "2020-01-01").await;
    save(&store, "new", "2999-01-01").await;

    let retention = registry.open_retention(file.layers()[0].options()).await.unwrap();
    let applied = retention.run(&store, &Collection::RESULTS).await.unwrap();
    assert_eq!((applied.archived.records, applied.failed), (1, 0), "{:?}", applied.errors);
    assert_eq!(ids(&store).await, ["new"]);
    // The archive is a store of its own, in Truthound's layout.
    let archive = registry.open(&format!("file:{}/archive", temp.path().display())).await.unwrap();
    assert_eq!(ids(&archive).await, ["old"]);
    archive.flush().await.unwrap();
    assert!(temp.path().join("archive/default/validations/old.json").is_file());
    let wanted = ["old".to_owned()];
    let restored =
        retention.restore(&store, &Collection::RESULTS, RestoreFrom::Archive, &wanted).await.unwrap();
    assert_eq!(restored.restored.records, 1);
    assert_eq!(ids(&store).await, ["new", "old"]);
    store.close().await.unwrap();
    retention.close_targets().await.unwrap();
    archive.close().await.unwrap();
}

#[tokio::test]
async fn mistakes_of_a_layer_are_named_with_its_place() {
    let open = async |layer: &str| {
        let text = format!("[store]\nbackend = \"memory\"\n[[layers]]\ntype = \"retention\"\n{layer}");
        let file = StoreFile::parse(&text, "stores.toml", &|_| None).unwrap();
        Registry::new().open_file(&file, Options::new()).await.unwrap_err()
    };
    for (layer, said) in [
        ("", "retention has no policy"),
        ("policy = 1", "did you mean \"policies\"?"),
        ("policies = [{ type = \"time\", max_age_days = 1, action = \"archive\" }]", "set archive"),
        ("archive = \"memory:?max_item=1\"\npolicies = [{ type = \"keep\", daily = 1 }]", "max_item"),
        ("archive = \"nowhere://\"\npolicies = [{ type = \"keep\", daily = 1 }]", "nowhere"),
    ] {
        let error = open(layer).await;
        assert_eq!(error.kind(), ErrorKind::Invalid, "{layer}: {error}");
        assert!(
            error.to_string().contains(said) && error.to_string().contains("layer: 1 (retention)"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_file_of_policies_opens_its_targets() {
    let text = "archive = 'memory:'\npolicies = [{ type = 'time', max_age_days = 1, action = 'archive' }]";
    let file = PolicyFile::parse(text, "policies.toml", &|_| None).unwrap();
    let retention = Registry::new().open_retention(file.options()).await.unwrap();
    assert!(retention.targets().archive.is_some());
}
