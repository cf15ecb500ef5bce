//! Many writers at once lose nothing and mix nothing (R-ANY-1).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Barrier;
use tokio::task::JoinSet;
use truthound_stores_core::json::Json;
use truthound_stores_core::{Body, ErrorKind, PutOptions, Query, RecordMeta, Revision, Store, StoreExt};

use super::Place;
use super::check::{body, count, delete, get, ids, list, ok, put};
use super::sample::{key, note_of, sample};

pub(super) async fn concurrent_saves_of_different_ids_are_all_there(place: &dyn Place) {
    let mut writers = JoinSet::new();
    for writer in 0..8 {
        // Every other writer has a handle of its own.
        let store = place.open("default").await;
        writers.spawn(async move {
            for round in 0..10 {
                put(&store, sample(format!("run_{writer}_{round}")).record()).await;
            }
        });
    }
    writers.join_all().await;
    let store = place.open("default").await;
    let listed: BTreeSet<String> = ids(&store, &Query::new()).await.into_iter().collect();
    let saved: BTreeSet<String> =
        (0..8).flat_map(|writer| (0..10).map(move |round| format!("run_{writer}_{round}"))).collect();
    assert_eq!(listed, saved);
    assert_eq!(count(&store, &Query::new()).await, 80);
    for id in saved {
        get(&store, &key(&id)).await;
    }
}

pub(super) async fn of_many_who_create_one_id_one_wins(place: &dyn Place) {
    let store = place.open("default").await;
    if !store.info().capabilities.create_only {
        return super::capabilities::create_only_is_refused(&store).await;
    }
    for round in 0..5 {
        let start = Arc::new(Barrier::new(16));
        let mut writers = JoinSet::new();
        for writer in 0..16 {
            let store = if writer % 2 == 0 { Arc::clone(&store) } else { place.open("default").await };
            let start = Arc::clone(&start);
            writers.spawn(async move {
                start.wait().await;
                let record = sample(format!("run_{round}")).note(format!("{writer}")).record();
                (writer, store.put_opts(record, PutOptions::create()).await)
            });
        }
        let mut winners = Vec::new();
        for (writer, answer) in writers.join_all().await {
            match answer {
                Ok(_) => winners.push(writer),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Conflict, "writer {writer}: {}", error.report());
                }
            }
        }
        assert_eq!(winners.len(), 1, "the winners are {winners:?}");
        let stored = body(&store, &key(&format!("run_{round}"))).await;
        assert_eq!(note_of(&stored), winners[0].to_string(), "the document is not the winner's");
    }
}

pub(super) async fn counting_by_compare_and_swap_loses_no_step(place: &dyn Place) {
    const WRITERS: usize = 16;
    const STEPS: usize = 5;
    let store = place.open("default").await;
    if !store.info().capabilities.compare_and_swap {
        return super::capabilities::compare_and_swap_is_refused(&store).await;
    }
    put(&store, sample("counter").note("0").record()).await;
    let start = Arc::new(Barrier::new(WRITERS));
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let store = if writer % 2 == 0 { Arc::clone(&store) } else { place.open("default").await };
        let start = Arc::clone(&start);
        writers.spawn(async move {
            start.wait().await;
            for _ in 0..STEPS {
                step(&store).await;
            }
        });
    }
    writers.join_all().await;
    let total = note_of(&body(&store, &key("counter")).await);
    assert_eq!(total, (WRITERS * STEPS).to_string(), "steps were lost");
}

/// Adds one to the counter, however often others come first.
async fn step(store: &dyn Store) {
    // Every conflict is another writer's step, so that there are few.
    for _ in 0..10_000 {
        let seen = get(store, &key("counter")).await;
        let revision = seen.meta.revision.clone();
        let next = note_of(&seen.into_body().unwrap()).parse::<usize>().unwrap() + 1;
        let record = sample("counter").note(next.to_string()).record();
        match store.put_opts(record, PutOptions::replace(revision)).await {
            Ok(_) => return,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{}", error.report()),
        }
    }
    panic!("the revision that get answers is never the one that is stored");
}

pub(super) async fn of_many_who_delete_one_document_one_did(place: &dyn Place) {
    let store = place.open("default").await;
    for _ in 0..5 {
        put(&store, sample("run_1").record()).await;
        let start = Arc::new(Barrier::new(8));
        let mut writers = JoinSet::new();
        for _ in 0..8 {
            let (store, start) = (Arc::clone(&store), Arc::clone(&start));
            writers.spawn(async move {
                start.wait().await;
                ok(store.delete(&key("run_1")).await, "delete")
            });
        }
        let existed = writers.join_all().await.into_iter().filter(|existed| *existed).count();
        assert_eq!(existed, 1, "{existed} deletes say that they deleted the one document");
    }
}

