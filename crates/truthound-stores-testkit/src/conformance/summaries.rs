//! Sums mean the same everywhere: what `Summaries::evaluate` says of what is listed.

use truthound_stores_core::{
    Collection, ErrorKind, Grouping, Query, Record, Statistics, Status, Store, StoreExt, Summaries, Summary,
    Timestamp,
};

use super::Place;
use super::check::{list, ok, put, put_all, refused};
use super::query::draw_query;
use super::sample::{hidden, key, many, parse, sample};
use crate::{Generator, SeededRandom, odd_records};

/// All ways to keep documents apart.
fn groupings() -> [Grouping; 4] {
    let all = Grouping::new();
    [all, all.with_day(true), all.with_data_asset(true), all.with_day(true).with_data_asset(true)]
}

/// Sums up what a query lists.
async fn sums(store: &dyn Store, query: &Query, grouping: Grouping) -> Vec<Summary> {
    ok(store.summarize(query, grouping).await, &format!("summarize {query:?} {grouping:?}"))
}

/// Tells what identifies a group, and how many runs it has.
fn groups(sums: &[Summary]) -> Vec<(Option<String>, Option<&str>, u64)> {
    let named = |sum: &Summary| sum.day.map(|day| day.to_string().chars().take(10).collect());
    sums.iter().map(|sum| (named(sum), sum.data_asset.as_deref(), sum.runs)).collect()
}

/// Checks that sums are equal but for the last digits of what is not whole.
#[track_caller]
fn assert_same(mut answered: Vec<Summary>, expected: &[Summary], what: &str) {
    for (sum, wanted) in answered.iter_mut().zip(expected) {
        for (number, exact) in [
            (&mut sum.totals.execution_time_ms, wanted.totals.execution_time_ms),
            (&mut sum.longest_ms, wanted.longest_ms),
        ] {
            if nearly(*number, exact) {
                *number = exact;
            }
        }
    }
    assert_eq!(answered, expected, "{what}");
}

