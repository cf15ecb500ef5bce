//! Health checks, and what they ask.

use truthound_stores_core::Store;
use truthound_stores_database::{ConnectionPoolConfig, DatabaseStore, HealthCheckConfig, HealthState};

use super::{config, fresh, on_each};

/// What a health check was answered was read as the store's own rows are: `SELECT now()` answers a type that those have not, and the store was ill for good.
async fn any_query_will_do(url: &str) {
    let odd: &[&str] = match url.split(':').next() {
        Some("sqlite") => &["SELECT CURRENT_TIMESTAMP", "SELECT zeroblob(9), 1.5, NULL"],
        Some("mysql") => &["SELECT now()", "SELECT 1.5, NULL, CURRENT_TIME, x'80ff'"],
        _ => &["SELECT now()", "SELECT 1.5::numeric, NULL, ARRAY[1, 2], '1 day'::interval, '\\x80ff'::bytea"],
    };
    for query in odd.iter().chain(&["SELECT 1 FROM (SELECT 1) AS empty WHERE 1 = 0"]) {
        let health =
            ConnectionPoolConfig::new().with_health_check(HealthCheckConfig::new().with_query(*query));
        let config = config(url, &fresh()).with_connection_pool(health);
        let store = DatabaseStore::open(config).await.unwrap();
        store.check().await.unwrap_or_else(|error| panic!("{query}: {}", error.report()));
        let status = store.health_status().unwrap();
        assert!(status.state == HealthState::Healthy && status.failed == 0, "{query}: {status:?}");
        store.close().await.unwrap();
    }
    // What the database does not answer is no good health.
    let wrong = HealthCheckConfig::new().with_query("SELECT 1 FROM a_table_that_is_not_there");
    let health = ConnectionPoolConfig::new().with_health_check(wrong);
    let store = DatabaseStore::open(config(url, &fresh()).with_connection_pool(health)).await.unwrap();
    store.check().await.unwrap_err();
}

on_each!(any_query_will_do);
