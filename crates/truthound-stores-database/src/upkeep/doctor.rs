//! What a store in a database can promise, said from facts.

use truthound_stores_core::{Error, Finding, Level, Report, Result};

use crate::dialect::Dialect;
use crate::error::Failed;
use crate::pool::Lease;
use crate::schema::VERSION;
use crate::sql::Sql;
use crate::store::{DatabaseStore, call};

/// A setting of the database that decides on durability, and what it must be.
struct Rule {
    name: &'static str,
    sound: &'static [&'static str],
    /// What is lost otherwise.
    otherwise: &'static str,
}

const POWER: &str = "a power cut may undo saves that were acknowledged";

fn rules(dialect: Dialect) -> &'static [Rule] {
    match dialect {
        Dialect::Postgres => &[
            Rule { name: "fsync", sound: &["on"], otherwise: "a power cut may destroy the database" },
            Rule {
                name: "synchronous_commit",
                sound: &["on", "local", "remote_write", "remote_apply"],
                otherwise: POWER,
            },
            Rule {
                name: "full_page_writes",
                sound: &["on"],
                otherwise: "a power cut may destroy the database",
            },
        ],
        Dialect::MySql => &[
            Rule { name: "innodb_flush_log_at_trx_commit", sound: &["1"], otherwise: POWER },
            Rule {
                name: "innodb_doublewrite",
                sound: &["1", "ON"],
                otherwise: "a power cut may destroy the database",
            },
        ],
        Dialect::Sqlite => &[Rule { name: "synchronous", sound: &["2", "3"], otherwise: POWER }],
    }
}

impl DatabaseStore {
    pub(super) async fn doctor(&self) -> Result<Report> {
        let mut report = Report::new();
        let dialect = self.dialect();
        let version = call!(self, call, "diagnose", lease => version(lease))?;
        report.add(Finding::new(Level::Good, "database", format!("{} {version}", dialect.name())));
        report.add(Finding::new(
            Level::Good,
            "tables",
            format!("the tables are of version {VERSION}, which is the newest"),
        ));
        if dialect == Dialect::MySql {
            let most = call!(self, call, "diagnose", lease => setting(lease, "max_allowed_packet"))?;
            let message =
                format!("a document may have up to {most} bytes, less a few thousand (max_allowed_packet)");
            report.add(Finding::new(Level::Note, "limits", message));
        }
        if self.is_in_memory() {
            report.add(Finding::new(
                Level::Warning,
                "durability",
                "the database is in memory: what it holds is gone with the program",
            ));
            return Ok(report);
        }
        for rule in rules(dialect) {
            let value = call!(self, call, "diagnose", lease => setting(lease, rule.name))?;
            report.add(if rule.sound.contains(&value.as_str()) {
                Finding::new(Level::Good, "durability", format!("{} is {value}", rule.name))
            } else {
                Finding::new(
                    Level::Warning,
                    "durability",
                    format!("{} is {value}: {}", rule.name, rule.otherwise),
                )
                .with_remedy(format!(
                    "set {} to {}",
                    rule.name,
                    rule.sound.first().unwrap_or(&"on")
                ))
            });
        }
        Ok(report)
    }
}

async fn one(lease: &mut Lease, sql: Sql<'_>) -> Result<String, Failed> {
    let mut rows = lease.fetch(sql.once()).await?;
    let row =
        rows.first_mut().ok_or_else(|| Error::corrupt("the database does not know its own settings"))?;
    Ok(row.as_shown()?)
}

async fn version(lease: &mut Lease) -> Result<String, Failed> {
    let text = match lease.dialect() {
        Dialect::Postgres => "SHOW server_version",
        Dialect::MySql => "SELECT CAST(VERSION() AS CHAR(200))",
        Dialect::Sqlite => "SELECT sqlite_version()",
    };
    one(lease, Sql::text(lease.dialect(), text)).await
}

async fn setting(lease: &mut Lease, name: &str) -> Result<String, Failed> {
    let text = match lease.dialect() {
        Dialect::Postgres => format!("SHOW {name}"),
        Dialect::MySql => format!("SELECT CAST(@@GLOBAL.{name} AS CHAR(200))"),
        Dialect::Sqlite => format!("PRAGMA {name}"),
    };
    one(lease, Sql::text(lease.dialect(), &text)).await
}
