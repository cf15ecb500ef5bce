//! Versions once collided: same millisecond, a carry after 99 patches, a clock that went back. Here no two names of a history are alike.
#![allow(clippy::unwrap_used, reason = "a test reports by panicking")]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const MODES: [VersioningMode; 4] = [
    VersioningMode::Incremental,
    VersioningMode::Semantic,
    VersioningMode::Timestamp,
    VersioningMode::GitLike,
];

fn before(number: &Number) -> Before {
    Before { ordinal: number.ordinal, created_at: number.created_at, semantic: number.semantic }
}

#[test]
fn ninety_nine_patches_are_followed_by_the_hundredth() {
    let at = Timestamp::UNIX_EPOCH;
    let mut number = Number::after(None, VersioningMode::Semantic, Bump::Patch, at).unwrap();
    for _ in 0..100 {
        number = Number::after(Some(&before(&number)), VersioningMode::Semantic, Bump::Patch, at).unwrap();
    }
    assert_eq!(number.name(VersioningMode::Semantic, MAIN, String::new), "1.0.100");
    let next = |bump| {
        let next = Number::after(Some(&before(&number)), VersioningMode::Semantic, bump, at).unwrap();
        next.name(VersioningMode::Semantic, MAIN, String::new)
    };
    assert_eq!((next(Bump::Minor), next(Bump::Major)), ("1.1.0".to_owned(), "2.0.0".to_owned()));
}

#[test]
fn names_have_the_forms_of_their_modes() {
    let at: Timestamp = "2026-01-31T12:00:00.5Z".parse().unwrap();
    let number = Number::after(None, VersioningMode::Semantic, Bump::Patch, at).unwrap();
    let name = |mode, branch: &str| number.name(mode, branch, || "abc1234".to_owned());
    assert_eq!(name(VersioningMode::Incremental, MAIN), "v1");
    assert_eq!(name(VersioningMode::Incremental, "fix"), "fix/v1");
    assert_eq!(name(VersioningMode::Semantic, MAIN), "1.0.0");
    assert_eq!(name(VersioningMode::Timestamp, MAIN), "2026-01-31T12:00:00.500000");
    assert_eq!(name(VersioningMode::GitLike, "fix"), "abc1234");
    assert_eq!(time_name("2026-01-31T12:00:00Z".parse().unwrap()), "2026-01-31T12:00:00.000000");
    assert_eq!(time_name("2026-01-31T12:00:00.000001Z".parse().unwrap()), "2026-01-31T12:00:00.000001");
}

#[test]
fn odd_texts_are_no_versions() {
    for text in ["1.0", "1.0.0.0", "01.0.0", "1.0.-1", "", "1.0.0 "] {
        assert!(text.parse::<Semantic>().is_err() || text == "1.0.0", "{text:?}");
    }
    for text in ["1-2", "0000000001-1", "0000000001_0000000000000001", ""] {
        assert!(text.parse::<VersionId>().is_err(), "{text:?}");
    }
}

proptest! {
    /// Whatever the clock does and however the mode changes, names of one history are never alike, and ordinals count by one.
    #[test]
    fn no_two_versions_of_a_history_share_a_name(steps in prop::collection::vec((0_usize..4, 0_usize..3, 0_i64..5), 1..60)) {
        let mut names = BTreeSet::new();
        let mut last: Option<Number> = None;
        for (mode, bump, micros) in steps {
            let bump = [Bump::Major, Bump::Minor, Bump::Patch][bump];
            let mode = MODES[mode];
            let now = Timestamp::from_micros(micros);
            let number = Number::after(last.as_ref().map(before).as_ref(), mode, bump, now).unwrap();
            prop_assert_eq!(number.ordinal, last.map_or(1, |last| last.ordinal + 1));
            prop_assert!(last.is_none_or(|last| number.created_at > last.created_at));
            // A hash differs with the parent; the ordinal stands for it here.
            let name = number.name(mode, MAIN, || format!("{:040x}", number.ordinal));
            prop_assert!(names.insert(name.clone()), "{} came twice", name);
            last = Some(number);
        }
    }

    #[test]
    fn ids_sort_as_their_ordinals_and_are_read_back(one in 0_u64..10_000_000_000, other in 0_u64..10_000_000_000, nonce: u64) {
        let id = |ordinal| VersionId { ordinal, nonce };
        prop_assert_eq!(id(one).to_string().parse::<VersionId>().unwrap(), id(one));
        prop_assert_eq!(id(one).to_string().cmp(&id(other).to_string()), one.cmp(&other));
    }
}
