//! What `echo` and `echo_pool` tell.

use truthound_stores_core::{Query, Store, StoreExt};
use truthound_stores_database::{ConnectionPoolConfig, DatabaseConfig, DatabaseStore, PoolConfig};

use crate::server::run;
use crate::told::Told;

/// What is told while documents are saved, listed and deleted.
async fn told(echo: bool, echo_pool: bool) -> Vec<String> {
    let told = Told::default();
    let _guard = tracing::subscriber::set_default(told.clone());
    let pool = ConnectionPoolConfig::new().with_pool(PoolConfig::new().with_echo_pool(echo_pool));
    let config = DatabaseConfig::new("sqlite::memory:").with_echo(echo).with_connection_pool(pool);
    let store = DatabaseStore::open(config).await.unwrap();
    let mut record = run("secret-id");
    record.attributes.data_asset = "secret-asset".into();
    record.attributes.tags.insert("secret-tag".to_owned(), "secret-value".to_owned());
    store.put(record.clone()).await.unwrap();
    let query = Query::new().with_data_asset("secret-asset").with_tag("secret-tag", "secret-value");
    assert_eq!(store.list_ids(&query).await.unwrap().items, ["secret-id"]);
    store.read(&record.key).await.unwrap();
    store.delete(&record.key).await.unwrap();
    store.close().await.unwrap();
    told.take()
}

/// R-ANY-14: nothing ever saw what `echo` is for. Statements are told, and none of their values.
#[tokio::test]
async fn statements_are_told_without_their_values() {
    let all = told(true, false).await;
    for text in ["INTO \"records\"", "INTO \"record_tags\"", "SELECT", "DELETE FROM", "COMMIT"] {
        let tells =
            |line: &&String| line.starts_with("truthound_stores_database::sql ") && line.contains(text);
        assert!(all.iter().any(|line| tells(&line)), "{text}: {all:#?}");
    }
    assert!(all.iter().all(|line| !line.contains("secret")), "{all:#?}");
    assert!(all.iter().all(|line| !line.contains("::pool")), "{all:#?}");
}

#[tokio::test]
async fn what_becomes_of_connections_is_told() {
    let all = told(false, true).await;
    for event in ["opened", "lent", "kept", "closed"] {
        let wanted = format!("event={event}");
        assert!(all.iter().any(|line| line.contains(&wanted)), "{event}: {all:#?}");
    }
    assert!(all.iter().all(|line| line.starts_with("truthound_stores_database::pool ")), "{all:#?}");
    assert_eq!(told(false, false).await, [""; 0]);
}
