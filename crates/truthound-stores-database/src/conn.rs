//! One connection to a database: statements in, rows out. The only place that calls the drivers.

use std::fmt;

use sqlx::SqlSafeStr as _;
use truthound_stores_core::{Error, Result};

use crate::dialect::Dialect;
use crate::error::{Failed, Stage};
use crate::sql::{Sql, Text};

mod cell;
#[macro_use]
mod bind;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

pub(crate) use cell::{Cell, Row};

/// A connection.
pub(crate) enum Connection {
    #[cfg(feature = "postgres")]
    Postgres(postgres::Postgres),
    #[cfg(feature = "mysql")]
    MySql(mysql::MySql),
    #[cfg(feature = "sqlite")]
    Sqlite(sqlite::Sqlite),
}

/// How to connect.
#[derive(Clone)]
pub(crate) enum Connector {
    #[cfg(feature = "postgres")]
    Postgres(Box<postgres::Options>),
    #[cfg(feature = "mysql")]
    MySql(Box<mysql::Options>),
    #[cfg(feature = "sqlite")]
    Sqlite(Box<sqlite::Options>),
}

/// Calls the same method of whichever connection it is.
macro_rules! each {
    ($self:expr, $inner:ident => $call:expr) => {
        match $self {
            #[cfg(feature = "postgres")]
            Connection::Postgres($inner) => $call,
            #[cfg(feature = "mysql")]
            Connection::MySql($inner) => $call,
            #[cfg(feature = "sqlite")]
            Connection::Sqlite($inner) => $call,
        }
    };
}

impl Connector {
    /// Reads the driver's part of a connection's URL.
    ///
    /// # Errors
    /// `Invalid`, without the URL itself, which may hold a password.
    pub(crate) fn new(dialect: Dialect, url: &str, options: &ConnectorOptions) -> Result<Self> {
        match dialect {
            #[cfg(feature = "postgres")]
            Dialect::Postgres => Ok(Self::Postgres(Box::new(postgres::Options::new(url, options)?))),
            #[cfg(feature = "mysql")]
            Dialect::MySql => Ok(Self::MySql(Box::new(mysql::Options::new(url, options)?))),
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite => Ok(Self::Sqlite(Box::new(sqlite::Options::new(url, options)))),
            #[cfg(not(all(feature = "postgres", feature = "mysql", feature = "sqlite")))]
            missing => Err(Error::unsupported(format!("{} is not part of this build", missing.name()))),
        }
    }

    /// Opens a connection.
    ///
    /// # Cancel safety
    /// Dropping the future closes what was opened.
    pub(crate) async fn connect(&self) -> Result<Connection, Failed> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(options) => Ok(Connection::Postgres(options.connect().await?)),
            #[cfg(feature = "mysql")]
            Self::MySql(options) => Ok(Connection::MySql(options.connect().await?)),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(options) => Ok(Connection::Sqlite(options.connect().await?)),
        }
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

/// What a connection is opened with beside its URL.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "servers open their files themselves"))]
pub(crate) struct ConnectorOptions {
    /// Make a file that is missing.
    pub(crate) create: bool,
    /// Open for reading alone.
    pub(crate) read_only: bool,
    /// How long a statement waits for a writer in another process.
    pub(crate) patience: std::time::Duration,
}

impl Connection {
    pub(crate) const fn dialect(&self) -> Dialect {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Dialect::Postgres,
            #[cfg(feature = "mysql")]
            Self::MySql(_) => Dialect::MySql,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// Runs a statement and answers what `read` makes of each row.
    pub(crate) async fn fetch_with<T: Send>(
        &mut self,
        sql: Sql<'_>,
        read: impl FnMut(&mut Row<'_>) -> T + Send,
    ) -> Result<Vec<T>, Failed> {
        let sql = self.nameless_behind_a_pooler(sql);
        each!(self, inner => inner.fetch_with(sql, read).await)
    }

    /// Runs a statement and answers how many rows it touched.
    pub(crate) async fn execute(&mut self, sql: Sql<'_>) -> Result<u64, Failed> {
        let sql = self.nameless_behind_a_pooler(sql);
        each!(self, inner => inner.execute(sql).await)
    }

    /// Takes a statement's name away where a pooler hands out servers by the transaction: it would stay with a server that somebody else is given, who
    /// uses the same names.
    fn nameless_behind_a_pooler<'v>(&self, sql: Sql<'v>) -> Sql<'v> {
        if self.needs_transactions() { sql.once() } else { sql }
    }

    /// Runs text without values, such as `BEGIN`: nothing is prepared.
    pub(crate) async fn simple(&mut self, text: &str) -> Result<(), Failed> {
        each!(self, inner => inner.simple(text).await)
    }

    /// Asks whether the connection works.
    pub(crate) async fn ping(&mut self) -> Result<(), Failed> {
        each!(self, inner => inner.ping().await)
    }

    /// Takes leave of the server.
    pub(crate) async fn close(self) {
        each!(self, inner => inner.close().await);
    }

    /// Tells whether statements outside a transaction must be put into one: see [`postgres::Options`].
    pub(crate) fn needs_transactions(&self) -> bool {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(inner) => inner.unprepared(),
            #[cfg(any(feature = "mysql", feature = "sqlite"))]
            _ => false,
        }
    }
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
/// The error of a connection's URL that the driver does not take. Its own words may quote the URL, and are not shown.
fn unusable(dialect: Dialect) -> Error {
    Error::invalid(format!(
        "connection_url is no URL of {}: write scheme://user:password@host/database, and percent-encode what is special in a password",
        dialect.name()
    ))
}

/// A statement's text for the driver: no value is ever written into one.
fn text_of(text: Text) -> sqlx::SqlStr {
    match text {
        Text::Built(text) => sqlx::AssertSqlSafe(text).into_sql_str(),
        Text::Kept(text) => sqlx::AssertSqlSafe(text).into_sql_str(),
    }
}

/// Names the column whose value could not be read.
fn unreadable(index: usize) -> impl FnOnce(sqlx::error::BoxDynError) -> sqlx::Error {
    move |source| sqlx::Error::ColumnDecode { index: index.to_string(), source }
}

/// Says at which stage a statement failed.
fn failed(dialect: Dialect, cause: sqlx::Error) -> Failed {
    Failed::of(dialect, cause, Stage::Statement)
}
