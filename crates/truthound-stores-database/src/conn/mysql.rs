//! Connections to MySQL and MariaDB.

use std::str::FromStr;

use sqlx::mysql::{MySqlArguments, MySqlColumn, MySqlConnectOptions, MySqlRow};
use sqlx::query::Query;
use sqlx::{Column as _, ConnectOptions, Decode, MySqlConnection, Row as _, TypeInfo, ValueRef};
use truthound_stores_core::Result;

use super::{Cell, ConnectorOptions, unreadable, unusable};
use crate::dialect::Dialect;
use crate::error::{Failed, Stage};
use crate::sql::Value;

/// How to connect.
#[derive(Clone)]
pub(crate) struct Options(MySqlConnectOptions);

impl Options {
    pub(crate) fn new(url: &str, _: &ConnectorOptions) -> Result<Self> {
        let inner = MySqlConnectOptions::from_str(url).map_err(|_cause| unusable(Dialect::MySql))?;
        Ok(Self(inner.disable_statement_logging()))
    }

    pub(crate) async fn connect(&self) -> Result<MySql, Failed> {
        let stage = |cause| Failed::of(Dialect::MySql, cause, Stage::Connect);
        let mut inner = self.0.connect().await.map_err(stage)?;
        // Under the default level, a look at a row that is not there locks the gap where it would be, and writers meet in deadlocks.
        let level = sqlx::raw_sql("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
        level.execute(&mut inner).await.map_err(stage)?;
        Ok(MySql { inner })
    }
}

pub(crate) struct MySql {
    inner: MySqlConnection,
}

impl MySql {
    run_statements!(Dialect::MySql, bind, Vec<Kind>, cells);
}

fn bind<'q>(
    query: Query<'q, sqlx::MySql, MySqlArguments>,
    value: Value<'_>,
) -> Query<'q, sqlx::MySql, MySqlArguments> {
    match value {
        Value::Int(number) => query.bind(number),
        Value::Double(number) => query.bind(number),
        // As bytes, so that no collation has a say.
        Value::Name(text) => query.bind(text.as_bytes()),
        Value::Text(text) => query.bind(&*text),
        Value::MaybeText(text) => query.bind(text),
        Value::Bytes(bytes) => query.bind(bytes),
        Value::Tag(key) => query.bind(key.as_slice()),
        // Only PostgreSQL's statements have columns as values.
        Value::Ints(_) | Value::Doubles(_) | Value::Texts(_) | Value::Blobs(_) => query,
    }
}

/// What a column holds: the same for all rows of an answer.
#[derive(Clone, Copy)]
enum Kind {
    Int,
    Unsigned,
    Double,
    Float,
    Text,
    Bytes,
}

impl Kind {
    fn of(column: &MySqlColumn) -> Self {
        match column.type_info().name() {
            "BOOLEAN" | "TINYINT" | "SMALLINT" | "INT" | "MEDIUMINT" | "BIGINT" => Self::Int,
            "BIGINT UNSIGNED" | "INT UNSIGNED" | "SMALLINT UNSIGNED" | "TINYINT UNSIGNED" => Self::Unsigned,
            "DOUBLE" => Self::Double,
            "FLOAT" => Self::Float,
            "CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" => Self::Text,
            _ => Self::Bytes,
        }
    }
}

fn cells<'r>(row: &'r MySqlRow, kinds: &mut Vec<Kind>, cells: &mut Vec<Cell<'r>>) -> Result<(), sqlx::Error> {
    if kinds.is_empty() {
        kinds.extend(row.columns().iter().map(Kind::of));
        cells.reserve(kinds.len());
    }
    for (index, kind) in kinds.iter().enumerate() {
        let value = row.try_get_raw(index)?;
        let cell = match kind {
            _ if value.is_null() => Ok(Cell::Null),
            Kind::Int => <i64 as Decode<sqlx::MySql>>::decode(value).map(Cell::Int),
            Kind::Unsigned => {
                <u64 as Decode<sqlx::MySql>>::decode(value).map(|number| Cell::Int(number.cast_signed()))
            }
            Kind::Double => <f64 as Decode<sqlx::MySql>>::decode(value).map(Cell::Double),
            Kind::Float => {
                <f32 as Decode<sqlx::MySql>>::decode(value).map(|number| Cell::Double(number.into()))
            }
            Kind::Text => <&[u8] as Decode<sqlx::MySql>>::decode(value).map(Cell::of_text),
            Kind::Bytes => {
                <&[u8] as Decode<sqlx::MySql>>::decode(value).map(|bytes| Cell::Bytes(bytes.into()))
            }
        };
        cells.push(cell.map_err(unreadable(index))?);
    }
    Ok(())
}
