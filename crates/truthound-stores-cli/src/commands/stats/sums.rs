//! The rows of `stats`.

use comfy_table::{Cell, Table};
use serde_json::Value;
use truthound_stores::Summary;

use super::super::summed::Outcomes;
use crate::output::{self, Out, Row, cell, millis, number, percent, size};
use crate::time::day;

/// A sum, with how its runs ended.
pub(crate) struct Sum<'a> {
    sum: &'a Summary,
    outcomes: Outcomes,
}

/// Makes rows of sums.
pub(crate) fn rows(sums: &[Summary]) -> Vec<Sum<'_>> {
    sums.iter().map(|sum| Sum { sum, outcomes: Outcomes::of(sum) }).collect()
}

impl Row for Sum<'_> {
    const NAMES: &'static [&'static str] = &[
        "day",
        "data_asset",
        "runs",
        "successes",
        "failures",
        "warnings",
        "errors",
        "others",
        "pass_rate",
        "issues",
        "mean_ms",
        "longest_ms",
        "bytes",
        "first_run",
        "last_run",
    ];

    fn values(&self) -> Vec<Value> {
        let Self { sum, outcomes } = self;
        vec![
            sum.day.map(day).into(),
            sum.data_asset.as_deref().into(),
            sum.runs.into(),
            outcomes.successes.into(),
            outcomes.failures.into(),
            outcomes.warnings.into(),
            outcomes.errors.into(),
            outcomes.others.into(),
            sum.pass_rate().into(),
            sum.totals.total_issues.into(),
            sum.mean_ms().into(),
            sum.longest_ms.into(),
            sum.bytes.into(),
            sum.first_run.to_string().into(),
            sum.last_run.to_string().into(),
        ]
    }
}

/// A column of the table: its head, and its cell of a row.
type Column<'a> = (&'static str, Box<dyn Fn(&Sum<'a>) -> Cell>);

/// Lays rows out for people; what would be empty in all rows is left out.
pub(crate) fn table(out: &Out, rows: &[Sum<'_>]) -> Table {
    let any = |what: fn(&Sum<'_>) -> bool| rows.iter().any(what);
    let by_day = any(|row| row.sum.day.is_some());
    let columns: [(bool, Column<'_>); 14] = [
        (by_day, ("DAY", Box::new(|row| cell(&row.sum.day.map(day).unwrap_or_default())))),
        (
            any(|row| row.sum.data_asset.is_some()),
            ("ASSET", Box::new(|row| cell(row.sum.data_asset.as_deref().unwrap_or_default()))),
        ),
        (true, ("RUNS", Box::new(|row| number(row.sum.runs)))),
        (true, ("SUCCESS", Box::new(|row| number(row.outcomes.successes)))),
        (true, ("FAILURE", Box::new(|row| number(row.outcomes.failures)))),
        (any(|row| row.outcomes.warnings > 0), ("WARNING", Box::new(|row| number(row.outcomes.warnings)))),
        (any(|row| row.outcomes.errors > 0), ("ERROR", Box::new(|row| number(row.outcomes.errors)))),
        (any(|row| row.outcomes.others > 0), ("OTHER", Box::new(|row| number(row.outcomes.others)))),
        (true, ("PASSED", Box::new(|row| number(percent(row.sum.pass_rate()))))),
        (true, ("ISSUES", Box::new(|row| number(row.sum.totals.total_issues)))),
        (true, ("MEAN", Box::new(|row| duration(row.sum, row.sum.mean_ms())))),
        (true, ("LONGEST", Box::new(|row| duration(row.sum, row.sum.longest_ms)))),
        (true, ("SIZE", Box::new(|row| number(size(row.sum.bytes))))),
        (!by_day, ("FIRST AND LAST RUN", Box::new(|row| cell(&span(row.sum))))),
    ];
    let shown: Vec<Column<'_>> =
        columns.into_iter().filter_map(|(is_shown, column)| is_shown.then_some(column)).collect();
    let heads: Vec<&str> = shown.iter().map(|(head, _)| *head).collect();
    let mut table = output::table(out, &heads);
    for row in rows {
        table.add_row(shown.iter().map(|(_, cell)| cell(row)));
    }
    table
}

/// Makes a cell of a duration, empty where no run says how long it took.
fn duration(sum: &Summary, took: f64) -> Cell {
    number(if sum.longest_ms > 0.0 { millis(took) } else { String::new() })
}

/// Prints the days of the first and of the last run.
fn span(sum: &Summary) -> String {
    let (first, last) = (day(sum.first_run), day(sum.last_run));
    if first == last { first } else { format!("{first} – {last}") }
}
