//! A write is whole, and is reported as what it was (R-ANY-13).

use std::collections::BTreeSet;

use truthound_stores_core::{ErrorKind, PutOptions, Query, Revision, Store, StoreExt};

use super::Place;
use super::check::{absent, assert_listed, body, count, delete, get, list, ok, put, refused};
use super::sample::{key, note_of, sample};

pub(super) async fn a_first_write_is_reported_as_new(place: &dyn Place) {
    let store = place.open("default").await;
    let written = put(&store, sample("run_1").record()).await;
    assert!(written.is_new(), "nothing was there, yet {:?} is said to be replaced", written.replaced);
    assert_eq!(written.meta, ok(store.head(&key("run_1")).await, "head"));
}

pub(super) async fn an_overwrite_replaces_and_says_what(place: &dyn Place) {
    let store = place.open("default").await;
    let first = put(&store, sample("run_1").note("first").status("failure").record()).await;
    let second = put(&store, sample("run_1").note("second").asset("moved").record()).await;
    assert_eq!(second.replaced, Some(first.meta.revision), "the overwrite does not say what it replaced");
    let stored = get(&store, &key("run_1")).await;
    assert_eq!(stored.meta, second.meta);
    assert_eq!(stored.meta.attributes.data_asset, "moved");
    assert_eq!(note_of(&stored.into_body().unwrap()), "second");
    assert_listed(
        &list(&store, &Query::new()).await,
        &[second.meta],
        "the listing disagrees with the overwrite",
    );
    assert_eq!(count(&store, &Query::new().with_status("failure")).await, 0, "the old status is still found");
}

pub(super) async fn create_only_refuses_a_taken_id_and_leaves_it(place: &dyn Place) {
    let store = place.open("default").await;
    if !store.info().capabilities.create_only {
        return super::capabilities::create_only_is_refused(&store).await;
    }
    let first = put(&store, sample("run_1").note("first").record()).await;
    let error = refused(
        store.put_opts(sample("run_1").note("second").record(), PutOptions::create()).await,
        ErrorKind::Conflict,
        "create a taken id",
    );
    assert_eq!(error.key(), Some(&key("run_1")), "the conflict does not name the key: {error}");
    let stored = get(&store, &key("run_1")).await;
    assert_eq!(stored.meta, first.meta, "a refused write changed the document");
    assert_eq!(note_of(&stored.into_body().unwrap()), "first");
}

pub(super) async fn create_only_writes_a_free_id(place: &dyn Place) {
    let store = place.open("default").await;
    if !store.info().capabilities.create_only {
        return super::capabilities::create_only_is_refused(&store).await;
    }
    let written =
        ok(store.put_opts(sample("run_1").record(), PutOptions::create()).await, "create a free id");
    assert!(written.is_new());
    assert_eq!(get(&store, &key("run_1")).await.meta, written.meta);
}

pub(super) async fn replace_writes_over_the_revision_that_is_named(place: &dyn Place) {
    let store = place.open("default").await;
    if !store.info().capabilities.compare_and_swap {
        return super::capabilities::compare_and_swap_is_refused(&store).await;
    }
    let first = put(&store, sample("run_1").note("first").record()).await;
    let over = PutOptions::replace(first.meta.revision.clone());
    let second = ok(store.put_opts(sample("run_1").note("second").record(), over).await, "replace");
    assert_eq!(second.replaced, Some(first.meta.revision));
    assert_eq!(note_of(&body(&store, &key("run_1")).await), "second");
}

pub(super) async fn replace_of_another_revision_conflicts_and_leaves_it(place: &dyn Place) {
    let store = place.open("default").await;
    if !store.info().capabilities.compare_and_swap {
        return super::capabilities::compare_and_swap_is_refused(&store).await;
    }
    let first = put(&store, sample("run_1").note("first").record()).await;
    let second = put(&store, sample("run_1").note("second").record()).await;
    for stale in [first.meta.revision, Revision::new("never given by any store")] {
        let answer = store.put_opts(sample("run_1").note("third").record(), PutOptions::replace(stale)).await;
        refused(answer, ErrorKind::Conflict, "replace another revision");
    }
    let stored = get(&store, &key("run_1")).await;
    assert_eq!(stored.meta, second.meta, "a refused write changed the document");
    assert_eq!(note_of(&stored.into_body().unwrap()), "second");
}

pub(super) async fn replace_of_an_absent_document_conflicts(place: &dyn Place) {
    let store = place.open("default").await;
    if !store.info().capabilities.compare_and_swap {
        return super::capabilities::compare_and_swap_is_refused(&store).await;
    }
    let gone = put(&store, sample("run_1").record()).await.meta.revision;
    delete(&store, &key("run_1")).await;
    for id in ["run_1", "never"] {
        let answer = store.put_opts(sample(id).record(), PutOptions::replace(gone.clone())).await;
        refused(answer, ErrorKind::Conflict, "replace an absent document");
        absent(&store, &key(id)).await;
    }
}

pub(super) async fn every_write_makes_a_new_revision_even_of_the_same_text(place: &dyn Place) {
    let store = place.open("default").await;
    let mut revisions = BTreeSet::new();
    for round in 0..3 {
        for _ in 0..3 {
            let revision = put(&store, sample("run_1").record()).await.meta.revision;
            assert!(revisions.insert(revision.clone()), "{revision} was given twice (round {round})");
            assert_eq!(ok(store.head(&key("run_1")).await, "head").revision, revision);
        }
        // A document that is created anew is another one: a writer who saw the old must not overwrite it.
        delete(&store, &key("run_1")).await;
    }
}

pub(super) async fn reading_and_refused_writes_leave_the_revision(place: &dyn Place) {
    let store = place.open("default").await;
    let written = put(&store, sample("run_1").record()).await;
    put(&store, sample("run_2").record()).await;
    body(&store, &key("run_1")).await;
    list(&store, &Query::new()).await;
    if store.info().capabilities.create_only {
        let answer = store.put_opts(sample("run_1").note("other").record(), PutOptions::create()).await;
        refused(answer, ErrorKind::Conflict, "create a taken id");
    }
    ok(store.flush().await, "flush");
    assert_eq!(ok(store.head(&key("run_1")).await, "head").revision, written.meta.revision);
}

pub(super) async fn saved_at_is_a_time_of_today_and_does_not_go_back(place: &dyn Place) {
    let store = place.open("default").await;
    let first = put(&store, sample("run_1").time("1999-01-01T00:00:00").record()).await.meta.saved_at;
    let second = put(&store, sample("run_1").time("1999-01-01T00:00:00").record()).await.meta.saved_at;
    assert!(first > "2020-01-01".parse().unwrap(), "saved_at is {first}: that is not when it was saved");
    assert!(second >= first, "the overwrite was saved at {second}, before the first write at {first}");
    assert_eq!(ok(store.head(&key("run_1")).await, "head").saved_at, second);
}
