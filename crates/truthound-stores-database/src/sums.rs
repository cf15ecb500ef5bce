//! Sums over rows, made by the database.

use std::collections::BTreeMap;

use truthound_stores_core::{
    Error, Grouping, PageToken, Query, Result, Statistics, Status, Summaries, Summary, Timestamp,
};

use crate::conn::Row;
use crate::dialect::Dialect;
use crate::error::Failed;
use crate::find::{Place, conditions, is_exact, order, page};
use crate::pool::Lease;
use crate::sql::Sql;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// The columns that are added up: unsigned numbers, whose bits are kept as signed ones.
const COUNTS: [&str; 12] = [
    "total_validators",
    "passed_validators",
    "failed_validators",
    "error_validators",
    "total_rows",
    "total_columns",
    "total_issues",
    "critical_issues",
    "high_issues",
    "medium_issues",
    "low_issues",
    "size",
];

/// Says how a column is added up without an overflow: in one column or two.
fn sum(dialect: Dialect, column: &str) -> String {
    match dialect {
        // Sums of `bigint` are `numeric` here: they do not overflow. What is negative is 2^64 more.
        Dialect::Postgres => {
            format!("(sum({column}) + 18446744073709551616 * count(*) FILTER (WHERE {column} < 0))::text")
        }
        Dialect::MySql => {
            format!("CAST(sum({column}) + 18446744073709551616 * sum({column} < 0) AS CHAR(64))")
        }
        // A sum of integers that overflows is an error here: each half is added up by itself.
        Dialect::Sqlite => format!("sum(({column} >> 32) & 4294967295), sum({column} & 4294967295)"),
    }
}

/// Reads what [`sum`] says; what does not fit is the largest number.
fn read_sum(dialect: Dialect, row: &mut Row<'_>) -> Result<u64> {
    match dialect {
        Dialect::Sqlite => {
            let (high, low) = (row.int()?.cast_unsigned(), row.int()?.cast_unsigned());
            let whole = (u128::from(high) << 32) + u128::from(low);
            Ok(u64::try_from(whole).unwrap_or(u64::MAX))
        }
        Dialect::Postgres | Dialect::MySql => {
            let text = row.text()?;
            let whole: u128 = text.parse().map_err(|cause| {
                Error::corrupt(format!("the database added counts up to {text:?}")).caused_by(cause)
            })?;
            Ok(u64::try_from(whole).unwrap_or(u64::MAX))
        }
    }
}

/// From here on, numbers are added up scaled down: a sum that is larger than the largest number is an error to one database, and nothing to another.
const LARGE: &str = "1e290";
/// By so much: a power of two, so that nothing is rounded, and more than there are documents.
const SCALE: f64 = 1_099_511_627_776.0;

/// Says how numbers are added up: the large ones by themselves.
fn sum_of_doubles(column: &str) -> String {
    format!(
        "sum(CASE WHEN abs({column}) < {LARGE} THEN {column} ELSE 0 END), \
         sum(CASE WHEN abs({column}) < {LARGE} THEN 0 ELSE {column} / {SCALE} END)"
    )
}

/// The statement that sums a query up, one line for each day, asset and status as far as they are kept apart.
pub(crate) fn statement<'v>(
    dialect: Dialect,
    place: &'v Place,
    query: &'v Query,
    grouping: Grouping,
    by_asset: bool,
) -> Sql<'v> {
    let mut sql = Sql::new(dialect);
    // The remainder is negative before 1970.
    let day = format!("run_time - ((run_time % {MICROS_PER_DAY} + {MICROS_PER_DAY}) % {MICROS_PER_DAY})");
    sql.push("SELECT ");
    sql.push(if grouping.day { &day } else { "0" }).push(" AS day, ");
    sql.push(if by_asset { "data_asset" } else { "''" }).push(" AS asset, status, count(*)");
    for column in COUNTS {
        sql.push(", ").push(&sum(dialect, column));
    }
    sql.push(", ").push(&sum_of_doubles("execution_time_ms"));
    sql.push(", max(execution_time_ms), min(run_time), max(run_time) FROM (SELECT ");
    sql.push("r.run_time, r.data_asset, r.status, r.execution_time_ms");
    for column in COUNTS {
        sql.push(", r.").push(column);
    }
    let first = conditions(&mut sql, place, query);
    // Order matters only where not everything counts.
    if query.limit.is_some() || query.offset > 0 {
        order(&mut sql, query, first);
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        sql.push(" LIMIT ").int(number(query.limit.unwrap_or(u64::MAX)));
        sql.push(" OFFSET ").int(number(query.offset));
    }
    sql.push(") AS found GROUP BY status");
    if grouping.day {
        sql.push(", day");
    }
    if by_asset {
        sql.push(", data_asset");
    }
    sql
}

