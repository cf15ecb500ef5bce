//! `bench`: it measures, and leaves no trace among the documents.

use serde_json::Value;

use crate::harness::{Place, four};

const OPERATIONS: [&str; 8] = ["save", "save_many", "get", "list", "query", "count", "stats", "delete_many"];

#[test]
fn each_operation_is_measured() {
    let place = Place::new();
    let text = place.run("--store memory: bench --records 150 --concurrency 3 --size 500").ok();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = rows.iter().map(|row| row["operation"].as_str().unwrap()).collect();
    assert_eq!(names, OPERATIONS);
    for row in &rows {
        let number = |name: &str| row[name].as_f64().unwrap();
        assert!(number("calls") >= 1.0 && number("calls_per_second") > 0.0, "{row}");
        assert!(number("p50_ms") <= number("p99_ms") && number("p99_ms") <= number("longest_ms"), "{row}");
        assert!(number("seconds") > 0.0, "{row}");
    }
    for (name, calls, documents) in
        [("save", 150, 150), ("save_many", 3, 150), ("get", 150, 150), ("delete_many", 3, 150)]
    {
        let row = rows.iter().find(|row| row["operation"] == name).unwrap();
        assert_eq!(
            (row["calls"].as_u64(), row["documents"].as_u64()),
            (Some(calls), Some(documents)),
            "{name}"
        );
    }
    let table = place.run("--store memory: bench --records 1 --concurrency 1 --format table");
    assert_eq!(table.code, 0, "{table:?}");
    assert!(table.out.starts_with("OPERATION") && table.out.lines().count() == 9, "{table:?}");
}

#[test]
fn documents_of_the_user_are_left_alone_and_its_own_are_gone() {
    let mut documents = four();
    documents.truncate(2);
    let place = Place::holding(&documents);
    let before = place.run("query").ok();
    // Even in a collection of that name.
    place.run_with("save - --collection bench", documents[0].as_bytes()).ok();
    let token = place.run("watch --once").ok();
    place.run("bench --records 70 --concurrency 4").ok();
    assert_eq!(place.run("query").ok(), before);
    assert_eq!(place.run("list --collection bench --format ids").ok(), "a\n");
    assert_eq!(place.run("watch --once").ok(), token, "whoever follows the store hears nothing of it");
}

/// A measurement once left a collection behind: `_collections/bench` with an index, which `doctor` told of ever after.
#[test]
fn no_folder_is_left_behind() {
    let place = Place::new();
    place.run("bench --records 10").ok();
    assert!(std::fs::read_dir(place.path(".")).unwrap().next().is_none(), "not even an empty one");
    place.run_with("save -", four().join("\n").as_bytes()).ok();
    let entries = |name: &str| std::fs::read_dir(place.path(name)).unwrap().count();
    place.write(
        "store.toml",
        "[store]\nurl = \"file:.truthound/store?namespace=default\"\npretty_print = false\n",
    );
    place.write("named.toml", "[store]\nbackend = \"filesystem\"\nbase_path = \".truthound/store\"\n");
    for store in [
        "",
        "--namespace default",
        "--store .truthound/store",
        "--store file:.truthound/store?namespace=default&create_dirs=false",
        "--config store.toml",
        "--config named.toml",
    ] {
        place.run(&format!("{store} bench --records 10")).ok();
        assert_eq!((entries(".truthound/store"), entries(".truthound/store/default")), (1, 1), "{store}");
        assert_eq!(entries(".truthound/store/default/validations"), 5, "{store}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_measurement_cleans_up() {
    let place = Place::holding(&four());
    let mut bench = place.start("bench --records 1000000 --seconds 3600 --format table");
    let begun = bench.err_line();
    assert!(begun.contains("measuring"), "{begun}");
    bench.interrupt();
    let ended = bench.end();
    ended.fails(1, "interrupted");
    assert_eq!(place.run("count").ok(), "4\n");
    assert_eq!(std::fs::read_dir(place.path(".truthound/store")).unwrap().count(), 1);
}

#[test]
fn absurd_values_are_refused_by_name() {
    let place = Place::new();
    for option in [
        "--records 0",
        "--records 99999999999",
        "--records many",
        "--concurrency 0",
        "--concurrency 5000",
        "--seconds 0",
        "--seconds 99999",
        "--size 1",
        "--size 99999999",
        "--collection results",
    ] {
        let name = option.split(' ').next().unwrap();
        let ended = place.run(&format!("--store memory: bench {option}"));
        assert_eq!(ended.code, 2, "{option}: {ended:?}");
        assert!(ended.err.contains(name), "{option}: {ended:?}");
    }
}
