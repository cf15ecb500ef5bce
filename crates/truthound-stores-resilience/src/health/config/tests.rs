//! R-ANY-14: names and defaults are those of the configuration document, and what cannot be is refused by name.

use truthound_stores_core::ErrorKind;

use super::*;

#[test]
fn the_defaults_are_those_of_the_configuration_document() {
    let config = HealthCheckConfig::from_options(&Options::new()).unwrap();
    assert_eq!((config.enabled, config.interval, config.timeout), (true, 30.0, 5.0));
    assert_eq!(config.query, "SELECT 1");
    assert_eq!((config.failure_threshold, config.recovery_threshold), (1, 1));
    config.without_query().unwrap();
}

#[test]
fn every_setting_is_an_option() {
    let pairs = [
        ("enabled", "false"),
        ("interval", "7"),
        ("timeout", "0.5"),
        ("query", "SELECT 2"),
        ("failure_threshold", "3"),
        ("recovery_threshold", "2"),
    ];
    let names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, HealthCheckConfig::NAMES);
    let expected = HealthCheckConfig::new()
        .with_enabled(false)
        .with_interval(7.0)
        .with_timeout(0.5)
        .with_query("SELECT 2")
        .with_failure_threshold(3)
        .with_recovery_threshold(2);
    assert_eq!(HealthCheckConfig::from_options(&Options::from_pairs(pairs).unwrap()).unwrap(), expected);
    assert!(expected.without_query().unwrap_err().to_string().contains("query"));
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    for (name, value) in [
        ("interval", "0"),
        ("timeout", "0"),
        ("timeout", "soon"),
        ("query", " "),
        ("failure_threshold", "0"),
        ("recovery_threshold", "0"),
        ("intervall", "1"),
    ] {
        let error = HealthCheckConfig::from_options(&Options::new().with(name, value)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{name}");
        assert!(error.to_string().contains(name), "{name} = {value}: {error}");
    }
}
