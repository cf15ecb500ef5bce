//! Connections to PostgreSQL.

use std::str::FromStr;

use sqlx::postgres::{PgArguments, PgColumn, PgConnectOptions, PgRow};
use sqlx::query::Query;
use sqlx::{Column as _, ConnectOptions, Decode, PgConnection, Row as _, TypeInfo, ValueRef};
use truthound_stores_core::Result;

use super::{Cell, ConnectorOptions, unreadable, unusable};
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

    run_statements!(Dialect::Postgres, bind, Vec<Kind>, cells);
}

fn bind<'q>(
    query: Query<'q, sqlx::Postgres, PgArguments>,
    value: Value<'_>,
) -> Query<'q, sqlx::Postgres, PgArguments> {
    match value {
        Value::Int(number) => query.bind(number),
        Value::Double(number) => query.bind(number),
        Value::Name(text) | Value::Text(text) => query.bind(&*text),
        Value::MaybeText(text) => query.bind(text),
        Value::Bytes(bytes) => query.bind(bytes),
        Value::Tag(key) => query.bind(key.as_slice()),
        Value::Ints(numbers) => query.bind(numbers),
        Value::Doubles(numbers) => query.bind(numbers),
        Value::Texts(texts) => query.bind(texts),
        Value::Blobs(blobs) => query.bind(blobs),
    }
}

/// What a column holds: the same for all rows of an answer.
#[derive(Clone, Copy)]
enum Kind {
    Int,
    Bool,
    Double,
    Bytes,
    /// Text, and whatever is shown as such.
    Text,
}

impl Kind {
    fn of(column: &PgColumn) -> Self {
        match column.type_info().name() {
            "INT8" | "INT4" | "INT2" => Self::Int,
            "BOOL" => Self::Bool,
            "FLOAT8" => Self::Double,
            "BYTEA" => Self::Bytes,
            _ => Self::Text,
        }
    }
}

fn cells<'r>(row: &'r PgRow, kinds: &mut Vec<Kind>, cells: &mut Vec<Cell<'r>>) -> Result<(), sqlx::Error> {
    if kinds.is_empty() {
        kinds.extend(row.columns().iter().map(Kind::of));
        cells.reserve(kinds.len());
    }
    for (index, kind) in kinds.iter().enumerate() {
        let value = row.try_get_raw(index)?;
        let cell = match kind {
            _ if value.is_null() => Ok(Cell::Null),
            Kind::Int => <i64 as Decode<sqlx::Postgres>>::decode(value).map(Cell::Int),
            Kind::Bool => <bool as Decode<sqlx::Postgres>>::decode(value).map(|yes| Cell::Int(yes.into())),
            Kind::Double => <f64 as Decode<sqlx::Postgres>>::decode(value).map(Cell::Double),
            Kind::Bytes => {
                <&[u8] as Decode<sqlx::Postgres>>::decode(value).map(|bytes| Cell::Bytes(bytes.into()))
            }
            Kind::Text => <&str as Decode<sqlx::Postgres>>::decode(value).map(|text| Cell::Text(text.into())),
        };
        cells.push(cell.map_err(unreadable(index))?);
    }
    Ok(())
}
