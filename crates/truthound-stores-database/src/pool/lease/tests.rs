use truthound_stores_core::Error;

use crate::config::{ConnectionPoolConfig, DatabaseConfig, PoolConfig, ResetOnReturn};
use crate::error::Failed;
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
