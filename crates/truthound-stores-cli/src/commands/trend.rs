//! `trend`: how runs went, day by day.

mod days;

use clap::Args;
use truthound_stores::{Grouping, Pattern, Summary};

use super::summed;
use crate::chart::{self, Point};
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::output::{Format, Out, Row, print_objects, table, width};
use crate::query::Window;
use crate::stderr;
use days::Day;

/// How many days are shown unless the time is narrowed otherwise.
const DAYS: usize = 30;

/// Chart how the runs of an asset, or of all, went day by day: which share of checks passed, and how many issues were found.
///
/// Days are those of UTC; days without runs are gaps. Without --since and --until, the last 30 days that have runs are shown. As
/// json, jsonl and csv, each day that has runs is a row of day, runs, pass_rate, issues, critical_issues, high_issues, mean_ms,
/// longest_ms, successes, failures, warnings, errors and others. A damaged document is named on stderr, and the exit code is 5.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores trend
  truthound-stores trend warehouse.sales.orders --since 90d
  truthound-stores trend warehouse.sales.orders --format csv > orders.csv")]
pub(crate) struct Trend {
    /// The asset's exact name [default: all assets]
    asset: Option<String>,
    #[command(flatten)]
    window: Window,
}

pub(crate) async fn run(options: &Trend, context: &mut Context) -> Result<Code, Failure> {
    let format = context.format_without_ids("days are")?;
    let mut query = options.window.query(&context.collection, context.now)?;
    query.data_asset = options.asset.as_deref().map(Pattern::exact);
    let store = context.open_to_read().await?;
    let (sums, damage) = summed::summarize(&*store, &query, Grouping::new().with_day(true)).await?;
    let is_narrowed = query.start_time.is_some() || query.end_time.is_some();
    let left_out = if is_narrowed { 0 } else { sums.len().saturating_sub(DAYS) };
    let days = days::of(&sums, left_out);
    match format {
        Format::Table if days.is_empty() => stderr::note("no document matches"),
        Format::Table => print_chart(&mut context.out, &days::points(&days))?,
        format => print_objects(&mut context.out, format, &days, |out| table(out, Day::NAMES))?,
    }
    if left_out > 0 {
        context.out.flush()?;
        stderr::note(&format!(
            "these are the last {DAYS} of {} days that have runs: --since shows others",
            sums.len()
        ));
    }
    store.close().await?;
    Ok(damage.code())
}

/// Draws the chart of sums by day.
pub(super) fn chart(out: &mut Out, sums: &[Summary]) -> Result<(), Failure> {
    print_chart(out, &days::points(&days::of(sums, 0)))
}

fn print_chart(out: &mut Out, points: &[Point]) -> Result<(), Failure> {
    let width = width(out);
    for line in chart::draw(points, width) {
        out.line(line)?;
    }
    Ok(())
}
