//! A database that goes away in the middle of work once took acknowledged documents along, or left its callers with a pool of dead connections
//! until they were restarted.

use std::sync::Arc;

use truthound_stores_core::Store;
use truthound_stores_database::DatabaseStore;

use crate::server::{config, fresh};

mod load;
mod opening;
mod own;
mod pool;
mod pooler;

use load::{Load, check};
use own::OwnServer;

/// R-DB-6: a server restart in the middle of a run costs errors only to the calls in flight.
async fn a_server_is_killed_and_comes_back(name: &'static str) {
    let Some(mut server) = OwnServer::start(name) else { return };
    let part = fresh();
    let store = Arc::new(DatabaseStore::open(config(server.url(), &part)).await.unwrap());
    let load = Load::begin(&store, 4);
    load.acknowledged(100).await;
    load.phase(1);
    server = tokio::task::spawn_blocking(move || {
        server.kill();
        server.start_again();
        server
    })
    .await
    .unwrap();
    load.phase(2);
    load.acknowledged(100).await;
    let told = load.end().await;
    let failed: Vec<u64> = told.iter().filter(|told| told.outcome.is_err()).map(|told| told.phase).collect();
    assert!(!failed.is_empty(), "nobody noticed that the server was killed");
    assert!(!failed.contains(&2), "calls failed that were begun when the server was back");
    // What the server has kept over its end, and not what a handle remembers.
    let after = DatabaseStore::open(config(server.url(), &part)).await.unwrap();
    check(&after, &told).await;
    assert!(after.check().await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_killed_in_the_middle_of_a_load_and_comes_back() {
    a_server_is_killed_and_comes_back("postgres").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb_is_killed_in_the_middle_of_a_load_and_comes_back() {
    a_server_is_killed_and_comes_back("mariadb").await;
}
