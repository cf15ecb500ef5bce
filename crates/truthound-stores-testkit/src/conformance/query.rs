//! Conditions mean the same everywhere (R-ANY-7, R-ANY-9): what `Query::matches` says, on any data.

use truthound_stores_core::{
    Collection, Key, OrderBy, Page, Query, Record, RecordMeta, Revision, Status, Timestamp,
};

use super::Place;
use super::check::{body, count, delete, get, ids, ok, put, put_all};
use super::sample::{hidden, key, sample};
use crate::{Generator, ManualClock, SeededRandom, odd_records};

/// Checks what queries list, in order.
async fn expect(store: &dyn truthound_stores_core::Store, cases: &[(Query, &[&str])]) {
    for (query, expected) in cases {
        assert_eq!(ids(store, query).await, *expected, "{query:?}");
        assert_eq!(count(store, query).await, expected.len() as u64, "count of {query:?}");
    }
}

/// Asks in an order that is easy to write down.
fn by_id_time() -> Query {
    Query::new().with_ascending(true)
}

pub(super) async fn any_of_several_statuses_counts(place: &dyn Place) {
    let store = place.open("default").await;
    let statuses = ["success", "failure", "warning", "error", "skipped by Zoë", "Failure"];
    let records = statuses.iter().enumerate().map(|(index, status)| {
        sample(format!("{index}")).status(status).time(&format!("2026-01-01T00:00:0{index}")).record()
    });
    put_all(&store, records.collect()).await;
    let with = |words: &[&str]| words.iter().fold(by_id_time(), |query, word| query.with_status(*word));
    expect(
        &store,
        &[
            (with(&["failure"]), &["1"]),
            (with(&["failed"]), &["1"]),
            (with(&["error", "failure", "error"]), &["1", "3"]),
            (with(&["warning", "success", "no such"]), &["0", "2"]),
            (with(&["skipped by Zoë"]), &["4"]),
            (with(&["skipped"]), &[]),
            (with(&["Failure"]), &["5"]),
            (with(&[""]), &[]),
            (with(&[]), &["0", "1", "2", "3", "4", "5"]),
        ],
    )
    .await;
}

pub(super) async fn all_of_several_tags_must_match(place: &dyn Place) {
    let store = place.open("default").await;
    let at = |id: &str| sample(id).time(&format!("2026-01-01T00:00:0{id}"));
    let records = vec![
        at("0").record(),
        at("1").tag("environment", "production").record(),
        at("2").tag("environment", "production").tag("team", "sales").record(),
        at("3").tag("team", "sales").tag("größe", "東京 %_").record(),
        at("4").tag("environment", "Production").tag("team", "").record(),
        at("5").tag("environment", "production ").tag("a.b", "x\"y'z").record(),
    ];
    put_all(&store, records).await;
    let with = |tags: &[(&str, &str)]| {
        tags.iter().fold(by_id_time(), |query, (name, value)| query.with_tag(*name, *value))
    };
    expect(
        &store,
        &[
            (with(&[("environment", "production")]), &["1", "2"]),
            (with(&[("environment", "production"), ("team", "sales")]), &["2"]),
            (with(&[("team", "sales")]), &["2", "3"]),
            (with(&[("team", "")]), &["4"]),
            (with(&[("größe", "東京 %_")]), &["3"]),
            (with(&[("größe", "東京 %")]), &[]),
            (with(&[("a.b", "x\"y'z")]), &["5"]),
            (with(&[("a", "x\"y'z")]), &[]),
            (with(&[("environment", "sales")]), &[]),
            (with(&[("no such", "")]), &[]),
        ],
    )
    .await;
}

pub(super) async fn both_ends_of_a_time_range_are_inclusive(place: &dyn Place) {
    let store = place.open("default").await;
    let records = vec![
        sample("a").time("2026-01-01T10:00:00").record(),
        sample("b").time("2026-01-01T10:00:00.000001").record(),
        sample("c").time("2026-01-01T10:00:00.000999").record(),
        sample("d").time("2026-01-01T10:00:00.001").record(),
        sample("e").time("2026-01-01T10:00:01").record(),
    ];
    put_all(&store, records).await;
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let from = |text| by_id_time().with_start_time(at(text));
    let to = |text| by_id_time().with_end_time(at(text));
    let both = |start, end| from(start).with_end_time(at(end));
    expect(
        &store,
        &[
            (from("2026-01-01T10:00:00.000999"), &["c", "d", "e"]),
            (to("2026-01-01T10:00:00.000999"), &["a", "b", "c"]),
            (to("2026-01-01T10:00:00.000998"), &["a", "b"]),
            (from("2026-01-01T10:00:00.001001"), &["e"]),
            (both("2026-01-01T10:00:00.000001", "2026-01-01T10:00:00.001"), &["b", "c", "d"]),
            (both("2026-01-01T10:00:00", "2026-01-01T10:00:00"), &["a"]),
            (both("2026-01-01T10:00:01", "2026-01-01T10:00:00"), &[]),
        ],
    )
    .await;
}

