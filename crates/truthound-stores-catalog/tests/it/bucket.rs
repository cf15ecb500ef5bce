//! Buckets as they are found: with documents of Truthound, with another setting, without permission to write.

use std::path::Path as File;
use std::sync::Arc;

use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{Attribute, ObjectStore, ObjectStoreExt, PutOptions as ObjectOptions, TagSet};
use truthound_stores_catalog::{CatalogConfig, CatalogStore, Objects};
use truthound_stores_core::codec::{Compression, Format};
use truthound_stores_core::{
    Collection, ErrorKind, Key, Level, MaintainOptions, PutOptions, Query, Reading, Record, Store,
    StoreConfig, StoreExt, VerifyOptions,
};
use truthound_stores_testkit::object::{ObjectFault, RequestKind, StoreOptions, Trouble};

use crate::place::Simulated;

fn record(id: &str) -> Record {
    let text = format!(
        r#"{{"run_id": "{id}", "run_time": "2026-01-31T12:00:00Z", "data_asset": "orders", "status": "success"}}"#
    );
    Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap()
}

/// Puts the files of a folder, recorded from Truthound, into a bucket, compressed ones with the header that it sets.
async fn load(bucket: &dyn ObjectStore, folder: &File, name: &str) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{name}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            Box::pin(load(bucket, &path, &format!("{name}/"))).await;
            continue;
        }
        let mut options = ObjectOptions::default();
        if path.extension().is_some_and(|end| end == "gz") {
            options.attributes.insert(Attribute::ContentEncoding, "gzip".into());
        }
        let bytes = std::fs::read(&path).unwrap();
        bucket.put_opts(&Path::parse(&name).unwrap(), bytes.into(), options).await.unwrap();
    }
}

fn fixture(vendor: &str) -> std::path::PathBuf {
    File::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(vendor)
}

#[tokio::test]
async fn a_bucket_that_truthound_wrote_opens_as_it_is_and_is_written_to() {
    for (vendor, bucket, count) in
        [("s3", "my-bucket", 3), ("gcs", "my-bucket", 2), ("azure", "my-container", 2)]
    {
        let place = Simulated::new(StoreOptions::s3(), CatalogConfig::new);
        load(&place.bucket.backdoor(), &fixture(vendor).join(bucket), "").await;
        let before = place.bucket.names();
        let store = place.store(CatalogConfig::new());
        let listed = store.list_page(&Query::new(), None).await.unwrap();
        assert_eq!(listed.metas.len(), count, "{vendor}");
        assert!(listed.damaged.is_empty(), "{vendor}: {:?}", listed.damaged);
        for meta in &listed.metas {
            let stored = store.read(&meta.key).await.unwrap();
            assert_eq!(stored.meta.revision, meta.revision, "{vendor}");
        }
        // What was there is still there, as it was.
        assert!(before.iter().all(|name| place.bucket.names().contains(name)));
        let id = listed.metas[0].key.clone();
        let written = store.put(record(id.id())).await.unwrap();
        assert_eq!(written.replaced, Some(listed.metas[0].revision.clone()), "{vendor}");
        store.put(record("run_new")).await.unwrap();
        assert_eq!(store.count(&Query::new()).await.unwrap(), count as u64 + 1, "{vendor}");
        let report = store.upkeep().unwrap().verify(VerifyOptions::default(), &()).await.unwrap();
        assert!(!report.is_damaged(), "{vendor}: {:?}", report.findings);
        assert_eq!(report.documents, count as u64 + 1, "{vendor}");
    }
}

#[tokio::test]
async fn the_plain_namespace_of_another_prefix_opens_too() {
    let place = Simulated::new(StoreOptions::s3(), CatalogConfig::new);
    load(&place.bucket.backdoor(), &fixture("s3").join("my-bucket"), "").await;
    let config = StoreConfig::default().with_prefix("plain").with_namespace("prod");
    let store = place.store(CatalogConfig::new().with_store(config).with_use_compression(false));
    assert_eq!(store.count(&Query::new()).await.unwrap(), 1);
}

