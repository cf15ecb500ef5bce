//! What is read is what the rows say.

use proptest::prelude::*;
use truthound_stores_core::{Attributes, Collection, Key, OrderBy, Pattern, Query, RecordMeta, Status};

use super::data::{open, rows, write};
use crate::row::tests::any_row;
use crate::row::{Change, Row};
use crate::segment::{After, BAND, Bounds, Entry, Kills, Opened, Scan, Value, Whole};

pub(super) async fn read(opened: &Opened, whole: &Whole, kills: &Kills, bounds: Bounds) -> Vec<(u32, Entry)> {
    let mut scan = Scan::new(opened, whole, kills, bounds);
    let mut found = Vec::new();
    while let Some(row) = scan.next().await.unwrap() {
        found.push(row);
    }
    found
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

fn in_order(mut rows: Vec<Row>) -> Vec<Entry> {
    // Ids are unique among the rows of these tests: ties of whole keys have no order.
    rows.iter_mut().enumerate().for_each(|(at, row)| row.id = format!("{}-{at}", row.id));
    let mut entries: Vec<_> = rows
        .into_iter()
        .enumerate()
        .map(|(at, row)| Entry::new(at as u64 % 3, row).arrived_at(at as i64))
        .collect();
    entries.sort_by(|one, other| one.time_key().cmp(&other.time_key()));
    entries
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rows_of_every_kind_come_back(rows in proptest::collection::vec(any_row(), 1..40)) {
        let entries = in_order(rows);
        let (bytes, stats) = write(entries.clone());
        let back = runtime().block_on(async {
            let (opened, whole) = open(&bytes, &stats).await;
            read(&opened, &whole, &Kills::default(), Bounds { ascending: true, deletes: true, ..Bounds::default() }).await
        });
        prop_assert_eq!(stats.rows() as usize, entries.len());
        for ((_, back), entry) in back.iter().zip(&entries) {
            prop_assert_eq!(back, entry);
            if let (Change::Put(back), Change::Put(row)) = (&back.row.change, &entry.row.change) {
                let bits = |attributes: &Attributes| attributes.statistics.execution_time_ms.to_bits();
                prop_assert_eq!(bits(&back.attributes), bits(&row.attributes));
            }
        }
        prop_assert_eq!(back.len(), entries.len());
        let mut positions: Vec<_> = back.iter().map(|(position, _)| *position).collect();
        positions.sort_unstable();
        prop_assert!(positions.into_iter().eq(0..stats.rows()));
    }
}

/// What a listing of the store would say of a row.
pub(super) fn meta(entry: &Entry) -> Option<RecordMeta> {
    let Change::Put(facts) = &entry.row.change else { return None };
    let key = Key::new(Collection::RESULTS, entry.row.id.as_str()).unwrap();
    Some(RecordMeta::new(
        key,
        facts.attributes.clone(),
        entry.row.state.revision(),
        facts.size,
        facts.checksum,
        entry.row.state.saved_at(),
    ))
}

fn value(order: OrderBy, entry: &Entry) -> After {
    let value = match order {
        OrderBy::RunTime => Value::Time(entry.run_time()),
        OrderBy::DataAsset => Value::Text(entry.data_asset().to_owned()),
        OrderBy::Status => match &entry.row.change {
            Change::Put(facts) => Value::Text(facts.attributes.status.as_str().to_owned()),
            Change::Delete => Value::Text(String::new()),
        },
    };
    After { value, id: entry.row.id.clone() }
}

#[tokio::test]
async fn every_query_answers_as_the_reference_does() {
    // More than one band, and pages that are not full.
    let mut entries = rows(BAND + 3_000, 3);
    for entry in entries.iter_mut().step_by(501) {
        entry.row.before = Some(crate::row::Before {
            state: entry.row.state,
            data_asset: entry.data_asset().to_owned(),
            run_time: entry.run_time(),
        });
        entry.row.change = Change::Delete;
    }
    let (bytes, stats) = write(entries.clone());
    let (opened, whole) = open(&bytes, &stats).await;
    let mut kills = Kills::default();
    kills.extend((0..stats.rows()).step_by(7));
    let everything = read(
        &opened,
        &whole,
        &Kills::default(),
        Bounds { ascending: true, deletes: true, ..Bounds::default() },
    )
    .await;
    let alive: Vec<&Entry> =
        everything.iter().filter(|(position, _)| position % 7 != 0).map(|(_, entry)| entry).collect();
    let (early, late) = (entries[20_000].run_time(), entries[34_000].run_time());
    let queries = [
        Query::new(),
        Query::new().with_data_asset(Pattern::exact("warehouse.hr.people")),
        Query::new().with_data_asset("warehouse.*").with_start_time(early).with_end_time(late),
        Query::new().with_data_asset("*.*s").with_status(Status::FAILURE).with_status(Status::ERROR),
        Query::new().with_tag("environment", "staging").with_end_time(early),
        Query::new().with_data_asset(Pattern::exact("warehouse.hr.people")).with_start_time(early),
        Query::new().with_data_asset(Pattern::exact("nobody's")),
    ];
    for query in queries {
        for order in [OrderBy::RunTime, OrderBy::DataAsset, OrderBy::Status] {
            for (ascending, limit) in [(false, Some(150)), (true, Some(150)), (true, None)] {
                if limit.is_none() && query.status.is_empty() {
                    continue;
                }
                let mut query = query.clone().with_order_by(order).with_ascending(ascending);
                query.limit = limit;
                let mut expected: Vec<(RecordMeta, &Entry)> = alive
                    .iter()
                    .filter_map(|entry| Some((meta(entry)?, *entry)))
                    .filter(|(meta, _)| query.matches(meta))
                    .collect();
                expected.sort_by(|one, other| query.cmp(&one.0, &other.0));
                let expected: Vec<&Entry> = expected.into_iter().map(|(_, entry)| entry).collect();
                let wanted = limit.map_or(expected.len(), |limit| expected.len().min(limit as usize));
                let found = take(&opened, &whole, &kills, Bounds::from(&query), wanted + 1).await;
                let context = format!("{query:?}");
                same(&found, expected.iter().take(wanted), &context);
                // The next page begins where the last ended.
                if let Some(last) = wanted.checked_sub(1).and_then(|at| expected.get(at)) {
                    let bounds = Bounds { after: Some(value(order, last)), ..Bounds::from(&query) };
                    let found = take(&opened, &whole, &kills, bounds, 50).await;
                    same(&found, expected.iter().skip(wanted).take(50), &context);
                }
            }
        }
    }
}

fn same<'e>(found: &[(u32, Entry)], expected: impl Iterator<Item = &'e &'e Entry>, context: &str) {
    let expected: Vec<&Entry> = expected.copied().collect();
    assert_eq!(found.len(), expected.len(), "{context}");
    assert!(found.iter().map(|(_, entry)| entry).eq(expected), "{context}");
}

