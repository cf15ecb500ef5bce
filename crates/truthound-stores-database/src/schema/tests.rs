use super::*;

fn refused(found: Found, create: bool) -> Error {
    match decide(found, create, "q_") {
        Next::Refuse(error) => error,
        other => panic!("{found:?} is not refused: {other:?}"),
    }
}

#[test]
fn tables_are_made_and_brought_up_to_date_only_if_allowed() {
    assert!(matches!(decide(Found::Nothing, true, ""), Next::Migrate));
    assert!(matches!(decide(Found::Version(0), true, ""), Next::Migrate));
    assert!(matches!(decide(Found::Version(VERSION), true, ""), Next::Nothing));
    assert!(matches!(decide(Found::Version(VERSION), false, ""), Next::Nothing));
    for found in [Found::Nothing, Found::Version(0)] {
        let error = refused(found, false);
        assert!(error.kind() == ErrorKind::Invalid && error.message().contains("create_tables"), "{error}");
    }
}

/// R-DB-1: a schema from the future was once read as if it were known.
#[test]
fn tables_of_a_later_version_are_refused_whatever_is_allowed() {
    for create in [false, true] {
        let error = refused(Found::Version(VERSION + 1), create);
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.message().contains("newer program"), "{error}");
    }
}

#[test]
fn tables_of_others_are_left_alone() {
    for create in [false, true] {
        let error = refused(Found::Strangers, create);
        assert!(error.message().contains("q_records") && error.message().contains("table_prefix"), "{error}");
    }
}
