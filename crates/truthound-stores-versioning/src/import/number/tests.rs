use truthound_stores_core::Timestamp;

use super::*;
use crate::number::{Before, Bump, MAIN};

#[test]
fn only_a_number_as_truthound_writes_it_makes_an_id_a_versions() {
    assert_eq!(split("run_1__v3"), Some(("run_1", 3)));
    assert_eq!(split("a__v1__v12"), Some(("a__v1", 12)));
    for ordinary in ["run_1", "__v3", "run__v", "run__v0", "run__v03", "run__v-1", "run__v3x", "run__V3"] {
        assert_eq!(split(ordinary), None, "{ordinary}");
    }
    assert_eq!(split(&id_of("x", 7)), Some(("x", 7)));
}

/// A name that somebody has made up once gave a version a number that has no place in the order of versions: every save after it went beside its history.
#[test]
fn a_number_that_no_version_can_have_is_none() {
    assert_eq!(split(&id_of("x", MOST_VERSIONS)), Some(("x", MOST_VERSIONS)));
    for too_large in [MOST_VERSIONS + 1, u64::MAX] {
        assert_eq!(split(&id_of("x", too_large)), None);
    }
    let latest = number(VersioningMode::Timestamp, MOST_VERSIONS, 0, Timestamp::from_micros(5), None);
    assert_eq!(latest.created_at.to_string(), "9999-12-31T23:59:59.999999Z");
    let last = number(VersioningMode::Incremental, MOST_VERSIONS, 1, Timestamp::from_micros(5), None);
    let before = Before { ordinal: last.ordinal, created_at: last.created_at, semantic: None };
    let next = Number::after(Some(&before), VersioningMode::Incremental, Bump::default(), last.created_at);
    assert!(next.unwrap_err().message().contains("used up"));
}

#[test]
fn numbers_say_in_which_mode_they_were_given() {
    let own = VersioningMode::Incremental;
    assert_eq!(mode_of(&[1, 2, 3], own), VersioningMode::Incremental);
    assert_eq!(mode_of(&[4, 5], VersioningMode::Semantic), VersioningMode::Incremental);
    assert_eq!(mode_of(&[4, 5], VersioningMode::GitLike), VersioningMode::GitLike);
    assert_eq!(mode_of(&[10_000, 10_100], own), VersioningMode::Semantic);
    assert_eq!(mode_of(&[1_795_374_334_609], own), VersioningMode::Timestamp);
}

#[test]
fn versions_keep_the_names_that_truthound_showed() {
    let saved = Timestamp::from_micros(5);
    let name = |mode, given, at| number(mode, given, at, saved, None).name(mode, MAIN, String::new);
    assert_eq!(name(VersioningMode::Incremental, 4, 0), "v4");
    assert_eq!(name(VersioningMode::Semantic, 20_101, 1), "2.1.1");
    assert_eq!(name(VersioningMode::Timestamp, 1_795_374_334_609, 0), "2026-11-22T19:05:34.609000");
    assert_eq!(number(VersioningMode::Semantic, 20_101, 1, saved, None).ordinal, 2);
    assert_eq!(number(VersioningMode::GitLike, 9, 1, saved, None).ordinal, 9);
    // Times grow, whatever the files say.
    let later = number(VersioningMode::Incremental, 5, 1, saved, Some(saved));
    assert_eq!(later.created_at, saved.plus_micros(1));
}

#[test]
fn gaps_are_told_where_numbers_count() {
    assert_eq!(gaps(VersioningMode::Incremental, &[4, 5, 8, 10]), [(6, 7), (9, 9)]);
    assert_eq!(gaps(VersioningMode::Semantic, &[10_000, 20_000]), []);
}
