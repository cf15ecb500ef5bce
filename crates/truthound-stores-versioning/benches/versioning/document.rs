//! A result of the usual size: twenty validators, six kilobytes.

use std::fmt::Write as _;

use truthound_stores_core::{Collection, Key, Reading, Record};
use truthound_stores_testkit::bench::Outcome;

/// How many validators a result has.
const VALIDATORS: u64 = 20;

/// Names the document `number`.
pub(crate) fn key(number: u64) -> Outcome<Key> {
    Ok(Key::result(&format!("run_{number:012x}"))?)
}

/// Writes the text of document `number` in its state `state`: some values of each validator change from one to the next.
pub(crate) fn text(number: u64, state: u64) -> Outcome<String> {
    let mut results = String::new();
    for validator in 0..VALIDATORS {
        let count = (state * 31 + validator * 7) % 5_000;
        write!(
            results,
            r#"{}{{"validator_name": "NullValidator", "success": {}, "column": "column_{validator}", "issue_type": "null", "count": {count}, "severity": "high", "message": "{count} rows of column_{validator} violate the expectation", "details": {{"expected": "not null", "actual": {count}, "sample_values": [{}, 69746, 20779, 421098]}}, "execution_time_ms": 27.47}}"#,
            if validator == 0 { "" } else { ", " },
            count == 0,
            94_476 + validator,
        )?;
    }
    Ok(format!(
        r#"{{"run_id": "run_{number:012x}", "run_time": "2026-01-01T00:04:00.123456", "data_asset": "warehouse.sales.table_{}", "status": "failure", "results": [{results}], "statistics": {{"total_validators": 20, "passed_validators": 3, "failed_validators": 17, "total_rows": 100000, "total_issues": 17, "execution_time_ms": 549.4}}, "tags": {{"environment": "production", "team": "data-quality", "rev": "{state}"}}, "metadata": {{}}, "suite_name": null, "runtime_environment": {{"python": "3.11"}}}}"#,
        number % 64,
    ))
}

/// Reads a document, as every save begins.
pub(crate) fn record(text: &str) -> Outcome<Record> {
    Ok(Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default())?)
}
