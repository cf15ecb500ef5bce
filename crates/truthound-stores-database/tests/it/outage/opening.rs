//! Programs that came up together on an empty database: the second one made everything again, and failed. PostgreSQL remembers of a name that it was
//! not there, for as long as the connection locks no table.

use tokio::task::JoinSet;
use truthound_stores_core::Store;
use truthound_stores_database::DatabaseStore;

use crate::server::{Server, config, fresh};

/// R-DB-1: all find the tables ready, whoever makes them.
async fn stores_open_at_once(server: Server) {
    let Some(url) = server.url() else { return };
    for _ in 0..5 {
        let prefix = format!("{}_", fresh().replace('-', "_"));
        let mut opening = JoinSet::new();
        for _ in 0..6 {
            let config = config(&url, "part").with_table_prefix(&prefix);
            opening.spawn(async move { DatabaseStore::open(config).await });
        }
        for opened in opening.join_all().await {
            opened.unwrap().close().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stores_that_open_at_once_on_an_empty_postgres_all_open() {
    stores_open_at_once(Server::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stores_that_open_at_once_on_an_empty_mariadb_all_open() {
    stores_open_at_once(Server::MariaDb).await;
}
