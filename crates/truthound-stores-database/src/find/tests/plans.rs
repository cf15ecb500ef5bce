//! A listing of the latest runs of one asset once read all documents there were. The common queries are to walk an index in their order, on each
//! database, and to end when they are full.

use std::sync::Arc;

use truthound_stores_core::{
    Attributes, Body, Key, PageToken, PutOptions, Query, Record, RecordMeta, Status, Store, StoreExt,
    Timestamp,
};
use truthound_stores_testkit::skip;

use super::super::*;
use crate::guard::Next;
use crate::upkeep::among_entries;
use crate::write::{Entry, Mark, landed_statement, without_records, without_tags};
use crate::{DatabaseConfig, DatabaseStore};

const DOCUMENTS: i64 = 6_000;

/// Opens a store with many documents, of which the database has counted what it plans by.
async fn filled(url: &str) -> Arc<DatabaseStore> {
    let start = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    let mut config = DatabaseConfig::new(url).with_table_prefix("plan_");
    config.store.prefix = Some(format!("p{start:x}-{}", std::process::id()));
    let store = DatabaseStore::open(config).await.unwrap();
    let records: Vec<Record> = (0..DOCUMENTS)
        .map(|number| {
            let time = Timestamp::from_micros(number * 7_919 % DOCUMENTS * 1_000_000);
            let status = if number % 50 == 0 { Status::FAILURE } else { Status::SUCCESS };
            let attributes = Attributes::new(format!("asset {:02}", number % 60), time, status)
                .with_tag("team", format!("team {}", number % 40));
            let body = Body::from_canonical(format!(r#"{{"number": {number}}}"#));
            Record::new(Key::result(&format!("run {number:05}")).unwrap(), attributes, body)
        })
        .collect();
    for outcome in store.put_many(records, PutOptions::default()).await {
        outcome.unwrap();
    }
    store.upkeep().unwrap().maintain(truthound_stores_core::MaintainOptions::default(), &()).await.unwrap();
    Arc::new(store)
}

/// How the database would carry out a statement: a line for each step.
async fn plan(store: &DatabaseStore, sql: Sql<'_>) -> Vec<Vec<String>> {
    let mut call = store.guard().call();
    loop {
        let mut attempt = call.attempt().await.unwrap();
        let outcome = attempt.lease.fetch(sql.clone().explained()).await;
        if let Next::Done(rows) = call.settle(attempt, outcome).await {
            return rows.unwrap().into_iter().map(Row::shown).collect();
        }
    }
}

/// The key that a step of MySQL's or MariaDB's plan uses, which stands in a column of its own beside those that might be.
fn key_of(line: &[String]) -> Option<&str> {
    // id, select_type, table, type, possible_keys, key, key_len, ref, rows, Extra; MySQL has `partitions` after the table, and `filtered` after the rows.
    let column = if line.len() < 12 { 5 } else { 6 };
    line.get(column).map(String::as_str)
}

/// MySQL has a column before the key that MariaDB has not: there, the keys that might be used were taken for the one that is.
#[test]
fn the_key_of_a_plan_is_found_in_both_layouts() {
    let line = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let maria = line("1 SIMPLE r ref PRIMARY,records_by_time records_by_time 10 const 50 where");
    let mysql = line("1 SIMPLE r - ref PRIMARY,records_by_time records_by_time 10 const 50 100.00 where");
    for line in [maria, mysql] {
        assert_eq!(key_of(&line), Some("records_by_time"));
    }
}

/// Checks that a statement walks `index` in its order, and neither reads all rows nor sorts.
#[track_caller]
fn walks(dialect: Dialect, plan: &[Vec<String>], index: &str, what: &str) {
    let text = plan.iter().map(|line| line.join(" | ")).collect::<Vec<_>>().join("\n");
    let (used, bad): (bool, &[&str]) = match dialect {
        Dialect::Postgres => (text.contains(&format!("using plan_{index}")), &["Seq Scan", "Sort"]),
        Dialect::Sqlite => (text.contains(&format!("INDEX plan_{index}")), &["SCAN ", "TEMP B-TREE"]),
        Dialect::MySql => (plan.iter().any(|line| key_of(line) == Some(index)), &["filesort"]),
    };
    assert!(used, "{what}: does not use {index}:\n{text}");
    for bad in bad {
        assert!(!text.contains(bad), "{what}: {bad}:\n{text}");
    }
}

/// The primary key of the tags' table, as each database calls it.
fn tags_key(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => "record_tags_pkey",
        Dialect::MySql => "PRIMARY",
        Dialect::Sqlite => "",
    }
}

async fn common_queries_walk_indexes(url: &str) {
    let store = filled(url).await;
    let (dialect, place) = (store.dialect(), store.place());
    let middle = store.list_runs(&Query::new().with_limit(1).with_offset(3_000)).await.unwrap().items;
    let after =
        |query: &Query, last: &RecordMeta| PageToken::after(query, last, 1).unwrap().decode(query).unwrap();
    let by_asset = Query::new().with_data_asset("asset 07");
    for (query, index, what) in [
        (Query::new(), "records_by_time", "the latest"),
        (Query::new().with_ascending(true), "records_by_time", "the earliest"),
        (by_asset.clone(), "records_by_asset", "the latest of an asset"),
        (Query::new().with_status(Status::FAILURE), "records_by_status", "the latest failures"),
    ] {
        let first = plan(&store, listing(dialect, place, &query, None, 101, 0)).await;
        walks(dialect, &first, index, what);
        let position = after(&query, &middle[0]);
        let next = plan(&store, listing(dialect, place, &query, Some(&position), 101, 0)).await;
        walks(dialect, &next, index, &format!("{what}, going on"));
    }
    // Whether a write was carried out whose answer was lost: at an outage, all writers ask at once.
    let writes = [("run 00007", "r"), ("run 00009", "s")];
    let landed = landed_statement(dialect, place, Mark::Revision, "results", &writes);
    walks(dialect, &plan(&store, landed).await, "changes_by_key", "whether saves were carried out");
    let range = Query::new()
        .with_start_time(Timestamp::from_micros(2_000_000_000))
        .with_end_time(Timestamp::from_micros(2_050_000_000));
    walks(
        dialect,
        &plan(&store, listing(dialect, place, &range, None, 101, 0)).await,
        "records_by_time",
        "a range of time",
    );
    let tagged = Query::new().with_tag("team", "team 7");
    let tagged = plan(&store, listing(dialect, place, &tagged, None, 21, 0)).await;
    if dialect == Dialect::Sqlite {
        let text = tagged.concat().join(" ");
        assert!(text.contains("SEARCH t0 USING PRIMARY KEY") && !text.contains("TEMP B-TREE"), "{text}");
    } else {
        walks(dialect, &tagged, tags_key(dialect), "the latest with a tag");
    }
}

/// To write over a document with three tags, or to delete two documents at once, read all entries and all documents of a space in SQLite, and so did
/// verifying documents that have more than two tags together.
async fn writes_look_for_no_more_than_they_change(url: &str) {
    let store = filled(url).await;
    let (dialect, place) = (store.dialect(), store.place());
    let query = Query::new().with_limit(8);
    let metas = store.list_runs(&query).await.unwrap().items;
    let ids: Vec<&str> = metas.iter().map(|meta| meta.key.id()).collect();
    let tag_of = |meta: &RecordMeta| {
        let (name, value) = meta.attributes.tags.iter().next().unwrap();
        row::tag_key(name, value)
    };
    let entries: Vec<Entry<'_>> = metas
        .iter()
        .map(|meta| Entry {
            collection: "results",
            id: meta.key.id(),
            key: tag_of(meta),
            run_time: meta.attributes.run_time.as_micros(),
        })
        .collect();
    let wanted: Vec<(&RecordMeta, [u8; 16])> = metas.iter().map(|meta| (meta, tag_of(meta))).collect();
    let collection = truthound_stores_core::Collection::RESULTS;
    let (one, all) = (without_tags(dialect, place, &entries[..1]), without_tags(dialect, place, &entries));
    let tags = if dialect == Dialect::Sqlite {
        assert!(all.as_text().split("; ").eq([one.as_text(); 8]), "{}", all.as_text());
        one
    } else {
        all
    };
    for (sql, key, what) in [
        (without_records(dialect, place, "results", &ids), "records_pkey", "documents are deleted"),
        (tags, "record_tags_pkey", "entries are deleted"),
        (among_entries(dialect, place, &collection, &wanted), "record_tags_pkey", "entries are counted"),
    ] {
        let plan = plan(&store, sql).await;
        let text = plan.iter().map(|line| line.join(" | ")).collect::<Vec<_>>().join("\n");
        let is_by_key = match dialect {
            Dialect::Postgres => text.contains(key) && !text.contains("Seq Scan"),
            Dialect::MySql => plan.iter().all(|line| key_of(line) == Some("PRIMARY")),
            // All columns of the key.
            Dialect::Sqlite => text.contains("AND id=?)") && !text.contains("SCAN plan_"),
        };
        assert!(is_by_key, "{what}:\n{text}");
    }
}

#[tokio::test]
async fn common_queries_walk_indexes_of_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("quality.db").display());
    common_queries_walk_indexes(&url).await;
    writes_look_for_no_more_than_they_change(&url).await;
}

#[tokio::test]
async fn common_queries_walk_indexes_of_postgresql() {
    let Some(url) = std::env::var_os("TRUTHOUND_TEST_POSTGRES_URL") else {
        return skip("postgres", "TRUTHOUND_TEST_POSTGRES_URL is not set");
    };
    let url = url.into_string().unwrap();
    common_queries_walk_indexes(&url).await;
    writes_look_for_no_more_than_they_change(&url).await;
}

#[tokio::test]
async fn common_queries_walk_indexes_of_mariadb() {
    let Some(url) = std::env::var_os("TRUTHOUND_TEST_MYSQL_URL") else {
        return skip("mysql", "TRUTHOUND_TEST_MYSQL_URL is not set");
    };
    let url = url.into_string().unwrap();
    common_queries_walk_indexes(&url).await;
    writes_look_for_no_more_than_they_change(&url).await;
}
