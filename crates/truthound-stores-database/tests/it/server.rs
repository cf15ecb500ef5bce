//! PostgreSQL and MariaDB, as the environment names them.

use std::net::SocketAddr;
use std::sync::Arc;

use sqlx::{ConnectOptions, Row as _};
use truthound_stores_core::{Collection, Reading, Record};
use truthound_stores_database::{DatabaseConfig, DatabaseStore, PoolingConfig};
use truthound_stores_testkit::{fresh_name, server_url};

use crate::proxy::Proxy;

mod breaker;
mod conformance;
mod damaged_feed;
mod feed;
mod health;
mod just_now;
mod leaks;
mod many;
mod odd;
mod outage;
mod overflow;
mod partial;
mod pool;
mod processes;
mod schema;
mod silence;
mod statements;
mod sums;
mod tags;

/// A server that tests may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    Postgres,
    MariaDb,
    /// PostgreSQL behind a pooler that hands out servers by the transaction.
    PgBouncer,
}

impl Server {
    fn variable(self) -> &'static str {
        match self {
            Self::Postgres => "TRUTHOUND_TEST_POSTGRES_URL",
            Self::MariaDb => "TRUTHOUND_TEST_MYSQL_URL",
            Self::PgBouncer => "TRUTHOUND_TEST_PGBOUNCER_URL",
        }
    }

    /// The server's URL; `None`, and said so, if there is none.
    pub(crate) fn url(self) -> Option<String> {
        let name = match self {
            Self::Postgres => "postgres",
            Self::MariaDb => "mysql",
            Self::PgBouncer => "pgbouncer",
        };
        let url = server_url(name, self.variable())?;
        Some(if self == Self::PgBouncer { format!("{url}?statement-cache-capacity=0") } else { url })
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
    fresh_name("t")
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
            Server::Postgres | Server::PgBouncer => Self::Postgres(
                url.parse::<sqlx::postgres::PgConnectOptions>()
                    .unwrap()
                    .extra_float_digits(None)
                    .connect()
                    .await
                    .unwrap(),
            ),
            Server::MariaDb => Self::MariaDb(
                url.parse::<sqlx::mysql::MySqlConnectOptions>().unwrap().connect().await.unwrap(),
            ),
        }
    }

    /// Runs text without values; answers how many rows it touched.
    pub(crate) async fn run(&mut self, text: &str) -> u64 {
        let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned()));
        match self {
            Self::Postgres(raw) => sql.execute(raw).await.unwrap().rows_affected(),
            Self::MariaDb(raw) => sql.execute(raw).await.unwrap().rows_affected(),
        }
    }

    /// Asks for a number.
    pub(crate) async fn number(&mut self, text: &str) -> i64 {
        let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned()));
        match self {
            Self::Postgres(raw) => sql.fetch_one(raw).await.unwrap().get(0),
            Self::MariaDb(raw) => sql.fetch_one(raw).await.unwrap().get(0),
        }
    }
}

/// A prefix of tables that no other test uses.
pub(crate) fn prefix() -> String {
    let fresh = fresh().replace(|char: char| !char.is_ascii_alphanumeric(), "_");
    let fresh: Vec<char> = fresh.chars().rev().take(24).collect();
    format!("s_{}_", fresh.into_iter().rev().collect::<String>())
}

/// Runs a statement beside the store.
pub(crate) async fn beside(url: &str, statement: &str) {
    let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned()));
    if let Some(path) = url.strip_prefix("sqlite:") {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true);
        sql.execute(&mut options.connect().await.unwrap()).await.unwrap();
    } else {
        Raw::connect(server_of(url), url).await.run(statement).await;
    }
}

/// Asks for a number beside the store.
pub(crate) async fn number_beside(url: &str, statement: &str) -> i64 {
    let Some(path) = url.strip_prefix("sqlite:") else {
        return Raw::connect(server_of(url), url).await.number(statement).await;
    };
    let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned()));
    let mut raw = sqlx::sqlite::SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    sql.fetch_one(&mut raw).await.unwrap().get(0)
}

fn server_of(url: &str) -> Server {
    if url.starts_with("mysql") { Server::MariaDb } else { Server::Postgres }
}

/// Removes the tables of a prefix.
pub(crate) async fn drop_all(url: &str, prefix: &str) {
    for name in ["records", "record_tags", "changes", "feeds", "truthound_schema"] {
        beside(url, &format!("DROP TABLE IF EXISTS {prefix}{name}")).await;
    }
}

/// Makes tests of a function that is given a database: one on each.
macro_rules! on_each {
    ($($test:ident),+ $(,)?) => {
        $(
            mod $test {
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn postgres() {
                    if let Some(url) = crate::server::Server::Postgres.url() {
                        super::$test(&url).await;
                    }
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn mariadb() {
                    if let Some(url) = crate::server::Server::MariaDb.url() {
                        super::$test(&url).await;
                    }
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn sqlite() {
                    let folder = tempfile::tempdir().unwrap();
                    super::$test(&format!("sqlite:{}", folder.path().join("quality.db").display())).await;
                }
            }
        )+
    };
}

pub(crate) use on_each;

/// Makes tests of a function that is given a server: one on each.
macro_rules! on_servers {
    ($($test:ident),+ $(,)?) => {
        $(
            mod $test {
                use crate::server::Server;

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn postgres() {
                    super::$test(Server::Postgres).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn mariadb() {
                    super::$test(Server::MariaDb).await;
                }
            }
        )+
    };
}

pub(crate) use on_servers;
