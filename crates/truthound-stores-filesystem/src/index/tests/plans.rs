//! R-FS-1 holds for questions, too: what people ask every day walks an index and sorts nothing, however much is stored. A
//! careless condition makes SQLite choose another index and sort all that it finds; nothing else in the tests would notice.

use rusqlite::params_from_iter;
use truthound_stores_core::{Position, Query, RecordMeta, Status};

use super::super::query::{by_time, listing, parts};
use super::super::{Row, page};
use super::{Sample, full_row, sample};

/// Enough rows that a page ends before they do.
fn filled() -> Sample {
    let rows: Vec<Row> = (1..=20)
        .map(|number| {
            let mut row = full_row(number, &format!("run{number}"));
            row.stem = None;
            row
        })
        .collect();
    sample(&rows)
}

fn plan(sample: &Sample, sql: &str, values: &[rusqlite::types::Value]) -> String {
    let mut statement = sample.index.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = statement.query_map(params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
    steps.collect::<Result<Vec<_>, _>>().unwrap().join("; ")
}

fn plan_of_listing(sample: &Sample, query: &Query, position: Option<&Position>) -> String {
    let (conditions, order) = by_time(query, position);
    let sql = listing(&conditions, &order);
    let places = vec![rusqlite::types::Value::Integer(1); sql.matches('?').count()];
    plan(sample, &sql, &places)
}

#[test]
fn what_is_asked_every_day_walks_an_index_and_sorts_nothing() {
    let sample = filled();
    let new = || Query::new().with_limit(100);
    let asset = "warehouse.orders";
    let (from, to) = ("2026-01-01".parse().unwrap(), "2026-02-01".parse().unwrap());
    for (what, query, step) in [
        (
            "the latest of an asset",
            new().with_data_asset(asset),
            "SEARCH record USING INDEX record_asset (data_asset=?)",
        ),
        (
            "the failures of an asset",
            new().with_data_asset(asset).with_status(Status::FAILURE),
            "SEARCH record USING INDEX record_asset (data_asset=?)",
        ),
        (
            "a month of an asset",
            new().with_data_asset(asset).with_start_time(from).with_end_time(to),
            "SEARCH record USING INDEX record_asset (data_asset=? AND run_time>? AND run_time<?)",
        ),
        (
            "the latest of a status",
            new().with_status(Status::FAILURE),
            "SEARCH record USING INDEX record_status (status=?)",
        ),
        (
            "a month of a status",
            new().with_status(Status::FAILURE).with_start_time(from).with_end_time(to),
            "SEARCH record USING INDEX record_status (status=? AND run_time>? AND run_time<?)",
        ),
        (
            "a month",
            new().with_start_time(from).with_end_time(to),
            "SEARCH record USING INDEX record_time (run_time>? AND run_time<?)",
        ),
        ("all, newest first", new(), "SCAN record USING INDEX record_time"),
        ("all, oldest first", new().with_ascending(true), "SCAN record USING INDEX record_time"),
        ("a pattern of assets", new().with_data_asset("warehouse.*"), "SCAN record USING INDEX record_time"),
        ("a tag", new().with_tag("team", "x"), "SCAN record USING INDEX record_time"),
        (
            "two statuses",
            new().with_status(Status::FAILURE).with_status(Status::ERROR),
            "SCAN record USING INDEX record_time",
        ),
    ] {
        assert_eq!(plan_of_listing(&sample, &query, None), step, "{what}");
    }
}

#[test]
fn the_next_page_begins_where_the_last_one_ended() {
    let sample = filled();
    let first = |query: &Query| -> Position {
        let page = page(&sample.index, query, None).unwrap().unwrap();
        page.next.expect("there is more").decode(query).unwrap()
    };
    for (query, step) in [
        (Query::new(), "SEARCH record USING INDEX record_time (run_time<?)"),
        (Query::new().with_ascending(true), "SEARCH record USING INDEX record_time (run_time>?)"),
        (
            Query::new().with_data_asset("warehouse.orders"),
            "SEARCH record USING INDEX record_asset (data_asset=? AND run_time<?)",
        ),
        (
            Query::new().with_status(Status::FAILURE),
            "SEARCH record USING INDEX record_status (status=? AND run_time<?)",
        ),
        (Query::new().with_tag("team", "x"), "SEARCH record USING INDEX record_time (run_time<?)"),
    ] {
        let query = query.with_page_size(5);
        let position = first(&query);
        assert_eq!(plan_of_listing(&sample, &query, Some(&position)), step, "{query:?}");
    }
}

#[test]
fn counting_reads_an_index_and_no_row() {
    let sample = filled();
    for (query, step) in [
        (
            Query::new().with_data_asset("warehouse.orders"),
            "SEARCH record USING COVERING INDEX record_asset (data_asset=?)",
        ),
        (
            Query::new().with_status(Status::FAILURE),
            "SEARCH record USING COVERING INDEX record_status (status=?)",
        ),
    ] {
        let (conditions, values) = parts(&query);
        assert_eq!(plan(&sample, &format!("SELECT count(*) FROM record{conditions}"), &values), step);
    }
}

/// Looking a document up, by its id or by an odd name, and following the feed are searches.
#[test]
fn documents_and_places_in_the_feed_are_searched_for() {
    let sample = filled();
    for (sql, step) in [
        ("SELECT * FROM record WHERE id = ?1", "SEARCH record USING INDEX record_id (id=?)"),
        (
            "SELECT * FROM record WHERE stem = ?1 AND suffix = ?2",
            "SEARCH record USING INDEX record_stem (stem=? AND suffix=?)",
        ),
        (
            "SELECT * FROM record WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            "SEARCH record USING INTEGER PRIMARY KEY (rowid>?)",
        ),
        (
            "SELECT * FROM log WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            "SEARCH log USING INTEGER PRIMARY KEY (rowid>?)",
        ),
        (
            "SELECT 1 FROM unsettled WHERE body IS NULL AND stem = ?1 AND suffix = ?2",
            "SEARCH unsettled USING INDEX unsettled_removal (stem=? AND suffix=?)",
        ),
    ] {
        let places = vec![rusqlite::types::Value::Integer(1); sql.matches('?').count()];
        assert_eq!(plan(&sample, sql, &places), step);
    }
}

/// The order of a page is that of the index that it was read from.
#[test]
fn a_walk_over_an_index_ends_with_its_page() {
    let sample = filled();
    let query = Query::new().with_data_asset("warehouse.orders").with_page_size(5);
    let page = page(&sample.index, &query, None).unwrap().unwrap();
    let ids: Vec<&str> = page.metas.iter().map(|meta: &RecordMeta| meta.key.id()).collect();
    assert_eq!(ids, ["run9", "run8", "run7", "run6", "run5"]);
}
