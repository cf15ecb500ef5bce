//! Others read segments, too: pyarrow and `DuckDB` agree with us on rows, sums and times.

use std::process::Command;

use super::data::{rows, write};
use super::libraries::{libraries, skip};
use crate::row::Change;

/// Prints with pyarrow, then with `DuckDB`: rows, puts, sum of issues, sum of milliseconds, earliest and latest time in microseconds, one tag.
const SCRIPT: &str = r#"
import sys, duckdb, pyarrow.parquet as pq, pyarrow.compute as pc
path = sys.argv[1]
table = pq.read_table(path, page_checksum_verification=True)
puts = table.filter(pc.equal(table["op"], "put"))
times = pc.cast(puts["run_time"], "int64")
assert str(table.schema.field("run_time").type) == "timestamp[us, tz=UTC]", table.schema
assert str(table.schema.field("total_issues").type) == "uint64", table.schema
assert str(table.schema.field("execution_time_ms").type) == "decimal128(18, 3)", table.schema
print(table.num_rows, puts.num_rows, pc.sum(puts["total_issues"]), round(pc.sum(puts["execution_time_ms"]).as_py()), pc.min(times), pc.max(times))
print(*duckdb.sql(f"""select (select count(*) from '{path}'), count(*), sum(total_issues), round(sum(execution_time_ms))::bigint,
    min(epoch_us(run_time)), max(epoch_us(run_time)) from '{path}' where op = 'put'""").fetchall()[0])
print(duckdb.sql(f"select count(*) from '{path}' where json_extract_string(tags, 'environment') = 'staging' and op = 'put'").fetchall()[0][0])
"#;

#[test]
fn pyarrow_and_duckdb_agree() {
    let libraries = match libraries() {
        Ok(libraries) => libraries,
        Err(why) => return skip(&format!("pyarrow and DuckDB cannot be installed: {why}")),
    };
    let mut entries = rows(40_000, 23);
    for entry in entries.iter_mut().step_by(1_000) {
        entry.row.change = Change::Delete;
    }
    entries.sort_by(|one, other| one.time_key().cmp(&other.time_key()));
    let facts: Vec<_> = entries
        .iter()
        .filter_map(|entry| match &entry.row.change {
            Change::Put(facts) => Some(facts.attributes.clone()),
            Change::Delete => None,
        })
        .collect();
    let (bytes, stats) = write(entries);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("segment.parquet");
    std::fs::write(&path, &bytes).unwrap();
    let output = Command::new("python3")
        .env("PYTHONPATH", libraries)
        .args(["-c", SCRIPT])
        .arg(&path)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let times: Vec<i64> = facts.iter().map(|facts| facts.run_time.as_micros()).collect();
    let expected = format!(
        "{} {} {} {} {} {}",
        stats.rows(),
        facts.len(),
        stats.totals.total_issues,
        stats.totals.execution_time_ms.round(),
        times.iter().min().unwrap(),
        times.iter().max().unwrap(),
    );
    let staging = facts
        .iter()
        .filter(|facts| facts.tags.get("environment").is_some_and(|value| value == "staging"))
        .count();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed.lines().collect::<Vec<_>>(), [&expected, &expected, &staging.to_string()]);
}
