//! Upkeep finds what is damaged, mends what it can, and loses and changes nothing that is sound.
//!
//! For stores that have one; the others keep nothing that could fall ill.

use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::{
    Body, ChangeToken, Collection, ErrorKind, Level, MaintainOptions, Query, Reading, Record, RecordMeta,
    ReindexOptions, Report, Store, StoreExt, Upkeep, VerifyOptions,
};

use super::Place;
use super::changes::{Follower, seen_of};
use super::check::{body, get, ids, is_listed_as, list, ok, put, put_all, refused};
use super::sample::{hidden, key, many, sample};
use crate::{Generator, odd_records};

/// The collections that cases put something into.
fn collections() -> [Collection; 4] {
    let reports = Collection::new("reports").unwrap();
    [Collection::RESULTS, Collection::EXPECTATIONS, reports, hidden("versions")]
}

/// Makes documents of every kind, in every collection.
fn variety() -> Vec<Record> {
    let mut records = Generator::new(61).records(5);
    records.extend(odd_records());
    records.push(sample("noted").ext("versioning.parent", "v41").record());
    records.push(sample("a/long/".repeat(50)).record());
    let [_, expectations, reports, versions] = collections();
    let suite = br#"{"name": "suite", "data_asset": "orders", "expectations": [], "updated_at": "2026-01-02T03:04:05"}"#;
    records.push(ok(Record::parse(expectations, suite, &Reading::default()), "the suite"));
    records.push(sample("report").collection(&reports).record());
    records.push(sample("noted__v1").collection(&versions).ext("versioning.of", "noted").record());
    records
}

/// Opens a store that has an upkeep, and saves something of every kind; answers how many documents that are.
async fn looked_after(place: &dyn Place) -> Option<(Arc<dyn Store>, u64)> {
    let store = place.open("default").await;
    store.upkeep()?;
    let written = put_all(&store, variety()).await;
    Some((store, written.len() as u64))
}

fn upkeep(store: &Arc<dyn Store>) -> &dyn Upkeep {
    store.upkeep().unwrap_or_else(|| panic!("{store} had an upkeep when it was opened"))
}

/// All that a store holds.
async fn everything(store: &dyn Store) -> Vec<(RecordMeta, Body)> {
    let mut all = Vec::new();
    for collection in collections() {
        for meta in list(store, &Query::new().with_collection(collection)).await {
            let text = body(store, &meta.key).await;
            all.push((meta, text));
        }
    }
    all
}

#[track_caller]
fn sound(report: &Report, documents: u64, what: &str) {
    assert!(!report.is_damaged(), "{what} finds damage in a sound store: {:?}", report.findings);
    assert_eq!(report.documents, documents, "{what} looked at another number of documents");
}

pub(super) async fn verifying_a_sound_store_finds_all_documents_and_no_damage(place: &dyn Place) {
    let Some((store, documents)) = looked_after(place).await else { return };
    let repair = VerifyOptions::default().with_repair(true);
    for (round, options) in
        [VerifyOptions::default(), VerifyOptions::default(), repair, repair].iter().enumerate()
    {
        let report = ok(upkeep(&store).verify(*options, &()).await, "verify");
        sound(&report, documents, &format!("verify {round} ({options:?})"));
    }
    ok(store.flush().await, "flush");
    sound(
        &ok(upkeep(&store).verify(VerifyOptions::default(), &()).await, "verify"),
        documents,
        "verify after flush",
    );
}

pub(super) async fn an_empty_store_is_sound(place: &dyn Place) {
    let store = place.open("default").await;
    let Some(keeper) = store.upkeep() else { return };
    for repair in [false, true] {
        let options = VerifyOptions::default().with_repair(repair);
        sound(&ok(keeper.verify(options, &()).await, "verify"), 0, "verify");
    }
    for quick in [false, true] {
        let options = ReindexOptions::default().with_quick(quick);
        sound(&ok(keeper.reindex(options, &()).await, "reindex"), 0, "reindex");
    }
    assert!(!ok(keeper.maintain(MaintainOptions::default(), &()).await, "maintain").is_damaged());
    assert!(!ok(keeper.diagnose().await, "diagnose").is_damaged());
    assert_eq!(ids(&store, &Query::new()).await, Vec::<String>::new());
    put(&store, sample("run_1").record()).await;
    sound(&ok(keeper.verify(VerifyOptions::default(), &()).await, "verify"), 1, "verify");
}

