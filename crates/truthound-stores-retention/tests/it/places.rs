//! Places of each kind of store, and the suite that every store passes over each of them. Servers are those that the environment names.

use std::sync::Arc;

use async_trait::async_trait;
use object_store::memory::InMemory;
use truthound_stores_catalog::{CatalogConfig, CatalogStore, Objects};
use truthound_stores_core::{Store, StoreExt as _};
use truthound_stores_database::{DatabaseConfig, DatabaseStore};
use truthound_stores_filesystem::{Durability, FileSystemConfig, FileSystemStore};
use truthound_stores_testkit::{Place, conformance_tests, skip};

use crate::conformance::layer;

struct Files(tempfile::TempDir);

#[async_trait]
impl Place for Files {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        // Nothing here is killed, so nothing needs to be synced.
        let mut config = FileSystemConfig::default().with_durability(Durability::Os);
        config.base_path = self.0.path().join("store");
        config.store.namespace = namespace.to_owned();
        Arc::new(FileSystemStore::open(config).await.unwrap().layer(layer()))
    }

    fn persists(&self) -> bool {
        true
    }
}

struct Bucket(Objects);

#[async_trait]
impl Place for Bucket {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        let mut config = CatalogConfig::new().with_use_compression(false);
        namespace.clone_into(&mut config.store.namespace);
        Arc::new(CatalogStore::open(self.0.clone(), config).unwrap().layer(layer()))
    }

    fn persists(&self) -> bool {
        true
    }
}

struct Database(tempfile::TempDir);

#[async_trait]
impl Place for Database {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        let url = format!("sqlite:{}", self.0.path().join("quality.db").display());
        let config = DatabaseConfig::new(url).with_namespace(namespace);
        Arc::new(DatabaseStore::open(config).await.unwrap().layer(layer()))
    }

    fn persists(&self) -> bool {
        true
    }
}

conformance_tests!(files, || Files(tempfile::tempdir().unwrap()));
conformance_tests!(bucket, || Bucket(Objects::new(Arc::new(InMemory::new()), "memory", "in memory")));
conformance_tests!(database, || Database(tempfile::tempdir().unwrap()));

/// Settings for a part of a server's database that no other test uses; `None`, and said so, if there is no such server.
pub(crate) fn server(name: &str, variable: &str) -> Option<DatabaseConfig> {
    let Some(url) = std::env::var_os(variable) else {
        skip(name, &format!("{variable} is not set"));
        return None;
    };
    let url = url.into_string().unwrap();
    let part = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    let mut config = DatabaseConfig::new(url).with_table_prefix("test_");
    config.store.prefix = Some(format!("retention{part:x}-{}", std::process::id()));
    Some(config)
}
