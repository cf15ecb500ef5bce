//! Connections that read, kept for the next reader.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;
use truthound_stores_core::Result;

use super::error::sql_error;
use super::schema::Profile;
use crate::live::{self, Identity};

/// How many idle connections are kept: as many as commonly read at once.
const KEPT: usize = 4;

/// Hands out connections for reading; each sees all that was committed when its transaction began.
#[derive(Debug)]
pub(crate) struct Readers {
    identity: Identity,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(crate) fn new(identity: Identity) -> Self {
        Self { identity, idle: Mutex::default() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.identity.path()
    }

    /// Reads with a connection; `doing` completes "cannot …".
    pub(crate) fn read<T>(
        &self,
        doing: &str,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let connection = self.take()?;
        let outcome = work(&connection);
        // After an error a connection may be in any state.
        if outcome.is_ok() {
            self.give_back(connection);
        }
        outcome.map_err(|cause| sql_error(doing, self.path(), cause))
    }

    /// Reads several times in one transaction: all reads see one state.
    pub(crate) fn read_at_once<T>(
        &self,
        doing: &str,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        self.read(doing, |connection| {
            let transaction = connection.unchecked_transaction()?;
            work(&transaction)
        })
    }

    fn take(&self) -> Result<Connection> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.map_or_else(|| live::open_same(&self.identity, Profile::Read), Ok)
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(connection);
        }
    }
}
