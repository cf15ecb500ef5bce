//! Versions over files, over a bucket with its catalog, and over a database: the suite that every store passes, and one story.

use std::sync::Arc;

use async_trait::async_trait;
use object_store::memory::InMemory;
use truthound_stores_catalog::{CatalogConfig, CatalogStore, Objects};
use truthound_stores_core::codec::Compression;
use truthound_stores_core::{Store, StoreConfig, StoreExt, SystemClock, VerifyOptions};
use truthound_stores_database::{DatabaseConfig, DatabaseStore};
use truthound_stores_filesystem::{Durability, FileSystemConfig, FileSystemStore};
use truthound_stores_testkit::{OpenedPlace, Place, WrappedPlace, conformance_tests};
use truthound_stores_versioning::{
    History, MergeMode, Origin, SaveOptions, VersionedStore, VersioningConfig, VersioningMode,
};

use crate::support::{current, key, names, notes, run};

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

#[async_trait]
impl Place for Files {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        // Nothing here is killed, so nothing needs to be synced.
        let mut config = FileSystemConfig::default().with_durability(Durability::Os);
        config.base_path = self.0.path().join("store");
        config.store.namespace = namespace.to_owned();
        Arc::new(FileSystemStore::open(config).await.unwrap())
    }

    fn persists(&self) -> bool {
        true
    }
}

fn bucket() -> impl Place {
    let objects = Objects::new(Arc::new(InMemory::new()), "memory", "in memory");
    OpenedPlace::new(move |namespace| {
        let store = StoreConfig::default().with_compression(Compression::None).with_namespace(namespace);
        let config = CatalogConfig::new().with_store(store);
        Arc::new(CatalogStore::open(objects.clone(), config).unwrap())
    })
}

struct Database(tempfile::TempDir);

impl Database {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

#[async_trait]
impl Place for Database {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        let url = format!("sqlite:{}", self.0.path().join("quality.db").display());
        Arc::new(DatabaseStore::open(DatabaseConfig::new(url).with_namespace(namespace)).await.unwrap())
    }

    fn persists(&self) -> bool {
        true
    }
}

fn versioned(inner: Arc<dyn Store>, config: VersioningConfig) -> VersionedStore<Arc<dyn Store>> {
    VersionedStore::new(inner, config, Arc::new(SystemClock::new())).unwrap()
}

/// A place whose stores keep versions.
pub(crate) fn keeping_versions(place: impl Place) -> impl Place {
    WrappedPlace::new(place, |store| Arc::new(versioned(store, VersioningConfig::new().with_max_versions(5))))
}

conformance_tests!(files, || keeping_versions(Files::new()));
conformance_tests!(bucket, || keeping_versions(bucket()));
conformance_tests!(database, || keeping_versions(Database::new()));

/// All that versions can do, with a restart after each step (R-VER-1).
pub(crate) async fn story(place: &dyn Place) {
    for mode in [
        VersioningMode::Incremental,
        VersioningMode::Semantic,
        VersioningMode::Timestamp,
        VersioningMode::GitLike,
    ] {
        let config = VersioningConfig::new().with_mode(mode).with_enable_branching(true);
        let namespace = format!("{mode:?}").to_lowercase();
        let open = async || versioned(place.open(&namespace).await, config.clone());
        let said = SaveOptions::new().with_message("größe").with_author("ada").with_metadata("a", "b");
        for content in ["one", "two", "three"] {
            open().await.save(run("r", content), said.clone()).await.unwrap();
        }
        let store = open().await;
        assert_eq!(notes(&store, "r").await, ["three", "two", "one"]);
        let all = store.list_versions(&key("r"), &History::new()).await.unwrap();
        assert!(all.iter().all(|version| version.message.as_deref() == Some("größe")));
        for version in &all {
            assert_eq!(store.get_version(&key("r"), &version.version).await.unwrap().info, *version);
        }
        // Written past the versions, by a handle on the store inside.
        place.open(&namespace).await.put(run("r", "outside")).await.unwrap();
        open().await.save(run("r", "five"), said.clone()).await.unwrap();
        let store = open().await;
        assert_eq!(notes(&store, "r").await, ["five", "outside", "three", "two", "one"]);
        store.create_branch(&key("r"), "fix", 5, None).await.unwrap();
        store.add_label(&key("r"), "good", 2, None).await.unwrap();
        open().await.save(run("r", "fixed"), said.clone().with_branch("fix")).await.unwrap();
        let store = open().await;
        assert_eq!(current(&store, "r").await, "five");
        store.merge(&key("r"), "fix", MergeMode::FastForward, SaveOptions::new()).await.unwrap();
        assert_eq!(current(&store, "r").await, "fixed");
        assert!(open().await.delete(&key("r"), SaveOptions::new()).await.unwrap());
        let store = open().await;
        assert!(!store.exists(&key("r")).await.unwrap());
        store.rollback(&key("r"), "good", SaveOptions::new()).await.unwrap();
        assert_eq!(current(&store, "r").await, "two");
        let origins: Vec<Origin> = store
            .list_versions(&key("r"), &History::new())
            .await
            .unwrap()
            .iter()
            .map(|version| version.origin)
            .collect();
        assert_eq!(origins[..3], [Origin::Rollback, Origin::Deletion, Origin::Merge]);
        assert_eq!(names(&store, "r").await.len(), 8);
        if let Some(keeper) = store.upkeep() {
            let report = keeper.verify(VerifyOptions::default(), &()).await.unwrap();
            assert!(!report.is_damaged(), "{:?}", report.findings);
        }
        store.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_story_over_files() {
    story(&Files::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_story_over_a_bucket() {
    story(&bucket()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_story_over_a_database() {
    story(&Database::new()).await;
}
