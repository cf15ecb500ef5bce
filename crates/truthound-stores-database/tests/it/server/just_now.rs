//! A ping before each use was a round trip for each call, which halved what a busy program could do. A connection that answered just now is not asked
//! again; that it broke since is to be noticed as little as it was before.

use truthound_stores_core::{Query, Store, StoreExt};
use truthound_stores_database::{DatabaseStore, PoolingConfig};

use super::{Server, config, fresh, run, through};
use crate::proxy::Proxy;

/// All connections break right after they were used. There are no retries that could hide it.
async fn a_connection_that_broke_just_now_is_replaced(server: Server) {
    let Some(url) = server.url() else { return };
    let proxy = Proxy::start(Server::address(&url)).await;
    for asks in [true, false] {
        let config = config(&through(&url, &proxy), &fresh());
        let config = config.with_pooling(PoolingConfig::new().with_pool_pre_ping(asks));
        let store = DatabaseStore::open(config.with_use_pool_manager(false)).await.unwrap();
        store.put(run("before")).await.unwrap();
        proxy.break_connections();
        let saved = store.put(run("after")).await;
        if !asks {
            // So nobody hides it but what is tested.
            assert!(saved.is_err(), "the connection was not broken");
            continue;
        }
        assert!(saved.unwrap().is_new(), "it was told to replace something, which it could only be itself");
        assert_eq!(store.pool_status().pings_failed, 1);
        proxy.break_connections();
        assert_eq!(store.count(&Query::new()).await.unwrap(), 2);
        proxy.break_connections();
        assert!(store.delete(&run("after").key).await.unwrap());
        assert_eq!(store.pool_status().pings_failed, 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_that_broke_just_now_is_replaced() {
    a_connection_that_broke_just_now_is_replaced(Server::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb_that_broke_just_now_is_replaced() {
    a_connection_that_broke_just_now_is_replaced(Server::MariaDb).await;
}
