//! People look into the index with what they have: the `sqlite3` program, pandas, a dashboard. What the documented view `records`
//! says must be what the store says, in columns that they can sort by, and while the store is in use.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use truthound_stores_core::{
    Attributes, Body, Key, Query, Record, RecordMeta, Statistics, Status, StoreExt, Timestamp,
};

use crate::support::{open, record, skip};

/// Reads the view as Python does it, by its own SQLite, in the order of `order`; `None`, and noted, where there is no Python.
fn rows(index: &Path, order: &str) -> Option<Vec<Value>> {
    let script = "
import json, sqlite3, sys
db = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True)
db.row_factory = sqlite3.Row
for row in db.execute(f'SELECT * FROM records ORDER BY {sys.argv[2]}'):
    print(json.dumps(dict(row)))
";
    let output = match Command::new("python3").args(["-c", script]).arg(index).arg(order).output() {
        Ok(output) => output,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
            skip("there is no python3");
            return None;
        }
        Err(cause) => panic!("python3: {cause}"),
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// A record of which the view tells everything it can.
fn full(id: &str, time: &str) -> Record {
    let mut attributes = Attributes::new("warehouse.\"orders\"", time.parse().unwrap(), Status::FAILURE)
        .with_tag("team \"a\"", "é, \\ {}")
        .with_tag("environment", "production");
    attributes.suite_name = Some("suite".to_owned());
    attributes.statistics =
        Statistics { total_validators: 3, passed_validators: 2, total_issues: 7, ..Statistics::default() };
    Record::new(Key::result(id).unwrap(), attributes, Body::from_canonical("{}"))
}

fn check(row: &Value, meta: &RecordMeta) {
    let (facts, id) = (&meta.attributes, meta.key.id());
    assert_eq!(row["id"], id);
    assert_eq!(row["data_asset"], facts.data_asset);
    assert_eq!(row["status"], facts.status.as_str());
    assert_eq!(row["suite_name"], serde_json::json!(facts.suite_name));
    assert_eq!(row["total_issues"], facts.statistics.total_issues.min(i64::MAX.cast_unsigned()), "{id}");
    assert_eq!(row["size"], meta.size);
    let rate = row["pass_rate"].as_f64().unwrap();
    assert!((rate - facts.statistics.pass_rate()).abs() < 1e-9, "{id}: {rate}");
    let tags: Value = serde_json::from_str(row["tags"].as_str().unwrap()).unwrap();
    assert_eq!(tags, serde_json::json!(facts.tags));
    for (column, time) in [("run_time", facts.run_time), ("saved_at", meta.saved_at)] {
        let text = row[column].as_str().unwrap();
        assert_eq!((text.len(), text.chars().next_back()), (27, Some('Z')), "{id}: {column} is {text}");
        assert_eq!(text.parse::<Timestamp>().unwrap(), time, "{id}: {column} is {text}");
    }
}

#[tokio::test]
async fn the_view_says_what_the_store_lists() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("default/validations");
    fs::create_dir_all(&folder).unwrap();
    // Another program's file, written before 1970 by its time.
    let old = folder.join("old.json");
    fs::write(&old, record("old", 1).body.as_bytes()).unwrap();
    let before = SystemTime::UNIX_EPOCH - Duration::from_nanos(1500);
    fs::File::options().write(true).open(&old).unwrap().set_modified(before).unwrap();

    let store = open(dir.path()).await;
    for (id, time) in [
        ("first", "0001-01-01T00:00:00Z"),
        ("early", "0987-06-05T04:03:02.000001Z"),
        ("just before", "1969-12-31T23:59:59.999999Z"),
        ("epoch", "1970-01-01T00:00:00Z"),
        ("leap", "2024-02-29T23:59:59.5Z"),
        ("last", "9999-12-31T23:59:59.999999Z"),
    ] {
        store.put(full(id, time)).await.unwrap();
    }
    let mut huge = full("huge", "2026-01-01T00:00:00Z");
    huge.attributes.statistics.total_issues = u64::MAX;
    huge.attributes.statistics.total_validators = u64::MAX;
    huge.attributes.statistics.passed_validators = 1 << 63;
    store.put(huge).await.unwrap();
    store.put(record("plain", 2)).await.unwrap();

    let index = folder.join("_catalog/index.db");
    let ascending = Query::new().with_ascending(true);
    let listed = store.list_runs(&ascending).await.unwrap().into_complete().unwrap();
    assert_eq!(listed.len(), 9);
    let Some(found) = rows(&index, "run_time, id") else { return };
    assert_eq!(found.len(), listed.len(), "the texts sort as the times do");
    for (row, meta) in found.iter().zip(&listed) {
        check(row, meta);
    }
    let columns: Vec<&str> = found[0].as_object().unwrap().keys().map(String::as_str).collect();
    let mut promised = [
        "id",
        "data_asset",
        "run_time",
        "status",
        "tags",
        "suite_name",
        "total_issues",
        "pass_rate",
        "size",
        "saved_at",
    ];
    promised.sort_unstable();
    assert_eq!(columns, promised);

    // Python's reading has kept nobody from writing, and what is written then is seen by the next who reads.
    store.put(record("later", 3)).await.unwrap();
    store.delete(&Key::result("first").unwrap()).await.unwrap();
    let ids: Vec<Value> = rows(&index, "id").unwrap().iter().map(|row| row["id"].clone()).collect();
    assert!(ids.contains(&"later".into()) && !ids.contains(&"first".into()), "{ids:?}");
    assert_eq!(ids.len(), 9);
}
