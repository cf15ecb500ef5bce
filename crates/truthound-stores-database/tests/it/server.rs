//! PostgreSQL and MariaDB, as the environment names them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::ConnectOptions;
use truthound_stores_core::{Collection, Reading, Record};
use truthound_stores_database::{DatabaseConfig, DatabaseStore, PoolingConfig};
use truthound_stores_testkit::skip;

use crate::proxy::Proxy;

mod conformance;
mod feed;
mod outage;

/// A server that tests may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    Postgres,
    MariaDb,
}

impl Server {
    fn variable(self) -> &'static str {
        match self {
            Self::Postgres => "TRUTHOUND_TEST_POSTGRES_URL",
            Self::MariaDb => "TRUTHOUND_TEST_MYSQL_URL",
        }
    }

    /// The server's URL; `None`, and said so, if there is none.
    pub(crate) fn url(self) -> Option<String> {
        let url = std::env::var_os(self.variable()).map(|url| url.into_string().unwrap());
        if url.is_none() {
            let name = if self == Self::Postgres { "postgres" } else { "mysql" };
            skip(name, &format!("{} is not set", self.variable()));
        }
        url
    }

    /// Where the server listens.
    pub(crate) fn address(url: &str) -> SocketAddr {
        let host = url.rsplit_once('@').unwrap().1.split('/').next().unwrap();
        let host = host.replace("localhost", "127.0.0.1");
        host.parse().unwrap_or_else(|_| panic!("the tests need a URL with address and port, not {host}"))
    }
}

/// Puts another address into a URL.
pub(crate) fn through(url: &str, proxy: &Proxy) -> String {
    url.replace(&Server::address(url).to_string(), &proxy.address().to_string())
}

/// A part of a database that no other test uses.
pub(crate) fn fresh() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let start = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    format!("t{start:x}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Settings for a part of a database: with short pauses, and without a breaker, whose timeout outlasts tests.
pub(crate) fn config(url: &str, part: &str) -> DatabaseConfig {
    let mut config = DatabaseConfig::new(url).with_table_prefix("test_");
    config.store.prefix = Some(part.to_owned());
    config.with_pooling(
        PoolingConfig::new()
            .with_enable_circuit_breaker(false)
            .with_max_retries(2)
            .with_retry_base_delay(0.02),
    )
}

/// Opens a store on a part of its own; answers also how the tables call that part.
pub(crate) async fn open(url: &str) -> (Arc<DatabaseStore>, String) {
    let part = fresh();
    (Arc::new(DatabaseStore::open(config(url, &part)).await.unwrap()), format!("default/{part}"))
}

/// Makes a document.
pub(crate) fn run(id: &str) -> Record {
    let text = format!(
        r#"{{"run_id": "{id}", "run_time": "2026-01-31T12:00:00", "data_asset": "orders", "status": "success", "tags": {{"a": "b"}}}}"#
    );
    Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap()
}

/// A connection beside the store's.
pub(crate) enum Raw {
    Postgres(sqlx::PgConnection),
    MariaDb(sqlx::MySqlConnection),
}

impl Raw {
    pub(crate) async fn connect(server: Server, url: &str) -> Self {
        match server {
            Server::Postgres => Self::Postgres(
                url.parse::<sqlx::postgres::PgConnectOptions>().unwrap().connect().await.unwrap(),
            ),
            Server::MariaDb => Self::MariaDb(
                url.parse::<sqlx::mysql::MySqlConnectOptions>().unwrap().connect().await.unwrap(),
            ),
        }
    }

    /// Runs text without values.
    pub(crate) async fn run(&mut self, text: &str) {
        let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned()));
        match self {
            Self::Postgres(raw) => drop(sql.execute(raw).await.unwrap()),
            Self::MariaDb(raw) => drop(sql.execute(raw).await.unwrap()),
        }
    }
}
