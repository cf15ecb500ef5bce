use truthound_stores_core::ErrorKind;

use super::{Failed, Stage, Trouble, codes};
use crate::dialect::Dialect;

/// R-DB-3: a limit of the server's and a full disk opened the breaker, though the database was there and served all others; and what it had cut off was
/// tried again until it was cut off for the last time.
#[test]
fn what_a_database_answers_is_no_outage() {
    let postgres = ["57014", "53100", "53200", "53400", "58030", "58P01"].map(codes::postgres);
    let mysql = [1317, 1969, 3024, 1021, 1114].map(codes::mysql);
    let sqlite = [10, 13].map(|code| codes::sqlite(code, ""));
    for verdict in postgres.into_iter().chain(mysql).chain(sqlite) {
        assert_eq!(verdict.trouble, Trouble::Refused, "{verdict:?}");
    }
    let cut_off = [codes::postgres("57014"), codes::mysql(1317), codes::mysql(1969), codes::mysql(3024)];
    for verdict in cut_off {
        assert_eq!((verdict.kind, verdict.retryable), (ErrorKind::Timeout, Some(false)));
    }
    for verdict in [codes::postgres("53100"), codes::mysql(1021), codes::mysql(1114)] {
        assert_eq!((verdict.kind, verdict.retryable), (ErrorKind::Unavailable, Some(false)));
    }
    // It lets nobody in, or sends them away.
    for code in ["57P01", "57P02", "57P03", "53300", "08006"] {
        let trouble = codes::postgres(code).trouble;
        assert!(matches!(trouble, Trouble::Lost | Trouble::Shut), "{code}: {trouble:?}");
    }
    for number in [1040, 1053, 1203, 1927] {
        let trouble = codes::mysql(number).trouble;
        assert!(matches!(trouble, Trouble::Lost | Trouble::Shut), "{number}: {trouble:?}");
    }
}

#[test]
fn what_postgresql_says_becomes_a_kind() {
    for (code, trouble, kind) in [
        ("08006", Trouble::Lost, ErrorKind::Unavailable),
        ("57P01", Trouble::Lost, ErrorKind::Unavailable),
        ("57P03", Trouble::Shut, ErrorKind::Unavailable),
        ("40P01", Trouble::Again, ErrorKind::Unavailable),
        ("40001", Trouble::Again, ErrorKind::Unavailable),
        ("53300", Trouble::Shut, ErrorKind::Overloaded),
        ("53100", Trouble::Refused, ErrorKind::Unavailable),
        ("57014", Trouble::Refused, ErrorKind::Timeout),
        ("28P01", Trouble::Refused, ErrorKind::Denied),
        ("42501", Trouble::Refused, ErrorKind::Denied),
        ("25006", Trouble::Refused, ErrorKind::Denied),
        ("3D000", Trouble::Refused, ErrorKind::Invalid),
        ("42P01", Trouble::Refused, ErrorKind::Invalid),
        ("22021", Trouble::Refused, ErrorKind::Invalid),
        ("XX001", Trouble::Refused, ErrorKind::Corrupt),
        ("42601", Trouble::Refused, ErrorKind::Internal),
    ] {
        let verdict = codes::postgres(code);
        assert_eq!((verdict.trouble, verdict.kind), (trouble, kind), "{code}");
    }
}

#[test]
fn what_mysql_says_becomes_a_kind() {
    for (number, trouble, kind) in [
        (1053, Trouble::Lost, ErrorKind::Unavailable),
        (1927, Trouble::Lost, ErrorKind::Unavailable),
        (1213, Trouble::Again, ErrorKind::Unavailable),
        (1205, Trouble::Refused, ErrorKind::Overloaded),
        (1040, Trouble::Shut, ErrorKind::Overloaded),
        (1045, Trouble::Refused, ErrorKind::Denied),
        (1290, Trouble::Refused, ErrorKind::Denied),
        (1049, Trouble::Refused, ErrorKind::Invalid),
        (1146, Trouble::Refused, ErrorKind::Invalid),
        (1153, Trouble::Refused, ErrorKind::Invalid),
        (1114, Trouble::Refused, ErrorKind::Unavailable),
        (1194, Trouble::Refused, ErrorKind::Corrupt),
        (1064, Trouble::Refused, ErrorKind::Internal),
    ] {
        let verdict = codes::mysql(number);
        assert_eq!((verdict.trouble, verdict.kind), (trouble, kind), "{number}");
    }
}

#[test]
fn what_sqlite_says_becomes_a_kind() {
    for (code, trouble, kind, retryable) in [
        (5, Trouble::Refused, ErrorKind::Overloaded, None),
        // extended: a snapshot that is too old to be written to
        (517, Trouble::Refused, ErrorKind::Overloaded, None),
        (8, Trouble::Refused, ErrorKind::Denied, None),
        (13, Trouble::Refused, ErrorKind::Unavailable, Some(false)),
        (14, Trouble::Shut, ErrorKind::Unavailable, Some(false)),
        (11, Trouble::Refused, ErrorKind::Corrupt, None),
        (26, Trouble::Refused, ErrorKind::Corrupt, None),
        (18, Trouble::Refused, ErrorKind::Invalid, None),
        (21, Trouble::Refused, ErrorKind::Internal, None),
    ] {
        let verdict = codes::sqlite(code, "");
        assert_eq!((verdict.trouble, verdict.kind, verdict.retryable), (trouble, kind, retryable), "{code}");
    }
}

/// SQLite has one code for a table that is missing and for a query that it will not run: each was told that the store's tables were missing.
#[test]
fn only_a_table_that_is_missing_is_told_to_be_made() {
    let missing = codes::sqlite(1, "no such table: records");
    assert!(missing.kind == ErrorKind::Invalid && missing.advice.contains("create_tables"), "{missing:?}");
    for message in ["at most 64 tables in a join", "no such column: r.seal", "near \"SELECT\": syntax error"]
    {
        let other = codes::sqlite(1, message);
        assert!(other.kind == ErrorKind::Internal && other.advice.is_empty(), "{message}: {other:?}");
    }
}

/// A user of MySQL's default kind without encryption was told to enable a feature of the driver's, which nobody who runs the program can.
#[test]
fn a_password_that_needs_encryption_says_so() {
    let words = "RSA auth backend disabled; enable feature `mysql-rsa` (or `rsa` if using sqlx-mysql directly) or use TLS.";
    let failed = Failed::of(Dialect::MySql, sqlx::Error::Configuration(words.into()), Stage::Connect);
    let report = failed.error.report();
    assert_eq!(failed.error.kind(), ErrorKind::Denied, "{report}");
    assert!(report.contains("ssl-mode=required") && !report.contains("feature"), "{report}");
}