fn nearly(a: f64, b: f64) -> bool {
    // An infinity is equal to itself, and its distance from itself is no number.
    a.total_cmp(&b).is_eq() || (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

pub(super) async fn random_sums_agree_with_the_reference(place: &dyn Place) {
    let store = place.open("default").await;
    let mut records = Generator::new(41).records(44);
    records.extend(odd_records());
    put_all(&store, records.clone()).await;
    let metas = list(&store, &Query::new()).await;
    let mut random = SeededRandom::new(42);
    for round in 0..60 {
        let query = draw_query(&mut random, &records);
        for grouping in groupings() {
            let what = format!("query {round}: {query:?} {grouping:?}");
            let expected = ok(Summaries::evaluate(&query, grouping, &metas), "the reference");
            assert_same(sums(&store, &query, grouping).await, &expected, &what);
        }
    }
}

pub(super) async fn sums_are_apart_by_day_and_by_asset(place: &dyn Place) {
    let store = place.open("default").await;
    let records = [
        ("a", "orders", "2026-01-01T00:00:00", "success"),
        ("b", "Orders", "2026-01-01T23:59:59.999999", "failure"),
        // Each of these belongs to the day before or after the one that it names.
        ("c", "orders", "2026-01-02T08:00:00+09:00", "failed"),
        ("d", "orders", "2025-12-31T20:00:00-05:00", "skipped by Zoë"),
        ("e", "", "2026-01-02T00:00:00", "error"),
        ("f", "größe", "1969-12-31T23:00:00", "success"),
        ("g", "\u{1f600}", "1969-12-31T01:00:00", "success"),
        ("h", "\u{ff5a}", "1969-12-31T01:00:00", "success"),
    ];
    let make = |(id, asset, time, status): (&str, &str, &str, &str)| {
        sample(id).asset(asset).time(time).status(status).record()
    };
    put_all(&store, records.into_iter().map(make).collect()).await;
    let [all, by_day, by_asset, by_both] = groupings();
    let query = Query::new();

    let whole = sums(&store, &query, all).await;
    assert_eq!(groups(&whole), [(None, None, 8)]);
    let statuses: Vec<(&str, u64)> = whole[0].status.iter().map(|(name, n)| (name.as_str(), *n)).collect();
    assert_eq!(statuses, [("error", 1), ("failure", 2), ("skipped by Zoë", 1), ("success", 4)]);
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    assert_eq!(whole[0].first_run, at("1969-12-31T01:00:00Z"));
    assert_eq!(whole[0].last_run, at("2026-01-02T00:00:00Z"));

    let day = |text: &str| Some(text.to_owned());
    let days = [(day("1969-12-31"), None, 3), (day("2026-01-01"), None, 4), (day("2026-01-02"), None, 1)];
    let answered = sums(&store, &query, by_day).await;
    assert_eq!(groups(&answered), days);
    assert_eq!(answered[1].day, Some(at("2026-01-01T00:00:00Z")), "a day begins at midnight in UTC");
    assert_eq!(answered[1].with_status(&Status::FAILURE), 2);

    let assets = [("", 1), ("Orders", 1), ("größe", 1), ("orders", 3), ("\u{ff5a}", 1), ("\u{1f600}", 1)];
    let mut expected: Vec<_> = assets.into_iter().map(|(asset, runs)| (None, Some(asset), runs)).collect();
    expected.sort_by_key(|(_, asset, _)| *asset);
    assert_eq!(groups(&sums(&store, &query, by_asset).await), expected, "assets order by code point");

    let both = [
        (day("1969-12-31"), Some("größe"), 1),
        (day("1969-12-31"), Some("\u{ff5a}"), 1),
        (day("1969-12-31"), Some("\u{1f600}"), 1),
        (day("2026-01-01"), Some("Orders"), 1),
        (day("2026-01-01"), Some("orders"), 3),
        (day("2026-01-02"), Some(""), 1),
    ];
    assert_eq!(groups(&sums(&store, &query, by_both).await), both);
}

/// Makes a result whose counts are all `count`.
fn counting(id: &str, count: i64, milliseconds: &str) -> Record {
    parse(
        format!(
            r#"{{"run_id": "{id}", "run_time": "2026-01-01T00:00:00", "data_asset": "orders", "status": "failure",
            "statistics": {{"total_validators": {count}, "passed_validators": {count}, "failed_validators": {count},
            "error_validators": {count}, "total_rows": {count}, "total_columns": {count}, "total_issues": {count},
            "critical_issues": {count}, "high_issues": {count}, "medium_issues": {count}, "low_issues": {count},
            "execution_time_ms": {milliseconds}}}}}"#
        )
        .as_bytes(),
    )
}

pub(super) async fn sums_that_do_not_fit_stay_at_the_largest_number(place: &dyn Place) {
    let store = place.open("default").await;
    for (id, milliseconds) in [("a", "1.5"), ("b", "2.25"), ("c", "0.5")] {
        put(&store, counting(id, i64::MAX, milliseconds)).await;
    }
    let largest = Statistics {
        total_validators: u64::MAX,
        passed_validators: u64::MAX,
        failed_validators: u64::MAX,
        error_validators: u64::MAX,
        total_rows: u64::MAX,
        total_columns: u64::MAX,
        total_issues: u64::MAX,
        critical_issues: u64::MAX,
        high_issues: u64::MAX,
        medium_issues: u64::MAX,
        low_issues: u64::MAX,
        execution_time_ms: 4.25,
    };
    for grouping in groupings() {
        let answered = sums(&store, &Query::new(), grouping).await;
        let [sum] = answered.as_slice() else { panic!("one day and one asset: {answered:?}") };
        assert_eq!((&sum.totals, sum.longest_ms), (&largest, 2.25), "{grouping:?}");
    }
}

