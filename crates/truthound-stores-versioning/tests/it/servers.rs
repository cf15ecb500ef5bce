//! Versions over the databases of servers, where there are such: the suite that every store passes, and the story that the other stores tell.

use std::sync::Arc;

use async_trait::async_trait;
use truthound_stores_core::Store;
use truthound_stores_database::{DatabaseConfig, DatabaseStore};
use truthound_stores_testkit::{FragilePlace, Place, conformance_tests_where, fresh_name, server_url};

use crate::backends::{keeping_versions, story};

/// A part of a server's database that no other test uses.
struct Part(DatabaseConfig);

impl Part {
    /// `None`, and said so, if there is no such server.
    fn of(name: &str, variable: &str) -> Option<Self> {
        let mut config = DatabaseConfig::new(server_url(name, variable)?).with_table_prefix("test_");
        config.store.prefix = Some(fresh_name("versions"));
        Some(Self(config))
    }
}

#[async_trait]
impl Place for Part {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        Arc::new(DatabaseStore::open(self.0.clone().with_namespace(namespace)).await.unwrap())
    }

    fn persists(&self) -> bool {
        true
    }
}

fn postgresql() -> Option<Part> {
    Part::of("postgres", "TRUTHOUND_TEST_POSTGRES_URL")
}

fn mariadb() -> Option<Part> {
    Part::of("mysql", "TRUTHOUND_TEST_MYSQL_URL")
}

conformance_tests_where!(over_postgresql, || postgresql()
    .map(|part| keeping_versions(FragilePlace::new(part))));
conformance_tests_where!(over_mariadb, || mariadb().map(|part| keeping_versions(FragilePlace::new(part))));

#[tokio::test(flavor = "multi_thread")]
async fn one_story_over_postgresql() {
    if let Some(part) = postgresql() {
        story(&part).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_story_over_mariadb() {
    if let Some(part) = mariadb() {
        story(&part).await;
    }
}
