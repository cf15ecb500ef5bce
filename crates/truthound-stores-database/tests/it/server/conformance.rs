//! The suite that every store passes, through a relay that can be cut.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{ConnectOptions, Connection};
use tokio::sync::OnceCell;
use truthound_stores_core::{Key, Store};
use truthound_stores_database::DatabaseStore;
use truthound_stores_testkit::Place;

use super::{Server, config, fresh, through};
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
        let (collection, id) = (key.collection().as_str().to_owned(), key.id().to_owned());
        match self.server {
            Server::Postgres => {
                let options: sqlx::postgres::PgConnectOptions = self.url.parse().unwrap();
                let mut connection = options.connect().await.unwrap();
                let cut = "UPDATE test_records SET body = substr(body, 1, 20) WHERE space = $1 AND collection = $2 AND id = $3";
                let cut = sqlx::query(cut).bind(space).bind(collection).bind(id);
                let done = cut.execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
                done.rows_affected() == 1
            }
            Server::MariaDb => {
                let options: sqlx::mysql::MySqlConnectOptions = self.url.parse().unwrap();
                let mut connection = options.connect().await.unwrap();
                let cut = "UPDATE test_records SET body = substr(body, 1, 20) WHERE space = ? AND collection = ? AND id = ?";
                let cut = sqlx::query(cut).bind(space).bind(collection).bind(id);
                let done = cut.execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
                done.rows_affected() == 1
            }
        }
    }

    async fn set_outage(&self, on: bool) -> bool {
        self.proxy().await.set_cut(on);
        true
    }
}

/// Turns the list of cases into tests that need a server; without one, each says so and passes.
macro_rules! cases_on_a_server {
    ({} $($subject:ident { $($case:ident)+ })+) => {
        $(
            mod $subject {
                $(
                    #[test]
                    fn $case() {
                        if let Some(place) = super::place() {
                            truthound_stores_testkit::test_case(stringify!($case), &place);
                        }
                    }
                )+
            }
        )+
    };
}

mod postgres {
    use super::{Part, Server};

    fn place() -> Option<Part> {
        Part::on(Server::Postgres)
    }

    truthound_stores_testkit::for_each_case! { [cases_on_a_server] {} }
}

mod mariadb {
    use super::{Part, Server};

    fn place() -> Option<Part> {
        Part::on(Server::MariaDb)
    }

    truthound_stores_testkit::for_each_case! { [cases_on_a_server] {} }
}
