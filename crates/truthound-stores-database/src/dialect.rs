//! The three databases, and the words in which they differ.

use std::sync::{Arc, OnceLock};

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Dialect {
    Postgres,
    /// MySQL and MariaDB.
    MySql,
    Sqlite,
}

impl Dialect {
    /// The name that people know it by.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL",
            Self::Sqlite => "SQLite",
        }
    }

    /// Puts a name between the quotes of the database. Names are made of letters, digits and `_`.
    pub(crate) fn quote(self, name: &str) -> String {
        match self {
            Self::MySql => format!("`{name}`"),
            Self::Postgres | Self::Sqlite => format!("\"{name}\""),
        }
    }

    /// Begins a transaction that is going to write.
    pub(crate) const fn begin(self) -> &'static str {
        match self {
            // Whatever the server's default is: a stricter level shows a transaction what was there before it had its locks.
            Self::Postgres => "BEGIN ISOLATION LEVEL READ COMMITTED",
            Self::MySql => "START TRANSACTION",
            // One that began as a reader could not become a writer while another writes.
            Self::Sqlite => "BEGIN IMMEDIATE",
        }
    }

    /// Begins an insert of rows within a transaction that is undone as a whole if one of them is refused.
    pub(crate) const fn insert(self) -> &'static str {
        match self {
            Self::Postgres | Self::MySql => "INSERT INTO",
            // By itself it undoes the rows of this statement first, and for that it copies each page before it changes it
            // (<https://sqlite.org/tempfiles.html#statement_journal_files>).
            Self::Sqlite => "INSERT OR FAIL INTO",
        }
    }

    /// What makes a `SELECT` of rows that are going to be changed keep others from changing them.
    pub(crate) const fn for_update(self) -> &'static str {
        match self {
            Self::Postgres | Self::MySql => " FOR UPDATE",
            // There is one writer at a time.
            Self::Sqlite => "",
        }
    }
}

/// The store's tables, as statements name them.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    /// What their names begin with.
    pub(crate) prefix: String,
    pub(crate) records: String,
    pub(crate) tags: String,
    pub(crate) changes: String,
    pub(crate) feeds: String,
    pub(crate) versions: String,
    /// What writes one new document, once it was built: it is long, and each save has it.
    pub(crate) one: OnceLock<Arc<str>>,
}

impl Tables {
    /// The names without prefix and quotes; the last says which version of the tables there is.
    pub(crate) const NAMES: [&'static str; 5] =
        ["records", "record_tags", "changes", "feeds", "truthound_schema"];

    pub(crate) fn new(dialect: Dialect, prefix: &str) -> Self {
        let [records, tags, changes, feeds, versions] =
            Self::NAMES.map(|name| dialect.quote(&format!("{prefix}{name}")));
        Self { prefix: prefix.to_owned(), records, tags, changes, feeds, versions, one: OnceLock::new() }
    }
}
