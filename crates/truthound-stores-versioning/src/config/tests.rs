//! Every option of the configuration document is read, with its default, and nothing else is.
#![allow(clippy::unwrap_used, reason = "a test reports by panicking")]

use super::*;

#[test]
fn the_defaults_are_those_of_the_document() {
    let config = VersioningConfig::from_options(&Options::from_pairs::<&str, &str>([]).unwrap()).unwrap();
    assert_eq!(config, VersioningConfig::default());
    assert_eq!((config.mode, config.max_versions), (VersioningMode::Incremental, 0));
    assert!(config.auto_cleanup && config.track_changes);
    assert!(!config.require_message && !config.enable_branching);
    assert_eq!(config.checksum_algorithm, ChecksumAlgorithm::Sha256);
}

#[test]
fn every_option_is_read() {
    let options = Options::from_pairs([
        ("mode", "git_like"),
        ("max_versions", "7"),
        ("auto_cleanup", "false"),
        ("track_changes", "false"),
        ("require_message", "true"),
        ("enable_branching", "true"),
        ("checksum_algorithm", "blake3"),
        ("deleted_history", "remove"),
    ])
    .unwrap();
    let expected = VersioningConfig::new()
        .with_mode(VersioningMode::GitLike)
        .with_max_versions(7)
        .with_auto_cleanup(false)
        .with_track_changes(false)
        .with_require_message(true)
        .with_enable_branching(true)
        .with_checksum_algorithm(ChecksumAlgorithm::Blake3)
        .with_deleted_history(DeletedHistory::Remove);
    assert_eq!(VersioningConfig::from_options(&options).unwrap(), expected);
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    for (name, value) in
        [("mode", "calver"), ("max_versions", "-1"), ("checksum_algorithm", "md5"), ("max_version", "3")]
    {
        let options = Options::from_pairs([(name, value)]).unwrap();
        let error = VersioningConfig::from_options(&options).unwrap_err();
        assert!(error.report().contains(name), "{}", error.report());
    }
}
