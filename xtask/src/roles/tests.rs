//! Backends are found by what a feature turns on.

use super::*;

#[test]
fn a_feature_is_a_backend_when_it_turns_on_a_backends_crate() {
    let features: [(&str, Vec<String>); 4] = [
        ("caching", vec!["dep:truthound-stores-caching".to_owned()]),
        ("config-file", vec!["dep:toml".to_owned()]),
        ("memory", vec!["dep:truthound-stores-memory".to_owned()]),
        (
            "postgres",
            vec!["truthound-stores-database/postgres".to_owned(), "dep:truthound-stores-database".to_owned()],
        ),
    ];
    let found = backends_of(features.iter().map(|(name, enables)| (*name, enables.as_slice())));
    let found: Vec<(&str, &str)> =
        found.iter().map(|(name, krate)| (name.as_str(), krate.as_str())).collect();
    assert_eq!(found, [("memory", "truthound-stores-memory"), ("postgres", "truthound-stores-database")]);
}
