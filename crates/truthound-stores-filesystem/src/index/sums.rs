//! Sums over rows, from the index alone.

use rusqlite::{Connection, params_from_iter};
use truthound_stores_core::{
    Attributes, Grouping, OrderBy, Query, Statistics, Status, Summaries, Summary, Timestamp,
};

use super::query::{is_exact, parts};

/// Answers what [`Summaries::evaluate`] answers.
pub(crate) fn summarize(
    index: &Connection,
    query: &Query,
    grouping: Grouping,
) -> rusqlite::Result<Vec<Summary>> {
    let (conditions, mut values) = parts(query);
    // Order matters only where not everything counts.
    let bounded = query.limit.is_some() || query.offset > 0;
    let mut sql = format!(
        "SELECT data_asset, run_time, status, total_validators, passed_validators, failed_validators, error_validators, \
         total_rows, total_columns, total_issues, critical_issues, high_issues, medium_issues, low_issues, \
         execution_time_ms, size FROM record{conditions}"
    );
    let exact = is_exact(query);
    let (mut skip, mut left) = (query.offset, query.limit.unwrap_or(u64::MAX));
    if bounded {
        let direction = if query.ascending { "ASC" } else { "DESC" };
        let column = match query.order_by {
            OrderBy::RunTime => "run_time",
            OrderBy::DataAsset => "data_asset",
            OrderBy::Status => "status",
        };
        sql.extend([" ORDER BY ", column, " ", direction, ", id ", direction]);
        if exact {
            let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
            sql.push_str(" LIMIT ? OFFSET ?");
            values.extend([number(left).into(), number(skip).into()]);
            (skip, left) = (0, u64::MAX);
        }
    }
    let mut statement = index.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut sums = Summaries::new(grouping);
    let mut one = Attributes::new("", Timestamp::UNIX_EPOCH, Status::NONE);
    while let Some(row) = rows.next()? {
        let asset = row.get_ref(0)?.as_str()?;
        if !exact && query.data_asset.as_ref().is_some_and(|pattern| !pattern.matches(asset)) {
            continue;
        }
        if skip > 0 {
            skip -= 1;
            continue;
        }
        if left == 0 {
            break;
        }
        left -= 1;
        if one.data_asset != asset {
            asset.clone_into(&mut one.data_asset);
        }
        one.run_time = Timestamp::from_micros(row.get(1)?);
        let status = row.get_ref(2)?.as_str()?;
        if one.status.as_str() != status {
            one.status = Status::from(status);
        }
        let count = |at: usize| row.get::<_, i64>(at).map(i64::cast_unsigned);
        one.statistics = Statistics {
            total_validators: count(3)?,
            passed_validators: count(4)?,
            failed_validators: count(5)?,
            error_validators: count(6)?,
            total_rows: count(7)?,
            total_columns: count(8)?,
            total_issues: count(9)?,
            critical_issues: count(10)?,
            high_issues: count(11)?,
            medium_issues: count(12)?,
            low_issues: count(13)?,
            execution_time_ms: row.get(14)?,
        };
        sums.add(&one, count(15)?);
    }
    Ok(sums.finish())
}
