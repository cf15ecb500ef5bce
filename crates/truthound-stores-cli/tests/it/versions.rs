//! `versions`: what a user sees of a document's history, and what is said with a save.

use serde_json::Value;

use crate::harness::{Ended, Place, result};

const LAYER: &str = "--layer versioning:mode=semantic,enable_branching=true";

/// Saves a document of this status with the words of `more`.
fn save(place: &Place, status: &str, more: &str) -> Ended {
    let text = result("run_1", "orders", "2026-01-01T12:00:00", status);
    place.run_with(&format!("{LAYER} save - {more}"), text.as_bytes())
}

/// A document with three versions.
fn three() -> Place {
    let place = Place::new();
    for (status, more) in [
        ("failure", "--message first --author ada --expected-version 0"),
        ("warning", "--message second --expected-version 1"),
        ("success", "--bump minor"),
    ] {
        let saved = save(&place, status, more);
        assert_eq!((saved.code, saved.out.as_str()), (0, "run_1\n"), "{saved:?}");
    }
    place
}

fn rows(ended: &Ended) -> Vec<Value> {
    assert_eq!(ended.code, 0, "{ended:?}");
    ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn versions(place: &Place) -> Vec<String> {
    let listed = rows(&place.run(&format!("{LAYER} versions list run_1 --format jsonl")));
    listed.iter().map(|row| row["version"].as_str().unwrap().to_owned()).collect()
}

fn status(place: &Place, line: &str) -> String {
    let ended = place.run(line);
    assert_eq!(ended.code, 0, "{ended:?}");
    let json: Value = serde_json::from_str(&ended.out).unwrap();
    json["status"].as_str().unwrap().to_owned()
}

#[test]
fn a_list_tells_of_each_version_the_newest_first() {
    let place = three();
    // The history is in the store: it is there without the layer, too.
    let listed = rows(&place.run("versions list run_1 --format jsonl"));
    let names: Vec<&String> = listed[0].as_object().unwrap().keys().collect();
    let mut wanted =
        ["ordinal", "version", "created_at", "created_by", "message", "parent", "checksum", "size"];
    wanted.sort_unstable();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, wanted);
    assert_eq!(versions(&place), ["1.1.0", "1.0.1", "1.0.0"]);
    let first = &listed[2];
    assert_eq!(first["message"], "first");
    assert_eq!(first["created_by"], "ada");
    assert_eq!(first["parent"], Value::Null);
    assert_eq!(listed[0]["parent"], "1.0.1");
    assert_eq!(first["checksum"].as_str().unwrap().len(), 64);
    let limited = rows(&place.run("versions list run_1 --limit 1"));
    assert_eq!(limited.len(), 1);
    assert_eq!(limited[0]["ordinal"], 3);
    let table = place.run("versions list run_1 --format table");
    assert!(table.out.starts_with("ORDINAL") && table.out.contains("second"), "{table:?}");
    assert_eq!(place.run("count").out, "1\n");
    assert_eq!(place.run("versions list none").code, 3);
}

#[test]
fn versions_are_read_and_compared() {
    let place = three();
    assert_eq!(status(&place, "versions get run_1 1"), "failure");
    assert_eq!(status(&place, "versions get run_1 1.0.1 --format jsonl"), "warning");
    assert_eq!(status(&place, "get run_1 --version 2"), "warning");
    assert_eq!(status(&place, "get run_1"), "success");
    assert_eq!(place.run("versions get run_1 9").code, 3);
    let changes = rows(&place.run("versions diff run_1 1 --format jsonl"));
    let status = changes.iter().find(|change| change["path"] == "$.status").unwrap();
    assert_eq!(
        (status["kind"].as_str(), status["from"].as_str(), status["to"].as_str()),
        (Some("changed"), Some("failure"), Some("success"))
    );
    let table = place.run("versions diff run_1 1 2 --format table");
    assert!(table.out.contains("$.status"), "{table:?}");
    assert_eq!(place.run("versions diff run_1 1 2 --format ids").code, 2);
}

#[test]
fn a_rollback_is_a_new_version_and_brings_back_what_was_deleted() {
    let place = three();
    let made = rows(&place.run(&format!("{LAYER} versions rollback run_1 1 --author bob")));
    assert_eq!(
        (made[0]["version"].as_str(), made[0]["message"].as_str()),
        (Some("1.1.1"), Some("rollback to 1.0.0"))
    );
    assert_eq!(status(&place, "get run_1"), "failure");
    assert_eq!(place.run(&format!("{LAYER} delete run_1")).code, 0);
    assert_eq!(place.run("get run_1").code, 3);
    assert_eq!(place.run(&format!("{LAYER} versions rollback run_1 1.1.0")).code, 0);
    assert_eq!(status(&place, "get run_1"), "success");
    assert_eq!(versions(&place).len(), 6);
    let stale = place.run(&format!("{LAYER} versions rollback run_1 1 --expected-version 2"));
    assert_eq!(stale.code, 4, "{stale:?}");
}

