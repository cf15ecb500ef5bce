//! The tables, and how they come to be.

use truthound_stores_core::{Clock, Error, ErrorKind, Result};

use crate::dialect::{Dialect, Tables};
use crate::error::Failed;
use crate::pool::Lease;
use crate::sql::{Sql, Value};

mod tables;

/// The version of the tables that this program reads and writes.
pub(crate) const VERSION: i64 = 2;

/// What is known of the tables before anything is done. Pure facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// None of them is there.
    Nothing,
    /// Some are there, but nothing says that they are ours.
    Strangers,
    /// They are of this version; 0 is one that was begun and not finished.
    Version(i64),
}

/// What is to be done about them.
#[derive(Debug)]
enum Next {
    Nothing,
    /// Carry out the steps that are missing.
    Migrate,
    Refuse(Error),
}

/// Decides what is to be done.
fn decide(found: Found, create: bool, prefix: &str) -> Next {
    match found {
        Found::Version(VERSION) => Next::Nothing,
        Found::Version(future) if future > VERSION => Next::Refuse(of_the_future(future)),
        Found::Strangers => Next::Refuse(Error::invalid(format!(
            "the database has tables that are named as the store's would be ({prefix}records, …), and they are not the \
             store's: choose another table_prefix"
        ))),
        Found::Nothing | Found::Version(_) if create => Next::Migrate,
        Found::Nothing => Next::Refuse(Error::invalid(
            "the store's tables are missing, and create_tables is false: create them first, by opening the store once with \
             create_tables = true",
        )),
        Found::Version(old) => Next::Refuse(Error::invalid(format!(
            "the store's tables are of version {old}, and this program needs version {VERSION}: open the store once with \
             create_tables = true"
        ))),
    }
}

fn of_the_future(version: i64) -> Error {
    Error::unsupported(format!(
        "the store's tables are of version {version}, and this program knows versions up to {VERSION}: use a newer program"
    ))
}

/// Checks that the tables are there and of this version; makes them, or brings them up to date, if `create` allows.
///
/// # Errors
/// `Unsupported` for tables of a later version; `Invalid` for tables that are missing, or another's.
///
/// # Cancel safety
/// What was not finished is finished by the next call.
pub(crate) async fn prepare(
    connection: &mut Lease,
    tables: &Tables,
    clock: &dyn Clock,
    create: bool,
) -> Result<(), Failed> {
    let found = look(connection, tables).await?;
    match decide(found, create, &tables.prefix) {
        Next::Nothing => Ok(()),
        Next::Refuse(error) => Err(error.into()),
        Next::Migrate => {
            lock(connection, tables).await?;
            let done = migrate(connection, tables, clock).await;
            unlock(connection, tables, done).await
        }
    }
}

/// Checks that the tables are there and of this version, without changing anything.
///
/// # Errors
/// As for [`prepare`].
pub(crate) async fn check(lease: &mut Lease, tables: &Tables) -> Result<(), Failed> {
    match decide(look(lease, tables).await?, false, &tables.prefix) {
        Next::Refuse(error) => Err(error.into()),
        Next::Nothing | Next::Migrate => Ok(()),
    }
}

/// Looks which tables there are.
async fn look(connection: &mut Lease, tables: &Tables) -> Result<Found, Failed> {
    let dialect = connection.dialect();
    let mut present = [false; Tables::NAMES.len()];
    for (name, present) in Tables::NAMES.iter().zip(present.iter_mut()) {
        let mut sql = Sql::new(dialect);
        let name = format!("{}{name}", tables.prefix);
        match dialect {
            Dialect::Postgres => {
                // Who locks no table does not hear of tables that were made since: a name that was looked for before stays unknown.
                sql.push("SELECT 1 FROM pg_catalog.pg_class WHERE oid = to_regclass(");
                sql.bind(Value::Name(dialect.quote(&name).into())).push(")");
            }
            Dialect::MySql => {
                sql.push("SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ");
                sql.bind(Value::Text(name.into()));
            }
            Dialect::Sqlite => {
                sql.push("SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ")
                    .bind(Value::Name(name.into()));
                sql.push(" COLLATE NOCASE");
            }
        }
        *present = !connection.fetch(sql).await?.is_empty();
    }
    let [.., has_versions] = present;
    if !has_versions {
        return Ok(if present.contains(&true) { Found::Strangers } else { Found::Nothing });
    }
    Ok(Found::Version(version(connection, tables).await?))
}

/// Reads which version the tables are of; 0 is one that was begun and not finished.
async fn version(connection: &mut Lease, tables: &Tables) -> Result<i64, Failed> {
    let text = format!("SELECT coalesce(max(version), 0) FROM {}", tables.versions);
    let mut rows = connection.fetch(Sql::text(connection.dialect(), &text)).await.map_err(not_ours)?;
    Ok(rows.first_mut().map_or(Ok(0), crate::conn::Row::int)?)
}

