//! SQL answers what the reference answers from all documents: every page, token, number and sum (R-ANY-7, R-ANY-9). Tags are
//! looked for in their JSON text, so their names and values are made of what JSON is made of; and patterns become ranges of
//! text, so assets lie at the borders of code points.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use truthound_stores_core::{
    Attributes, Checksum, Collection, Grouping, Page, Query, RecordMeta, Statistics, Summaries,
};
use truthound_stores_testkit::strategies::{ASSETS, IDS, STATUSES, queries, times};

use super::super::{Row, count, page, summarize};
use super::sample;

/// What names and values of tags are made of.
const PIECES: [&str; 10] = ["", "a", ":", ",", "\"", "\\", "{", "}", "\"a", "\":\""];

fn tag() -> impl Strategy<Value = String> {
    vec(select(&PIECES[..]), 0..3).prop_map(|pieces| pieces.concat())
}

fn tags() -> impl Strategy<Value = BTreeMap<String, String>> {
    btree_map(tag(), tag(), 0..4)
}

fn row() -> impl Strategy<Value = Row> {
    let number = prop_oneof![Just(0), Just(u64::MAX), 0..20_u64];
    let what = (select(&ASSETS[..]), times(), select(&STATUSES[..]), tags());
    (what, number, 0..9_u32).prop_map(|((asset, time, status, tags), number, ms)| {
        let mut attributes = Attributes::new(asset, time, status.into());
        attributes.tags = tags.into();
        // Whole milliseconds, whose sum is the same in any order.
        let execution_time_ms = f64::from(ms);
        attributes.statistics =
            Statistics { total_rows: number, total_issues: 3, execution_time_ms, ..Statistics::default() };
        let (suffix, checksum) = (".json".to_owned(), Checksum::of(b"{}"));
        Row {
            seq: 0,
            id: String::new(),
            attributes,
            stem: None,
            suffix,
            size: number,
            checksum,
            digest: None,
            modified: 7,
        }
    })
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    btree_map(select(&IDS[..]), row(), 0..26).prop_map(|rows| {
        let numbered = rows.into_iter().zip(1..);
        numbered.map(|((id, row), seq)| Row { id: id.to_owned(), seq, ..row }).collect()
    })
}

/// Holds everything that the index answers to a query against the reference.
fn compare(rows: &[Row], query: &Query) {
    let sample = sample(rows);
    let metas: Vec<RecordMeta> =
        rows.iter().map(|row| row.clone().into_meta(&Collection::RESULTS).unwrap()).collect();
    // The query is valid, or both refuse it.
    let Ok(mut expected) = Page::evaluate(query, None, metas.clone()) else { return };
    let mut found = page(&sample.index, query, None).unwrap().unwrap();
    let mut listed = 0_u64;
    loop {
        assert_eq!(found.metas, expected.metas);
        assert_eq!(found.next, expected.next);
        listed += found.metas.len() as u64;
        let Some(next) = found.next else { break };
        expected = Page::evaluate(query, Some(&next), metas.clone()).unwrap();
        found = page(&sample.index, query, Some(&next)).unwrap().unwrap();
    }
    assert_eq!(count(&sample.index, query).unwrap(), listed);
    for grouping in [Grouping::new(), Grouping::new().with_day(true), Grouping::new().with_data_asset(true)] {
        let sums = Summaries::evaluate(query, grouping, &metas).unwrap();
        assert_eq!(summarize(&sample.index, query, grouping).unwrap(), sums);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pages_numbers_and_sums_are_those_of_the_reference(rows in rows(), query in queries(btree_map(tag(), tag(), 1..2))) {
        compare(&rows, &query);
    }

    /// Of the tags that a document has, one is asked for as it is, and one with a piece cut off or put before it.
    #[test]
    fn a_tag_is_found_where_it_is_and_nowhere_else(
        rows in rows(),
        which in any::<proptest::sample::Index>(),
        piece in select(&PIECES[..]),
        cut in any::<bool>(),
    ) {
        let all: Vec<_> = rows.iter().flat_map(|row| row.attributes.tags.clone()).collect();
        if all.is_empty() {
            return Ok(());
        }
        let (name, value) = which.get(&all).clone();
        compare(&rows, &Query::new().with_tag(name.clone(), value.clone()));
        let other = if cut { name.chars().skip(1).collect() } else { format!("{piece}{name}") };
        compare(&rows, &Query::new().with_tag(other, value));
    }
}

/// The two pairs that JSON's own punctuation spells, and one name within another.
#[test]
fn tags_made_of_punctuation_are_not_found_between_others() {
    let tagged = |seq, id: &str, tags: &[(&str, &str)]| {
        let mut row = super::full_row(seq, id);
        row.attributes.tags = tags.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        row
    };
    let rows = [
        tagged(1, "a", &[("k", ":"), ("z", "w")]),
        tagged(2, "b", &[("k,", ":"), ("z", "w")]),
        tagged(3, "c", &[("k", "v,"), (":", "z")]),
        tagged(4, "d", &[("\"a", "b"), ("\"\\", "b")]),
        tagged(5, "e", &[("x", ",\"a\":\"b\"")]),
        tagged(6, "f", &[(":", ","), (",", ":")]),
    ];
    for (name, value) in [(":", ","), (",", ":"), ("a", "b"), ("\\", "b"), ("x", ","), ("", "")] {
        compare(&rows, &Query::new().with_tag(name, value));
    }
}