pub(super) async fn times_with_and_without_an_offset_mix_by_instant(place: &dyn Place) {
    let store = place.open("default").await;
    let records = vec![
        sample("utc").time("2026-03-01T03:00:00Z").record(),
        sample("tokyo").time("2026-03-01T12:30:00+09:00").record(),
        sample("naive").time("2026-03-01T03:15:00.5").record(),
        sample("new_york").time("2026-02-28T21:45:00-05:00").record(),
        sample("space").time("2026-03-01 04:00:00").record(),
        sample("basic").time("20260301T041500").record(),
    ];
    put_all(&store, records).await;
    let three = "2026-03-01T03:00:00Z".parse().unwrap();
    let half_past = "2026-03-01T03:30:00Z".parse().unwrap();
    expect(
        &store,
        &[
            (by_id_time(), &["new_york", "utc", "naive", "tokyo", "space", "basic"]),
            (by_id_time().with_start_time(three).with_end_time(half_past), &["utc", "naive", "tokyo"]),
        ],
    )
    .await;
}

pub(super) async fn wildcards_of_a_pattern_match_and_all_else_is_literal(place: &dyn Place) {
    let store = place.open("default").await;
    let assets = [
        "orders",
        "orders_eu",
        "orders%eu",
        "ordersXeu",
        "Orders",
        "orders*",
        "or[d]ers",
        "or\\ders",
        "größe.ä",
        "日本",
    ];
    let records = assets.iter().enumerate().map(|(index, asset)| {
        sample(format!("{index}")).asset(asset).time(&format!("2026-01-01T00:00:0{index}")).record()
    });
    put_all(&store, records.collect()).await;
    let like = |pattern: &str| by_id_time().with_data_asset(pattern);
    expect(
        &store,
        &[
            (like("orders"), &["0"]),
            (like("orders*"), &["0", "1", "2", "3", "5"]),
            (like(r"orders\*"), &["5"]),
            (like("orders_eu"), &["1"]),
            (like("orders%eu"), &["2"]),
            (like("orders%"), &[]),
            (like("orders?eu"), &["1", "2", "3"]),
            (like("*eu"), &["1", "2", "3"]),
            (like("?rders"), &["0", "4"]),
            (like("or[d]ers"), &["6"]),
            (like("or[a-z]ers"), &[]),
            (like(r"or\\ders"), &["7"]),
            (like("*ö*ä"), &["8"]),
            (like("??"), &["9"]),
            (like("*"), &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]),
            (like(""), &[]),
            (like("*o*r*e*e*"), &["1", "2", "3"]),
        ],
    )
    .await;
}

pub(super) async fn limit_and_offset_come_after_all_filtering(place: &dyn Place) {
    let store = place.open("default").await;
    let records = (0..12).map(|index| {
        let status = if index % 3 == 0 { "failure" } else { "success" };
        sample(format!("{index:02}")).status(status).time(&format!("2026-01-01T00:00:{index:02}")).record()
    });
    put_all(&store, records.collect()).await;
    let failures = || by_id_time().with_status(Status::FAILURE);
    expect(
        &store,
        &[
            (failures().with_limit(3), &["00", "03", "06"]),
            (failures().with_limit(2).with_offset(1), &["03", "06"]),
            (failures().with_offset(3), &["09"]),
            (failures().with_offset(4), &[]),
            (failures().with_offset(u64::MAX), &[]),
            (failures().with_limit(u64::MAX).with_offset(2), &["06", "09"]),
            (failures().with_limit(0), &[]),
            (failures().with_limit(100).with_ascending(false).with_offset(1), &["06", "03", "00"]),
        ],
    )
    .await;
}

