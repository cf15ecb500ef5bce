//! The suite that every store passes, through a relay that can be cut.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::OnceCell;
use truthound_stores_core::{Key, Store};
use truthound_stores_database::DatabaseStore;
use truthound_stores_testkit::{Place, conformance_tests_where};

use super::{Raw, Server, config, fresh, through};
use crate::proxy::Proxy;

/// A part of a server's database.
struct Part {
    server: Server,
    url: String,
    name: String,
    proxy: OnceCell<Proxy>,
}

impl Part {
    /// A part that no other test uses; `None` if there is no such server.
    fn on(server: Server) -> Option<Self> {
        let url = server.url()?;
        Some(Self { server, url, name: fresh(), proxy: OnceCell::new() })
    }

    async fn proxy(&self) -> &Proxy {
        self.proxy.get_or_init(|| Proxy::start(Server::address(&self.url))).await
    }
}

#[async_trait]
impl Place for Part {
    async fn open(&self, namespace: &str) -> Arc<dyn Store> {
        let url = through(&self.url, self.proxy().await);
        let config = config(&url, &self.name).with_namespace(namespace);
        Arc::new(DatabaseStore::open(config).await.unwrap())
    }

    fn persists(&self) -> bool {
        true
    }

    /// Cuts the document's text short.
    async fn damage(&self, namespace: &str, key: &Key) -> bool {
        let space = format!("{namespace}/{}", self.name);
        let mut raw = Raw::connect(self.server, &self.url).await;
        let (collection, id) = (key.collection(), key.id());
        let touched = raw
            .run(&format!(
                "UPDATE test_records SET body = substr(body, 1, 20) \
                 WHERE space = '{space}' AND collection = '{collection}' AND id = '{id}'"
            ))
            .await;
        touched == 1
    }

    async fn set_outage(&self, on: bool) -> bool {
        self.proxy().await.set_cut(on);
        true
    }
}

conformance_tests_where!(postgres, || Part::on(Server::Postgres));
conformance_tests_where!(mariadb, || Part::on(Server::MariaDb));
// A server that is another one for each transaction, which knows nothing of what was prepared on the last.
conformance_tests_where!(pgbouncer, || Part::on(Server::PgBouncer));
