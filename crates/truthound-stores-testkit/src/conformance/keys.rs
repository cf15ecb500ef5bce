//! Ids are any text, stored safely and apart (R-ANY-10).

use std::collections::BTreeSet;

use truthound_stores_core::{Collection, DeleteOptions, Key, Query, Store};

use super::Place;
use super::check::{absent, body, delete, get, ids, ok, put, put_all};
use super::sample::{hidden, key, note_of, sample};

/// Ids that careless escaping, file systems, URLs, databases or shells confuse, refuse or obey.
const IDS: &[&str] = &[
    "a/b",
    "a_b",
    "a\\b",
    "a%2Fb",
    "a%2fb",
    "a%5Cb",
    "a:b",
    "a__b",
    "a//b",
    "a/",
    "/a",
    "//",
    "/",
    "a/./b",
    "a/../b",
    "%",
    "%%",
    "%2F",
    "%25",
    "%252F",
    "%zz",
    ".",
    "..",
    "...",
    "../escape",
    "../../etc/passwd",
    "./a",
    "/abs",
    "C:\\x",
    "~",
    "~a",
    "~a~b",
    "~/a",
    "-",
    "-rf",
    "--",
    ".hidden",
    ".lock",
    ".x.json.tmp",
    "_",
    "_index",
    "_index.json",
    "_index.json.wal",
    "_catalog",
    "_catalog/root",
    "_collections",
    "_x",
    "__v1",
    "results",
    "results/x",
    "expectations/x",
    "x",
    "X",
    "x.json",
    "x.JSON",
    "x.json.gz",
    "x.gz",
    "x.yaml",
    "x.pkl",
    "x.json.zst",
    "x.json.lz4",
    "x.tmp",
    "x.json~",
    "con",
    "CON",
    "nul",
    "aux.json",
    "com1",
    "lpt9.txt",
    "x.",
    "x..",
    "x ",
    " x",
    " ",
    "  ",
    "x  y",
    "a b",
    "a+b",
    "+",
    "#",
    "a#b",
    "?",
    "a?b",
    "a*b",
    "a|b",
    "a<b>c",
    "a&b=c",
    "\"",
    "'",
    "`",
    "$",
    "${HOME}",
    "$(id)",
    "{}",
    "{0}",
    "[a]",
    "!",
    "@",
    "^",
    ",",
    ";",
    "=",
    "x'; DROP TABLE validation_results; --",
    "null",
    "true",
    "0",
    "00",
    "1e5",
    "-1",
    "NaN",
    "é",
    "e\u{301}",
    "ß",
    "SS",
    "ss",
    "ı",
    "I",
    "i",
    "İ",
    "Σ",
    "σ",
    "ς",
    "ﬁ",
    "fi",
    "K",
    "\u{212a}",
    "😀",
    "👩\u{200d}👧",
    "\u{202e}abc",
    "\u{200b}",
    "\u{feff}x",
    "\u{2028}",
    "\u{fffd}",
    "\u{e000}",
    "\u{ffff}",
    "\u{10ffff}",
    "日本",
    "יום",
    "run_20260101_000100_00000001",
    "nightly/2026-01-01T00:00:00+09:00",
    "s3://bucket/key?versionId=1",
];

/// The table, and ids as long as they may be: of one, two and four bytes a character, and two that differ at the end.
fn table() -> Vec<String> {
    let long = |unit: &str| unit.repeat(Key::MAX_ID_BYTES / unit.len());
    let ends_otherwise = |last: &str| format!("{}{last}", "a".repeat(Key::MAX_ID_BYTES - last.len()));
    let mut ids: Vec<String> = IDS.iter().map(|id| (*id).to_owned()).collect();
    ids.extend(["a", "/", ".", "%", "é", "😀"].map(long));
    ids.extend(["b", "/", "_", ".json"].map(ends_otherwise));
    let different: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(different.len(), ids.len(), "the table holds an id twice");
    ids
}

pub(super) async fn every_id_of_the_table_is_stored_apart(place: &dyn Place) {
    let store = place.open("default").await;
    let table = table();
    for id in &table {
        let written = put(&store, sample(id).note(id.as_str()).record()).await;
        assert!(written.is_new(), "{id:?} took the place of another id");
    }
    for id in &table {
        let stored = get(&store, &key(id)).await;
        assert_eq!(stored.meta.key.id(), id, "the description names another id");
        assert_eq!(&note_of(&stored.into_body().unwrap()), id, "{id:?} answers the document of another id");
    }
    let listed: BTreeSet<String> = ids(&store, &Query::new()).await.into_iter().collect();
    let missing: Vec<&String> = table.iter().filter(|id| !listed.contains(*id)).collect();
    assert!(missing.is_empty(), "not listed: {missing:?}");
    assert_eq!(listed.len(), table.len(), "listed, but never saved: {listed:?}");
}

