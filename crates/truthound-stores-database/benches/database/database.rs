//! The databases, and the stores and connections that are opened on them.

use std::path::Path;

use truthound_stores_core::Store as _;
use truthound_stores_database::{DatabaseConfig, DatabaseStore};
use truthound_stores_testkit::bench::Outcome;

use crate::hand::Hand;

/// The part of the tables that a run fills, as they call it.
pub(crate) const SPACE: &str = "default/bench";

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
    MySql,
}

/// The name of a database that cannot be had, and the variable that would say where it is.
pub(crate) type Lacking = (&'static str, &'static str);

/// A database that can be had here.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) kind: Kind,
    url: String,
    /// Where the other side writes. `SQLite` has a file for each, as every so often a save has a file's log written back: in one file, it would
    /// always be the same side's.
    beside: String,
}

impl Database {
    /// The databases that can be had, and those that cannot. `SQLite` has its file in `room`.
    pub(crate) fn all(room: &Path) -> Outcome<(Vec<Self>, Vec<Lacking>)> {
        let mut lacking = Vec::new();
        let file = |name: &str| format!("sqlite:{}", room.join(name).display());
        let mut all = vec![Self { kind: Kind::Sqlite, url: file("bench.db"), beside: file("hand.db") }];
        let servers =
            [(Kind::Postgres, "TRUTHOUND_TEST_POSTGRES_URL"), (Kind::MySql, "TRUTHOUND_TEST_MYSQL_URL")];
        for (kind, variable) in servers {
            match std::env::var_os(variable).filter(|url| !url.is_empty()) {
                Some(url) => {
                    let url = url.into_string().map_err(|_url| format!("{variable} is no text"))?;
                    all.push(Self { kind, beside: url.clone(), url });
                }
                None => lacking.push((kind.name(), variable)),
            }
        }
        Ok((all, lacking))
    }

    /// Opens a store on tables of its own, with the defaults.
    pub(crate) async fn store(&self, tables: &Tables) -> Outcome<DatabaseStore> {
        open(&self.url, tables).await
    }

    /// Connects to where the store is.
    pub(crate) async fn hand(&self) -> Outcome<Hand> {
        Hand::connect(self.kind, &self.url).await
    }

    /// Connects to where the other side writes.
    pub(crate) async fn hand_beside(&self) -> Outcome<Hand> {
        Hand::connect(self.kind, &self.beside).await
    }

    /// Makes tables of the same shape and with the same indexes as the store's, which only the other side writes.
    pub(crate) async fn bare_tables(&self, name: &str) -> Outcome<Tables> {
        let tables = Tables::new(name);
        open(&self.beside, &tables).await?.close().await?;
        Ok(tables)
    }

    /// Removes tables.
    pub(crate) async fn remove(&self, all: &[&Tables]) -> Outcome {
        for mut hand in [self.hand().await?, self.hand_beside().await?] {
            for tables in all {
                for name in ["records", "record_tags", "changes", "feeds", "truthound_schema"] {
                    hand.simple(&format!("DROP TABLE IF EXISTS {}{name}", tables.prefix)).await?;
                }
            }
        }
        Ok(())
    }
}

async fn open(url: &str, tables: &Tables) -> Outcome<DatabaseStore> {
    let mut config = DatabaseConfig::new(url).with_table_prefix(&*tables.prefix);
    config.store.prefix = Some("bench".to_owned());
    Ok(DatabaseStore::open(config).await?)
}

impl Kind {
    /// What the rows call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::MySql => "mariadb",
        }
    }
}

/// Tables that nothing else uses: a server may hold others.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) prefix: String,
}

impl Tables {
    pub(crate) fn new(name: &str) -> Self {
        Self { prefix: format!("b{:x}_{name}_", std::process::id()) }
    }
}
