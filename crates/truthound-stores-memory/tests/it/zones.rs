//! A typed save once read every time without an offset as UTC, whatever zone the store was set to assume.

use truthound_stores_core::{Query, Store, StoreExt, SystemClock, ValidationResult};
use truthound_stores_memory::{MemoryConfig, MemoryStore};

#[tokio::test]
async fn typed_saves_are_read_in_the_zone_that_the_store_assumes() {
    let config = MemoryConfig::default().with_assume_timezone("+09:00".parse().unwrap());
    let store = MemoryStore::open(config).unwrap();
    let text =
        r#"{"run_id": "r", "run_time": "2026-01-01T12:00:00", "data_asset": "a", "status": "success"}"#;
    let json = truthound_stores_core::json::Json::parse(text.as_bytes()).unwrap();
    let result: ValidationResult = truthound_stores_core::Document::from_json(json).unwrap();
    let written = store.save(&result).await.unwrap();
    assert_eq!(written.meta.attributes.run_time.to_string(), "2026-01-01T03:00:00Z");
    let until = Query::new().with_end_time("2026-01-01T03:00:00Z".parse().unwrap());
    assert_eq!(store.count(&until).await.unwrap(), 1);
    // Through a pointer, as through any wrapper.
    let pointer: std::sync::Arc<dyn Store> = std::sync::Arc::new(store);
    let made = ValidationResult::builder("a").build(&SystemClock::new()).unwrap();
    pointer.save(&made).await.unwrap();
    assert_eq!(
        pointer.save(&result).await.unwrap().meta.attributes.run_time,
        written.meta.attributes.run_time
    );
}