/// Answers what [`Summaries::evaluate`] answers.
///
/// # Cancel safety
/// Nothing is changed.
pub(crate) async fn summarize(
    connection: &mut Lease,
    place: &Place,
    query: &Query,
    grouping: Grouping,
) -> Result<Vec<Summary>, Failed> {
    query.validate()?;
    let exact = is_exact(query);
    if !exact && (query.limit.is_some() || query.offset > 0) {
        return one_by_one(connection, place, query, grouping).await;
    }
    let dialect = connection.dialect();
    let by_asset = grouping.data_asset || !exact;
    let rows = connection.fetch(statement(dialect, place, query, grouping, by_asset)).await?;
    let mut groups: BTreeMap<(Timestamp, String), Summary> = BTreeMap::new();
    for mut row in rows {
        let day = Timestamp::from_micros(row.int()?);
        let asset = row.escaped()?;
        if !exact && query.data_asset.as_ref().is_some_and(|pattern| !pattern.matches(&asset)) {
            continue;
        }
        let asset = if grouping.data_asset { asset } else { String::new() };
        add(&mut groups, (day, asset), grouping, dialect, &mut row)?;
    }
    Ok(groups.into_values().collect())
}

/// Adds a line of the database's to its group.
fn add(
    groups: &mut BTreeMap<(Timestamp, String), Summary>,
    key: (Timestamp, String),
    grouping: Grouping,
    dialect: Dialect,
    row: &mut Row<'_>,
) -> Result<()> {
    let status = Status::from(row.escaped()?);
    let runs = row.int()?.cast_unsigned();
    let mut count = || read_sum(dialect, row);
    let mut totals = Statistics {
        total_validators: count()?,
        passed_validators: count()?,
        failed_validators: count()?,
        error_validators: count()?,
        total_rows: count()?,
        total_columns: count()?,
        total_issues: count()?,
        critical_issues: count()?,
        high_issues: count()?,
        medium_issues: count()?,
        low_issues: count()?,
        execution_time_ms: 0.0,
    };
    let bytes = count()?;
    let (small, large) = (row.double()?, row.double()?);
    totals.execution_time_ms = small + large * SCALE;
    let longest = row.double()?;
    let (first, last) = (Timestamp::from_micros(row.int()?), Timestamp::from_micros(row.int()?));
    let line = Line { status, runs, totals, longest, bytes, first, last };
    match groups.entry(key) {
        std::collections::btree_map::Entry::Occupied(mut group) => line.add_to(group.get_mut()),
        std::collections::btree_map::Entry::Vacant(place) => {
            let (day, asset) = place.key().clone();
            let summary =
                line.begin(grouping.day.then_some(day), grouping.data_asset.then_some(asset.as_str()))?;
            place.insert(summary);
        }
    }
    Ok(())
}

/// What the database says of the documents of one day, asset and status.
struct Line {
    status: Status,
    runs: u64,
    totals: Statistics,
    longest: f64,
    bytes: u64,
    first: Timestamp,
    last: Timestamp,
}

impl Line {
    /// Makes a group of this line alone.
    fn begin(self, day: Option<Timestamp>, data_asset: Option<&str>) -> Result<Summary> {
        // A group is made by the reference, of a document that it has: so there is one place that knows what a group is.
        let asset = data_asset.unwrap_or_default();
        let mut one =
            Summaries::new(Grouping::new().with_day(day.is_some()).with_data_asset(data_asset.is_some()));
        one.add(&truthound_stores_core::Attributes::new(asset, self.first, self.status.clone()), 0);
        let mut summary = one.finish().pop().ok_or_else(|| Error::corrupt("a group without documents"))?;
        summary.day = day;
        summary.runs = 0;
        summary.status.clear();
        self.add_to(&mut summary);
        Ok(summary)
    }

    fn add_to(self, group: &mut Summary) {
        group.runs += self.runs;
        *group.status.entry(self.status).or_insert(0) += self.runs;
        let (to, from) = (&mut group.totals, &self.totals);
        for (sum, count) in [
            (&mut to.total_validators, from.total_validators),
            (&mut to.passed_validators, from.passed_validators),
            (&mut to.failed_validators, from.failed_validators),
            (&mut to.error_validators, from.error_validators),
            (&mut to.total_rows, from.total_rows),
            (&mut to.total_columns, from.total_columns),
            (&mut to.total_issues, from.total_issues),
            (&mut to.critical_issues, from.critical_issues),
            (&mut to.high_issues, from.high_issues),
            (&mut to.medium_issues, from.medium_issues),
            (&mut to.low_issues, from.low_issues),
            (&mut group.bytes, self.bytes),
        ] {
            *sum = sum.saturating_add(count);
        }
        to.execution_time_ms += from.execution_time_ms;
        group.longest_ms = group.longest_ms.max(self.longest);
        group.first_run = group.first_run.min(self.first);
        group.last_run = group.last_run.max(self.last);
    }
}

/// Adds up what a listing gives: for patterns that the database does not decide on, where order matters.
async fn one_by_one(
    connection: &mut Lease,
    place: &Place,
    query: &Query,
    grouping: Grouping,
) -> Result<Vec<Summary>, Failed> {
    let mut sums = Summaries::new(grouping);
    let mut after: Option<PageToken> = None;
    loop {
        let found = page(connection, place, query, after.as_ref()).await?;
        if let Some(error) = found.damaged.into_iter().next() {
            return Err(error.into());
        }
        for meta in &found.metas {
            sums.add(&meta.attributes, meta.size);
        }
        after = found.next;
        if after.is_none() {
            return Ok(sums.finish());
        }
    }
}
