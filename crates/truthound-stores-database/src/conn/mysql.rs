//! Connections to MySQL and MariaDB.

use std::str::FromStr;

use sqlx::mysql::{MySqlArguments, MySqlConnectOptions, MySqlRow};
use sqlx::query::Query;
use sqlx::{ConnectOptions, MySqlConnection, Row as _, TypeInfo, ValueRef};
use truthound_stores_core::Result;

use super::{Cell, ConnectorOptions, unusable};
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
    run_statements!(Dialect::MySql, bind, cells);
}

fn bind(
    query: Query<'_, sqlx::MySql, MySqlArguments>,
    value: Value,
) -> Query<'_, sqlx::MySql, MySqlArguments> {
    match value {
        Value::Int(number) => query.bind(number),
        Value::Double(number) => query.bind(number),
        // As bytes, so that no collation has a say.
        Value::Name(text) => query.bind(text.into_bytes()),
        Value::Text(text) => query.bind(text),
        Value::MaybeText(text) => query.bind(text),
        Value::Bytes(bytes) => query.bind(bytes),
        // Only PostgreSQL's statements have columns as values.
        Value::Ints(_) | Value::Doubles(_) | Value::Texts(_) | Value::Blobs(_) => query,
    }
}

fn cells(row: &MySqlRow) -> Result<Vec<Cell>, sqlx::Error> {
    let mut cells = Vec::with_capacity(row.len());
    for index in 0..row.len() {
        let value = row.try_get_raw(index)?;
        let kind = value.type_info();
        let cell = match kind.name() {
            _ if value.is_null() => Cell::Null,
            "BIGINT UNSIGNED" => Cell::Int(row.try_get::<u64, _>(index)?.cast_signed()),
            "BOOLEAN" | "TINYINT" | "SMALLINT" | "INT" | "MEDIUMINT" | "BIGINT" => {
                Cell::Int(row.try_get_unchecked(index)?)
            }
            "INT UNSIGNED" | "SMALLINT UNSIGNED" | "TINYINT UNSIGNED" => {
                Cell::Int(row.try_get_unchecked::<u64, _>(index)?.cast_signed())
            }
            "DOUBLE" => Cell::Double(row.try_get(index)?),
            "FLOAT" => Cell::Double(row.try_get::<f32, _>(index)?.into()),
            "CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" => {
                Cell::of_text(row.try_get_unchecked(index)?)
            }
            _ => Cell::Bytes(row.try_get_unchecked(index)?),
        };
        cells.push(cell);
    }
    Ok(cells)
}