pub(super) async fn hidden_collections_stay_out_of_ordinary_queries(place: &dyn Place) {
    let store = place.open("default").await;
    let versions = hidden("versions");
    put(&store, sample("run_1").record()).await;
    put(&store, sample("run_1__v1").collection(&versions).record()).await;
    assert_eq!(ids(&store, &Query::new()).await, ["run_1"], "a hidden record is listed among the results");
    assert_eq!(count(&store, &Query::new()).await, 1);
    // For the wrapper that owns it, it is a collection like any other.
    let own = Query::new().with_collection(versions.clone());
    assert_eq!(ids(&store, &own).await, ["run_1__v1"]);
    assert_eq!(count(&store, &own).await, 1);
    let of_version = Key::new(versions, "run_1__v1").unwrap();
    body(&store, &of_version).await;
    delete(&store, &of_version).await;
    assert!(ids(&store, &own).await.is_empty());
    get(&store, &key("run_1")).await;
}

pub(super) async fn a_query_sees_only_its_own_collection(place: &dyn Place) {
    let store = place.open("default").await;
    let reports = Collection::new("reports").unwrap();
    put(&store, sample("result").record()).await;
    put(&store, sample("report").collection(&reports).record()).await;
    assert_eq!(ids(&store, &Query::new()).await, ["result"]);
    assert_eq!(ids(&store, &Query::new().with_collection(reports)).await, ["report"]);
    let empty = Query::new().with_collection(Collection::new("empty").unwrap());
    assert!(ids(&store, &empty).await.is_empty(), "a collection that holds nothing lists something");
    assert_eq!(count(&store, &empty).await, 0);
}

pub(super) async fn random_queries_agree_with_the_reference(place: &dyn Place) {
    let store = place.open("default").await;
    let mut records = Generator::new(21).records(44);
    records.extend(odd_records());
    put_all(&store, records.clone()).await;
    let metas: Vec<RecordMeta> = records.iter().map(meta_of).collect();
    let mut random = SeededRandom::new(22);
    for round in 0..120 {
        let query = draw_query(&mut random, &records);
        let page = Page::evaluate(&query.clone().with_page_size(10_000), None, metas.clone());
        let expected: Vec<String> =
            ok(page, "the reference").metas.iter().map(|meta| meta.key.id().to_owned()).collect();
        assert_eq!(ids(&store, &query).await, expected, "query {round}: {query:?}");
        assert_eq!(count(&store, &query).await, expected.len() as u64, "count of query {round}: {query:?}");
    }
}

/// Describes a record for the reference, which looks at key and attributes only.
fn meta_of(record: &Record) -> RecordMeta {
    let (key, attributes) = (record.key.clone(), record.attributes.clone());
    RecordMeta::new(key, attributes, Revision::new("any"), 1, record.body.checksum(), ManualClock::START)
}

pub(super) fn draw_query(random: &mut SeededRandom, records: &[Record]) -> Query {
    const PATTERNS: [&str; 10] = [
        "*",
        "warehouse.*",
        "*.sales.*",
        "?dd.*",
        "*s",
        "lake/events/*.parquet",
        "倉庫.??",
        "*größe*",
        "odd",
        r"\*",
    ];
    const STATUSES: [&str; 6] = ["success", "failure", "warning", "error", "skipped by Zoë", "no such"];
    const TAGS: [(&str, &str); 5] = [
        ("environment", "production"),
        ("environment", "staging"),
        ("team", "größe & co"),
        ("pipeline", "nightly"),
        ("n", "1.50"),
    ];
    let mut query = Query::new().with_ascending(random.chance(50));
    if random.chance(40) {
        let exact =
            &records[usize::try_from(random.below(records.len() as u64)).unwrap()].attributes.data_asset;
        let pattern = if random.chance(50) { exact.as_str() } else { *random.pick(&PATTERNS) };
        query = query.with_data_asset(pattern);
    }
    let time = |random: &mut SeededRandom| {
        let micros = i64::try_from(random.below(3)).unwrap() - 1;
        random.pick(records).attributes.run_time.plus_micros(micros)
    };
    if random.chance(30) {
        query = query.with_start_time(time(random));
    }
    if random.chance(30) {
        query = query.with_end_time(time(random));
    }
    for _ in 0..random.below(4).saturating_sub(1) {
        query = query.with_status(*random.pick(&STATUSES));
    }
    for _ in 0..random.below(5).saturating_sub(2) {
        let (name, value) = *random.pick(&TAGS);
        query = query.with_tag(name, value);
    }
    if random.chance(40) {
        query = query.with_limit(random.below(70));
    }
    if random.chance(30) {
        query = query.with_offset(random.below(30));
    }
    let orders = [OrderBy::RunTime, OrderBy::DataAsset, OrderBy::Status];
    query.with_order_by(*random.pick(&orders)).with_page_size(*random.pick(&[6, 25, 1_000, 10_000]))
}
