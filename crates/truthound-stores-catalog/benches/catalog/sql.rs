//! A table of `SQLite`'s with the same facts and the right index, which listings stand beside.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, params};
use truthound_stores_testkit::bench::{Outcome, Watch, median, micros};

use crate::fill::{ASSET, record};

const TABLE: &str = "CREATE TABLE record (id TEXT PRIMARY KEY, data_asset TEXT, run_time INTEGER, status TEXT, tags TEXT, suite_name TEXT, \
     total_validators INTEGER, passed_validators INTEGER, failed_validators INTEGER, error_validators INTEGER, total_rows INTEGER, \
     total_columns INTEGER, total_issues INTEGER, critical_issues INTEGER, high_issues INTEGER, medium_issues INTEGER, \
     low_issues INTEGER, execution_time_ms REAL, size INTEGER, checksum BLOB, revision TEXT, saved_at INTEGER) WITHOUT ROWID";
const INDEX: &str = "CREATE INDEX by_asset ON record (data_asset, run_time DESC, id DESC)";
const LATEST: &str = "SELECT * FROM record WHERE data_asset = ?1 ORDER BY run_time DESC, id DESC LIMIT 100";

/// A table filled with the documents of a store.
pub(crate) struct Table(Connection);

impl Table {
    pub(crate) fn fill(folder: &Path, documents: u64) -> Outcome<Self> {
        let mut connection = Connection::open(folder.join("beside.db"))?;
        connection.pragma_update(None, "journal_mode", "OFF")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        let transaction = connection.transaction()?;
        transaction.execute_batch(TABLE)?;
        {
            let places = ["?"; 22].join(", ");
            let mut insert = transaction.prepare(&format!("INSERT INTO record VALUES ({places})"))?;
            for number in 0..documents {
                let record = record(number, documents)?;
                let (facts, statistics) = (&record.attributes, &record.attributes.statistics);
                insert.execute(params![
                    record.key.id(),
                    facts.data_asset,
                    facts.run_time.as_micros(),
                    facts.status.as_str(),
                    serde_json::to_string(&facts.tags)?,
                    facts.suite_name,
                    statistics.total_validators.cast_signed(),
                    statistics.passed_validators.cast_signed(),
                    statistics.failed_validators.cast_signed(),
                    statistics.error_validators.cast_signed(),
                    statistics.total_rows.cast_signed(),
                    statistics.total_columns.cast_signed(),
                    statistics.total_issues.cast_signed(),
                    statistics.critical_issues.cast_signed(),
                    statistics.high_issues.cast_signed(),
                    statistics.medium_issues.cast_signed(),
                    statistics.low_issues.cast_signed(),
                    statistics.execution_time_ms,
                    i64::try_from(record.body.as_bytes().len())?,
                    record.body.checksum().to_string(),
                    format!("{number:016x}-{number:016x}"),
                    facts.run_time.as_micros(),
                ])?;
            }
        }
        transaction.execute_batch(INDEX)?;
        transaction.commit()?;
        connection.execute_batch("ANALYZE")?;
        Ok(Self(connection))
    }

    /// Asks `calls` times for the latest documents of the asset; answers the median in microseconds, and how many there were.
    ///
    /// Every column of every row is read into a value of its own, as any user of the answer must; the statement is prepared before.
    pub(crate) fn latest(&self, calls: usize) -> Outcome<(f64, usize)> {
        let mut statement = self.0.prepare_cached(LATEST)?;
        let columns = statement.column_count();
        let (mut took, mut count) = (Vec::with_capacity(calls), 0);
        for _ in 0..calls {
            let watch = Watch::start();
            let mut rows = statement.query([ASSET])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push((0..columns).map(|at| row.get(at)).collect::<Result<Vec<Value>, _>>()?);
            }
            took.push(micros(watch.passed()));
            count = std::hint::black_box(found).len();
        }
        Ok((median(&took)?, count))
    }
}
