#![cfg(feature = "sqlite")]

use truthound_stores_testkit::ManualClock;

use super::*;
use crate::config::{ConnectionPoolConfig, DatabaseConfig, PoolConfig, PoolingConfig};
use crate::dialect::Dialect;
use crate::store::DatabaseStore;
use crate::{BreakerState, CircuitBreakerConfig};

/// Opens a file with one connection, on a clock that stands still.
async fn open(folder: &tempfile::TempDir, pooling: PoolingConfig) -> (DatabaseStore, Arc<ManualClock>) {
    let pool = PoolConfig::new().with_pool_size(1).with_max_overflow(0).with_pool_timeout(60.0);
    let mut parts = ConnectionPoolConfig::new().with_pool(pool);
    if pooling.enable_circuit_breaker {
        parts = parts.with_circuit_breaker(CircuitBreakerConfig::new().with_failure_threshold(1));
    }
    let path = folder.path().join("quality.db");
    let config = DatabaseConfig::new(format!("sqlite:{}", path.display()))
        .with_connection_pool(parts)
        .with_pooling(pooling);
    let clock = Arc::new(ManualClock::new(1));
    let store = DatabaseStore::open_with(config, Arc::clone(&clock) as _, Arc::clone(&clock) as _);
    (store.await.unwrap(), clock)
}

fn unknown() -> Failed {
    Failed::new(Trouble::Lost, Error::new(ErrorKind::Unavailable, "broke")).unknown_if_lost()
}

/// Begins an attempt whose connection has answered: what breaks then is no connection that was broken before.
async fn attempt<'g>(call: &mut Call<'g>) -> Attempt<'g> {
    let mut attempt = call.attempt().await.unwrap();
    attempt.lease.fetch(Sql::text(Dialect::Sqlite, "SELECT 1")).await.unwrap();
    attempt
}

fn ended<T>(next: Next<T>) -> Result<T> {
    match next {
        Next::Done(outcome) => outcome,
        Next::Again => panic!("an attempt beyond the last"),
    }
}

/// A write whose answer was lost, and whose second attempt found no connection, was told that no connection became free: as if nothing had been done. So its
/// caller made it again, and it had two effects.
#[tokio::test]
async fn a_doubtful_write_that_cannot_be_looked_for_is_not_known() {
    let alone = || PoolingConfig::new().with_enable_circuit_breaker(false).with_enable_health_checks(false);
    for finds_a_connection in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let (store, clock) = open(&folder, alone().with_retry_base_delay(0.0).with_max_retries(1)).await;
        let mut call = store.guard().write();
        let first = attempt(&mut call).await;
        assert!(matches!(call.settle(first, Err::<(), _>(unknown())).await, Next::Again));
        assert!(call.is_doubtful());
        let (last, cause) = if finds_a_connection {
            let second = attempt(&mut call).await;
            let failed = Error::new(ErrorKind::Denied, "the server takes no writes").into();
            (ended(call.settle(second, Err::<(), _>(failed)).await).unwrap_err(), "takes no writes")
        } else {
            let _held = store.guard().pool().acquire().await.unwrap();
            let time_passes = async {
                while store.pool_status().waiting == 0 {
                    tokio::task::yield_now().await;
                }
                clock.advance(std::time::Duration::from_mins(1));
            };
            let (second, ()) = tokio::join!(call.attempt(), time_passes);
            (second.map(drop).unwrap_err(), "no connection became free")
        };
        assert_eq!(last.kind(), ErrorKind::Timeout, "{}", last.report());
        assert!(!last.is_retryable() && last.to_string().contains("may have been carried out"), "{last}");
        assert!(last.report().contains(cause), "{}", last.report());
    }
    // One that is the last itself says that nobody knows, once.
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(&folder, alone().with_enable_retry(false)).await;
    let mut call = store.guard().write();
    let only = attempt(&mut call).await;
    let last = ended(call.settle(only, Err::<(), _>(unknown())).await).unwrap_err();
    assert_eq!(last.report(), unknown().error.report());
}

/// R-DB-3: the breaker opened on a full disk and on statements that took too long, and so took reads down that were served.
#[tokio::test]
async fn the_breaker_opens_where_nobody_answers_only() {
    let unavailable = || Error::new(ErrorKind::Unavailable, "for whatever reason");
    for (trouble, state) in [
        (Trouble::Refused, BreakerState::Closed),
        (Trouble::Again, BreakerState::Closed),
        (Trouble::Shut, BreakerState::Open),
        (Trouble::Lost, BreakerState::Open),
        (Trouble::Unknown, BreakerState::Open),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let pooling = PoolingConfig::new().with_enable_health_checks(false).with_enable_retry(false);
        let (store, _) = open(&folder, pooling).await;
        let mut call = store.guard().call();
        let attempt = attempt(&mut call).await;
        let outcome = call.settle(attempt, Err::<(), _>(Failed::new(trouble, unavailable()))).await;
        ended(outcome).unwrap_err();
        assert_eq!(store.breaker_status().unwrap().state, state, "{trouble:?}");
    }
}
