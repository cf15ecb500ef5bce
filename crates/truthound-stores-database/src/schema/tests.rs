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

/// A program of a later version may bring the tables up to date while this one waits for its turn: what it had seen before was once all that was
/// judged, and it wrote into tables that it does not know.
async fn a_later_version_that_comes_meanwhile_is_refused(url: &str) {
    let start = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    let prefix = format!("late_{:x}_{}_", start, std::process::id());
    let store = crate::DatabaseStore::open(crate::DatabaseConfig::new(url).with_table_prefix(&prefix)).await;
    let store = store.unwrap();
    let (tables, clock) = (&store.place().tables, truthound_stores_core::SystemClock::new());
    let mut lease = store.guard().pool().acquire().await.unwrap();
    // It has looked, and found that something is to be done. Then the other one comes.
    let later = format!("INSERT INTO {} (version, applied_at) VALUES ({}, 0)", tables.versions, VERSION + 1);
    lease.simple(&later).await.unwrap();
    lock(&mut lease, tables).await.unwrap();
    let done = migrate(&mut lease, tables, &clock).await;
    let error = unlock(&mut lease, tables, done).await.unwrap_err().error;
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{}", error.report());
    for name in Tables::NAMES {
        lease.simple(&format!("DROP TABLE {prefix}{name}")).await.unwrap();
    }
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn a_later_version_that_comes_meanwhile_is_refused_on_sqlite() {
    a_later_version_that_comes_meanwhile_is_refused("sqlite::memory:").await;
}

#[cfg(all(feature = "postgres", feature = "mysql"))]
#[tokio::test]
async fn a_later_version_that_comes_meanwhile_is_refused_on_servers() {
    for (name, variable) in
        [("postgres", "TRUTHOUND_TEST_POSTGRES_URL"), ("mysql", "TRUTHOUND_TEST_MYSQL_URL")]
    {
        match std::env::var_os(variable) {
            Some(url) => a_later_version_that_comes_meanwhile_is_refused(&url.into_string().unwrap()).await,
            None => truthound_stores_testkit::skip(name, &format!("{variable} is not set")),
        }
    }
}
