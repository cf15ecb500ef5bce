//! Records of three years, of sixty-four assets.

use truthound_stores_core::{Collection, Reading, Record, Store};
pub(crate) use truthound_stores_testkit::bench::end_of_times as now;
use truthound_stores_testkit::bench::{self, Outcome, scattered_time};

/// Makes record `number` of `of`.
fn record(number: u64, of: u64) -> Outcome<Record> {
    let time = scattered_time(number, of)?;
    let status = if number.is_multiple_of(17) { "failure" } else { "success" };
    let environment = if number.is_multiple_of(10) { "production" } else { "staging" };
    let text = format!(
        r#"{{"run_id":"run_{number:012x}","run_time":"{time}","data_asset":"warehouse.sales.table_{}","status":"{status}","tags":{{"team":"data","environment":"{environment}"}},"results":[]}}"#,
        number % 64,
    );
    Ok(Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default())?)
}

/// Saves so many records.
pub(crate) async fn fill(store: &dyn Store, records: u64) -> Outcome {
    bench::fill(store, records, |number| record(number, records)).await
}
