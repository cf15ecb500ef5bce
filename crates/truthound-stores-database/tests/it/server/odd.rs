//! R-DB-5: microseconds, offsets and large texts survive, and no text is ever taken for SQL.

use truthound_stores_core::{Collection, PutOptions, Query, Reading, Record, Store, StoreExt};
use truthound_stores_database::DatabaseStore;

use super::{config, fresh, on_each};

fn record(id: &str, asset: &str, tag: &str, filler: usize) -> Record {
    let text = serde_json::json!({
        "run_id": id,
        "run_time": "2026-03-01T12:00:00.123457+09:00",
        "data_asset": asset,
        "status": asset,
        "suite_name": asset,
        "tags": {tag: asset},
        "metadata": {"filler": "x".repeat(filler), "quoted": asset},
    });
    Record::parse(Collection::RESULTS, text.to_string().as_bytes(), &Reading::default()).unwrap()
}

async fn nothing_is_taken_for_sql(url: &str) {
    let store = DatabaseStore::open(config(url, &fresh())).await.unwrap();
    let odd = [
        "'; DROP TABLE test_records; --",
        "\" OR 1=1 --",
        "\\'; DELETE FROM test_records; #",
        "100%_\\%",
        "$1 ? :name @x",
        "`x`; {y}",
        "nul\0and\u{1}one",
        "trailing space ",
        "trailing space",
    ];
    let records: Vec<Record> = odd
        .iter()
        .enumerate()
        .map(|(n, text)| {
            let id = if text.contains('\0') { format!("odd {n}") } else { (*text).to_owned() };
            record(&id, text, text, 10)
        })
        .collect();
    // One by one, as a batch, and over what is there.
    store.put(records[0].clone()).await.unwrap();
    for _ in 0..2 {
        for outcome in store.put_many(records.clone(), PutOptions::default()).await {
            outcome.unwrap_or_else(|error| panic!("{}", error.report()));
        }
    }
    for (record, text) in records.iter().zip(odd) {
        let stored = store.read(&record.key).await.unwrap();
        assert_eq!((&stored.meta.attributes, stored.body.as_ref()), (&record.attributes, Some(&record.body)));
        let exact = truthound_stores_core::Pattern::exact(text);
        for query in [
            Query::new().with_data_asset(exact),
            Query::new().with_status(text),
            Query::new().with_tag(text, text),
        ] {
            let found = store.list_ids(&query).await.unwrap().items;
            assert_eq!(found, [record.key.id()], "{query:?}");
        }
    }
    assert_eq!(store.count(&Query::new()).await.unwrap(), odd.len() as u64);
    for record in &records {
        assert!(store.delete(&record.key).await.unwrap());
    }
}

async fn microseconds_offsets_and_large_texts_survive(url: &str) {
    let store = DatabaseStore::open(config(url, &fresh())).await.unwrap();
    // MySQL's TEXT ends at 64 KB, and its DATETIME at seconds; Truthound's tables have both.
    let large = record("large", "orders", "a", 3_000_000);
    store.put(large.clone()).await.unwrap();
    let stored = store.read(&large.key).await.unwrap();
    assert_eq!(stored.meta.attributes.run_time.to_string(), "2026-03-01T03:00:00.123457Z");
    assert!(stored.body.unwrap().as_str().contains("2026-03-01T12:00:00.123457+09:00"));
    let at = large.attributes.run_time;
    for (from, found) in [(at, 1), (at.plus_micros(1), 0)] {
        assert_eq!(store.count(&Query::new().with_start_time(from)).await.unwrap(), found);
    }
}

on_each!(nothing_is_taken_for_sql, microseconds_offsets_and_large_texts_survive);

/// A document that is larger than the server takes was once an outage, which was tried again and again, and took the batch along.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_mariadb_does_not_take_is_refused_by_name() {
    let Some(url) = super::Server::MariaDb.url() else { return };
    let store = DatabaseStore::open(config(&url, &fresh())).await.unwrap();
    let report = store.upkeep().unwrap().diagnose().await.unwrap();
    let limit = report.findings.iter().find(|finding| finding.subject == "limits").unwrap();
    let most: usize =
        limit.message.split(|char: char| !char.is_ascii_digit()).find_map(|part| part.parse().ok()).unwrap();
    if most > 64 << 20 {
        return truthound_stores_testkit::skip("mysql", "the server takes documents of any size");
    }
    let batch = vec![record("one", "a", "a", 1), record("huge", "a", "a", most), record("two", "a", "a", 1)];
    let outcomes = store.put_many(batch, PutOptions::default()).await;
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok(), "{outcomes:?}");
    let error = outcomes[1].as_ref().unwrap_err();
    assert_eq!(error.kind(), truthound_stores_core::ErrorKind::Invalid, "{}", error.report());
    assert!(error.to_string().contains("max_allowed_packet"), "{error}");
    assert_eq!(store.count(&Query::new()).await.unwrap(), 2);
}
