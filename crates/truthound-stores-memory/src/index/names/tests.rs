//! Walks over names begin and end in the middle of a map, in both directions; an end that is off by one loses or repeats
//! a whole asset.

use super::*;

const NAMES: [&str; 9] =
    ["", "a", "ab", "ab\u{10FFFF}", "ab\u{10FFFF}x", "ac", "b", "\u{D7FF}", "\u{10FFFF}\u{10FFFF}"];

fn check(query: &Query, names: &Names<'_>, allowed: impl Fn(&str) -> bool) {
    let groups: Groups = NAMES.iter().map(|name| ((*name).into(), Group::default())).collect();
    let places = NAMES.iter().copied().chain(["aa", "z", "\u{E000}"]).map(Some).chain([None]);
    for from in places {
        for ascending in [true, false] {
            let mut expected: Vec<&str> = NAMES.into_iter().filter(|name| allowed(name)).collect();
            expected
                .retain(|name| from.is_none_or(|from| if ascending { *name >= from } else { *name <= from }));
            if !ascending {
                expected.reverse();
            }
            let found: Vec<&str> =
                names.clone().groups(&groups, from, ascending).map(|(name, _)| name).collect();
            assert_eq!(found, expected, "{query:?} from {from:?}, ascending: {ascending}");
        }
    }
}

#[test]
fn asset_names_are_walked_as_the_pattern_allows() {
    let patterns = [
        "*",
        "a*",
        "ab*",
        "ab?",
        "ab\u{10FFFF}*",
        "*b",
        "\u{D7FF}*",
        "\u{10FFFF}*",
        "\u{10FFFF}\u{10FFFF}*",
        "z*",
    ];
    for text in patterns.into_iter().chain(NAMES) {
        let query = Query::new().with_data_asset(text);
        let pattern = Pattern::new(text);
        check(&query, &Names::of_assets(&query), |name| pattern.matches(name));
    }
    let query = Query::new();
    check(&query, &Names::of_assets(&query), |_| true);
}

#[test]
fn statuses_are_walked_once_each() {
    let query = Query::new().with_status("b").with_status("a").with_status("b").with_status("not there");
    check(&query, &Names::of_statuses(&query), |name| ["a", "b"].contains(&name));
}

#[test]
fn the_successor_of_a_prefix_is_the_smallest_text_behind_it() {
    for (prefix, expected) in [
        ("", None),
        ("a", Some("b")),
        ("ab", Some("ac")),
        ("a\u{10FFFF}", Some("b")),
        ("\u{10FFFF}", None),
        ("\u{D7FF}", Some("\u{E000}")),
    ] {
        assert_eq!(successor(prefix).as_deref(), expected, "{prefix:?}");
    }
}
