//! The suite that every store passes.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{ConnectOptions, Connection};
use truthound_stores_core::{Key, Store};
use truthound_stores_database::{DatabaseConfig, DatabaseStore};
use truthound_stores_testkit::{Place, conformance_tests};

/// A file; each handle has a pool of its own, as other processes would.
struct File(tempfile::TempDir);

impl File {
    fn path(&self) -> String {
        self.0.path().join("quality.db").display().to_string()
    }
}

#[async_trait]
impl Place for File {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        let config = DatabaseConfig::new(format!("sqlite:{}", self.path())).with_namespace(namespace);
        Arc::new(DatabaseStore::open(config).await.unwrap())
    }

    fn persists(&self) -> bool {
        true
    }

    /// Cuts the document's text short.
    async fn damage(&self, namespace: &str, key: &Key) -> bool {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(self.path());
        let mut connection = options.connect().await.unwrap();
        let cut =
            "UPDATE records SET body = substr(body, 1, 20) WHERE space = ? AND collection = ? AND id = ?";
        let cut = sqlx::query(cut).bind(namespace).bind(key.collection().as_str().to_owned());
        let done = cut.bind(key.id().to_owned()).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        done.rows_affected() == 1
    }
}

/// A database in memory, which lasts as long as the place keeps a handle on it.
struct Memory(tokio::sync::OnceCell<DatabaseStore>);

#[async_trait]
impl Place for Memory {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        let first = self.0.get_or_init(|| async {
            DatabaseStore::open(DatabaseConfig::new("sqlite::memory:")).await.unwrap()
        });
        Arc::new(first.await.in_namespace(namespace).unwrap())
    }

    fn persists(&self) -> bool {
        true
    }
}

conformance_tests!(file, || File(tempfile::tempdir().unwrap()));
conformance_tests!(memory, || Memory(tokio::sync::OnceCell::new()));