/// R-ANY-11: whatever settings a store was written with, everything is found, and what is there keeps its name.
#[tokio::test]
async fn another_format_or_compression_hides_nothing() {
    let place = Simulated::new(StoreOptions::s3(), CatalogConfig::new);
    let settings = [
        StoreConfig::default(),
        StoreConfig::default().with_compression(Compression::None),
        StoreConfig::default().with_serialization_format(Format::Yaml).with_compression(Compression::Zstd),
        StoreConfig::default().with_serialization_format(Format::Pickle).with_compression(Compression::Lz4),
    ];
    for (number, setting) in settings.iter().enumerate() {
        let store = place.store(CatalogConfig::new().with_store(setting.clone()));
        store.put(record(&format!("run_{number}"))).await.unwrap();
        for known in 0..=number {
            let key = Key::result(&format!("run_{known}")).unwrap();
            assert!(store.exists(&key).await.unwrap(), "{known} by setting {number}");
        }
        assert_eq!(store.count(&Query::new()).await.unwrap(), number as u64 + 1);
        store.close().await.unwrap();
    }
    let store = place.store(CatalogConfig::new().with_store(settings[0].clone()));
    for number in 0..settings.len() {
        let written = store.put(record(&format!("run_{number}"))).await.unwrap();
        assert!(!written.is_new(), "{number} was there under its own name");
    }
    assert_eq!(store.count(&Query::new()).await.unwrap(), 4);
    let documents = |name: &&String| name.contains("/run_");
    let documents: Vec<String> = place.bucket.names().iter().filter(documents).cloned().collect();
    for end in [".json.gz", ".json", ".yaml.zst", ".pkl.lz4"] {
        assert!(documents.iter().any(|name| name.ends_with(end)), "{end}: {documents:?}");
    }
    assert!(store.delete(&Key::result("run_2").unwrap()).await.unwrap());
    assert!(!store.exists(&Key::result("run_2").unwrap()).await.unwrap());
    let report = store.upkeep().unwrap().verify(VerifyOptions::default(), &()).await.unwrap();
    assert!(!report.is_damaged(), "{:?}", report.findings);
}

/// R-OBJ-2: encryption, tags and headers that a bucket's policy asks for must be on each object, or the put is refused.
#[tokio::test]
async fn every_object_carries_headers_and_facts_the_catalogs_too() {
    let bucket: Arc<InMemory> = Arc::default();
    let objects = Objects::new(Arc::<InMemory>::clone(&bucket), "memory", "in memory")
        .with_header(Attribute::StorageClass, "STANDARD_IA")
        .with_tags(TagSet::default());
    let config = StoreConfig::default().with_metadata("team", "däta").with_metadata("Cost-Center", "7");
    let store = CatalogStore::open(objects, CatalogConfig::new().with_store(config)).unwrap();
    for id in ["a", "b", "c"] {
        store.put(record(id)).await.unwrap();
    }
    store.delete(&Key::result("a").unwrap()).await.unwrap();
    store.upkeep().unwrap().maintain(MaintainOptions::default(), &()).await.unwrap();
    store.put(record("d")).await.unwrap();
    let listed: Vec<_> = {
        use futures_util::TryStreamExt;
        bucket.list(None).try_collect().await.unwrap()
    };
    assert!(listed.len() >= 7, "{listed:?}");
    for meta in listed {
        let attributes = bucket.get(&meta.location).await.unwrap().attributes;
        let get = |name: Attribute| attributes.get(&name).map(|value| value.as_ref().to_owned());
        assert_eq!(get(Attribute::StorageClass).as_deref(), Some("STANDARD_IA"), "{}", meta.location);
        assert_eq!(get(Attribute::Metadata("thmetateam".into())).as_deref(), Some("d%C3%A4ta"));
        assert_eq!(get(Attribute::Metadata("thmeta0x".into())).as_deref(), Some("Cost-Center=7"));
    }
    assert_eq!(store.info().metadata.get("team").map(String::as_str), Some("däta"));
}

#[tokio::test]
async fn facts_that_leave_no_room_are_refused_at_opening() {
    let objects = Objects::new(Arc::new(InMemory::new()), "memory", "in memory");
    let config = StoreConfig::default().with_metadata("team", "x".repeat(600));
    let error = CatalogStore::open(objects, CatalogConfig::new().with_store(config)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("metadata"), "{error}");
}

/// A store that cannot be written is still read, with its catalog in memory.
#[tokio::test]
async fn a_bucket_that_may_not_be_written_is_read_without_a_catalog() {
    let place = Simulated::new(StoreOptions::s3(), CatalogConfig::new);
    load(&place.bucket.backdoor(), &fixture("s3").join("my-bucket"), "").await;
    let names = place.bucket.names();
    for kind in [RequestKind::Put, RequestKind::Delete] {
        place.bucket.faults().force(ObjectFault::new(Trouble::Denied).on(kind).forever());
    }
    let store = place.store(CatalogConfig::new());
    assert_eq!(store.count(&Query::new()).await.unwrap(), 3);
    assert!(!store.info().capabilities.writable);
    let refused = store.put(record("run_new")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied, "{refused}");
    let report = store.upkeep().unwrap().diagnose().await.unwrap();
    assert!(
        report.findings.iter().any(|finding| finding.level == Level::Warning && finding.subject == "access")
    );
    assert_eq!(place.bucket.names(), names, "nothing was written");
}

