//! The commands that find documents, with every option that narrows them (R-ANY-7, R-ANY-9), and their exit codes.

use crate::harness::{Place, four, result, result_with};

#[test]
fn every_option_narrows_what_is_listed() {
    let place = Place::holding(&four());
    for (options, expected) in [
        ("", "d c b a"),
        ("--asc", "a b c d"),
        ("--limit 2", "d c"),
        ("--limit 0", ""),
        ("--offset 1 --limit 2", "c b"),
        ("--offset 9", ""),
        ("--asset orders", "b a"),
        ("--asset o*", "b a"),
        ("--asset p?ople", "d c"),
        ("--asset order", ""),
        ("--status failure", "d b"),
        ("--status failed", "d b"),
        ("--status success --status warning", "c a"),
        ("--status skipped", ""),
        ("--tag environment=production", "b a"),
        ("--tag environment=production --tag team=x", ""),
        ("--since 2026-01-03", "d c"),
        ("--since 2026-01-02T12:00:00Z --until 2026-01-03T12:00:00Z", "c b"),
        ("--until 2026-01-02", "a"),
        ("--since 2026-01-04T21:00:00+09:00", "d"),
        ("--since 1s", ""),
        ("--until 1s", "d c b a"),
        ("--order-by data_asset --asc", "a b c d"),
        ("--order-by data_asset", "d c b a"),
        ("--order-by status", "c a d b"),
        ("--order-by status --asc --limit 1 --offset 2", "a"),
    ] {
        let listed = place.run(&format!("list --format ids {options}")).ok();
        assert_eq!(listed.lines().collect::<Vec<_>>().join(" "), expected, "list {options}");
        let found = place.run(&format!("query --format ids {options}")).ok();
        assert_eq!(found, listed, "query {options}");
        let count = place.run(&format!("count {options}")).ok();
        assert_eq!(count.trim_end(), listed.lines().count().to_string(), "count {options}");
    }
}

#[test]
fn exists_says_true_or_false() {
    let place = Place::holding(&four());
    assert_eq!(place.run("exists a").ok(), "true\n");
    let absent = place.run("exists x");
    assert_eq!((absent.code, absent.out.as_str(), absent.err.as_str()), (3, "false\n", ""));
}

#[test]
fn get_prints_the_document_or_names_what_is_absent() {
    let place = Place::holding(&four());
    let text = place.run("get a").ok();
    assert!(text.starts_with("{\n  \"run_id\": \"a\",\n"), "{text}");
    assert_eq!(place.run("get a --format jsonl").ok().trim_end(), four()[0]);
    place.run("get x").fails(3, "results/x");
    assert_eq!(place.run("get x").out, "");
}

#[test]
fn delete_deletes_the_others_when_one_is_absent() {
    let place = Place::holding(&four());
    let ended = place.run("delete a x b");
    ended.fails(3, "results/x");
    assert_eq!(ended.out, "");
    assert_eq!(place.run("list --format ids").ok(), "d\nc\n");
    assert_eq!(place.run("delete c d").ok(), "");
    assert_eq!(place.run("count").ok(), "0\n");
}

#[test]
fn a_wrong_id_deletes_nothing() {
    let place = Place::holding(&four());
    place.run_words(["delete", "a", ""]).fails(2, "empty");
    assert_eq!(place.run("count").ok(), "4\n");
}

#[test]
fn latest_history_and_failures_take_the_asset_literally() {
    let mut documents = four();
    documents.push(result("star", "o*", "2025-01-01", "failure"));
    let place = Place::holding(&documents);
    assert_eq!(place.run("latest orders --format jsonl").ok().trim_end(), four()[1]);
    assert_eq!(place.run("latest o* --format ids").ok(), "star\n");
    place.run("latest nothing").fails(3, "nothing");
    assert_eq!(place.run("history orders --format ids").ok(), "b\na\n");
    assert_eq!(place.run("history orders --format ids --limit 1").ok(), "b\n");
    assert_eq!(place.run("history nothing --format ids").ok(), "");
    assert_eq!(place.run("failures --format ids").ok(), "d\nb\nstar\n");
    assert_eq!(place.run("failures people --format ids").ok(), "d\n");
    assert_eq!(place.run("failures --format ids --since 2026-01-03").ok(), "d\n");
    assert_eq!(place.run("failures --format ids --tag environment=production").ok(), "b\n");
}

