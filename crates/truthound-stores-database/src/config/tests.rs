use super::*;

fn of(pairs: &[(&str, &str)]) -> Result<DatabaseConfig> {
    DatabaseConfig::from_options(&Options::from_pairs(pairs.iter().copied())?)
}

const URL: (&str, &str) = ("connection_url", "sqlite:quality.db");

#[test]
fn the_defaults_are_those_of_the_configuration_document() {
    let config = of(&[URL]).unwrap();
    assert_eq!((config.table_prefix.as_str(), config.echo, config.create_tables), ("", false, true));
    assert!(config.use_pool_manager);
    assert_eq!(config.store.namespace, "default");
}

#[test]
fn every_option_is_read_by_its_name() {
    let config = of(&[
        ("connection_url", "postgresql://ann:secret@db/quality"),
        ("table_prefix", "q_"),
        ("pool_size", "7"),
        ("max_overflow", "3"),
        ("echo", "true"),
        ("create_tables", "false"),
        ("namespace", "nightly"),
        ("pooling.enable_retry", "false"),
        ("pool.strategy", "NULL_POOL"),
        ("retry.max_retries", "9"),
        ("circuit_breaker.failure_threshold", "2"),
        ("health_check.query", "SELECT 2"),
    ])
    .unwrap();
    assert_eq!(
        (config.table_prefix.as_str(), config.pool_size, config.max_overflow),
        ("q_", Some(7), Some(3))
    );
    assert!(config.echo && !config.create_tables && !config.pooling.enable_retry);
    assert!(!of(&[URL, ("use_pool_manager", "false")]).unwrap().use_pool_manager);
    assert_eq!(config.store.namespace, "nightly");
    let full = &config.connection_pool;
    assert_eq!(full.pool.strategy, Some(PoolStrategy::NullPool));
    assert_eq!((full.retry.max_retries, full.circuit_breaker.failure_threshold), (9, 2));
    assert_eq!(full.health_check.query, "SELECT 2");
}

#[test]
fn what_has_no_effect_or_does_not_exist_is_refused_by_name() {
    for (name, value) in [
        ("compression", "gzip"),
        ("serialization_format", "json"),
        ("pool_sise", "5"),
        ("pool.strategi", "null_pool"),
        ("pool.strategy", "magic"),
        ("pooling.pool_timeout", "soon"),
        ("pool.reset_on_return", "commit"),
    ] {
        let error = of(&[URL, (name, value)]).unwrap_err();
        let inner = name.rsplit('.').next().unwrap_or(name);
        assert_eq!(error.kind(), truthound_stores_core::ErrorKind::Invalid, "{name}");
        assert!(error.to_string().contains(inner), "{name}: {error}");
    }
    assert!(of(&[]).unwrap_err().to_string().contains("connection_url"));
}

/// `retry` and its like were once taken, and were without effect, beside `use_pool_manager = false`.
#[test]
fn what_the_bare_pool_leaves_out_is_refused_by_name() {
    for (name, value) in [
        // Also where it says what is the default anyway.
        ("retry.max_retries", "3"),
        ("circuit_breaker.failure_threshold", "2"),
        ("health_check.query", "SELECT 2"),
    ] {
        let error = of(&[URL, ("use_pool_manager", "false"), (name, value)]).unwrap_err();
        let part = name.split('.').next().unwrap();
        assert_eq!(error.kind(), truthound_stores_core::ErrorKind::Invalid, "{name}");
        assert!(
            error.message().contains(part) && error.message().contains("use_pool_manager"),
            "{name}: {error}"
        );
        assert!(of(&[URL, ("use_pool_manager", "true"), (name, value)]).is_ok(), "{name}");
    }
}

/// R-ANY-16: passwords in a URL, in any of its forms, are not shown.
#[test]
fn no_debug_shows_a_password() {
    for url in [
        "postgresql://ann:s3cret@db/quality",
        "mysql://ann@db/quality?password=s3cret",
        "no url at all: s3cret",
    ] {
        let shown = format!("{:?}", DatabaseConfig::new(url));
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
#[test]
fn namespace_and_prefix_name_one_space() {
    let space = |namespace: &str, prefix: Option<&str>| {
        let mut config = DatabaseConfig::new("sqlite:x").with_namespace(namespace);
        config.store.prefix = prefix.map(str::to_owned);
        config.space()
    };
    assert_eq!(space("a", None).unwrap(), "a");
    assert_eq!(space("a", Some("b/c/")).unwrap(), "a/b/c");
    assert_eq!(space("", Some("b")).unwrap(), "/b");
    assert_eq!(space("", None).unwrap(), "");
    assert!(space("a/b", None).is_err());
    assert!(space("..", None).is_err());
    assert!(space(&"n".repeat(DatabaseConfig::MAX_SPACE_BYTES + 1), None).is_err());
}