pub(super) async fn verify_names_a_damaged_document(place: &dyn Place) {
    let Some((store, documents)) = looked_after(place).await else { return };
    put_all(&store, many("run_", 3)).await;
    ok(store.flush().await, "flush");
    if !place.damage("default", &key("run_01")).await {
        return;
    }
    for _ in 0..2 {
        let report = ok(upkeep(&store).verify(VerifyOptions::default(), &()).await, "verify");
        assert!(report.is_damaged(), "verify finds no damage: {:?}", report.findings);
        let damage: Vec<_> = report.findings.iter().filter(|found| found.level == Level::Damage).collect();
        assert!(damage.iter().all(|found| !found.repaired), "mended without being asked: {damage:?}");
        let named: Vec<_> = damage.iter().filter_map(|found| found.key.as_ref()).collect();
        assert_eq!(named, [&key("run_01")], "{:?}", report.findings);
        assert_eq!(
            report.documents,
            documents + 3,
            "the damaged document was not looked at, or others were not"
        );
    }
}

pub(super) async fn repair_turns_no_damage_into_an_absence(place: &dyn Place) {
    let Some((store, _)) = looked_after(place).await else { return };
    let before = everything(&store).await;
    put_all(&store, many("run_", 3)).await;
    ok(store.flush().await, "flush");
    if !place.damage("default", &key("run_01")).await {
        return;
    }
    let options = VerifyOptions::default().with_repair(true);
    let report = ok(upkeep(&store).verify(options, &()).await, "verify and repair");
    let told = report.findings.iter().any(|found| found.key.as_ref() == Some(&key("run_01")));
    assert!(told, "verify with repair does not name what was damaged: {:?}", report.findings);
    // A store that has the text elsewhere may have mended it.
    if let Err(error) = store.read(&key("run_01")).await {
        assert_eq!(error.kind(), ErrorKind::Corrupt, "a damaged document after repair: {}", error.report());
        let again = ok(upkeep(&store).verify(VerifyOptions::default(), &()).await, "verify");
        assert!(again.is_damaged(), "what could not be mended is forgotten: {:?}", again.findings);
    }
    for (meta, text) in before {
        let stored = get(&store, &meta.key).await;
        assert!(is_listed_as(&meta, &stored.meta), "{meta:?} became {:?}", stored.meta);
        assert_eq!(ok(stored.into_body(), "the text"), text, "{}", meta.key);
    }
}

pub(super) async fn upkeep_loses_and_changes_nothing(place: &dyn Place) {
    let Some((store, _)) = looked_after(place).await else { return };
    let before = everything(&store).await;
    let keeper = upkeep(&store);
    for round in 0..2 {
        ok(keeper.diagnose().await, "diagnose");
        assert_eq!(everything(&store).await, before, "diagnose {round} changed something");
        ok(keeper.verify(VerifyOptions::default().with_repair(true), &()).await, "verify and repair");
        assert_eq!(everything(&store).await, before, "verify {round} changed something");
        ok(keeper.maintain(MaintainOptions::default(), &()).await, "maintain");
        assert_eq!(everything(&store).await, before, "maintain {round} changed something");
        match keeper.maintain(MaintainOptions::default().with_grace(Duration::from_hours(1)), &()).await {
            Ok(report) => assert!(!report.is_damaged(), "{:?}", report.findings),
            // A store that keeps no earlier states must not pretend to.
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported, "{}", error.report()),
        }
        assert_eq!(everything(&store).await, before, "maintain {round} with a grace changed something");
        ok(keeper.reindex(ReindexOptions::default().with_quick(true), &()).await, "reindex quickly");
        assert_eq!(everything(&store).await, before, "reindex {round} of names only changed something");
    }
    let told = ok(keeper.reindex(ReindexOptions::default(), &()).await, "reindex");
    assert!(!told.is_damaged(), "reindex finds damage in a sound store: {:?}", told.findings);
    // Revisions and times of saving may be those of the files from now on.
    let lasting = |all: Vec<(RecordMeta, Body)>| {
        all.into_iter()
            .map(|(meta, text)| (meta.key, meta.attributes, meta.size, meta.checksum, text))
            .collect()
    };
    let (after, before): (Vec<_>, Vec<_>) = (lasting(everything(&store).await), lasting(before));
    assert_eq!(after, before, "reindex changed something");
}