#[test]
fn a_save_says_what_it_expects() {
    let place = three();
    let stale = save(&place, "error", "--expected-version 2");
    assert_eq!((stale.code, stale.out.as_str()), (4, ""), "{stale:?}");
    assert!(stale.err.contains("1.1.0"), "{stale:?}");
    assert_eq!(save(&place, "error", "--expected-version 1.1.0").code, 0);
    let deaf = place.run("save none.json --message x");
    assert_eq!(deaf.code, 2, "{deaf:?}");
    assert!(deaf.err.contains("--layer versioning"), "{deaf:?}");
    assert_eq!(save(&place, "error", "--bump huge").code, 2);
    let unknown = place.run("--layer versioning:max_version=3 count");
    assert!(unknown.code != 0 && unknown.err.contains("max_version"), "{unknown:?}");
    assert_eq!(place.run("--layer nonsense count").code, 2);
}

#[test]
fn branches_go_on_beside_the_document_and_are_merged() {
    let place = three();
    let run = |line: &str| place.run(&format!("{LAYER} versions {line}"));
    let made = rows(&run("branch create run_1 fix --at 1.1.0"));
    assert_eq!(made[0]["branch"], "fix");
    assert_eq!(run("branch create run_1 fix").code, 4);
    assert_eq!(save(&place, "warning", "--branch fix").code, 0);
    assert_eq!(status(&place, "get run_1"), "success");
    assert_eq!(status(&place, "get run_1 --version fix"), "warning");
    assert_eq!(rows(&run("list run_1 --branch fix"))[0]["version"], "fix/1.1.1");
    assert_eq!(rows(&run("branch list run_1"))[0]["ordinal"], 4);
    assert_eq!(rows(&run("branch merge run_1 fix --author ada"))[0]["message"], "merge of fix");
    assert_eq!(status(&place, "get run_1"), "warning");
    assert_eq!(save(&place, "error", "").code, 0);
    assert_eq!(save(&place, "success", "--branch fix").code, 0);
    assert_eq!(run("branch merge run_1 fix").code, 4);
    assert_eq!(run("branch merge run_1 fix --theirs").code, 0);
    assert_eq!(status(&place, "get run_1"), "success");
    assert_eq!((run("branch delete run_1 fix").code, run("branch delete run_1 fix").code), (0, 3));
    // Off unless asked for.
    assert_eq!(place.run("versions branch create run_1 fix").code, 1);
}

#[test]
fn labels_name_versions() {
    let place = three();
    let run = |line: &str| place.run(&format!("versions label {line}"));
    assert_eq!(rows(&run("add run_1 approved 2 --author ada"))[0]["version"], "1.0.1");
    assert_eq!(run("add run_1 approved 1").code, 4);
    assert_eq!(status(&place, "get run_1 --version approved"), "warning");
    assert_eq!(rows(&run("move run_1 approved"))[0]["ordinal"], 3);
    assert_eq!(rows(&run("list run_1")).len(), 1);
    assert_eq!((run("remove run_1 approved").code, run("remove run_1 approved").code), (0, 3));
}

#[test]
fn a_configuration_file_names_the_layer() {
    let place = Place::new();
    place.write(
        "stores.toml",
        "[store]\nurl = \"file:live\"\n[[layers]]\ntype = \"versioning\"\nmode = \"git_like\"\nmax_versions = 2\n",
    );
    for status in ["failure", "warning", "success"] {
        let text = result("run_1", "orders", "2026-01-01T12:00:00", status);
        let saved =
            place.run_with(&format!("--config stores.toml save - --message {status}"), text.as_bytes());
        assert_eq!(saved.code, 0, "{saved:?}");
    }
    let listed = rows(&place.run("--config stores.toml versions list run_1"));
    assert_eq!(listed.len(), 2);
    let hash = listed[1]["version"].as_str().unwrap();
    assert_eq!(hash.len(), 40);
    let prefix: String = hash.chars().take(10).collect();
    let named = place.run(&format!("--config stores.toml versions get run_1 {prefix}"));
    // A prefix of digits alone would be an ordinal first.
    assert_eq!(named.code, 0, "{named:?}");
    assert!(named.out.contains("warning"), "{named:?}");
}
