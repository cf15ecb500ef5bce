//! A document comes back as it went in: the text of its numbers, the order of its keys, what nobody knows of it.

use truthound_stores_core::{ErrorKind, PutOptions, Record, Store};

use super::Place;
use super::check::{absent, body, get, ok, put, refused};
use super::sample::{key, parse};
use crate::{Generator, odd_records};

/// Makes a result with more members.
fn with(id: &str, members: &str) -> Record {
    parse(
        format!(r#"{{"run_id": "{id}", "run_time": "2026-01-01T00:00:00", "data_asset": "a", "status": "success", {members}}}"#)
            .as_bytes(),
    )
}

async fn assert_kept(store: &dyn Store, record: Record) {
    put(store, record.clone()).await;
    let stored = get(store, &record.key).await;
    assert_eq!(stored.meta.checksum, record.body.checksum(), "{}: the checksum", record.key);
    let body = stored.body.expect("a text");
    assert_eq!(body.as_str(), record.body.as_str(), "{} came back otherwise", record.key);
}

pub(super) async fn realistic_documents_come_back_exactly(place: &dyn Place) {
    let store = place.open("default").await;
    for record in Generator::new(41).records(10) {
        assert_kept(&store, record).await;
    }
}

pub(super) async fn odd_documents_are_stored_and_come_back(place: &dyn Place) {
    // R-ANY-9: tags that are null, NaN, unknown fields, an unknown status.
    let store = place.open("default").await;
    for record in odd_records() {
        assert_kept(&store, record).await;
    }
}

pub(super) async fn numbers_keep_their_text(place: &dyn Place) {
    let store = place.open("default").await;
    let digits = "1234567890".repeat(30);
    let numbers = format!(
        r#""n": [0, -0, 1.50, 1.0, 10, 1e5, 1E+5, 1e-05, 1e+16, 1E400, -1e-400, 0.1, 0.30000000000000004, 100.000,
            9007199254740993, 18446744073709551616, -9223372036854775809, {digits}, 0.{digits}]"#
    );
    assert_kept(&store, with("numbers", &numbers)).await;
}

pub(super) async fn numbers_that_are_not_finite_are_kept(place: &dyn Place) {
    let store = place.open("default").await;
    assert_kept(&store, with("not finite", r#""n": [NaN, Infinity, -Infinity], "s": ["NaN", "Infinity"]"#))
        .await;
}

pub(super) async fn keys_keep_their_order(place: &dyn Place) {
    let store = place.open("default").await;
    let members = r#""zebra": 1, "a": {"z": 1, "10": 2, "9": 3, "": 4, "A": 5, "a": 6, "null": 7, "true": 8, "1.0": 9, "~": 10}"#;
    assert_kept(&store, with("order", members)).await;
}

pub(super) async fn every_character_is_kept(place: &dyn Place) {
    let store = place.open("default").await;
    let texts = r##""t": ["\u0000\u0001\u001f\u007f\u0080\u0085", "\u2028\u2029\ufeff\ufffe\uffff", "👩‍👩‍👧 e\u0301 é",
        "\" \\ \/ \b \f \n \r \t", "\r\n", " lead and trail ", "", "<script>&amp;", "日本語 עברית", "\ud83d\ude00",
        "- a: b", "# no comment", "'single'", "%s {} $1", "2026-01-01", "0x10", "yes", "null", "~", "!!str", "*a &b"]"##;
    assert_kept(&store, with("characters", texts)).await;
    let names =
        r#""größe": 1, "\u0000": 2, "a b": 3, "\"": 4, "👩": 5, "\u2028": 6, "- ": 7, "? x": 8, "<<": 9"#;
    assert_kept(&store, with("names", names)).await;
}

pub(super) async fn empty_containers_and_deep_ones_are_kept(place: &dyn Place) {
    let store = place.open("default").await;
    assert_kept(
        &store,
        with("empty", r#""a": {}, "b": [], "c": [[], {}, [[]], {"d": {}}], "e": null, "f": """#),
    )
    .await;
    let deep = format!(r#""deep": {}{}{}"#, "[".repeat(100), r#"{"a": null}"#, "]".repeat(100));
    assert_kept(&store, with("deep", &deep)).await;
}

pub(super) async fn a_document_of_a_megabyte_is_kept(place: &dyn Place) {
    let store = place.open("default").await;
    let items: Vec<String> =
        (0..20_000).map(|index| format!(r#"{{"row": {index}, "value": "größe {index} ☃"}}"#)).collect();
    let record = with("large", &format!(r#""rows": [{}]"#, items.join(",")));
    assert!(record.body.as_bytes().len() > 700_000);
    assert_kept(&store, record).await;
    let text = "x\u{e9}".repeat(350_000);
    assert_kept(&store, with("one string", &format!(r#""text": "{text}""#))).await;
}

pub(super) async fn what_a_format_cannot_hold_is_kept_or_refused(place: &dyn Place) {
    let store = place.open("default").await;
    let odd = [
        ("surrogate", r#""t": ["\ud800", "a\udfffb"]"#),
        ("surrogate in a name", r#""\ud800": 1"#),
        ("a name twice", r#""m": {"a": 1, "a": 2}"#),
    ];
    for (id, members) in odd {
        let record = with(id, members);
        match store.put_opts(record.clone(), PutOptions::default()).await {
            Ok(_) => assert_eq!(
                body(&store, &key(id)).await.as_str(),
                record.body.as_str(),
                "{id} came back otherwise"
            ),
            refusal => {
                refused(refusal, ErrorKind::Invalid, id);
                absent(&store, &key(id)).await;
            }
        }
    }
}

pub(super) async fn a_document_that_came_out_can_be_saved_again(place: &dyn Place) {
    let store = place.open("default").await;
    for record in odd_records() {
        put(&store, record.clone()).await;
        let out = ok(get(&store, &record.key).await.into_record(), "into_record");
        assert_eq!(out, record);
        assert_kept(&store, out).await;
    }
}
