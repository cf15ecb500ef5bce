//! What a careful program does by hand: one connection, prepared statements, the same rows, and the same durability.

mod columns;
mod line;
mod mysql;
mod postgres;
mod sqlite;
mod statements;

use truthound_stores_testkit::bench::Outcome;

pub(crate) use line::Line;
pub(crate) use statements::Statements;

use crate::database::{Kind, Tables};

/// A connection of the driver's.
pub(crate) enum Hand {
    Sqlite(sqlx::SqliteConnection),
    Postgres(sqlx::PgConnection),
    MySql(sqlx::MySqlConnection),
}

impl Hand {
    pub(crate) async fn connect(kind: Kind, url: &str) -> Outcome<Self> {
        Ok(match kind {
            Kind::Sqlite => Self::Sqlite(sqlite::connect(url).await?),
            Kind::Postgres => Self::Postgres(postgres::connect(url).await?),
            Kind::MySql => Self::MySql(mysql::connect(url).await?),
        })
    }

    /// Runs text without values.
    pub(crate) async fn simple(&mut self, text: &str) -> Outcome {
        let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned()));
        let _touched = match self {
            Self::Sqlite(inner) => sql.execute(inner).await?.rows_affected(),
            Self::Postgres(inner) => sql.execute(inner).await?.rows_affected(),
            Self::MySql(inner) => sql.execute(inner).await?.rows_affected(),
        };
        Ok(())
    }

    /// Lets the database count what it plans by, and tidy up after many rows.
    pub(crate) async fn settle(&mut self, tables: &Tables) -> Outcome {
        for table in ["records", "record_tags", "changes"] {
            let table = format!("{}{table}", tables.prefix);
            match self {
                Self::Sqlite(_) => {}
                Self::Postgres(_) => self.simple(&format!("VACUUM (ANALYZE) {table}")).await?,
                Self::MySql(_) => self.simple(&format!("ANALYZE TABLE {table}")).await?,
            }
        }
        Ok(())
    }

    /// Makes sure that the side which writes by this connection has written as many rows into each table as the store, which `beside` sees.
    pub(crate) async fn expect_same_rows(
        &mut self,
        theirs: &Tables,
        beside: &mut Self,
        ours: &Tables,
    ) -> Outcome {
        for table in ["records", "record_tags", "changes"] {
            let [ours, theirs] = [
                beside.rows(&format!("{}{table}", ours.prefix)).await?,
                self.rows(&format!("{}{table}", theirs.prefix)).await?,
            ];
            if ours != theirs {
                return Err(format!("{table} has {ours} rows of the store's and {theirs} by hand").into());
            }
        }
        Ok(())
    }

    async fn rows(&mut self, table: &str) -> Outcome<i64> {
        let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        Ok(match self {
            Self::Sqlite(inner) => sqlx::query_scalar(sql).fetch_one(inner).await?,
            Self::Postgres(inner) => sqlx::query_scalar(sql).fetch_one(inner).await?,
            Self::MySql(inner) => sqlx::query_scalar(sql).fetch_one(inner).await?,
        })
    }

    /// Writes one new document with its tags and its change, by the statements that the store uses.
    pub(crate) async fn save(&mut self, statements: &Statements, line: &Line) -> Outcome {
        let lines = std::slice::from_ref(line);
        match self {
            Self::Sqlite(inner) => sqlite::write(inner, statements, lines).await,
            Self::Postgres(inner) => postgres::save(inner, statements, line).await,
            Self::MySql(inner) => mysql::write(inner, statements, lines).await,
        }
    }

    /// Writes new documents with their tags and changes in one transaction, by an insert of many rows into each table.
    pub(crate) async fn batch(&mut self, statements: &Statements, lines: &[Line]) -> Outcome {
        match self {
            Self::Sqlite(inner) => sqlite::write(inner, statements, lines).await,
            Self::Postgres(inner) => postgres::batch(inner, statements, lines).await,
            Self::MySql(inner) => mysql::write(inner, statements, lines).await,
        }
    }

    /// Reads the columns that a listing of the store reads; answers how many rows there were.
    pub(crate) async fn latest(&mut self, statements: &Statements, limit: i64) -> Outcome<usize> {
        match self {
            Self::Sqlite(inner) => sqlite::latest(inner, statements, limit).await,
            Self::Postgres(inner) => postgres::latest(inner, statements, limit).await,
            Self::MySql(inner) => mysql::latest(inner, statements, limit).await,
        }
    }
}
