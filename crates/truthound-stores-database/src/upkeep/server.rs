//! What is asked of the database itself.

use truthound_stores_core::{Finding, Level, Report, Result};

use crate::dialect::Dialect;
use crate::error::Failed;
use crate::pool::Lease;
use crate::sql::Sql;
use crate::store::{DatabaseStore, call};

impl DatabaseStore {
    /// Lets SQLite look at its file; servers look at theirs themselves.
    pub(super) async fn check_file(&self, report: &mut Report) -> Result<()> {
        let odd = match self.dialect() {
            Dialect::Sqlite => call!(self, call, "verify", lease => quick_check(lease))?,
            Dialect::Postgres | Dialect::MySql => Vec::new(),
        };
        for line in odd {
            let finding = Finding::new(Level::Damage, "file", format!("SQLite says of its file: {line}"));
            report.add(
                finding.with_remedy("restore the file from a backup, or recover it with the sqlite3 program"),
            );
        }
        Ok(())
    }

    /// Lets the database count anew what its plans are made by.
    pub(super) async fn refresh_statistics(&self) -> Result<()> {
        let tables = &self.place().tables;
        let names = [&tables.records, &tables.tags, &tables.changes];
        let statements: Vec<String> = match self.dialect() {
            Dialect::Postgres => names.map(|name| format!("ANALYZE {name}")).to_vec(),
            Dialect::MySql => names.map(|name| format!("ANALYZE TABLE {name}")).to_vec(),
            // A log that is only ever appended to grows without bound while there are readers.
            Dialect::Sqlite => {
                vec!["PRAGMA optimize".to_owned(), "PRAGMA wal_checkpoint(TRUNCATE)".to_owned()]
            }
        };
        for statement in statements {
            call!(self, write, "maintain", lease => lease.simple(&statement))?;
        }
        Ok(())
    }
}

async fn quick_check(lease: &mut Lease) -> Result<Vec<String>, Failed> {
    let mut odd = Vec::new();
    for mut row in lease.fetch(Sql::text(lease.dialect(), "PRAGMA quick_check").once()).await? {
        let line = row.text()?;
        if line != "ok" {
            odd.push(line);
        }
    }
    Ok(odd)
}
