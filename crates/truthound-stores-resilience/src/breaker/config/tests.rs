//! R-ANY-14: names and defaults are those of the configuration document, and what cannot be is refused by name.

use truthound_stores_core::ErrorKind;

use super::*;

#[test]
fn the_defaults_are_those_of_the_configuration_document() {
    let config = CircuitBreakerConfig::from_options(&Options::new()).unwrap();
    let CircuitBreakerConfig { failure_threshold, success_threshold, timeout, half_open_max_calls } = config;
    assert_eq!((failure_threshold, success_threshold, timeout, half_open_max_calls), (5, 3, 60.0, 3));
}

#[test]
fn every_setting_is_an_option() {
    let pairs = [
        ("failure_threshold", "2"),
        ("success_threshold", "4"),
        ("timeout", "1.5"),
        ("half_open_max_calls", "6"),
    ];
    let names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, CircuitBreakerConfig::NAMES);
    let expected = CircuitBreakerConfig::new()
        .with_failure_threshold(2)
        .with_success_threshold(4)
        .with_timeout(1.5)
        .with_half_open_max_calls(6);
    assert_eq!(CircuitBreakerConfig::from_options(&Options::from_pairs(pairs).unwrap()).unwrap(), expected);
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    for (name, value) in [
        ("failure_threshold", "0"),
        ("success_threshold", "0"),
        ("timeout", "0"),
        ("timeout", "-1"),
        ("half_open_max_calls", "0"),
        ("half_open_max_call", "1"),
    ] {
        let error = CircuitBreakerConfig::from_options(&Options::new().with(name, value)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{name}");
        assert!(error.to_string().contains(name), "{name} = {value}: {error}");
    }
}
