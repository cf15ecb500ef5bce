//! `copy`: from one store to another.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::harness::{Ended, Place, four, result};

fn rows(ended: &Ended) -> Vec<Value> {
    ended.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn numbers(row: &Value, names: &[&str]) -> Vec<u64> {
    names.iter().map(|name| row[name].as_u64().unwrap()).collect()
}

#[test]
fn a_store_is_copied_and_copied_again_without_writing() {
    let place = Place::holding(&four());
    let suite = r#"{"name":"s","data_asset":"orders","created_at":"2026-01-01T00:00:00","expectations":[]}"#;
    let saved = place.run_with("save - --collection expectations", suite.as_bytes());
    assert_eq!(saved.code, 0, "{saved:?}");
    let copied =
        rows(&Ended { out: place.run("copy .truthound/store file:other").ok(), code: 0, err: String::new() });
    let collections: Vec<&str> = copied.iter().map(|row| row["collection"].as_str().unwrap()).collect();
    assert_eq!(collections, ["results", "expectations"]);
    let names = ["documents", "copied", "equal", "compared", "verified", "differing"];
    assert_eq!(numbers(&copied[0], &names), [4, 4, 0, 4, 4, 0]);
    assert_eq!(numbers(&copied[1], &names), [1, 1, 0, 1, 1, 0]);
    let again = place.run("copy .truthound/store file:other --collection results");
    assert_eq!(numbers(&rows(&again)[0], &names), [4, 0, 4, 4, 4, 0]);
    // Ids, texts and order are those of the source.
    assert_eq!(place.run("--store file:other query").ok(), place.run("query").ok());
    assert_eq!(place.run("--store file:other verify").code, 0);
}

#[test]
fn every_format_prints_a_row_for_each_collection() {
    let place = Place::holding(&four());
    let table = place.run("copy .truthound/store file:other --format table").ok();
    assert!(table.starts_with("COLLECTION") && table.contains("all equal"), "{table}");
    assert!(!table.contains("CONFLICTS"), "{table}");
    let json = place.run("copy .truthound/store file:other --format json").ok();
    let all: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(all[0]["equal"], 4);
    let csv = place.run("copy .truthound/store file:other --format csv").ok();
    assert!(csv.starts_with("collection,dry_run,documents,copied,"), "{csv}");
    place.run("copy .truthound/store file:other --format ids").fails(2, "jsonl");
}

#[test]
fn a_dry_run_says_what_would_be_done() {
    let place = Place::holding(&four());
    let ended = place.run("copy .truthound/store file:other --dry-run");
    let row = &rows(&ended)[0];
    assert_eq!(
        (row["copied"].as_u64(), &row["dry_run"], &row["compared"]),
        (Some(4), &Value::Bool(true), &Value::Null)
    );
    assert_eq!(place.run("--store file:other count").out, "0\n");
}

/// Another `b` in the place where the four are to go.
fn with_another_b() -> Place {
    let place = Place::holding(&four());
    let other = result("b", "orders", "2026-01-02T12:00:00", "success");
    assert_eq!(place.run_with("save - --store file:other", other.as_bytes()).code, 0);
    place
}

#[test]
fn a_conflict_is_named_and_says_how_it_can_be_settled() {
    let place = with_another_b();
    let ended = place.run("copy .truthound/store file:other");
    ended.fails(4, "results/b");
    assert!(ended.err.contains("--on-conflict"), "{ended:?}");
    assert_eq!(numbers(&rows(&ended)[0], &["copied", "conflicts", "verified", "differing"]), [3, 1, 3, 0]);
    let kept = place.run("copy .truthound/store file:other --on-conflict keep");
    assert_eq!((kept.code, kept.err.as_str()), (0, ""), "{kept:?}");
    assert_eq!(numbers(&rows(&kept)[0], &["equal", "kept"]), [3, 1]);
    assert!(place.run("--store file:other get b").out.contains("success"));
    let written = place.run("copy .truthound/store file:other --on-conflict overwrite");
    assert_eq!((written.code, rows(&written)[0]["overwritten"].as_u64()), (0, Some(1)), "{written:?}");
    assert!(place.run("--store file:other get b").out.contains("failure"));
}

#[test]
fn a_damaged_document_is_named_and_the_others_are_copied() {
    let place = Place::holding(&four());
    assert_eq!(place.run("maintain").code, 0);
    place.write(".truthound/store/default/validations/c.json", "{\"run_id\": \"c\", ");
    let ended = place.run("copy .truthound/store file:other --collection results");
    ended.fails(5, "results/c");
    assert_eq!(numbers(&rows(&ended)[0], &["copied", "unreadable"]), [3, 1]);
    assert_eq!(place.run("--store file:other count").ok(), "3\n");
}

#[test]
fn conditions_say_which_documents() {
    let place = Place::holding(&four());
    let ended = place.run("copy .truthound/store file:other --status failure --limit 1 --collection results");
    assert_eq!(numbers(&rows(&ended)[0], &["documents", "copied"]), [1, 1]);
    assert_eq!(place.run("--store file:other list --format ids").ok(), "d\n");
}

#[test]
fn a_dash_is_the_store_of_the_options() {
    let place = Place::holding(&four());
    let ended = place.run("copy - file:other --collection results");
    assert_eq!(numbers(&rows(&ended)[0], &["copied"]), [4]);
    let back = place.run("--store file:third copy file:other - --collection results");
    assert_eq!(numbers(&rows(&back)[0], &["copied"]), [4]);
    place.write("stores.toml", "[store]\nurl = \"file:fourth\"\n");
    let from_file = place.run("--config stores.toml copy file:other -");
    assert_eq!(numbers(&rows(&from_file)[0], &["copied"]), [4], "{from_file:?}");
    // An option that would do nothing is refused, and so is a copy onto itself.
    place.run("--store file:third copy file:other file:fifth").fails(2, "SRC and DST");
    place.run("copy - -").fails(2, "one store");
    place.run("copy file:other file:other").fails(2, "one store");
    place.run("copy file:other").fails(2, "required");
    place.run("copy file:other file:fifth --on-conflict merge").fails(2, "refuse, keep or overwrite");
    place.run("copy file:other nowhere:fifth").fails(2, "nowhere");
}

#[test]
fn a_source_that_is_not_there_is_said_and_a_namespace_counts_for_both() {
    let place = Place::holding(&four());
    let ended = place.run("copy file:misspelt file:other");
    assert_eq!((ended.code, numbers(&rows(&ended)[0], &["documents"])), (0, vec![0]));
    assert!(ended.err.contains("misspelt"), "{ended:?}");
    assert_eq!(place.run("copy - file:other --namespace nightly").code, 0);
    assert_eq!(place.run("--store file:other count").out, "0\n");
}

/// Three versions of one document, a branch and a label.
fn versioned() -> Place {
    const LAYER: &str = "--layer versioning:enable_branching=true";
    let place = Place::new();
    for (status, more) in [
        ("failure", "--message first --author ada"),
        ("warning", ""),
        ("success", ""),
        ("error", "--branch fix"),
    ] {
        if status == "error" {
            assert_eq!(place.run(&format!("{LAYER} versions branch create run_1 fix")).code, 0);
        }
        let text = result("run_1", "orders", "2026-01-01T12:00:00", status);
        assert_eq!(place.run_with(&format!("{LAYER} save - {more}"), text.as_bytes()).code, 0);
    }
    assert_eq!(place.run("versions label add run_1 good 2").code, 0);
    place
}

#[test]
fn histories_are_copied_with_branches_and_labels() {
    let place = versioned();
    let run = || {
        place.run("--layer versioning:enable_branching=true copy .truthound/store file:other --versions --collection results")
    };
    let (first, again) = (run(), run());
    assert_eq!((first.code, again.code), (0, 0), "{first:?} {again:?}");
    let names = [
        "documents",
        "copied",
        "equal",
        "histories",
        "versions",
        "branches",
        "labels",
        "verified",
        "differing",
    ];
    assert_eq!(numbers(&rows(&first)[0], &names), [1, 0, 1, 1, 4, 1, 1, 1, 0]);
    assert_eq!(numbers(&rows(&again)[0], &names), [1, 0, 1, 1, 0, 0, 0, 1, 0]);
    for line in
        ["list run_1", "list run_1 --branch fix", "label list run_1", "branch list run_1", "get run_1 good"]
    {
        let wanted = place.run(&format!("versions {line}"));
        assert_eq!(place.run(&format!("--store file:other versions {line}")).ok(), wanted.ok(), "{line}");
    }
    // Without the setting, the branch is named and the rest is copied.
    let without = place.run("copy .truthound/store file:third --versions --collection results");
    without.fails(1, "enable_branching");
    assert_eq!(numbers(&rows(&without)[0], &["histories", "versions", "branches"]), [1, 3, 0]);
    let table = place.run("copy .truthound/store file:fourth --versions --dry-run --format table");
    assert!(table.out.contains("HISTORIES"), "{table:?}");
    assert_eq!(place.run("--store file:fourth versions list run_1").code, 3);
}

/// A copy without histories once kept the names of versions that stayed behind: what was saved there next had a history with a hole.
#[test]
fn a_copy_without_histories_names_no_versions() {
    let place = versioned();
    assert_eq!(place.run("copy .truthound/store file:other").code, 0);
    assert_eq!(place.run("copy .truthound/store file:other").code, 0);
    let text = result("run_1", "orders", "2026-01-01T12:00:00", "failure");
    assert_eq!(place.run_with("--store file:other --layer versioning save -", text.as_bytes()).code, 0);
    let listed = place.run("--store file:other versions list run_1 --format jsonl");
    assert_eq!(listed.ok().lines().count(), 2);
}

#[test]
fn what_truthound_kept_as_versions_becomes_histories() {
    fn folder(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            if entry.path().is_dir() {
                folder(&entry.path(), &to.join(entry.file_name()));
            } else {
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    }
    let fixtures =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../truthound-stores-versioning/tests/fixtures");
    let place = Place::new();
    folder(&fixtures.join("fs_versioned_semantic"), &place.path("old"));
    let known = fs::read_to_string(fixtures.join("versioning_info_in_memory_only.json")).unwrap();
    let known: Value = serde_json::from_str(&known).unwrap();
    place.write("known.json", known["semantic"]["history"].to_string());
    let copied = place.run("--layer versioning:mode=semantic copy file:old file:new --versions --version-info known.json --collection results");
    assert_eq!((copied.code, copied.err.as_str()), (0, ""), "{copied:?}");
    let names = ["documents", "copied", "equal", "histories", "versions", "damaged_versions", "verified"];
    assert_eq!(numbers(&rows(&copied)[0], &names), [5, 0, 5, 5, 9, 0, 5]);
    assert_eq!(place.run("--store file:new count").ok(), "5\n");
    let listed = place.run("--store file:new versions list run_20260101_000100_00000001 --format csv").ok();
    assert!(listed.contains("2.0.2") && listed.contains("alice") && listed.contains("rev 3"), "{listed}");
    let again = place.run("copy file:old file:new --versions --collection results");
    assert_eq!(numbers(&rows(&again)[0], &["equal", "versions"]), [5, 0], "{again:?}");
    // A version that is not what Truthound saved is named; the exit code is that of damage.
    place.write("known.json", known["semantic"]["history"].to_string().replace("39d779309e", "0000000000"));
    let damaged =
        place.run("copy file:old file:third --versions --version-info known.json --collection results");
    damaged.fails(5, "__v20002");
    assert_eq!(numbers(&rows(&damaged)[0], &["histories", "damaged_versions"]), [5, 1]);
}

#[test]
fn what_makes_no_sense_with_histories_is_refused() {
    let place = versioned();
    let run = |more: &str| place.run(&format!("copy .truthound/store file:other {more}"));
    run("--versions --limit 3").fails(2, "conditions");
    run("--versions --on-conflict overwrite").fails(2, "refuse or keep");
    run("--version-info x.json").fails(2, "required");
    run("--versions --version-mode huge").fails(2, "git_like");
    run("--versions --version-info none.json").fails(2, "none.json");
}

/// Nothing had seen the bar of a copy, nor that it stays out of what other programs read.
#[cfg(target_os = "linux")]
#[test]
fn a_long_copy_shows_a_bar_on_a_terminal_and_nowhere_else() {
    if std::process::Command::new("script").arg("--version").output().is_err() {
        truthound_stores_testkit::skip("terminal", "the program script is not installed");
        return;
    }
    let place = Place::new();
    let many: Vec<String> = (0..1_000)
        .map(|number| result(&format!("run_{number}"), "orders", "2026-01-01T12:00:00", "success"))
        .collect();
    assert_eq!(place.run_with("--store sqlite:many.db save -", many.join("\n").as_bytes()).code, 0);
    let shown = |line: &str| {
        let program = env!("CARGO_BIN_EXE_truthound-stores");
        place.shell(&format!("TERM=xterm script -qec '{program} {line}' /dev/null")).ok()
    };
    let long = shown("copy sqlite:many.db sqlite:one.db");
    assert!(long.contains("copying") && long.contains("/1000"), "{long:?}");
    let short = shown("copy sqlite:many.db sqlite:two.db --limit 999");
    assert!(!short.contains("copying") && short.contains("999"), "{short:?}");
    let piped = place.run("copy sqlite:many.db sqlite:three.db");
    assert!(!piped.out.contains("copying") && piped.err.is_empty(), "{piped:?}");
    assert_eq!(numbers(&rows(&piped)[0], &["copied"]), [1_000]);
}