pub(super) async fn sums_are_of_what_limit_and_offset_leave(place: &dyn Place) {
    let store = place.open("default").await;
    put_all(&store, many("run_", 9)).await;
    let by_asset = Grouping::new().with_data_asset(true);
    for (query, runs, first) in [
        (Query::new().with_limit(2), 2, "2026-02-01T00:07:00Z"),
        (Query::new().with_limit(2).with_ascending(true), 2, "2026-02-01T00:00:00Z"),
        (Query::new().with_limit(3).with_offset(4), 3, "2026-02-01T00:02:00Z"),
        (Query::new().with_offset(7).with_page_size(1), 2, "2026-02-01T00:00:00Z"),
    ] {
        let answered = sums(&store, &query, by_asset).await;
        let found = answered.iter().map(|sum| (sum.runs, sum.first_run)).collect::<Vec<_>>();
        assert_eq!(found, [(runs, first.parse().unwrap())], "{query:?}");
    }
    for query in [Query::new().with_limit(0), Query::new().with_offset(9), Query::new().with_offset(u64::MAX)]
    {
        for grouping in groupings() {
            assert_eq!(sums(&store, &query, grouping).await, [], "{query:?} leaves nothing: {grouping:?}");
        }
    }
}

pub(super) async fn what_is_empty_has_no_sums(place: &dyn Place) {
    let store = place.open("default").await;
    let nobody = Query::new().with_data_asset("no such");
    for grouping in groupings() {
        assert_eq!(sums(&store, &Query::new(), grouping).await, [], "an empty store: {grouping:?}");
    }
    put(&store, sample("run_1").record()).await;
    for grouping in groupings() {
        assert_eq!(sums(&store, &nobody, grouping).await, [], "a query that finds nothing: {grouping:?}");
    }
    ok(store.delete(&key("run_1")).await, "delete");
    for grouping in groupings() {
        assert_eq!(sums(&store, &Query::new(), grouping).await, [], "all are deleted: {grouping:?}");
    }
}

pub(super) async fn sums_follow_overwrites_and_deletes(place: &dyn Place) {
    let (store, other) = (place.open("default").await, place.open("default").await);
    let by_asset = Grouping::new().with_data_asset(true);
    put_all(&store, vec![sample("a").record(), sample("b").record()]).await;
    assert_eq!(sums(&other, &Query::new(), by_asset).await.len(), 1);
    put(&other, sample("a").asset("moved").status("error").note("longer than before").record()).await;
    let bytes: u64 = list(&store, &Query::new()).await.iter().map(|meta| meta.size).sum();
    let answered = sums(&store, &Query::new(), by_asset).await;
    assert_eq!(groups(&answered), [(None, Some("moved"), 1), (None, Some("warehouse.sales.orders"), 1)]);
    assert_eq!(answered.iter().map(|sum| sum.bytes).sum::<u64>(), bytes);
    assert_eq!(answered[0].with_status(&Status::ERROR), 1);
    ok(store.delete(&key("b")).await, "delete");
    for handle in [&store, &other] {
        assert_eq!(groups(&sums(handle, &Query::new(), by_asset).await), [(None, Some("moved"), 1)]);
    }
}

pub(super) async fn hidden_collections_stay_out_of_sums(place: &dyn Place) {
    let store = place.open("default").await;
    let versions = hidden("versions");
    put(&store, sample("run_1").record()).await;
    put(&store, sample("run_1__v1").collection(&versions).record()).await;
    put(&store, sample("report").collection(&Collection::new("reports").unwrap()).record()).await;
    let own = Query::new().with_collection(versions);
    for query in [Query::new(), own] {
        let answered = sums(&store, &query, Grouping::new()).await;
        assert_eq!(groups(&answered), [(None, None, 1)], "{query:?}");
    }
}

pub(super) async fn sums_do_not_leave_damage_out(place: &dyn Place) {
    let store = place.open("default").await;
    put_all(&store, many("run_", 7)).await;
    ok(store.flush().await, "flush");
    if !place.damage("default", &key("run_03")).await {
        return;
    }
    let reported = !ok(store.list_runs(&Query::new()).await, "list").damaged.is_empty();
    for grouping in groupings() {
        let answer = store.summarize(&Query::new(), grouping).await;
        if reported {
            refused(answer, ErrorKind::Corrupt, "summarize with a damaged document");
        } else {
            assert_eq!(ok(answer, "summarize").iter().map(|sum| sum.runs).sum::<u64>(), 7);
        }
    }
}