async fn take(
    opened: &Opened,
    whole: &Whole,
    kills: &Kills,
    bounds: Bounds,
    count: usize,
) -> Vec<(u32, Entry)> {
    let mut scan = Scan::new(opened, whole, kills, bounds);
    let mut found = Vec::new();
    while found.len() < count {
        match scan.next().await.unwrap() {
            Some(row) => found.push(row),
            None => break,
        }
    }
    found
}

/// Of labels of which there are more than a MiB in one band, segments could be written and not be read: a dictionary that was full ended a page
/// where no other column had its end, and the whole catalog was taken for damaged.
#[tokio::test]
async fn bands_with_more_labels_than_a_dictionary_holds_can_be_read() {
    for (length, each) in [(300, 1), (3_000, 7), (20, 1)] {
        let mut entries = rows(9_000, 37);
        for (at, entry) in entries.iter_mut().enumerate() {
            let lot = format!("{:0length$}", at / each);
            if let Change::Put(facts) = &mut entry.row.change {
                facts.attributes.tags = [("lot", lot.as_str())].into();
                facts.attributes.suite_name = (at % 3 > 0).then(|| lot.repeat(2));
                facts.attributes.ext.set("lot", format!("{:020}", at / each)).unwrap();
            }
        }
        let (bytes, stats) = write(entries.clone());
        let (opened, whole) = open(&bytes, &stats).await;
        let all = Bounds { ascending: true, ..Bounds::default() };
        let back = read(&opened, &whole, &Kills::default(), all).await;
        assert!(back.iter().map(|(_, entry)| entry).eq(&entries), "labels of {length} bytes");
        let latest = Bounds { limit: Some(20), ..Bounds::default() };
        let back = read(&opened, &whole, &Kills::default(), latest).await;
        assert!(back.iter().map(|(_, entry)| entry).eq(entries.iter().rev().take(20)));
    }
}
