use super::*;
use crate::{Body, Key, Revision};

fn meta(id: &str, asset: &str, time: &str, issues: u64) -> RecordMeta {
    let statistics = Statistics { total_issues: issues, execution_time_ms: 2.5, ..Statistics::default() };
    let attributes =
        Attributes::new(asset, time.parse().unwrap(), Status::SUCCESS).with_statistics(statistics);
    let (key, now) = (Key::result(id).unwrap(), Timestamp::UNIX_EPOCH);
    RecordMeta::new(key, attributes, Revision::new("1"), 10, Body::from_canonical("{}").checksum(), now)
}

fn sample() -> Vec<RecordMeta> {
    vec![
        meta("a", "orders", "2026-01-01T23:59:59.999999Z", 1),
        meta("b", "orders", "2026-01-02T00:00:00Z", 2),
        meta("c", "people", "2026-01-02T12:00:00+13:00", 4),
    ]
}

#[test]
fn days_are_those_of_utc_and_groups_come_in_order() {
    let all = sample();
    let grouping = Grouping::new().with_day(true).with_data_asset(true);
    let sums = Summaries::evaluate(&Query::new(), grouping, &all).unwrap();
    let shown: Vec<(String, &str, u64)> = sums
        .iter()
        .map(|sum| {
            (sum.day.unwrap().to_string(), sum.data_asset.as_deref().unwrap(), sum.totals.total_issues)
        })
        .collect();
    let (first, second) = ("2026-01-01T00:00:00Z".to_owned(), "2026-01-02T00:00:00Z".to_owned());
    assert_eq!(shown, [(first.clone(), "orders", 1), (first, "people", 4), (second, "orders", 2)]);
}

#[test]
fn limit_and_offset_choose_before_the_sum() {
    let all = sample();
    let query = Query::new().with_limit(1).with_offset(1);
    let sums = Summaries::evaluate(&query, Grouping::new(), &all).unwrap();
    assert_eq!((sums[0].runs, sums[0].totals.total_issues), (1, 1), "the second newest");
    assert!(Summaries::evaluate(&query.with_limit(0), Grouping::new(), &all).unwrap().is_empty());
}

/// Counts come from documents that anybody may have written.
#[test]
fn what_does_not_fit_stays_at_the_largest_number() {
    let all = [meta("a", "x", "2026-01-01", u64::MAX), meta("b", "x", "2026-01-02", 7)];
    let sums = Summaries::evaluate(&Query::new(), Grouping::new(), &all).unwrap();
    assert_eq!(sums[0].totals.total_issues, u64::MAX);
    assert_eq!((sums[0].totals.execution_time_ms, sums[0].mean_ms(), sums[0].longest_ms), (5.0, 2.5, 2.5));
}
