//! What the drivers' errors mean: one table for each database.

use truthound_stores_core::{Error, ErrorKind};

use crate::dialect::Dialect;

mod codes;

/// Says what a failure means for the transaction and the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The connection broke. What was not committed is undone.
    Lost,
    /// The connection broke while the database was about to make the work last: whether it did is not known.
    Unknown,
    /// The database gave this transaction up for the sake of another; nothing was done, and the same may succeed at once.
    Again,
    /// A key is taken.
    Taken,
    /// The database answered that it will not, or cannot: it is there.
    Refused,
    /// The database lets nobody in: it is starting up, or has as many connections as it takes.
    Shut,
    /// The failure is not the database's own: an answer that cannot be understood, a call that never reached it.
    Own,
}

/// When it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// A connection was opened: nothing was asked yet.
    Connect,
    /// A statement was run.
    Statement,
}

/// A failure of the database, in the words of this workspace.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) trouble: Trouble,
    pub(crate) error: Error,
}

/// Without encryption, MySQL's way of asking for a password needs one of its own making, whose only implementation here has a known weakness.
const NEEDS_TLS: &str = "MySQL: the server asks for a password that may not be sent over a connection that is not encrypted (caching_sha2_password): \
    set up TLS on the server and connect with ?ssl-mode=required, or give the user another plugin of authentication";

impl Failed {
    pub(crate) fn new(trouble: Trouble, error: Error) -> Self {
        Self { trouble, error }
    }

    /// Judges a driver's error.
    pub(crate) fn of(dialect: Dialect, cause: sqlx::Error, stage: Stage) -> Self {
        let name = dialect.name();
        let (trouble, kind, message) = match &cause {
            sqlx::Error::Database(told) => {
                let code = told.code().unwrap_or_default();
                let verdict = codes::judge(dialect, &code, told.as_ref());
                let message = format!("{name}: {}{}", told.message(), verdict.advice);
                let error = Error::new(verdict.kind, message);
                let error = if code.is_empty() { error } else { error.with("code", code.into_owned()) };
                let error = match verdict.retryable {
                    Some(retryable) => error.retryable(retryable),
                    None => error,
                };
                // The driver's own words are the message.
                return Self::new(verdict.trouble, error);
            }
            // The driver's own words tell a programmer to compile something in.
            sqlx::Error::Configuration(cause) if cause.to_string().contains("mysql-rsa") => {
                return Self::new(Trouble::Own, Error::new(ErrorKind::Denied, NEEDS_TLS));
            }
            sqlx::Error::Configuration(_) => (
                Trouble::Own,
                ErrorKind::Invalid,
                format!("{name}: the connection's settings are not usable"),
            ),
            sqlx::Error::Tls(_) => (
                Trouble::Lost,
                ErrorKind::Unavailable,
                format!("{name}: no encrypted connection could be made: see the URL's sslmode"),
            ),
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
                let message = match stage {
                    Stage::Connect => format!("{name} cannot be reached"),
                    Stage::Statement => format!("the connection to {name} broke"),
                };
                (Trouble::Lost, ErrorKind::Unavailable, message)
            }
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                (Trouble::Own, ErrorKind::Corrupt, format!("{name}: a row does not hold what was written"))
            }
            _ => (Trouble::Own, ErrorKind::Internal, format!("{name}: the driver failed")),
        };
        Self::new(trouble, Error::new(kind, message).caused_by(cause))
    }

    /// Says of a lost connection that nobody knows what became of the work.
    pub(crate) fn unknown_if_lost(self) -> Self {
        if self.trouble != Trouble::Lost {
            return self;
        }
        let message =
            "the connection broke before the database said whether the write was carried out: read to know";
        Self::new(Trouble::Unknown, Error::new(ErrorKind::Timeout, message).caused_by(self.error))
    }
}

/// An answer that cannot be understood ends nothing of the connection.
impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::new(Trouble::Own, error)
    }
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        failed.error
    }
}

#[cfg(test)]
mod tests;
