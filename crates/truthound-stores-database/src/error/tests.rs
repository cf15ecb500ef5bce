use truthound_stores_core::ErrorKind;

use super::Trouble;
use super::codes;

#[test]
fn what_postgresql_says_becomes_a_kind() {
    for (code, trouble, kind) in [
        ("08006", Trouble::Lost, ErrorKind::Unavailable),
        ("57P01", Trouble::Lost, ErrorKind::Unavailable),
        ("57P03", Trouble::Refused, ErrorKind::Unavailable),
        ("40P01", Trouble::Again, ErrorKind::Unavailable),
        ("40001", Trouble::Again, ErrorKind::Unavailable),
        ("53300", Trouble::Refused, ErrorKind::Overloaded),
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
        (1040, Trouble::Refused, ErrorKind::Overloaded),
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
    for (code, kind, retryable) in [
        (5, ErrorKind::Overloaded, None),
        // extended: a snapshot that is too old to be written to
        (517, ErrorKind::Overloaded, None),
        (8, ErrorKind::Denied, None),
        (13, ErrorKind::Unavailable, Some(false)),
        (14, ErrorKind::Unavailable, Some(false)),
        (11, ErrorKind::Corrupt, None),
        (26, ErrorKind::Corrupt, None),
        (18, ErrorKind::Invalid, None),
        (21, ErrorKind::Internal, None),
    ] {
        let verdict = codes::sqlite(code);
        assert_eq!(
            (verdict.trouble, verdict.kind, verdict.retryable),
            (Trouble::Refused, kind, retryable),
            "{code}"
        );
    }
}
