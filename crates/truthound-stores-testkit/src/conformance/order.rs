//! Every order is total, and by code point whatever a database's collation thinks.

use truthound_stores_core::{OrderBy, Query};

use super::Place;
use super::check::{ids, put_all};
use super::sample::sample;

pub(super) async fn results_come_newest_first_unless_asked_otherwise(place: &dyn Place) {
    let store = place.open("default").await;
    let records = vec![
        sample("middle").time("2026-01-02T00:00:00").record(),
        sample("newest").time("2026-01-02T00:00:00.000001").record(),
        sample("oldest").time("1969-12-31T23:59:59.999999").record(),
    ];
    put_all(&store, records).await;
    assert_eq!(ids(&store, &Query::new()).await, ["newest", "middle", "oldest"]);
    assert_eq!(ids(&store, &Query::new().with_ascending(true)).await, ["oldest", "middle", "newest"]);
}

pub(super) async fn assets_order_by_code_point(place: &dyn Place) {
    let store = place.open("default").await;
    // By code point; UTF-16 would put the last before the one before it, and no collation agrees with the rest.
    let assets = [
        "",
        "A b",
        "A-b",
        "A_b",
        "Z",
        "_",
        "a",
        "a b",
        "ab",
        "b",
        "z",
        "\u{e4}",
        "\u{e9}",
        "\u{ff5a}",
        "\u{1f600}",
    ];
    let records = assets.iter().enumerate().map(|(index, asset)| {
        // Ids and times run against the order that is asked for.
        sample(format!("{:02}", 99 - index))
            .asset(asset)
            .time(&format!("2026-01-01T00:00:{:02}", 59 - index))
            .record()
    });
    put_all(&store, records.collect()).await;
    let mut expected: Vec<String> = (0..assets.len()).map(|index| format!("{:02}", 99 - index)).collect();
    let query = Query::new().with_order_by(OrderBy::DataAsset);
    assert_eq!(ids(&store, &query.clone().with_ascending(true)).await, expected);
    expected.reverse();
    assert_eq!(ids(&store, &query).await, expected);
}

pub(super) async fn statuses_order_by_code_point(place: &dyn Place) {
    let store = place.open("default").await;
    let statuses = ["Error", "error", "failure", "skipped", "success", "warning", "élan"];
    let records = statuses.iter().enumerate().map(|(index, status)| {
        sample(format!("{:02}", 99 - index))
            .status(status)
            .time(&format!("2026-01-01T00:00:{:02}", 59 - index))
            .record()
    });
    put_all(&store, records.collect()).await;
    let mut expected: Vec<String> = (0..statuses.len()).map(|index| format!("{:02}", 99 - index)).collect();
    let query = Query::new().with_order_by(OrderBy::Status);
    assert_eq!(ids(&store, &query.clone().with_ascending(true)).await, expected);
    expected.reverse();
    assert_eq!(ids(&store, &query).await, expected);
}

pub(super) async fn ties_break_by_id_in_the_same_direction(place: &dyn Place) {
    let store = place.open("default").await;
    let mut expected = ["A", "B", "a", "b", "c", "\u{e4}", "\u{ff5a}", "\u{1f600}"];
    // Written in an order that is neither that of the ids nor its reverse.
    let records = [4, 0, 7, 2, 5, 1, 6, 3].map(|index: usize| sample(expected[index]).record());
    put_all(&store, records.to_vec()).await;
    for order_by in [OrderBy::RunTime, OrderBy::DataAsset, OrderBy::Status] {
        let query = Query::new().with_order_by(order_by).with_ascending(true);
        assert_eq!(ids(&store, &query).await, expected, "ties in {query:?}");
    }
    expected.reverse();
    for order_by in [OrderBy::RunTime, OrderBy::DataAsset, OrderBy::Status] {
        let query = Query::new().with_order_by(order_by);
        assert_eq!(ids(&store, &query).await, expected, "ties in {query:?}");
    }
}