/// R-ANY-5: an outage is no absence, whatever is asked.
#[tokio::test]
async fn a_bucket_out_of_reach_is_never_an_empty_store() {
    let place = Simulated::new(StoreOptions::s3(), CatalogConfig::new);
    let writer = place.store(CatalogConfig::new());
    writer.put(record("run_1")).await.unwrap();
    place.bucket.faults().force(ObjectFault::new(Trouble::Reset).forever());
    for store in [writer, place.store(CatalogConfig::new())] {
        let key = Key::result("run_1").unwrap();
        assert_eq!(store.exists(&key).await.unwrap_err().kind(), ErrorKind::Unavailable);
        assert_eq!(store.count(&Query::new()).await.unwrap_err().kind(), ErrorKind::Unavailable);
        assert_eq!(store.check().await.unwrap_err().kind(), ErrorKind::Unavailable);
        assert!(store.changes(None, 1).await.is_err());
        assert!(store.delete(&key).await.is_err());
    }
}

#[tokio::test]
async fn the_past_can_be_asked_until_maintenance_lets_it_go() {
    let place = Simulated::new(StoreOptions::s3(), CatalogConfig::new);
    let store = place.store(CatalogConfig::new());
    store.put(record("run_1")).await.unwrap();
    store.upkeep().unwrap().maintain(MaintainOptions::default(), &()).await.unwrap();
    let then = store.states(&Collection::RESULTS).await.unwrap().last().unwrap().generation;
    store.put(record("run_2")).await.unwrap();
    store.delete(&Key::result("run_1").unwrap()).await.unwrap();
    assert_eq!(store.count_as_of(then, &Query::new()).await.unwrap(), 1);
    let page = store.list_page_as_of(then, &Query::new(), None).await.unwrap();
    assert_eq!(page.metas[0].key.id(), "run_1");
    let error = store.count_as_of(then + 100, &Query::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

/// Removing the mark of a deleted document got no answer, and all of maintenance ended there, though asking again does no harm.
#[tokio::test]
async fn maintenance_goes_on_where_a_mark_was_removed_and_nobody_heard() {
    for trouble in [Trouble::LostReply, Trouble::Reset, Trouble::Conflict] {
        let place = Simulated::new(StoreOptions::gcs(), CatalogConfig::new);
        let store = place.store(CatalogConfig::new());
        store.put(record("run_1")).await.unwrap();
        store.delete(&Key::result("run_1").unwrap()).await.unwrap();
        let upkeep = store.upkeep().unwrap();
        upkeep.maintain(MaintainOptions::default(), &()).await.unwrap();
        let mark = |name: &String| name.ends_with("results/run_1.json.gz");
        assert!(place.bucket.names().iter().any(mark));
        place.clock.advance(std::time::Duration::from_hours(2));
        // Its own commit says what time it is.
        store.put(record("run_2")).await.unwrap();
        let fault = ObjectFault::new(trouble).on(RequestKind::Delete).named("run_1");
        place.bucket.faults().force(fault);
        upkeep.maintain(MaintainOptions::default(), &()).await.unwrap();
        assert!(!place.bucket.names().iter().any(mark), "{trouble}: {:?}", place.bucket.names());
    }
}

/// A bucket that lets everybody win is written by one process alone, which says so, and there the rules hold.
#[tokio::test]
async fn a_bucket_without_conditions_is_for_one_process_and_says_so() {
    let place = Simulated::new(StoreOptions::everybody_wins(), CatalogConfig::new);
    let store = place.store(CatalogConfig::new());
    store.put(record("run_1")).await.unwrap();
    assert!(!store.info().capabilities.shared);
    let report = store.upkeep().unwrap().diagnose().await.unwrap();
    let said = |finding: &&truthound_stores_core::Finding| finding.subject == "conditions";
    let finding = report.findings.iter().find(said).unwrap();
    assert_eq!(finding.level, Level::Warning, "{}", finding.message);
    let other = place.store(CatalogConfig::new());
    assert_eq!(
        other.put_opts(record("run_1"), PutOptions::create()).await.unwrap_err().kind(),
        ErrorKind::Conflict
    );
}
