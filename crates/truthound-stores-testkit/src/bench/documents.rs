//! Small results as Truthound writes them, and stores that are filled with them.

use std::ops::Range;

use truthound_stores_core::{Collection, Pattern, PutOptions, Query, Reading, Record, Store, Timestamp};

use super::{Outcome, say, scattered, thousands};

/// The asset whose documents are asked for: it has a tenth of those of [`small_result`].
pub const ASSET: &str = "warehouse.sales.orders";
/// How many documents a listing answers.
pub const LATEST: usize = 100;
/// 2023-01-01.
const BEGIN: i64 = 1_672_531_200_000_000;
/// Three years, in minutes.
const MINUTES: u64 = 1_576_800;
/// How many documents are saved at once where a store is filled.
const BATCH: u64 = 5_000;

/// Names the moment after the run times of all documents: three years after the first.
pub fn end_of_times() -> Timestamp {
    Timestamp::from_micros(BEGIN).plus_micros(i64::try_from(MINUTES).unwrap_or_default() * 60_000_000)
}

/// Gives the run time of document `number` of `of`: anywhere within three years, far from those of its neighbours.
///
/// # Errors
/// There are none.
pub fn scattered_time(number: u64, of: u64) -> Outcome<Timestamp> {
    let minute = scattered(number, of) * MINUTES / of.max(1);
    let micros = i64::try_from(minute)? * 60_000_000 + i64::try_from(number % 60)?;
    Ok(Timestamp::from_micros(BEGIN).plus_micros(micros))
}

/// Makes document `number` of `of`: a small result.
///
/// # Errors
/// There are none.
pub fn small_result(number: u64, of: u64) -> Outcome<Record> {
    let time = scattered_time(number, of)?;
    let asset = match number % 10 {
        0 => ASSET.to_owned(),
        other => format!("warehouse.other.table_{other}_{}", number % 7),
    };
    let status = if number.is_multiple_of(17) { "failure" } else { "success" };
    let issues = if status == "failure" { number % 9 + 1 } else { 0 };
    let text = format!(
        r#"{{"run_id":"run_{number:012x}","run_time":"{time}","data_asset":"{asset}","status":"{status}","tags":{{"team":"data","environment":"production"}},"statistics":{{"total_validators":20,"passed_validators":{},"failed_validators":{issues},"total_rows":{},"total_issues":{issues},"execution_time_ms":{}.5}},"results":[]}}"#,
        20 - issues,
        1_000 + number % 100_000,
        10 + number % 400,
    );
    Ok(Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default())?)
}

/// Asks for the latest documents of [`ASSET`].
pub fn latest_of_asset() -> Query {
    Query::new().with_data_asset(Pattern::exact(ASSET)).with_limit(LATEST as u64).with_page_size(LATEST)
}

/// Makes sure that a listing of [`latest_of_asset`] did the work.
///
/// # Errors
/// It found another number of documents.
pub fn is_complete(found: usize) -> Outcome {
    if found == LATEST {
        return Ok(());
    }
    Err(format!("a listing found {found} documents and should have found {LATEST}").into())
}

/// Saves the documents that `make` makes of a range of numbers, `batch` at once.
///
/// # Errors
/// What the store did not take.
pub async fn save_numbers(
    store: &dyn Store,
    numbers: Range<u64>,
    batch: u64,
    make: impl Fn(u64) -> Outcome<Record>,
) -> Outcome {
    let mut from = numbers.start;
    while from < numbers.end {
        let to = numbers.end.min(from + batch.max(1));
        let records = (from..to).map(&make).collect::<Outcome<Vec<_>>>()?;
        for written in store.put_many(records, PutOptions::default()).await {
            written?;
        }
        from = to;
    }
    Ok(())
}

/// Fills a store with so many documents, and says so.
///
/// # Errors
/// What the store did not take.
pub async fn fill(store: &dyn Store, documents: u64, make: impl Fn(u64) -> Outcome<Record>) -> Outcome {
    say(&format!("saving {} documents", thousands(documents)));
    save_numbers(store, 0..documents, BATCH, make).await
}
