//! The databases' own codes. Pure tables.

use sqlx::error::DatabaseError;
use truthound_stores_core::ErrorKind;

use super::Trouble;
use crate::dialect::Dialect;

/// What a code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) trouble: Trouble,
    pub(super) kind: ErrorKind,
    /// Whether the same may succeed later, where that differs from what the kind implies.
    pub(super) retryable: Option<bool>,
    /// What to do about it, as the end of a sentence.
    pub(super) advice: &'static str,
}

const fn verdict(trouble: Trouble, kind: ErrorKind) -> Verdict {
    Verdict { trouble, kind, retryable: None, advice: "" }
}

const fn refused(kind: ErrorKind) -> Verdict {
    verdict(Trouble::Refused, kind)
}

/// A statement that a limit or an operator has ended: the same would be ended again.
const fn cut_off() -> Verdict {
    refused(ErrorKind::Timeout)
        .final_one()
        .advise(": a limit of the server's or an operator ended the statement, and nothing of it was done")
}

/// Room that nobody makes in the time that retries take.
const fn full() -> Verdict {
    refused(ErrorKind::Unavailable).final_one().advise(": make room where the database keeps its data")
}

impl Verdict {
    const fn advise(mut self, advice: &'static str) -> Self {
        self.advice = advice;
        self
    }

    const fn final_one(mut self) -> Self {
        self.retryable = Some(false);
        self
    }
}

const NO_TABLES: &str = ": the store's tables are missing; open it once with create_tables = true";
const FEWER: &str = ": lower pool_size and max_overflow, or raise max_connections";
const NO_DATABASE: &str = ": create the database first, or correct the name in connection_url";

/// Judges an error of the database.
pub(super) fn judge(dialect: Dialect, code: &str, told: &dyn DatabaseError) -> Verdict {
    if told.is_unique_violation() {
        return verdict(Trouble::Taken, ErrorKind::Conflict);
    }
    match dialect {
        Dialect::Postgres => postgres(code),
        Dialect::MySql => mysql(number(told)),
        Dialect::Sqlite => sqlite(code.parse().unwrap_or(0), told.message()),
    }
}

/// The number of an error of MySQL's: its code is but a class.
#[cfg(feature = "mysql")]
fn number(told: &dyn DatabaseError) -> u16 {
    told.try_downcast_ref().map_or(0, sqlx::mysql::MySqlDatabaseError::number)
}

#[cfg(not(feature = "mysql"))]
fn number(_: &dyn DatabaseError) -> u16 {
    0
}

/// By SQLSTATE: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
pub(super) fn postgres(code: &str) -> Verdict {
    use ErrorKind as Kind;
    match code {
        // deadlock_detected, serialization_failure
        "40P01" | "40001" => verdict(Trouble::Again, Kind::Unavailable),
        // admin_shutdown, crash_shutdown, idle_session_timeout, idle_in_transaction_session_timeout
        "57P01" | "57P02" | "57P05" | "25P03" => verdict(Trouble::Lost, Kind::Unavailable),
        // cannot_connect_now
        "57P03" => verdict(Trouble::Shut, Kind::Unavailable),
        // transaction_timeout, which ends the connection, too
        "25P04" => verdict(Trouble::Lost, Kind::Unavailable).final_one(),
        // query_canceled
        "57014" => cut_off(),
        // lock_not_available
        "55P03" => refused(Kind::Overloaded),
        // too_many_connections
        "53300" => verdict(Trouble::Shut, Kind::Overloaded).advise(FEWER),
        // disk_full, configuration_limit_exceeded: the limit of temporary files
        "53100" | "53400" => full(),
        // read_only_sql_transaction
        "25006" => refused(Kind::Denied).advise(": the server takes no writes; is it a replica?"),
        "3D000" => refused(Kind::Invalid).advise(NO_DATABASE),
        "42P01" => refused(Kind::Invalid).advise(NO_TABLES),
        "42501" => refused(Kind::Denied),
        "XX001" | "XX002" => refused(Kind::Corrupt),
        _ if code.starts_with("08") => verdict(Trouble::Lost, Kind::Unavailable),
        _ if code.starts_with("28") => refused(Kind::Denied),
        // insufficient resources, such as memory; errors of the server's system, such as of input and output
        _ if code.starts_with("53") || code.starts_with("58") => refused(Kind::Unavailable),
        // data exceptions, limits of the program
        _ if code.starts_with("22") || code.starts_with("54") => refused(Kind::Invalid),
        _ => refused(Kind::Internal),
    }
}

/// By number: <https://mariadb.com/docs/server/reference/error-codes>.
pub(super) fn mysql(number: u16) -> Verdict {
    use ErrorKind as Kind;
    match number {
        // deadlock; a lock that another transaction took meanwhile (MariaDB 11)
        1213 | 1020 => verdict(Trouble::Again, Kind::Unavailable),
        // lock wait timeout
        1205 => refused(Kind::Overloaded),
        // too many connections, for all and for a user
        1040 | 1203 | 1226 => verdict(Trouble::Shut, Kind::Overloaded).advise(FEWER),
        // shutdown, aborted, killed
        1053 | 1152 | 1184 | 1927 | 3169 | 4031 => verdict(Trouble::Lost, Kind::Unavailable),
        // interrupted; too long
        1317 | 1969 | 3024 => cut_off(),
        // access denied, in its many forms
        1044 | 1045 | 1142 | 1143 | 1227 | 1370 | 1698 => refused(Kind::Denied),
        // read-only
        1290 | 1792 | 1836 => refused(Kind::Denied).advise(": the server takes no writes; is it a replica?"),
        1049 => refused(Kind::Invalid).advise(NO_DATABASE),
        1046 => refused(Kind::Invalid).advise(": name the database in connection_url"),
        1146 => refused(Kind::Invalid).advise(NO_TABLES),
        // packet too large
        1153 => {
            refused(Kind::Invalid).advise(": the document is larger than the server's max_allowed_packet")
        }
        // data too long, out of range, incorrect
        1264 | 1366 | 1406 => refused(Kind::Invalid),
        // disk full, table full
        1021 | 1114 => full(),
        // crashed table, corrupt index
        126 | 127 | 1034 | 1194 | 1195 | 1712 => refused(Kind::Corrupt),
        _ => refused(Kind::Internal),
    }
}

/// By extended result code: <https://sqlite.org/rescode.html>.
pub(super) fn sqlite(code: i32, message: &str) -> Verdict {
    use ErrorKind as Kind;
    match code & 0xff {
        // busy, locked
        5 | 6 => refused(Kind::Overloaded).advise(": another program has been writing for longer than pool_timeout"),
        // permission, read-only, authorization
        3 | 8 | 23 => refused(Kind::Denied),
        // out of memory, input or output
        7 | 10 => refused(Kind::Unavailable),
        13 => full(),
        // cannot open: what is missing does not come by itself
        14 => verdict(Trouble::Shut, Kind::Unavailable)
            .final_one()
            .advise(": the file or its folder is missing or closed to us; a missing file is made with create_tables = true"),
        // corrupt, not a database
        11 | 26 => refused(Kind::Corrupt),
        // too big
        18 => refused(Kind::Invalid),
        // whatever has no code of its own: a table that is missing, among much else
        1 if message.starts_with("no such table") => refused(Kind::Invalid).advise(NO_TABLES),
        _ => refused(Kind::Internal),
    }
}
