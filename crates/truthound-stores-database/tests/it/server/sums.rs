//! Sums that no number is large enough for: PostgreSQL takes them for errors, others do not. All are to answer what the reference answers.

use truthound_stores_core::{Grouping, Query, Record, Store, StoreExt};
use truthound_stores_database::DatabaseStore;
use truthound_stores_memory::MemoryStore;

use super::{config, fresh, on_each, run};

fn lasting(id: &str, milliseconds: f64) -> Record {
    let mut record = run(id);
    record.attributes.statistics.execution_time_ms = milliseconds;
    record
}

async fn sums_may_be_larger_than_any_number(url: &str) {
    for times in [
        &[f64::MAX, f64::MAX][..],
        &[f64::MAX, 1.5],
        &[1e289, 1e290, 3e290],
        &[-f64::MAX, -f64::MAX],
        &[0.1, 0.25, 5e-324],
    ] {
        let store = DatabaseStore::open(config(url, &fresh())).await.unwrap();
        let reference = MemoryStore::new();
        for (number, time) in times.iter().enumerate() {
            let record = lasting(&format!("run_{number}"), *time);
            store.put(record.clone()).await.unwrap();
            reference.put(record).await.unwrap();
        }
        let ours = store.summarize(&Query::new(), Grouping::new()).await.unwrap();
        let theirs = reference.summarize(&Query::new(), Grouping::new()).await.unwrap();
        let total = |summaries: &[truthound_stores_core::Summary]| {
            (summaries[0].totals.execution_time_ms, summaries[0].longest_ms)
        };
        assert_eq!(total(&ours), total(&theirs), "{times:?}");
    }
}

on_each!(sums_may_be_larger_than_any_number);
