//! The documents: small results as Truthound writes them.

use truthound_stores_core::{Collection, Pattern, Query, Reading, Record, Timestamp};
use truthound_stores_testkit::bench::{Outcome, scattered};

/// The asset whose documents are asked for: it has a tenth of them.
pub(crate) const ASSET: &str = "warehouse.sales.orders";
/// How many documents a listing answers.
pub(crate) const LATEST: usize = 100;
/// How many tags each document has.
pub(crate) const TAGS: usize = 2;
/// 2023-01-01.
const BEGIN: i64 = 1_672_531_200_000_000;

/// Asks for the latest documents of the asset.
pub(crate) fn query() -> Query {
    Query::new().with_data_asset(Pattern::exact(ASSET)).with_limit(LATEST as u64).with_page_size(LATEST)
}

/// Makes sure that what was measured did the work.
pub(crate) fn complete(found: usize) -> Outcome {
    if found == LATEST {
        return Ok(());
    }
    Err(format!("a listing found {found} documents and should have found {LATEST}").into())
}

/// Makes document `number` of `of`: run times lie anywhere within three years.
pub(crate) fn record(number: u64, of: u64) -> Outcome<Record> {
    let minute = scattered(number, of) * 1_576_800 / of.max(1);
    let time =
        Timestamp::from_micros(BEGIN + i64::try_from(minute)? * 60_000_000 + i64::try_from(number % 60)?);
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

/// Makes the documents of a range of numbers.
pub(crate) fn records(numbers: std::ops::Range<u64>, of: u64) -> Outcome<Vec<Record>> {
    numbers.map(|number| record(number, of)).collect()
}