/// A table of the versions' name that has no version is another's.
fn not_ours(failed: Failed) -> Failed {
    if matches!(failed.error.kind(), ErrorKind::Internal | ErrorKind::Invalid) {
        let why = Error::invalid(
            "the database has a table named as that of the store's versions, and it is not the store's: choose another table_prefix",
        );
        return why.caused_by(failed.error).into();
    }
    failed
}

/// Makes sure that one program at a time changes the tables.
async fn lock(connection: &mut Lease, tables: &Tables) -> Result<(), Failed> {
    let dialect = connection.dialect();
    match dialect {
        Dialect::Postgres => {
            connection.begin().await?;
            let mut sql = Sql::new(dialect);
            sql.push("SELECT pg_advisory_xact_lock(").int(number_of(tables)).push(")");
            connection.execute(sql.once()).await?;
        }
        Dialect::MySql => {
            let mut sql = Sql::new(dialect);
            sql.push("SELECT GET_LOCK(").bind(name_of_lock(tables)).push(", 60)");
            let mut rows = connection.fetch(sql.once()).await?;
            if rows.first_mut().map_or(Ok(None), crate::conn::Row::maybe_int)? != Some(1) {
                let busy = Error::new(
                    ErrorKind::Overloaded,
                    "another program has been changing the tables for a minute",
                );
                return Err(busy.into());
            }
        }
        Dialect::Sqlite => connection.begin().await?,
    }
    Ok(())
}

/// Ends what [`lock`] began: with its transaction, or by itself.
async fn unlock(connection: &mut Lease, tables: &Tables, done: Result<(), Failed>) -> Result<(), Failed> {
    match connection.dialect() {
        dialect @ Dialect::MySql => {
            let mut sql = Sql::new(dialect);
            sql.push("SELECT RELEASE_LOCK(").bind(name_of_lock(tables)).push(")");
            let released = connection.execute(sql.once()).await;
            // A lock that was not given back ends with the connection.
            if released.is_err() {
                connection.spoil();
            }
            done
        }
        Dialect::Postgres | Dialect::Sqlite => connection.end(done).await,
    }
}

/// Names the lock. MySQL takes at most 64 characters, of which the name of a database alone may be all. Locks are the server's: databases
/// with tables of the same names take turns.
fn name_of_lock(tables: &Tables) -> Value<'static> {
    Value::Text(format!("truthound_stores_{:016x}", number_of(tables).cast_unsigned()).into())
}

fn number_of(tables: &Tables) -> i64 {
    let mut start = [0; 8];
    let hash = blake3::hash(tables.versions.as_bytes());
    start.iter_mut().zip(hash.as_bytes()).for_each(|(to, from)| *to = *from);
    i64::from_le_bytes(start)
}

/// Carries out the steps that are missing. Each may be carried out again: MySQL commits after every one, so that a program that was killed
/// leaves some of them done.
async fn migrate(connection: &mut Lease, tables: &Tables, clock: &dyn Clock) -> Result<(), Failed> {
    let dialect = connection.dialect();
    connection.simple(&tables::versions(dialect, tables)).await?;
    // Somebody else may have come first. The table itself is asked: PostgreSQL answers whether a table is there from what it knew when the transaction
    // began.
    let from = version(connection, tables).await?;
    if from > VERSION {
        return Err(of_the_future(from).into());
    }
    for step in tables::steps(dialect, tables).into_iter().filter(|step| step.version > from) {
        for statement in &step.statements {
            connection.simple(statement).await?;
        }
        for index in &step.indexes {
            if !has_index(connection, index).await? {
                connection.simple(&index.statement).await?;
            }
        }
        let mut sql = Sql::new(dialect);
        sql.push(&format!("INSERT INTO {} (version, applied_at) VALUES (", tables.versions));
        sql.int(step.version).push(", ").int(clock.now().as_micros()).push(")");
        connection.execute(sql.once()).await?;
    }
    Ok(())
}

/// Tells whether an index is there, where its statement cannot ask that itself.
async fn has_index(connection: &mut Lease, index: &tables::Index) -> Result<bool, Failed> {
    match connection.dialect() {
        Dialect::Postgres | Dialect::Sqlite => Ok(false),
        dialect @ Dialect::MySql => {
            let mut sql = Sql::new(dialect);
            sql.push("SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ");
            sql.bind(Value::Text((&*index.table).into())).push(" AND index_name = ");
            sql.bind(Value::Text((&*index.name).into())).push(" LIMIT 1");
            Ok(!connection.fetch(sql.once()).await?.is_empty())
        }
    }
}

#[cfg(test)]
mod tests;
