//! A connection that a call has for itself, until it gives it back.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use truthound_stores_core::{Error, ErrorKind};

use super::{Kept, Origin, Pool};
use crate::config::ResetOnReturn;
use crate::conn::{Connection, Row};
use crate::dialect::Dialect;
use crate::error::{Failed, Trouble};
use crate::sql::Sql;

/// A connection on loan. It goes back to the pool when it is dropped, if it works, no statement is under way, and no transaction is open; else it is
/// closed, which ends both. One that holds a database in memory goes back in any case, and what is left is undone before it is used again.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Lease {
    pool: Pool,
    connection: Option<Connection>,
    origin: Origin,
    dialect: Dialect,
    /// A statement is under way. One whose future was dropped stays so.
    working: bool,
    /// Nobody can use it any more.
    broken: bool,
    /// It was lent without being asked whether it works, and has not answered anything since.
    unasked: bool,
    /// When it last answered.
    answered: Option<Duration>,
    in_transaction: bool,
    turn: Option<OwnedSemaphorePermit>,
}

impl Lease {
    pub(super) fn new(
        pool: Pool,
        connection: Connection,
        origin: Origin,
        answered: Option<Duration>,
    ) -> Self {
        let dialect = connection.dialect();
        Self {
            pool,
            connection: Some(connection),
            origin,
            dialect,
            working: false,
            broken: false,
            unasked: false,
            answered,
            in_transaction: false,
            turn: None,
        }
    }

    /// Says that it was lent without being asked.
    pub(super) fn taken_as_working(&mut self) {
        self.unasked = true;
    }

    /// Tells whether it turned out to be broken when it was first used, and was not asked before.
    pub(crate) fn was_broken_before(&self) -> bool {
        self.unasked && self.broken
    }

    /// Keeps the place in the queue as long as the loan.
    pub(super) fn with_turn(mut self, turn: Option<OwnedSemaphorePermit>) -> Self {
        self.turn = turn;
        self
    }

    /// Closes the connection.
    pub(super) fn discard(mut self, why: &'static str) {
        if let Some(connection) = self.connection.take() {
            self.pool.discard(connection, why);
        }
    }

