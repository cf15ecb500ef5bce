use std::sync::Arc;

use truthound_stores_core::Error;
use truthound_stores_testkit::ManualClock;

use crate::config::{ConnectionPoolConfig, DatabaseConfig, PoolConfig, ResetOnReturn};
use crate::error::Failed;
use crate::sql::Sql;
use crate::store::DatabaseStore;

/// Under `reset_on_return = none`, a transaction that the database gave up for another was begun anew within itself, which is refused: what was to be
/// carried out again at once failed.
#[tokio::test]
async fn a_transaction_that_failed_can_be_begun_again() {
    for reset in [ResetOnReturn::Rollback, ResetOnReturn::None] {
        let pool = ConnectionPoolConfig::new().with_pool(PoolConfig::new().with_reset_on_return(reset));
        let config = DatabaseConfig::new("sqlite::memory:").with_connection_pool(pool);
        let store = DatabaseStore::open(config).await.unwrap();
        let mut lease = store.guard().pool().acquire().await.unwrap();
        lease.begin().await.unwrap();
        lease.simple("CREATE TABLE half (done INTEGER)").await.unwrap();
        let failed: Result<(), Failed> = Err(Error::unsupported("gave up").into());
        lease.end(failed).await.unwrap_err();
        lease.begin().await.unwrap();
        lease.simple("CREATE TABLE half (done INTEGER)").await.unwrap();
        lease.end(Ok(())).await.unwrap();
    }
}

/// What `pool_pre_ping` says: a connection is asked, unless it answered within the last half second.
#[tokio::test]
async fn a_connection_that_answered_just_now_counts_as_asked() {
    for asks in [true, false] {
        let clock = Arc::new(ManualClock::new(1));
        let pool = PoolConfig::new().with_pool_pre_ping(asks);
        let config = DatabaseConfig::new("sqlite::memory:")
            .with_connection_pool(ConnectionPoolConfig::new().with_pool(pool));
        let store =
            DatabaseStore::open_with(config, Arc::clone(&clock) as _, Arc::clone(&clock) as _).await.unwrap();
        let pool = store.guard().pool();
        for (passed, unasked) in [(0, true), (499, true), (500, false), (60_000, false)] {
            clock.advance(std::time::Duration::from_millis(passed));
            let mut lease = pool.acquire().await.unwrap();
            assert_eq!(lease.unasked, asks && unasked, "after {passed} ms");
            lease.fetch(Sql::text(lease.dialect(), "SELECT 1")).await.unwrap();
            assert!(!lease.unasked, "it has answered");
            drop(lease);
            // A health check goes by what is heard now.
            assert!(!pool.acquire_for_check().await.unwrap().unwrap().unasked);
        }
    }
}
