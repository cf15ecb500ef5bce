//! What a query costs, in requests: exactly.

use std::collections::BTreeMap;

use truthound_stores_core::{OrderBy, Pattern, Query, Status};
use truthound_stores_testkit::object::Requests;

use super::agree::{lends, run};
use super::hub::Hub;
use crate::kill_file;
use crate::query::At;
use crate::root::Root;
use crate::segment::tests::data::rows_of_days;
use crate::segment::{Entry, Kills};

/// So many rows one segment of these has.
const PART: usize = 50_000;

/// Fills a catalog: a cold segment of most rows, of which some are ended, a warm one and a hot one; five rows are in the tail.
pub(super) async fn filled(rows: usize) -> Hub {
    let mut hub = Hub::new(1);
    let parts = (rows / PART).max(1);
    let mut all: Vec<Entry> = Vec::with_capacity(rows);
    for part in 0..parts {
        all.extend(rows_of_days(rows / parts, part as u64, part as u64 * 3, 3));
    }
    let mut segments = Vec::new();
    if rows > PART {
        let warm = all.split_off(rows - PART / 2);
        let cold = hub.folder.segment("0000000000000001-a.parquet", all).await.unwrap();
        segments.push(cold);
        all = warm;
        let hot = all.split_off(all.len() - 4_000);
        let warm = hub.folder.segment("0000000000000002-b.parquet", all).await.unwrap();
        segments.insert(0, warm);
        all = hot;
    }
    let hot = hub.folder.segment("0000000000000003-c.parquet", all).await.unwrap();
    segments.insert(0, hot);
    if let Some(cold) = segments.get_mut(2) {
        let mut kills = Kills::default();
        kills.extend((0..1_000).map(|at| at * 90));
        let bytes = kill_file::to_bytes(&BTreeMap::from([(cold.name.clone(), kills.clone())]));
        let name = "0000000000000003-c.kill";
        cold.kill = Some(kill_file::describe(name, &bytes, &kills));
        hub.folder.shelf.put_segment(name, bytes.into()).await.unwrap();
    }
    let mut root = Root::first(&*hub.clock, ".json").next(&*hub.clock, "c");
    root.segments = segments;
    hub.folder.shelf.create_root(&root).await.unwrap();
    for number in 0..5 {
        let facts = hub.facts();
        let row = hub.change(&format!("new-{number}"), Some(facts)).unwrap();
        let name = crate::tail::Name::of_row(&row, 1, 60, true);
        hub.put_tail(&name, &[row]).await;
    }
    hub
}

fn queries() -> Vec<(&'static str, Query)> {
    let latest = || Query::new().with_limit(100);
    vec![
        ("latest", latest()),
        ("earliest", latest().with_ascending(true)),
        ("one asset", latest().with_data_asset(Pattern::exact("warehouse.hr.people"))),
        ("a pattern", latest().with_data_asset("warehouse.*")),
        ("failures", latest().with_status(Status::FAILURE)),
        ("by asset", latest().with_order_by(OrderBy::DataAsset)),
        ("by status", latest().with_order_by(OrderBy::Status)),
    ]
}

/// Asks cold, then warm; answers with the requests of each.
async fn asked(hub: &Hub, query: &Query) -> (Requests, Requests) {
    let index = hub.index();
    hub.store.reset_requests();
    let cold = index.list_page(At::Now, query, None, None).await.unwrap();
    let spent = hub.store.reset_requests();
    let warm = index.list_page(At::Now, query, None, None).await.unwrap();
    assert_eq!(cold.metas, warm.metas);
    let warmed = hub.store.reset_requests();
    // A scan asks for what a listing does, and describes without asking for more.
    let index = hub.index();
    hub.store.reset_requests();
    for asked in [&spent, &warmed] {
        let page = index.scan_page(At::Now, query, None, None).await.unwrap();
        lends(&page, &cold.metas);
        assert_eq!(hub.store.reset_requests().to_string(), asked.to_string(), "{query:?}");
    }
    // Of a thousand rows one asset may have less than a page.
    assert!(cold.metas.len() > 50, "{} were found", cold.metas.len());
    (spent, warmed)
}

#[test]
fn a_query_of_a_thousand_rows_costs_three_requests_and_two_when_warm() {
    run(async {
        let hub = filled(1_000).await;
        for (what, query) in queries() {
            let (cold, warm) = asked(&hub, &query).await;
            assert_eq!(cold.to_string(), "1 list, 2 get", "{what}");
            assert_eq!(warm.to_string(), "1 list, 1 get", "{what}");
        }
        let index = hub.index();
        hub.store.reset_requests();
        assert_eq!(index.count(At::Now, &Query::new()).await.unwrap(), 1_005);
        assert_eq!(
            hub.store.reset_requests().to_string(),
            "1 list, 1 get",
            "the root says how much there is"
        );
    });
}

/// `TRUTHOUND_LONG_TESTS` asks for a million rows.
#[test]
fn a_query_of_many_rows_costs_eight_requests_and_four_when_warm() {
    let rows = if std::env::var_os("TRUTHOUND_LONG_TESTS").is_some() { 1_000_000 } else { 200_000 };
    run(async {
        let hub = filled(rows).await;
        let root = hub.folder.shelf.root(None).await.unwrap().unwrap().root;
        assert!(root.to_bytes().unwrap().len() < 256 << 10);
        let mut table = String::new();
        for (what, query) in queries() {
            let (cold, warm) = asked(&hub, &query).await;
            table += &format!("{what}: cold {cold}; warm {warm}\n");
            // Of other orders than by time, too: that is two for each of three segments, beside tail and root.
            assert!(cold.total() <= 8 && warm.total() <= 4, "{table}");
        }
        let index = hub.index();
        hub.store.reset_requests();
        assert_eq!(index.count(At::Now, &Query::new()).await.unwrap(), rows as u64 + 5 - 1_000);
        table += &format!("count: cold {}\n", hub.store.reset_requests());
        let token = index.changes(None, 1).await.unwrap().next;
        hub.store.reset_requests();
        index.changes(Some(&token), 100).await.unwrap();
        table += &format!("changes, none: {}\n", hub.store.reset_requests());
        println!("{table}");
    });
}