    /// Undoes what a dropped call left, and asks whether the connection works, if it is to be asked.
    pub(super) async fn works(&mut self, unsettled: bool) -> bool {
        let settings = self.pool.settings();
        let (ping, in_memory, patience) = (settings.pool_pre_ping, settings.in_memory, settings.patience);
        if unsettled {
            // Refused where no transaction is open, which is as well.
            drop(self.simple("ROLLBACK").await);
        }
        if !ping || self.broken {
            return !self.broken;
        }
        let pool = self.pool.clone();
        let Some(connection) = &mut self.connection else { return false };
        self.working = true;
        let answered = if in_memory {
            // To give it up is to lose the database.
            Some(connection.ping().await)
        } else {
            pool.within(patience, connection.ping()).await
        };
        self.working = false;
        self.broken = !matches!(answered, Some(Ok(())));
        if !self.broken {
            self.answered = Some(pool.clock().monotonic());
        }
        !self.broken
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn connection(&mut self) -> Result<&mut Connection, Failed> {
        let lost = || Failed::from(Error::new(ErrorKind::Internal, "the connection was given back already"));
        self.connection.as_mut().ok_or_else(lost)
    }

    fn ended<T>(&mut self, outcome: &Result<T, Failed>) {
        self.working = false;
        if matches!(outcome, Err(Failed { trouble: Trouble::Lost | Trouble::Unknown, .. })) {
            self.broken = true;
        } else {
            self.unasked = false;
            self.answered = Some(self.pool.clock().monotonic());
        }
    }

    /// Runs a statement and answers its rows. Outside a transaction, it is one by itself.
    pub(crate) async fn fetch(&mut self, sql: Sql<'_>) -> Result<Vec<Row<'static>>, Failed> {
        self.fetch_with(sql, |row| std::mem::take(row).into_owned()).await
    }

    /// Runs a statement and answers what `read` makes of each row, as they come. Outside a transaction, it is one by itself.
    pub(crate) async fn fetch_with<T: Send>(
        &mut self,
        sql: Sql<'_>,
        read: impl FnMut(&mut Row<'_>) -> T + Send,
    ) -> Result<Vec<T>, Failed> {
        let alone = !self.in_transaction && self.connection()?.needs_transactions();
        if alone {
            self.begin().await?;
        }
        self.echo(sql.as_text());
        self.working = true;
        let (pool, dialect) = (self.pool.clone(), self.dialect);
        let outcome = pool.heard(dialect, self.connection()?.fetch_with(sql, read)).await;
        self.ended(&outcome);
        if alone { self.end(outcome).await } else { outcome }
    }

    /// Runs a statement and answers how many rows it touched.
    pub(crate) async fn execute(&mut self, sql: Sql<'_>) -> Result<u64, Failed> {
        let alone = !self.in_transaction && self.connection()?.needs_transactions();
        if alone {
            self.begin().await?;
        }
        self.echo(sql.as_text());
        self.working = true;
        let (pool, dialect) = (self.pool.clone(), self.dialect);
        let outcome = pool.heard(dialect, self.connection()?.execute(sql)).await;
        self.ended(&outcome);
        if alone { self.end(outcome).await } else { outcome }
    }

    /// Runs text without values.
    pub(crate) async fn simple(&mut self, text: &str) -> Result<(), Failed> {
        self.echo(text);
        self.working = true;
        let (pool, dialect) = (self.pool.clone(), self.dialect);
        let outcome = pool.heard(dialect, self.connection()?.simple(text)).await;
        self.ended(&outcome);
        outcome
    }

    /// Begins a transaction that is going to write.
    pub(crate) async fn begin(&mut self) -> Result<(), Failed> {
        if self.in_transaction {
            // One that failed, and was to end with the connection, which has another try now.
            let undone = self.simple("ROLLBACK").await;
            if self.broken {
                return undone;
            }
            self.in_transaction = false;
        }
        self.simple(self.dialect.begin()).await?;
        self.in_transaction = true;
        Ok(())
    }

    /// Ends a transaction: commits what succeeded, and undoes what failed.
    ///
    /// # Errors
    /// The transaction's own; [`Trouble::Unknown`] if the connection breaks while it is committed.
    pub(crate) async fn end<T>(&mut self, outcome: Result<T, Failed>) -> Result<T, Failed> {
        match outcome {
            Ok(done) => {
                let committed = self.simple("COMMIT").await.map_err(Failed::unknown_if_lost);
                self.in_transaction = committed.is_err();
                if let Err(failed) = committed {
                    if failed.trouble != Trouble::Unknown {
                        self.roll_back().await;
                    }
                    return Err(failed);
                }
                Ok(done)
            }
            Err(failed) => {
                self.roll_back().await;
                Err(failed)
            }
        }
    }

    /// Runs the last statements of a transaction, and commits it in the same call, which only SQLite's driver can.
    ///
    /// # Errors
    /// As for [`end`](Self::end).
    pub(crate) async fn execute_and_commit(&mut self, mut sql: Sql<'_>) -> Result<(), Failed> {
        sql.push("; COMMIT");
        match self.execute(sql).await.map_err(Failed::unknown_if_lost) {
            Ok(_) => {
                self.in_transaction = false;
                Ok(())
            }
            Err(failed) => {
                if failed.trouble != Trouble::Unknown {
                    self.roll_back().await;
                }
                Err(failed)
            }
        }
    }

    /// Undoes a transaction, on a connection that still works; else closing it does.
    async fn roll_back(&mut self) {
        if self.broken || self.pool.settings().reset == ResetOnReturn::None {
            return;
        }
        if self.simple("ROLLBACK").await.is_ok() {
            self.in_transaction = false;
        }
    }

    /// Says that the connection is not to be used again.
    pub(crate) fn spoil(&mut self) {
        self.broken = true;
    }

    fn echo(&self, text: &str) {
        if self.pool.settings().echo {
            tracing::info!(target: "truthound_stores_database::sql", statement = text);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.pool.0.counters.in_use.fetch_sub(1, Ordering::AcqRel);
        let Some(connection) = self.connection.take() else { return };
        let unsettled = self.working || self.in_transaction;
        if self.broken {
            self.pool.discard(connection, "broken");
        } else if !unsettled || self.pool.settings().in_memory {
            let (origin, answered) = (self.origin, self.answered);
            self.pool.give_back(Kept { connection, origin, answered, unsettled });
        } else if self.working {
            self.pool.discard(connection, "dropped in the middle");
        } else {
            self.pool.discard(connection, "closed within a transaction");
        }
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests;
