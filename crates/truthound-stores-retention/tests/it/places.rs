//! Places of each kind of store, and the suite that every store passes over each of them. Servers are those that the environment names.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use object_store::memory::InMemory;
use truthound_stores_catalog::{CatalogConfig, CatalogStore, Objects};
use truthound_stores_core::{Key, Store, StoreExt as _};
use truthound_stores_database::{DatabaseConfig, DatabaseStore};
use truthound_stores_filesystem::{Durability, FileSystemConfig, FileSystemStore};
use truthound_stores_testkit::{FragilePlace, Place, conformance_tests, conformance_tests_where, skip};

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

/// A part of a server's database, whose documents can be damaged and which can be cut off.
struct Server(FragilePlace<Part>);

struct Part(DatabaseConfig);

#[async_trait]
impl Place for Part {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        Arc::new(DatabaseStore::open(self.0.clone().with_namespace(namespace)).await.unwrap())
    }

    fn persists(&self) -> bool {
        true
    }
}

#[async_trait]
impl Place for Server {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        Arc::new(self.0.open(namespace).await.layer(layer()))
    }

    fn persists(&self) -> bool {
        self.0.persists()
    }

    async fn damage(&self, namespace: &str, key: &Key) -> bool {
        self.0.damage(namespace, key).await
    }

    async fn set_outage(&self, on: bool) -> bool {
        self.0.set_outage(on).await
    }
}

fn on_postgresql() -> Option<Server> {
    postgresql().map(|config| Server(FragilePlace::new(Part(config))))
}

fn on_mariadb() -> Option<Server> {
    mariadb().map(|config| Server(FragilePlace::new(Part(config))))
}

conformance_tests_where!(over_postgresql, on_postgresql);
conformance_tests_where!(over_mariadb, on_mariadb);

/// Settings for a part of a PostgreSQL database that no other test uses; `None`, and said so, if there is no such server.
pub(crate) fn postgresql() -> Option<DatabaseConfig> {
    server("postgres", "TRUTHOUND_TEST_POSTGRES_URL")
}

/// The same of MariaDB.
pub(crate) fn mariadb() -> Option<DatabaseConfig> {
    server("mysql", "TRUTHOUND_TEST_MYSQL_URL")
}

fn server(name: &str, variable: &str) -> Option<DatabaseConfig> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let Some(url) = std::env::var_os(variable) else {
        skip(name, &format!("{variable} is not set"));
        return None;
    };
    let url = url.into_string().unwrap();
    let start = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut config = DatabaseConfig::new(url).with_table_prefix("test_");
    config.store.prefix = Some(format!("retention{start:x}-{}-{number}", std::process::id()));
    Some(config)
}