/// Sees to it that readers and writers do meet: both go on until readers have often seen something new.
#[derive(Debug)]
struct Meeting {
    changes_seen: AtomicUsize,
    writing: AtomicUsize,
}

impl Meeting {
    const ENOUGH: usize = 40;

    fn of(writers: usize) -> Arc<Self> {
        Arc::new(Self { changes_seen: AtomicUsize::new(0), writing: AtomicUsize::new(writers) })
    }

    fn is_over(&self) -> bool {
        self.changes_seen.load(Ordering::SeqCst) >= Self::ENOUGH || self.writing.load(Ordering::SeqCst) == 0
    }

    /// Counts what a reader has seen, if it is new to that reader.
    fn saw(&self, last: &mut Option<Revision>, revision: Revision) {
        if last.as_ref() != Some(&revision) {
            self.changes_seen.fetch_add(1, Ordering::SeqCst);
            *last = Some(revision);
        }
    }

    /// A writer stops, because the meeting is over or because nobody reads.
    fn leave(&self) {
        self.writing.fetch_sub(1, Ordering::SeqCst);
    }
}

/// How often a writer writes at the most.
const ROUNDS: usize = 400;

pub(super) async fn readers_never_see_a_mixture_of_two_writes(place: &dyn Place) {
    let store = place.open("default").await;
    put(&store, uniform("0.0")).await;
    let meeting = Meeting::of(3);
    let mut tasks = JoinSet::new();
    for writer in 1..=3 {
        let (store, meeting) = (place.open("default").await, Arc::clone(&meeting));
        tasks.spawn(async move {
            for round in (0..ROUNDS).take_while(|_| !meeting.is_over()) {
                put(&store, uniform(&format!("{writer}.{round}"))).await;
                tokio::task::yield_now().await;
            }
            meeting.leave();
        });
    }
    for _ in 0..3 {
        let (store, meeting) = (Arc::clone(&store), Arc::clone(&meeting));
        tasks.spawn(async move {
            let mut last = None;
            while !meeting.is_over() {
                let stored = get(&store, &key("run_1")).await;
                let (meta, body) = (stored.meta, stored.body.expect("a text"));
                assert_uniform(&meta);
                assert_eq!(
                    meta.checksum,
                    body.checksum(),
                    "the description is of another write than the text"
                );
                assert_eq!(mark_of(&body), meta.attributes.data_asset, "the text is of another write");
                for meta in list(&store, &Query::new()).await {
                    assert_uniform(&meta);
                }
                meeting.saw(&mut last, meta.revision);
                tokio::task::yield_now().await;
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(ids(&store, &Query::new()).await, ["run_1"]);
}

/// Makes a document every part of which says which write it is of.
fn uniform(mark: &str) -> truthound_stores_core::Record {
    let text = format!("{mark};").repeat(3_000);
    sample("run_1").asset(mark).status(mark).tag("mark", mark).note(text).record()
}

fn assert_uniform(meta: &RecordMeta) {
    let facts = &meta.attributes;
    let same = facts.status.as_str() == facts.data_asset && facts.tags["mark"] == facts.data_asset;
    assert!(same, "attributes of two writes: {facts:?}");
}

fn mark_of(body: &Body) -> String {
    let json = body.to_json().unwrap();
    let mark = json.get("data_asset").and_then(Json::as_str).unwrap().to_owned();
    assert_eq!(note_of(body), format!("{mark};").repeat(3_000), "the text is a mixture of two writes");
    mark
}

pub(super) async fn a_document_is_there_while_it_is_overwritten(place: &dyn Place) {
    let store = place.open("default").await;
    put(&store, sample("run_1").record()).await;
    let meeting = Meeting::of(1);
    let mut tasks = JoinSet::new();
    {
        let (store, meeting) = (place.open("default").await, Arc::clone(&meeting));
        tasks.spawn(async move {
            for round in (0..ROUNDS).take_while(|_| !meeting.is_over()) {
                put(&store, sample("run_1").note(round.to_string()).record()).await;
                put(&store, sample("other").record()).await;
                delete(&store, &key("other")).await;
                tokio::task::yield_now().await;
            }
            meeting.leave();
        });
    }
    for _ in 0..3 {
        let (store, meeting) = (Arc::clone(&store), Arc::clone(&meeting));
        tasks.spawn(async move {
            let mut last = None;
            while !meeting.is_over() {
                let revision = get(&store, &key("run_1")).await.meta.revision;
                let listed = ids(&store, &Query::new()).await;
                assert!(
                    listed.contains(&"run_1".to_owned()),
                    "the listing lost a document that is being overwritten"
                );
                meeting.saw(&mut last, revision);
                tokio::task::yield_now().await;
            }
        });
    }
    tasks.join_all().await;
}
