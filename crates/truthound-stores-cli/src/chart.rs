//! The chart of a trend: bars over days, in text that fits a width.

mod axis;
mod panel;

use truthound_stores::Timestamp;

use crate::output::percent;
use crate::time;
use axis::{Axis, Slot};
use panel::Panel;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// How many lines the bars of each panel take.
const PASSED_LINES: u64 = 8;
const ISSUES_LINES: u64 = 4;

/// What happened on a day that had runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    /// The day, counted from 1970-01-01.
    pub(crate) day: i64,
    /// The checks that passed.
    pub(crate) passed: u64,
    /// The checks that ran.
    pub(crate) checks: u64,
    /// The issues that were found.
    pub(crate) issues: u64,
}

impl Point {
    /// Returns the share of checks that passed; all of them if none ran.
    #[allow(clippy::cast_precision_loss, reason = "a share for people")]
    fn rate(&self) -> f64 {
        if self.checks == 0 { 1.0 } else { self.passed as f64 / self.checks as f64 }
    }
}

/// Draws the pass rate and the issues of days, oldest first, in lines of at most `width` columns (20 at least).
///
/// A bar of the pass rate is rounded down, so that only a full one means all; one of issues is rounded up, so that only none means
/// none. Days without runs are gaps; where there are too many days for the width, a column holds several.
pub(crate) fn draw(points: &[Point], width: usize) -> Vec<String> {
    let (Some(latest), Some(worst), Some(most)) = (
        points.last(),
        // Of equals the latest tells the most.
        points.iter().rev().min_by(|a, b| a.rate().total_cmp(&b.rate())),
        points.iter().rev().max_by_key(|point| (point.issues, point.day)),
    ) else {
        return Vec::new();
    };
    let width = width.max(20);
    let highest = compact(most.issues);
    let gutter = highest.len().max("100%".len()) + 1;
    // Behind the labels stands the line of the scale.
    let axis = Axis::arrange(points, width - gutter - 1);
    let top = axis.points().map(|point| point.issues).max().unwrap_or(0);

    let mut lines = Vec::new();
    let passed = |point: &Point| format!("{} on {}", percent(point.rate()), date(point.day));
    let mut title = vec!["Pass rate".to_owned()];
    title.push(format!("Pass rate: {}", passed(latest)));
    if worst.rate() < latest.rate() {
        title.push(format!("Pass rate: {}, lowest {}", passed(latest), passed(worst)));
    }
    lines.push(longest_that_fits(title, width));
    let passed = Panel {
        lines: PASSED_LINES,
        labels: ["100%", "50%", "0%"],
        level: |point: &Point, full| share(point.passed, point.checks, full),
    };
    lines.extend(passed.draw(&axis, gutter));
    lines.extend(axis.dates(gutter, width));
    lines.push(String::new());

    let found = |point: &Point| format!("{} on {}", point.issues, date(point.day));
    let mut title = vec!["Issues".to_owned(), format!("Issues: {}", found(latest))];
    if most.issues > latest.issues {
        title.push(format!("Issues: {}, most {}", found(latest), found(most)));
    }
    lines.push(longest_that_fits(title, width));
    let top_label = compact(top);
    let issues = Panel {
        lines: ISSUES_LINES,
        labels: [if top == 0 { "" } else { &top_label }, "", "0"],
        level: |point: &Point, full| if top == 0 { 0 } else { ceiling(point.issues, top, full) },
    };
    lines.extend(issues.draw(&axis, gutter));
    lines.extend(axis.dates(gutter, width));
    let legend = axis.legend(width);
    if !legend.is_empty() {
        lines.push(String::new());
        lines.extend(legend);
    }
    lines
}

/// Returns `part` of `whole` on a scale to `full`, rounded down, but not to nothing.
fn share(part: u64, whole: u64, full: u64) -> u64 {
    if whole == 0 {
        return full;
    }
    let scaled = u128::from(part) * u128::from(full) / u128::from(whole);
    let scaled = u64::try_from(scaled).unwrap_or(full).min(full);
    scaled.max(u64::from(part > 0))
}

/// Returns `part` of `whole` on a scale to `full`, rounded up.
fn ceiling(part: u64, whole: u64, full: u64) -> u64 {
    let scaled = (u128::from(part) * u128::from(full)).div_ceil(u128::from(whole.max(1)));
    u64::try_from(scaled).unwrap_or(full).min(full)
}

/// Prints a number in five characters or fewer, rounded down.
fn compact(number: u64) -> String {
    const UNITS: [(u64, &str); 6] = [
        (1_000_000_000_000_000_000, "E"),
        (1_000_000_000_000_000, "P"),
        (1_000_000_000_000, "T"),
        (1_000_000_000, "G"),
        (1_000_000, "M"),
        (1000, "k"),
    ];
    if number < 10_000 {
        return number.to_string();
    }
    let unit = UNITS.iter().find(|(unit, _)| number / unit > 0);
    unit.map_or_else(|| number.to_string(), |(unit, name)| format!("{}{name}", number / unit))
}

/// Prints a day: `2026-01-31`.
fn date(day: i64) -> String {
    time::day(Timestamp::from_micros(day.saturating_mul(MICROS_PER_DAY)))
}

/// Picks the last of `texts`, each longer than the one before, that fits; else the first.
fn longest_that_fits(texts: Vec<String>, width: usize) -> String {
    let first = texts.first().cloned().unwrap_or_default();
    texts.into_iter().rev().find(|text| text.chars().count() <= width).unwrap_or(first)
}

#[cfg(test)]
mod tests;
