//! `stats`: sums over documents.

mod sums;

use clap::{Args, ValueEnum};
use truthound_stores::{Grouping, Summary};

use super::summed;
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::output::{Format, Out, print_objects};
use crate::query::Filter;
use crate::stderr;

/// Sum up the documents that `list` would list, by asset or by day; no document is read.
///
/// As json, jsonl and csv, each row has day, data_asset, runs, successes, failures, warnings, errors, others, pass_rate, issues,
/// mean_ms, longest_ms, bytes, first_run and last_run; a day or asset that is not kept apart is null. Days are those of UTC.
/// A damaged document is named on stderr, the others are summed up, and the exit code is 5.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores stats
  truthound-stores stats --by day --asset 'warehouse.sales.*' --since 30d
  truthound-stores stats --by day,asset --format csv
  truthound-stores stats --by none --tag environment=production")]
pub(crate) struct Stats {
    /// What to keep apart: asset, day, both (day,asset) or none
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',', default_value = "asset")]
    by: Vec<By>,
    #[command(flatten)]
    filter: Filter,
}

/// What a sum keeps apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum By {
    /// A row for each asset
    Asset,
    /// A row for each day
    Day,
    /// One row for all
    None,
}

pub(crate) async fn run(options: &Stats, context: &mut Context) -> Result<Code, Failure> {
    let grouping = grouping(&options.by)?;
    let format = context.format_without_ids("sums are")?;
    let query = options.filter.query(&context.collection, context.now)?;
    let store = context.open_to_read().await?;
    let (sums, damage) = summed::summarize(&*store, &query, grouping).await?;
    if sums.is_empty() && format == Format::Table {
        stderr::note("no document matches");
    }
    print(&mut context.out, format, &sums)?;
    store.close().await?;
    Ok(damage.code())
}

fn grouping(by: &[By]) -> Result<Grouping, Failure> {
    if by.contains(&By::None) && by.len() > 1 {
        return Err(Failure::Usage("--by none keeps nothing apart: leave the others out".to_owned()));
    }
    Ok(Grouping::new().with_day(by.contains(&By::Day)).with_data_asset(by.contains(&By::Asset)))
}

/// Prints sums.
pub(super) fn print(out: &mut Out, format: Format, sums: &[Summary]) -> Result<(), Failure> {
    let rows = sums::rows(sums);
    Ok(print_objects(out, format, &rows, |out| sums::table(out, &rows))?)
}
