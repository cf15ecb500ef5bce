//! Records of three years, of sixty-four assets.

use truthound_stores_core::{Collection, PutOptions, Reading, Record, Store, Timestamp};
use truthound_stores_testkit::bench::{Outcome, scattered, thousands};

const BATCH: u64 = 5_000;
/// 2023-01-01.
const BEGIN: i64 = 1_672_531_200_000_000;
/// Three years, in minutes.
const MINUTES: u64 = 1_576_800;

/// The moment after the last of the records.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_micros(BEGIN).plus_micros(i64::try_from(MINUTES).unwrap_or_default() * 60_000_000)
}

/// Makes record `number` of `of`.
fn record(number: u64, of: u64) -> Outcome<Record> {
    let minute = scattered(number, of) * MINUTES / of.max(1);
    let micros = i64::try_from(minute)? * 60_000_000 + i64::try_from(number % 60)?;
    let time = Timestamp::from_micros(BEGIN).plus_micros(micros);
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
    eprintln!("bench: saving {} records", thousands(records));
    let mut from = 0;
    while from < records {
        let to = records.min(from + BATCH);
        let batch = (from..to).map(|number| record(number, records)).collect::<Outcome<Vec<_>>>()?;
        for written in store.put_many(batch, PutOptions::default()).await {
            written?;
        }
        from = to;
    }
    Ok(())
}