pub(super) async fn the_feed_goes_on_over_upkeep(place: &dyn Place) {
    let Some((store, _)) = looked_after(place).await else { return };
    let Some(follower) = Follower::start(&store).await else { return };
    let token = || ChangeToken::new(follower.token.as_str().to_owned());
    put(&store, sample("before").record()).await;
    ok(store.delete(&key("noted")).await, "delete");
    for round in 0..4 {
        match round {
            0 => drop(ok(upkeep(&store).maintain(MaintainOptions::default(), &()).await, "maintain")),
            1 => drop(ok(
                upkeep(&store).verify(VerifyOptions::default().with_repair(true), &()).await,
                "verify",
            )),
            2 => drop(ok(
                upkeep(&store).reindex(ReindexOptions::default().with_quick(true), &()).await,
                "reindex",
            )),
            _ => drop(ok(upkeep(&store).reindex(ReindexOptions::default(), &()).await, "reindex")),
        }
        put(&store, sample(format!("after_{round}")).record()).await;
        let page = ok(store.changes(Some(token()), 1_000).await, "the feed");
        // A reader who is told to compare listings misses nothing, either.
        let told = |id: &str| page.reset || !seen_of(&page.changes, &key(id)).is_empty();
        for id in ["before", "noted", &format!("after_{round}")] {
            assert!(told(id), "after upkeep {round}, the feed has lost {id}: {:?}", page.changes);
        }
    }
}

pub(super) async fn what_is_saved_during_upkeep_is_all_there(place: &dyn Place) {
    let Some((store, documents)) = looked_after(place).await else { return };
    let other = place.open("default").await;
    let writing = tokio::spawn(async move {
        for record in many("run_", 60) {
            put(&other, record).await;
            tokio::task::yield_now().await;
        }
    });
    while !writing.is_finished() {
        ok(upkeep(&store).maintain(MaintainOptions::default(), &()).await, "maintain while another saves");
        let report =
            ok(upkeep(&store).verify(VerifyOptions::default(), &()).await, "verify while another saves");
        assert!(!report.is_damaged(), "a save under way is taken for damage: {:?}", report.findings);
        // A store that answers at once would else leave the writer no turn.
        tokio::task::yield_now().await;
    }
    ok(writing.await.map_err(|error| truthound_stores_core::Error::invalid(error.to_string())), "the writer");
    assert_eq!(everything(&store).await.len() as u64, documents + 60);
    sound(
        &ok(upkeep(&store).verify(VerifyOptions::default(), &()).await, "verify"),
        documents + 60,
        "verify",
    );
}

pub(super) async fn upkeep_of_a_closed_store_is_refused(place: &dyn Place) {
    let Some((store, _)) = looked_after(place).await else { return };
    ok(store.close().await, "close");
    let Some(keeper) = store.upkeep() else { return };
    let closed = ErrorKind::Closed;
    for repair in [false, true] {
        let options = VerifyOptions::default().with_repair(repair);
        refused(keeper.verify(options, &()).await, closed, "verify after close");
    }
    for quick in [false, true] {
        let options = ReindexOptions::default().with_quick(quick);
        refused(keeper.reindex(options, &()).await, closed, "reindex after close");
    }
    for grace in [Duration::ZERO, Duration::from_hours(1)] {
        let options = MaintainOptions::default().with_grace(grace);
        refused(keeper.maintain(options, &()).await, closed, "maintain after close");
    }
    refused(keeper.diagnose().await, closed, "diagnose after close");
}

pub(super) async fn an_outage_is_no_damage(place: &dyn Place) {
    let Some((store, _)) = looked_after(place).await else { return };
    let before = everything(&store).await;
    if !place.set_outage(true).await {
        return;
    }
    for repair in [false, true] {
        let options = VerifyOptions::default().with_repair(repair);
        // One that does not need what is cut off may answer all the same, with the truth.
        match upkeep(&store).verify(options, &()).await {
            Ok(report) => {
                assert!(!report.is_damaged(), "an outage is taken for damage: {:?}", report.findings);
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unavailable, "{}", error.report()),
        }
    }
    assert!(place.set_outage(false).await);
    assert_eq!(everything(&store).await, before, "verify during an outage changed something");
}
