//! Looking up, summing up and merging.

use std::sync::Arc;

use truthound_stores_core::{Grouping, Pattern, Query, Status, Summaries};

use super::agree::{meta, read};
use super::data::{open, rows, write};
use crate::pack::{Pack, Unpack};
use crate::row::Change;
use crate::runtime::TokioRuntime;
use crate::segment::{BAND, Bounds, Entry, Kills, Merge, Stats, count, find, sums};
use crate::workers::Workers;

#[tokio::test]
async fn a_row_is_found_by_its_id_with_few_requests() {
    let mut entries = rows(BAND + 5_000, 11);
    // Ids that tell nothing of the time.
    for (at, entry) in entries.iter_mut().enumerate().skip(20_000) {
        entry.row.id = blake3::hash(&at.to_be_bytes()).to_hex().to_string();
    }
    entries.sort_by(|one, other| one.time_key().cmp(&other.time_key()));
    let (bytes, stats) = write(entries.clone());
    let (opened, whole) = open(&bytes, &stats).await;
    let mut requests = whole.requests();
    let mut spent = |most: u64, what: &str| {
        let now = whole.requests();
        assert!(now - requests <= most, "{} requests for {what}", now - requests);
        requests = now;
    };
    for entry in entries.iter().step_by(1_777) {
        let found =
            find(&opened, &whole, &entry.row.id, Some((entry.data_asset(), entry.run_time()))).await.unwrap();
        assert_eq!(found.iter().map(|(_, entry)| entry).collect::<Vec<_>>(), [entry]);
        spent(1, "a row whose place is known");
        let found = find(&opened, &whole, &entry.row.id, None).await.unwrap();
        assert_eq!(found.iter().map(|(_, entry)| entry).collect::<Vec<_>>(), [entry]);
        spent(4, "a row of which only the id is known");
        assert!(stats.may_have(&entry.row.id));
    }
    let mut read = 0;
    for number in 0..200 {
        let id = blake3::hash(format!("{number}").as_bytes()).to_hex().to_string();
        let before = whole.requests();
        assert!(find(&opened, &whole, &id, None).await.unwrap().is_empty());
        read += whole.requests() - before - 1;
    }
    assert!(read < 60, "{read} reads for 200 ids that are not there");
}

#[tokio::test]
async fn sums_and_counts_agree_with_the_reference() {
    let mut entries = rows(BAND + 3_000, 13);
    for entry in entries.iter_mut().step_by(97) {
        entry.row.change = Change::Delete;
    }
    entries.sort_by(|one, other| one.time_key().cmp(&other.time_key()));
    let (bytes, stats) = write(entries);
    let (opened, whole) = open(&bytes, &stats).await;
    let mut kills = Kills::default();
    kills.extend((0..stats.rows()).filter(|position| position % 5 == 3));
    let all = read(&opened, &whole, &kills, Bounds { ascending: true, ..Bounds::default() }).await;
    let metas: Vec<_> = all.iter().filter_map(|(_, entry)| meta(entry)).collect();
    let queries = [
        Query::new(),
        Query::new().with_data_asset("*orders*").with_status(Status::FAILURE),
        Query::new().with_data_asset(Pattern::exact("mart.kpi_daily")).with_tag("environment", "production"),
        Query::new().with_end_time(metas[5_000].attributes.run_time),
    ];
    for query in queries {
        let grouping = Grouping::new().with_day(true).with_data_asset(true);
        let mut found = Summaries::new(grouping);
        let bounds = Bounds::from(&query);
        sums(&opened, &whole, &kills, &bounds, |facts, size| found.add(facts, size)).await.unwrap();
        let mut found = found.finish();
        let mut expected = Summaries::evaluate(&query, grouping, &metas).unwrap();
        // Floats add up otherwise in another order.
        for sum in found.iter_mut().chain(&mut expected) {
            sum.totals.execution_time_ms = (sum.totals.execution_time_ms * 1e3).round();
        }
        assert_eq!(found, expected, "{query:?}");
        let counted = count(&opened, &whole, &kills, &bounds).await.unwrap();
        assert_eq!(counted, metas.iter().filter(|meta| query.matches(meta)).count() as u64, "{query:?}");
    }
}

#[tokio::test]
async fn segments_merge_to_what_is_alive_in_order_whoever_decodes_them() {
    let mut all = rows(9_000, 17);
    for entry in all.iter_mut().step_by(11) {
        entry.row.change = Change::Delete;
    }
    all.sort_by(|one, other| one.time_key().cmp(&other.time_key()));
    let (odd, even): (Vec<_>, Vec<_>) = all.drain(..).enumerate().partition(|(at, _)| at % 3 == 1);
    let [odd, even] =
        [odd, even].map(|rows| rows.into_iter().map(|(_, entry)| entry).collect::<Vec<Entry>>());
    let ((one, stats_one), (other, stats_other)) = (write(odd.clone()), write(even.clone()));
    let ((one, from_one), (other, from_other)) =
        (open(&one, &stats_one).await, open(&other, &stats_other).await);
    let (mut kills, none) = (Kills::default(), Kills::default());
    kills.extend(0..500);
    let all = Bounds { ascending: true, deletes: true, ..Bounds::default() };
    let dead: Vec<_> = read(&one, &from_one, &none, all).await;
    let mut expected: Vec<Entry> =
        dead.into_iter().filter(|(position, _)| *position >= 500).map(|(_, entry)| entry).collect();
    expected.extend(even);
    expected.sort_by(|one, other| one.time_key().cmp(&other.time_key()));
    for workers in [Workers::default(), Workers::of(Arc::new(TokioRuntime))] {
        let mut merge = Merge::new([(&one, &from_one, &kills), (&other, &from_other, &none)], &workers);
        let mut merged = Vec::new();
        while let Some((_, _, entry)) = merge.next().await.unwrap() {
            merged.push(entry);
        }
        assert!(merged == expected);
        let (_, stats) = write(merged);
        assert_eq!(stats.rows(), 8_500);
    }
}

#[test]
fn what_the_root_says_comes_back() {
    let (_, stats) = write(rows(1_000, 19));
    let mut pack = Pack::default();
    stats.pack(&mut pack);
    let bytes = pack.into_bytes();
    assert!(bytes.len() < 600, "{} bytes", bytes.len());
    assert_eq!(Stats::take(&mut Unpack::new(&bytes)).unwrap(), stats);
    assert!((0..bytes.len()).all(|cut| Stats::take(&mut Unpack::new(&bytes[..cut])).is_err()));
    assert!(
        stats.may_match(Some(&Pattern::new("warehouse.*")), None, None)
            && !stats.may_match(Some(&Pattern::exact("x")), None, None)
    );
    let (_, stats) = write([]);
    assert!(stats.rows() == 0 && !stats.may_match(None, None, None) && !stats.may_have(""));
}
