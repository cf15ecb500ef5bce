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

/// R-DB-6: a server restart in the middle of a run costs errors only to the calls in flight. One that is over before a call has tried for the last
/// time costs none, so the server stays away until some have failed.
async fn a_server_is_killed_and_comes_back(name: &'static str) {
    let Some(mut server) = OwnServer::start(name) else { return };
    let part = fresh();
    let store = Arc::new(DatabaseStore::open(config(server.url(), &part)).await.unwrap());
    let load = Load::begin(&store, 4);
    load.acknowledged(100).await;
    load.phase(1);
    server = blocking(server, OwnServer::kill).await;
    load.failed(8).await;
    server = blocking(server, OwnServer::start_again).await;
    load.phase(2);
    load.acknowledged(100).await;
    let told = load.end().await;
    let failed: Vec<u64> = told.iter().filter(|told| told.outcome.is_err()).map(|told| told.phase).collect();
    assert!(failed.contains(&1), "calls that were begun without a server");
    assert!(!failed.contains(&2), "calls failed that were begun when the server was back");
    // What the server has kept over its end, and not what a handle remembers.
    let after = DatabaseStore::open(config(server.url(), &part)).await.unwrap();
    check(&after, &told).await;
    assert!(after.check().await.is_ok());
}

async fn blocking(mut server: OwnServer, work: fn(&mut OwnServer)) -> OwnServer {
    let work = tokio::task::spawn_blocking(move || {
        work(&mut server);
        server
    });
    work.await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_killed_in_the_middle_of_a_load_and_comes_back() {
    a_server_is_killed_and_comes_back("postgres").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb_is_killed_in_the_middle_of_a_load_and_comes_back() {
    a_server_is_killed_and_comes_back("mariadb").await;
}
