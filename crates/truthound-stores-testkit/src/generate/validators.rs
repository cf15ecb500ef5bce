//! What the validators of a run found, and the counts that sum it up.

use truthound_stores_core::json::{Json, Number};

use super::object;
use crate::SeededRandom;

const CHECKS: [(&str, &str); 8] = [
    ("NullValidator", "null"),
    ("UniqueValidator", "duplicate"),
    ("RangeValidator", "out_of_range"),
    ("FormatValidator", "format"),
    ("RegexValidator", "pattern"),
    ("TypeValidator", "type"),
    ("FreshnessValidator", "stale"),
    ("ReferentialValidator", "orphan"),
];
const COLUMNS: [&str; 10] = [
    "customer_id",
    "email",
    "amount",
    "created_at",
    "country",
    "status",
    "sku",
    "straße",
    "備考",
    "unit price",
];
const SEVERITIES: [&str; 4] = ["critical", "high", "medium", "low"];
const SAMPLES: [&str; 6] = ["n/a", "", "Müller, Jürgen", "O'Brien \"Bob\"", "C:\\temp\\export", "東京 🗼"];

/// Counts under way to a run's statistics.
#[derive(Default)]
struct Counts {
    passed: u64,
    failed: u64,
    broken: u64,
    issues: u64,
    by_severity: [u64; 4],
    micros: u64,
}

/// Draws the validators of a run that ended with `status`, and its statistics.
pub(super) fn draw(random: &mut SeededRandom, status: &str) -> (Json, Json) {
    let total = random.between(5, 50);
    let rows = random.between(100, 5_000_000);
    let mut counts = Counts::default();
    let results = (0..total)
        .map(|index| {
            let first = index == 0;
            match status {
                "error" if first || random.chance(20) => broken(random, &mut counts),
                "failure" if first || random.chance(25) => failed(random, &mut counts, rows, 0),
                "warning" if first || random.chance(15) => failed(random, &mut counts, rows, 2),
                _ => passed(random, &mut counts, rows),
            }
        })
        .collect::<Vec<_>>();
    (Json::Array(results), statistics(&counts, total, rows))
}

fn statistics(counts: &Counts, total: u64, rows: u64) -> Json {
    let [critical, high, medium, low] = counts.by_severity;
    object([
        ("total_validators", total.into()),
        ("passed_validators", counts.passed.into()),
        ("failed_validators", counts.failed.into()),
        ("error_validators", counts.broken.into()),
        ("total_rows", rows.into()),
        ("total_columns", (COLUMNS.len()).into()),
        ("total_issues", counts.issues.into()),
        ("critical_issues", critical.into()),
        ("high_issues", high.into()),
        ("medium_issues", medium.into()),
        ("low_issues", low.into()),
        ("execution_time_ms", milliseconds(counts.micros)),
        ("pass_rate", ratio(counts.passed, total)),
        ("issue_rate", ratio(counts.issues, rows)),
    ])
}

fn passed(random: &mut SeededRandom, counts: &mut Counts, rows: u64) -> Json {
    counts.passed += 1;
    let (name, _) = *random.pick(&CHECKS);
    let details = object([
        ("checked_rows", rows.into()),
        ("threshold", ratio(random.below(10_000), 10_000)),
        ("mode", "exact".into()),
    ]);
    let column = *random.pick(&COLUMNS);
    result(
        random,
        counts,
        name,
        Outcome { success: true, column, issue: None, count: 0, severity: None, message: None },
        details,
    )
}

/// Draws a validator that found issues, no worse than the severity at `from_severity`.
fn failed(random: &mut SeededRandom, counts: &mut Counts, rows: u64, from_severity: usize) -> Json {
    counts.failed += 1;
    let count = random.between(1, rows);
    let severity = usize::try_from(random.between(from_severity as u64, 3)).unwrap();
    counts.issues += count;
    counts.by_severity[severity] += count;
    let (name, issue) = *random.pick(&CHECKS);
    let samples = (0..random.between(1, 8)).map(|_| sample(random)).collect::<Vec<_>>();
    let details = object([
        ("expected", "no violations".into()),
        ("actual", count.into()),
        ("sample_values", Json::Array(samples)),
    ]);
    let column = *random.pick(&COLUMNS);
    let message = format!("{count} of {rows} rows of {column:?} violate the expectation");
    let outcome = Outcome {
        success: false,
        column,
        issue: Some(issue),
        count,
        severity: Some(SEVERITIES[severity]),
        message: Some(message),
    };
    result(random, counts, name, outcome, details)
}

fn broken(random: &mut SeededRandom, counts: &mut Counts) -> Json {
    counts.broken += 1;
    let (name, _) = *random.pick(&CHECKS);
    let column = *random.pick(&COLUMNS);
    let message = "ConnectionError: the warehouse closed the connection\n  during fetch".to_owned();
    let outcome = Outcome {
        success: false,
        column,
        issue: Some("execution_error"),
        count: 0,
        severity: None,
        message: Some(message),
    };
    result(random, counts, name, outcome, object([("retries", 3.into()), ("last_status", Json::Null)]))
}

struct Outcome {
    success: bool,
    column: &'static str,
    issue: Option<&'static str>,
    count: u64,
    severity: Option<&'static str>,
    message: Option<String>,
}

fn result(
    random: &mut SeededRandom,
    counts: &mut Counts,
    name: &str,
    outcome: Outcome,
    details: Json,
) -> Json {
    let micros = random.between(200, 90_000);
    counts.micros += micros;
    object([
        ("validator_name", name.into()),
        ("success", outcome.success.into()),
        ("column", outcome.column.into()),
        ("issue_type", outcome.issue.into()),
        ("count", outcome.count.into()),
        ("severity", outcome.severity.into()),
        ("message", outcome.message.into()),
        ("details", details),
        ("execution_time_ms", milliseconds(micros)),
    ])
}

/// Draws one of the values that violate: numbers in Python's forms, texts, nothing.
fn sample(random: &mut SeededRandom) -> Json {
    match random.below(6) {
        0 => Json::Null,
        1 => random.below(1_000_000).into(),
        2 => number("1e-05"),
        3 => number("-0.0"),
        _ => (*random.pick(&SAMPLES)).into(),
    }
}

fn number(text: &str) -> Json {
    Json::Number(Number::parse(text).unwrap())
}

#[allow(clippy::cast_precision_loss, reason = "the counts are small")]
fn ratio(part: u64, whole: u64) -> Json {
    Json::try_from(part as f64 / whole as f64).unwrap()
}

fn milliseconds(micros: u64) -> Json {
    ratio(micros, 1_000)
}
