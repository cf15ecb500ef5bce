//! Connections to PostgreSQL.

use std::str::FromStr;

use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow};
use sqlx::query::Query;
use sqlx::{ConnectOptions, PgConnection, Row as _, TypeInfo, ValueRef};
use truthound_stores_core::Result;

use super::{Cell, ConnectorOptions, unusable};
use crate::dialect::Dialect;
use crate::error::{Failed, Stage};
use crate::sql::Value;

/// How to connect.
#[derive(Clone)]
pub(crate) struct Options {
    inner: PgConnectOptions,
    /// `statement-cache-capacity=0`: nothing is kept prepared, and each statement is put into a transaction, so that a pooler that hands out
    /// servers by the transaction (`pgbouncer`) leaves a statement with the server that has parsed it.
    unprepared: bool,
}

impl Options {
    pub(crate) fn new(url: &str, _: &ConnectorOptions) -> Result<Self> {
        let inner = PgConnectOptions::from_str(url).map_err(|_cause| unusable(Dialect::Postgres))?;
        let unprepared = url.contains("statement-cache-capacity=0");
        // The driver asks for more digits of numbers than servers give by themselves since version 12. Nothing is read as text here, and poolers refuse
        // what they do not know how to carry from one server to the next.
        let inner = inner.extra_float_digits(None);
        let inner = match inner.get_application_name() {
            None => inner.application_name("truthound-stores"),
            Some(_) => inner,
        };
        Ok(Self { inner: inner.disable_statement_logging(), unprepared })
    }

    pub(crate) async fn connect(&self) -> Result<Postgres, Failed> {
        let inner = self.inner.connect().await;
        let inner = inner.map_err(|cause| Failed::of(Dialect::Postgres, cause, Stage::Connect))?;
        Ok(Postgres { inner, unprepared: self.unprepared })
    }
}

pub(crate) struct Postgres {
    inner: PgConnection,
    unprepared: bool,
}

impl Postgres {
    pub(crate) fn unprepared(&self) -> bool {
        self.unprepared
    }

    run_statements!(Dialect::Postgres, bind, cells);
}

fn bind(
    query: Query<'_, sqlx::Postgres, PgArguments>,
    value: Value,
) -> Query<'_, sqlx::Postgres, PgArguments> {
    match value {
        Value::Int(number) => query.bind(number),
        Value::Double(number) => query.bind(number),
        Value::Name(text) | Value::Text(text) => query.bind(text),
        Value::MaybeText(text) => query.bind(text),
        Value::Bytes(bytes) => query.bind(bytes),
        Value::Ints(numbers) => query.bind(numbers),
        Value::Doubles(numbers) => query.bind(numbers),
        Value::Texts(texts) => query.bind(texts),
        Value::Blobs(blobs) => query.bind(blobs),
    }
}

fn cells(row: &PgRow) -> Result<Vec<Cell>, sqlx::Error> {
    let mut cells = Vec::with_capacity(row.len());
    for index in 0..row.len() {
        let value = row.try_get_raw(index)?;
        let kind = value.type_info();
        let cell = match kind.name() {
            _ if value.is_null() => Cell::Null,
            "INT8" => Cell::Int(row.try_get(index)?),
            "INT4" => Cell::Int(row.try_get::<i32, _>(index)?.into()),
            "INT2" => Cell::Int(row.try_get::<i16, _>(index)?.into()),
            "BOOL" => Cell::Int(row.try_get::<bool, _>(index)?.into()),
            "FLOAT8" => Cell::Double(row.try_get(index)?),
            "BYTEA" => Cell::Bytes(row.try_get(index)?),
            _ => Cell::Text(row.try_get_unchecked(index)?),
        };
        cells.push(cell);
    }
    Ok(cells)
}
