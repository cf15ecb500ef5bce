//! PgBouncer in transaction mode once refused the driver's start-up parameters, and mixed the names of statements up: a name that one connection gave
//! was taken on the server that another one got.

use std::sync::Arc;

use truthound_stores_core::{Query, Store};
use truthound_stores_database::DatabaseStore;

use super::load::{Load, check};
use crate::server::{config, fresh};

/// A pooler that gives each transaction another server: nothing may rely on what a connection remembers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_goes_through_a_pooler_in_transaction_mode() {
    let Some(url) = std::env::var_os("TRUTHOUND_TEST_PGBOUNCER_URL") else {
        truthound_stores_testkit::skip("postgres", "TRUTHOUND_TEST_PGBOUNCER_URL is not set");
        return;
    };
    let url = format!("{}?statement-cache-capacity=0", url.into_string().unwrap());
    let part = fresh();
    let store = Arc::new(DatabaseStore::open(config(&url, &part)).await.unwrap());
    let load = Load::begin(&store, 8);
    // Others are served by the same servers in between.
    let second = DatabaseStore::open(config(&url, &part)).await.unwrap();
    for _ in 0..20 {
        load.acknowledged(10).await;
        let page = second.list_page(&Query::new().with_limit(5), None).await.unwrap();
        assert_eq!(page.metas.len(), 5);
    }
    let told = load.end().await;
    for told in &told {
        assert!(told.outcome.is_ok(), "{:?}", told.outcome);
    }
    check(&second, &told).await;
}
