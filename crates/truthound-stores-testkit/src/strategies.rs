//! What property tests hold an index against the reference with: names, times and queries that meet each other often, and lie at borders.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use truthound_stores_core::{OrderBy, Query, Timestamp};

/// Names assets so that one begins another, holds what a wildcard is written with, or lies where code points begin and end.
pub const ASSETS: [&str; 16] = [
    "",
    "a",
    "ab",
    "a*",
    "a?b",
    r"a\",
    "b",
    "orders",
    "warehouse.orders",
    "warehouse.people",
    "é",
    "a\u{D7FF}",
    "a\u{D7FF}x",
    "a\u{E000}",
    "a\u{10FFFF}",
    "\u{10FFFF}\u{10FFFF}x",
];

/// Asks for some of [`ASSETS`], or for one that is not among them.
pub const PATTERNS: [&str; 18] = [
    "*",
    "a*",
    "*a*",
    "?",
    "??*",
    r"a\*",
    r"a\\*",
    "a?b",
    "warehouse.*",
    "*.orders",
    "orders",
    "absent",
    "",
    "a\u{D7FF}*",
    "a\u{E000}*",
    "a\u{10FFFF}*",
    "\u{10FFFF}*",
    "é",
];

/// Names statuses: Truthound's, none, and one of somebody's own.
pub const STATUSES: [&str; 5] = ["success", "failure", "error", "", "skipped"];

/// Names documents whose order is another by code point than by case, by number or by UTF-16.
pub const IDS: [&str; 26] = [
    "a",
    "A",
    "b",
    "b2",
    "b10",
    "c",
    "d",
    "e",
    "f",
    "g",
    "h",
    "i",
    "j",
    "k",
    "l",
    "m",
    "n",
    "o",
    "p",
    "q",
    "r",
    "é",
    "\u{D7FF}",
    "\u{E000}",
    "\u{FFFF}",
    "\u{10FFFF}",
];

/// Makes times of a few half days, so that many are the same, and the first and the last one that there are.
pub fn times() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        1 => select(vec![Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH]),
        9 => (-3..5_i64).prop_map(|days| Timestamp::from_micros(days * 43_200_000_000)),
    ]
}

/// Makes queries for results of [`ASSETS`], [`times`] and [`STATUSES`]; one in three asks for some of `tags`, too.
pub fn queries(tags: impl Strategy<Value = BTreeMap<String, String>>) -> impl Strategy<Value = Query> {
    let what = (
        option::of(select(&PATTERNS[..])),
        option::weighted(0.3, times()),
        option::weighted(0.3, times()),
        vec(select(&STATUSES[..]), 0..3),
        prop_oneof![2 => Just(BTreeMap::new()), 1 => tags],
    );
    let how = (
        prop_oneof![3 => Just(None), 1 => (0..30_u64).prop_map(Some), 1 => Just(Some(u64::MAX))],
        prop_oneof![3 => Just(0), 1 => 0..30_u64, 1 => Just(u64::MAX)],
        select(vec![OrderBy::RunTime, OrderBy::DataAsset, OrderBy::Status]),
        any::<bool>(),
        prop_oneof![4 => 1..6_usize, 1 => Just(10_000)],
    );
    (what, how).prop_map(|((asset, start, end, statuses, tags), how)| {
        let mut query = Query::new();
        query.data_asset = asset.map(Into::into);
        (query.start_time, query.end_time) = (start, end);
        query.status = statuses.into_iter().map(Into::into).collect();
        query.tags = tags;
        (query.limit, query.offset, query.order_by, query.ascending, query.page_size) = how;
        query
    })
}
