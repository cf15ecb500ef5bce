//! Others count and sum up from the segments alone, by pyarrow and by `DuckDB`, and come to what the store says.

use std::process::Command;

use futures_util::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt};
use truthound_stores_catalog::CatalogConfig;
use truthound_stores_core::{
    Collection, Grouping, Key, MaintainOptions, PutOptions, Query, Reading, Record, Status, Store, StoreExt,
    Upkeep,
};
use truthound_stores_testkit::object::StoreOptions;

use crate::libraries::{libraries, skip};
use crate::place::Simulated;

/// Prints, by pyarrow and then by `DuckDB`: the documents, those of one asset that failed, and a line for each day of it: day, runs, successes,
/// passed validators, issues.
const SCRIPT: &str = r#"
import sys, duckdb, pyarrow as pa, pyarrow.parquet as pq, pyarrow.compute as pc
files = sys.argv[1:]
rows = pa.concat_tables(pq.read_table(path, page_checksum_verification=True) for path in files)
rows = rows.filter(pc.equal(rows["op"], "put"))
orders = rows.filter(pc.equal(rows["data_asset"], "orders"))
print(rows.num_rows, orders.filter(pc.equal(orders["status"], "failure")).num_rows)
days = orders.append_column("day", pc.strftime(pc.floor_temporal(orders["run_time"], unit="day"), format="%Y-%m-%d"))
days = days.append_column("success", pc.cast(pc.equal(days["status"], "success"), pa.int64()))
sums = days.group_by("day").aggregate([("id", "count"), ("success", "sum"), ("passed_validators", "sum"), ("total_issues", "sum")])
for row in sums.sort_by("day").to_pylist():
    print(row["day"], row["id_count"], row["success_sum"], row["passed_validators_sum"], row["total_issues_sum"])
print(*duckdb.execute("select count(*), count(*) filter (data_asset = 'orders' and status = 'failure') from read_parquet($files) where op = 'put'",
    {"files": files}).fetchall()[0])
for row in duckdb.execute("""set timezone = 'UTC'; select strftime(run_time, '%Y-%m-%d') as day, count(*), count(*) filter (status = 'success'), sum(passed_validators), sum(total_issues)
    from read_parquet($files) where op = 'put' and data_asset = 'orders' group by day order by day""", {"files": files}).fetchall():
    print(*row)
"#;

fn record(number: usize, version: usize) -> Record {
    let status = match (number + version) % 3 {
        0 => "success",
        1 => "failure",
        _ => "warning",
    };
    let asset = if (number / 2).is_multiple_of(2) { "orders" } else { "visits" };
    let (passed, failed) = (number % 7, version + number % 3);
    let issues: Vec<String> = (0..failed)
        .map(|_| r#"{"column": "a", "issue_type": "null", "count": 1, "severity": "high"}"#.to_owned())
        .collect();
    let text = format!(
        r#"{{"run_id": "run_{number}", "run_time": "2026-01-{:02}T{:02}:30:00Z", "data_asset": "{asset}", "status": "{status}",
            "statistics": {{"total_validators": {}, "passed_validators": {passed}, "failed_validators": {failed}, "total_issues": {failed}}},
            "issues": [{}]}}"#,
        1 + number % 9,
        number % 24,
        passed + failed,
        issues.join(","),
    );
    Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap()
}

#[tokio::test]
async fn pyarrow_and_duckdb_come_to_the_counts_and_the_trend_of_the_store() {
    let libraries = match libraries() {
        Ok(libraries) => libraries,
        Err(why) => {
            return skip(&format!("pyarrow and DuckDB, for counts and trends, cannot be installed: {why}"));
        }
    };
    let place = Simulated::new(StoreOptions::s3(), CatalogConfig::new);
    let store = place.store(CatalogConfig::new());
    let saved =
        store.put_many((0..900).map(|number| record(number, 0)).collect(), PutOptions::default()).await;
    assert!(saved.iter().all(Result::is_ok), "{saved:?}");
    store.maintain(MaintainOptions::default(), &()).await.unwrap();
    // Rows that are ended, in a segment, are left out of the next.
    let saved =
        store.put_many((0..90).map(|number| record(number * 5, 1)).collect(), PutOptions::default()).await;
    assert!(saved.iter().all(Result::is_ok), "{saved:?}");
    for number in 0..60 {
        store.delete(&Key::result(&format!("run_{}", number * 11)).unwrap()).await.unwrap();
    }
    store.maintain(MaintainOptions::default(), &()).await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let bucket = place.bucket.backdoor();
    let listed: Vec<_> = bucket.list(None).try_collect().await.unwrap();
    let mut files = Vec::new();
    for meta in listed.iter().filter(|meta| meta.location.as_ref().ends_with(".parquet")) {
        let path = folder.path().join(meta.location.filename().unwrap());
        std::fs::write(&path, bucket.get(&meta.location).await.unwrap().bytes().await.unwrap()).unwrap();
        files.push(path);
    }
    assert!(!files.is_empty());
    let output = Command::new("python3")
        .env("PYTHONPATH", libraries)
        .args(["-c", SCRIPT])
        .args(&files)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let orders = Query::new().with_data_asset("orders");
    let count = store.count(&Query::new()).await.unwrap();
    let failures = store.count(&orders.clone().with_status(Status::FAILURE)).await.unwrap();
    let mut expected = vec![format!("{count} {failures}")];
    for day in store.summarize(&orders, Grouping::new().with_day(true)).await.unwrap() {
        let date: String = day.day.unwrap().to_string().chars().take(10).collect();
        let (runs, success) = (day.runs, day.with_status(&Status::SUCCESS));
        let (passed, issues) = (day.totals.passed_validators, day.totals.total_issues);
        expected.push(format!("{date} {runs} {success} {passed} {issues}"));
    }
    assert!(expected.len() == 10 && count == 840 && failures > 0, "{expected:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    let (by_arrow, by_duckdb): (Vec<&str>, Vec<&str>) =
        (printed.lines().take(expected.len()).collect(), printed.lines().skip(expected.len()).collect());
    assert_eq!(by_arrow, expected, "pyarrow");
    assert_eq!(by_duckdb, expected, "DuckDB");
}
