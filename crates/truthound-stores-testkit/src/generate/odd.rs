//! Documents that real stores hold and that trip up those who expected better.

use truthound_stores_core::{Collection, Reading, Record};

/// The oddities, without the id: what differs, and the document's other members.
const ODD: &[(&str, &str)] = &[
    (
        "tags-null",
        r#""run_time": "2026-01-05T10:00:00", "data_asset": "odd.tags", "status": "success", "tags": null"#,
    ),
    (
        "tags-not-text",
        r#""run_time": "2026-01-05T10:00:00", "data_asset": "odd.tags", "status": "success",
           "tags": {"n": 1.50, "yes": true, "none": null, "list": [1, {"a": "é"}], "": ""}"#,
    ),
    (
        "not-finite",
        r#""run_time": "2026-01-05T10:00:00", "data_asset": "odd.numbers", "status": "warning",
           "statistics": {"total_rows": NaN, "execution_time_ms": Infinity}, "metadata": {"worst": -Infinity, "rate": NaN}"#,
    ),
    (
        "big-numbers",
        r#""run_time": "2026-01-05T10:00:00", "data_asset": "odd.numbers", "status": "success",
           "statistics": {"total_rows": 9007199254740993, "total_issues": 3.0, "low_issues": -4},
           "metadata": {"n": 123456789012345678901234567890, "x": 1E400, "tiny": 1e-05, "cents": 1.50, "zero": -0}"#,
    ),
    (
        "unknown-fields",
        r#""zebra": {"first": 1, "a": 2}, "run_time": "2026-01-05T10:00:00", "data_asset": "odd.fields", "status": "success",
           "results": [{"validator_name": "X", "success": "yes", "count": 1.5, "surprise": []}], "aardvark": {}"#,
    ),
    (
        "unknown-status",
        r#""run_time": "2026-01-05T10:00:00", "data_asset": "odd.status", "status": "skipped by Zoë""#,
    ),
    (
        "no-asset-name",
        r#""run_time": "2026-01-05T10:00:00", "data_asset": "", "status": "error", "suite_name": """#,
    ),
    (
        "time-with-space",
        r#""run_time": "2026-01-05 10:00:00.1", "data_asset": "odd.time", "status": "success""#,
    ),
    ("time-of-day-missing", r#""run_time": "2026-01-05", "data_asset": "odd.time", "status": "success""#),
    ("time-long-ago", r#""run_time": "0001-01-01T00:00:00", "data_asset": "odd.time", "status": "success""#),
    (
        "time-far-off",
        r#""run_time": "9999-12-31T23:59:59.999999", "data_asset": "odd.time", "status": "success""#,
    ),
    (
        "time-offset",
        r#""run_time": "2026-01-05T10:00:00+09:00", "data_asset": "odd.time", "status": "success""#,
    ),
    // Ids that a careless layout takes for one another.
    ("twin/a", r#""run_time": "2026-01-06T10:00:00", "data_asset": "odd.twins", "status": "success""#),
    ("twin_a", r#""run_time": "2026-01-06T10:00:00", "data_asset": "odd.twins", "status": "success""#),
    ("Twin_a", r#""run_time": "2026-01-06T10:00:00", "data_asset": "odd.twins", "status": "success""#),
    ("twin_a.json", r#""run_time": "2026-01-06T10:00:00", "data_asset": "odd.twins", "status": "success""#),
];

/// Makes results that break what readers tend to take for granted, and are results all the same.
///
/// Among them: `tags` that are null or no strings, `NaN` and `Infinity`, numbers beyond 64 bits, unknown fields and
/// statuses, every form of time, ids that nearly collide.
///
/// # Examples
/// ```
/// let odd = truthound_stores_testkit::odd_records();
/// assert!(odd.iter().any(|record| record.body.as_str().contains("NaN")));
/// ```
pub fn odd_records() -> Vec<Record> {
    let parse = |&(name, members): &(&str, &str)| {
        let text = format!(r#"{{"run_id": "{name}", {members}}}"#);
        Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default())
            .unwrap_or_else(|error| panic!("the odd document {name} is no result: {error}"))
    };
    ODD.iter().map(parse).collect()
}
