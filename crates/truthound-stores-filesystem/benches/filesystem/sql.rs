//! The bare SQL that listings and sums stand beside, on the store's own database.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Params};

use truthound_stores_testkit::bench::{Watch, median};

use crate::Outcome;
use crate::workload::results;

// ---- All that this program knows of the database: where it is, and what its columns are called. ----

/// Where the database is, from the folder of results.
const DATABASE: &str = "_catalog/index.db";
/// Asks for the latest hundred documents of an asset, with all that is known of each.
const LATEST: &str = "SELECT * FROM record WHERE data_asset = ?1 ORDER BY run_time DESC, id DESC LIMIT 100";
/// Sums up all documents by day and status, with all that a summary holds.
const BY_DAY: &str = "SELECT run_time / 86400000000 AS day, status, count(*), sum(total_validators), \
     sum(passed_validators), sum(failed_validators), sum(error_validators), sum(total_rows), sum(total_columns), \
     sum(total_issues), sum(critical_issues), sum(high_issues), sum(medium_issues), sum(low_issues), \
     sum(execution_time_ms), max(execution_time_ms), sum(size), min(run_time), max(run_time) \
     FROM record GROUP BY day, status";

// ----------------------------------------------------------------------------------------------------

/// One of the statements, on a connection of its own to the store's database, for reading.
pub(crate) struct Bare {
    connection: Connection,
    sql: &'static str,
}

impl Bare {
    /// Asks for the latest hundred documents of an asset, which is the one parameter.
    pub(crate) fn latest(base: &Path) -> Result<Self, String> {
        Self::open(base, LATEST)
    }

    /// Sums up by day, without a parameter.
    pub(crate) fn by_day(base: &Path) -> Result<Self, String> {
        Self::open(base, BY_DAY)
    }

    /// Opens the database of the store under `base`.
    ///
    /// A store without one, or one whose columns are called otherwise, leaves the row without its other side: the text says why.
    fn open(base: &Path, sql: &'static str) -> Result<Self, String> {
        let path = results(base).join(DATABASE);
        if !path.exists() {
            return Err(format!("not beside the bare SQL: the store has no {DATABASE}"));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
            connection.prepare(sql)?;
            Ok(Self { connection, sql })
        });
        opened.map_err(|error| format!("not beside the bare SQL: {error}"))
    }

    /// Runs the statement `calls` times; answers the median time, and how many rows there are.
    ///
    /// Every column of every row is read into a value of its own, as any user of the answer must; the statement is prepared before.
    pub(crate) fn run<P: Params + Copy>(&self, parameters: P, calls: usize) -> Outcome<(Duration, usize)> {
        let mut statement = self.connection.prepare_cached(self.sql)?;
        let columns = statement.column_count();
        let (mut took, mut count) = (Vec::with_capacity(calls), 0);
        for _ in 0..calls {
            let watch = Watch::start();
            let mut rows = statement.query(parameters)?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push((0..columns).map(|at| row.get(at)).collect::<Result<Vec<Value>, _>>()?);
            }
            took.push(watch.passed().as_secs_f64());
            count = std::hint::black_box(found).len();
        }
        Ok((Duration::from_secs_f64(median(&took)?), count))
    }
}
