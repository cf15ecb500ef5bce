//! R-ANY-14: names and defaults are those of the configuration document, and what cannot be is refused by name.

use truthound_stores_core::ErrorKind;

use super::*;

#[test]
fn the_defaults_are_those_of_the_configuration_document() {
    let config = RetryConfig::from_options(&Options::new()).unwrap();
    let RetryConfig { max_retries, base_delay, max_delay, exponential_base, jitter, deadline, writes } =
        config.clone();
    assert_eq!((max_retries, base_delay, max_delay, exponential_base, jitter), (3, 0.1, 30.0, 2.0, true));
    assert_eq!((deadline, writes), (None, RepeatWrites::OneEffect));
    assert_eq!(config, RetryConfig::new());
}

#[test]
fn every_setting_is_an_option() {
    let pairs = [
        ("max_retries", "7"),
        ("base_delay", "0.5"),
        ("max_delay", "4"),
        ("exponential_base", "1.5"),
        ("jitter", "false"),
        ("deadline", "60"),
        ("writes", "always"),
    ];
    let names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, RetryConfig::NAMES);
    let expected = RetryConfig::new()
        .with_max_retries(7)
        .with_base_delay(0.5)
        .with_max_delay(4.0)
        .with_exponential_base(1.5)
        .with_jitter(false)
        .with_deadline(60.0)
        .with_writes(RepeatWrites::Always);
    assert_eq!(RetryConfig::from_options(&Options::from_pairs(pairs).unwrap()).unwrap(), expected);
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    for (name, value) in [
        ("max_retries", "-1"),
        ("base_delay", "-0.1"),
        ("base_delay", "31"),
        ("max_delay", "0.05"),
        ("max_delay", "inf"),
        ("exponential_base", "0.5"),
        ("exponential_base", "1e300"),
        ("jitter", "perhaps"),
        ("deadline", "0"),
        ("writes", "sometimes"),
        ("max_retry", "3"),
    ] {
        let error = RetryConfig::from_options(&Options::new().with(name, value)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{name}");
        assert!(error.to_string().contains(name), "{name} = {value}: {error}");
    }
}