pub(super) async fn deleting_ids_of_the_table_leaves_the_others(place: &dyn Place) {
    let store = place.open("default").await;
    let table = table();
    put_all(&store, table.iter().map(|id| sample(id).note(id.as_str()).record()).collect()).await;
    let (going, staying): (Vec<_>, Vec<_>) = table.iter().enumerate().partition(|(index, _)| index % 2 == 0);
    for (_, id) in &going {
        delete(&store, &key(id)).await;
    }
    for (_, id) in &going {
        absent(&store, &key(id)).await;
    }
    for (_, id) in &staying {
        assert_eq!(&&note_of(&body(&store, &key(id)).await), id, "{id:?} changed when others were deleted");
    }
    let rest = staying.iter().map(|(_, id)| key(id)).collect();
    for (outcome, (_, id)) in
        store.delete_many(rest, DeleteOptions::default()).await.into_iter().zip(&staying)
    {
        assert!(ok(outcome, "delete_many"), "{id:?} was gone already");
    }
    assert!(ids(&store, &Query::new()).await.is_empty());
}

pub(super) async fn ids_that_differ_by_case_are_two_documents(place: &dyn Place) {
    let store = place.open("default").await;
    put(&store, sample("Run_A").note("upper").record()).await;
    absent(&store, &key("run_a")).await;
    put(&store, sample("run_a").note("lower").record()).await;
    for (id, note) in [("Run_A", "upper"), ("run_a", "lower")] {
        assert_eq!(note_of(&body(&store, &key(id)).await), note, "{id:?} answers the document of another id");
    }
}

pub(super) async fn a_slash_and_an_underscore_make_two_ids(place: &dyn Place) {
    let store = place.open("default").await;
    put(&store, sample("team/run").note("slash").record()).await;
    absent(&store, &key("team_run")).await;
    put(&store, sample("team_run").note("underscore").record()).await;
    assert_eq!(note_of(&body(&store, &key("team/run")).await), "slash");
    delete(&store, &key("team_run")).await;
    assert_eq!(note_of(&body(&store, &key("team/run")).await), "slash");
}

pub(super) async fn one_id_in_several_collections_is_several_documents(place: &dyn Place) {
    let store = place.open("default").await;
    let collections = [
        Collection::RESULTS,
        Collection::new("reports").unwrap(),
        Collection::new("results2").unwrap(),
        hidden("reports"),
    ];
    for collection in &collections {
        put(&store, sample("run_1").collection(collection).note(collection.as_str()).record()).await;
    }
    for collection in &collections {
        let here = Key::new(collection.clone(), "run_1").unwrap();
        assert_eq!(note_of(&body(&store, &here).await), collection.as_str());
        assert_eq!(ids(&store, &Query::new().with_collection(collection.clone())).await, ["run_1"]);
    }
    delete(&store, &Key::new(collections[1].clone(), "run_1").unwrap()).await;
    for collection in [&collections[0], &collections[2], &collections[3]] {
        get(&store, &Key::new(collection.clone(), "run_1").unwrap()).await;
    }
}

pub(super) async fn expectation_suites_are_kept_beside_results(place: &dyn Place) {
    let store = place.open("default").await;
    let text = br#"{"name": "orders contract", "data_asset": "orders", "expectations": [], "updated_at": "2026-01-02T03:04:05"}"#;
    let suite = truthound_stores_core::Record::parse(
        Collection::EXPECTATIONS,
        text,
        &truthound_stores_core::Reading::default(),
    );
    let suite = suite.unwrap();
    put(&store, suite.clone()).await;
    let stored = get(&store, &suite.key).await;
    assert_eq!(stored.meta.attributes, suite.attributes);
    assert_eq!(stored.body, Some(suite.body));
    assert_eq!(
        ids(&store, &Query::new().with_collection(Collection::EXPECTATIONS)).await,
        ["orders contract"]
    );
    assert!(ids(&store, &Query::new()).await.is_empty(), "a suite is listed among the results");
}