/// R-ANY-5, R-ANY-6: damage hides nothing, is named, and is no absence.
#[test]
fn a_damaged_document_is_named_and_hides_no_other() {
    let place = Place::holding(&four());
    // So that nothing is left to be finished, which would mend it.
    assert_eq!(place.run("maintain").code, 0);
    place.write(".truthound/store/default/validations/c.json", "{\"run_id\": \"c\", ");
    let all = place.run("query --format json");
    all.fails(5, "c.json");
    let values: Vec<serde_json::Value> = serde_json::from_str(&all.out).unwrap();
    assert_eq!(values.len(), 3);
    place.run("get c").fails(5, "c.json");
    let verified = place.run("verify");
    assert!(verified.code == 5 && verified.out.contains("c.json"), "{verified:?}");
    // What is known of it is still known.
    assert_eq!(place.run("list --format ids").ok(), "d\nc\nb\na\n");
    assert_eq!(place.run("exists c").ok(), "true\n");
    assert_eq!(place.run("delete c").ok(), "");
    assert_eq!(place.run("list --format ids").ok(), "d\nb\na\n");
}

/// Of a torn file that another program left nothing is known: all that it may belong to is uncertain.
#[test]
fn a_file_that_cannot_be_read_is_named_and_hides_no_document() {
    let place = Place::holding(&four());
    place.write(".truthound/store/default/validations/e.json", "{\"run_id\": \"e\", ");
    for command in ["list", "query", "history people", "list --limit 2", "failures"] {
        let ended = place.run(&format!("{command} --format ids"));
        ended.fails(5, "e.json");
        assert!(ended.lines().contains(&"d"), "{ended:?}");
    }
    let count = place.run("count");
    count.fails(5, "e.json");
    assert_eq!(count.out, "4\n", "those that can be read are counted");
    place.run("get e").fails(5, "e.json");
    assert_eq!(place.run("exists e").ok(), "true\n", "damaged is not absent");
    assert_eq!(place.run("delete e").ok(), "");
    assert_eq!(place.run("list --format ids").ok(), "d\nc\nb\na\n");
}

/// R-ANY-12.
#[test]
fn namespaces_and_collections_are_apart() {
    let place = Place::holding(&[result("x", "orders", "2026-01-01", "success")]);
    let other = result("x", "other", "2026-01-01", "failure");
    assert_eq!(place.run_with("save - --namespace nightly", other.as_bytes()).ok(), "x\n");
    assert_eq!(place.run("get x --namespace nightly --format jsonl").ok().trim_end(), other);
    assert!(place.run("get x").ok().contains("orders"));

    let suite = r#"{"name":"x","data_asset":"orders","expectations":[],"tags":{}}"#;
    assert_eq!(place.run_with("save - --collection expectations", suite.as_bytes()).ok(), "x\n");
    assert_eq!(place.run("--collection expectations get x --format jsonl").ok().trim_end(), suite);
    let report = result_with("r", "orders", "2026-01-01", "done", r#","kind":"report""#);
    assert_eq!(place.run_with("save - --collection reports", report.as_bytes()).ok(), "r\n");
    assert_eq!(place.run("list --collection reports --format ids").ok(), "r\n");
    assert_eq!(place.run("list --format ids").ok(), "x\n");
}

#[test]
fn reading_creates_nothing() {
    let place = Place::new();
    for command in [
        "list",
        "query",
        "count",
        "exists a",
        "get a",
        "latest a",
        "history a",
        "failures",
        "delete a",
        "stats",
        "trend",
        "verify",
        "reindex",
        "maintain",
        "doctor",
    ] {
        let ended = place.run(command);
        assert!(
            ended.err.contains("there is no folder"),
            "{command} does not say that nothing is there: {ended:?}"
        );
    }
    assert_eq!(std::fs::read_dir(place.path(".")).unwrap().count(), 0, "{:?}", place.files());
}

/// A folder of Truthound whose documents lie in another namespace or under another prefix once looked like one that was never used.
#[test]
fn where_nothing_is_what_is_beside_it_is_named() {
    let place = Place::new();
    for namespace in ["production", "staging"] {
        let line = format!("--store file:old?prefix=nightly --namespace {namespace} save -");
        assert_eq!(place.run_with(&line, four().join("\n").as_bytes()).code, 0);
    }
    for (line, says) in [
        ("--store old count", "old holds production, staging: --namespace"),
        (
            "--store old --namespace production count",
            "old/production holds nightly: --namespace and the option prefix",
        ),
    ] {
        let ended = place.run(line);
        assert_eq!((ended.code, ended.out.as_str()), (0, "0\n"), "{ended:?}");
        assert!(ended.err.contains(says), "{ended:?}");
    }
    assert!(
        !place.run("--store nowhere count").err.contains("holds"),
        "what lies above a store is not its business"
    );
}
