//! The bare SQL that listings and sums stand beside, on the store's own database.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Params};

use crate::Outcome;
use crate::measure::{Watch, median};
use crate::workload::results;

// ---- All that this program knows of the database: where it is, and what its columns are called. ----

/// Where the database is, from the folder of results.
const DATABASE: &str = "_catalog/index.db";
/// Asks for the latest hundred documents of an asset, with all that is known of each.
const LATEST: &str = "SELECT * FROM record WHERE data_asset = ?1 ORDER BY run_time DESC, id DESC LIMIT 100";
/// Sums up all documents by day and status.
const BY_DAY: &str = "SELECT run_time / 86400000000 AS day, status, count(*), sum(total_validators), sum(failed_validators), \
     sum(total_issues), sum(size), min(run_time), max(run_time) FROM record GROUP BY day, status";

// ----------------------------------------------------------------------------------------------------

/// A connection of its own to the store's database, for reading.
pub(crate) struct Bare(Connection);

impl Bare {
    /// Opens the database of the store under `base`.
    ///
    /// A store without one, or one whose columns are called otherwise, leaves the rows without their other side: the text says why.
    pub(crate) fn open(base: &Path) -> Result<Self, String> {
        let path = results(base).join(DATABASE);
        if !path.exists() {
            return Err(format!("not beside the bare SQL: the store has no {DATABASE}"));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
            connection.prepare(LATEST)?;
            connection.prepare(BY_DAY)?;
            Ok(Self(connection))
        });
        opened.map_err(|error| format!("not beside the bare SQL: {error}"))
    }

    /// Reads the latest hundred documents of an asset `calls` times; answers the median time, and how many there are.
    pub(crate) fn latest(&self, asset: &str, calls: usize) -> Outcome<(Duration, usize)> {
        self.read(LATEST, (asset,), calls)
    }

    /// Sums up by day once; answers the time, and how many sums there are.
    pub(crate) fn by_day(&self) -> Outcome<(Duration, usize)> {
        self.read(BY_DAY, (), 1)
    }

    /// Reads every column of every row into a value of its own, as any user of the answer must; the statement is prepared before.
    fn read<P: Params + Copy>(&self, sql: &str, parameters: P, calls: usize) -> Outcome<(Duration, usize)> {
        let mut statement = self.0.prepare(sql)?;
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
