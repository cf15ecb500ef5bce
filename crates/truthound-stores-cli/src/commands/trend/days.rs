//! The rows of `trend`.

use serde_json::Value;
use truthound_stores::Summary;

use super::super::summed::Outcomes;
use crate::chart::Point;
use crate::output::Row;
use crate::time::day;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// The runs of a day.
pub(crate) struct Day<'a>(&'a Summary);

/// Makes rows of sums by day, without the first `left_out` of them.
pub(crate) fn of(sums: &[Summary], left_out: usize) -> Vec<Day<'_>> {
    sums.iter().skip(left_out).map(Day).collect()
}

/// Takes what a chart shows out of rows.
pub(crate) fn points(days: &[Day<'_>]) -> Vec<Point> {
    let point = |Day(sum): &Day<'_>| Point {
        day: sum.day.unwrap_or(sum.first_run).as_micros().div_euclid(MICROS_PER_DAY),
        passed: sum.totals.passed_validators,
        checks: sum.totals.total_validators,
        issues: sum.totals.total_issues,
    };
    days.iter().map(point).collect()
}

impl Row for Day<'_> {
    const NAMES: &'static [&'static str] = &[
        "day",
        "runs",
        "pass_rate",
        "issues",
        "critical_issues",
        "high_issues",
        "mean_ms",
        "longest_ms",
        "successes",
        "failures",
        "warnings",
        "errors",
        "others",
    ];

    fn values(&self) -> Vec<Value> {
        let Self(sum) = self;
        let outcomes = Outcomes::of(sum);
        vec![
            sum.day.map(day).into(),
            sum.runs.into(),
            sum.pass_rate().into(),
            sum.totals.total_issues.into(),
            sum.totals.critical_issues.into(),
            sum.totals.high_issues.into(),
            sum.mean_ms().into(),
            sum.longest_ms.into(),
            outcomes.successes.into(),
            outcomes.failures.into(),
            outcomes.warnings.into(),
            outcomes.errors.into(),
            outcomes.others.into(),
        ]
    }
}
