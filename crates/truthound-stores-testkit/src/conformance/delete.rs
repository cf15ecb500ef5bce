//! What is deleted is gone from every answer, and only that.

use truthound_stores_core::{DeleteOptions, ErrorKind, PutOptions, Query, Revision, Store, StoreExt};

use super::Place;
use super::check::{absent, body, count, delete, get, ids, ok, put, refused};
use super::sample::{key, note_of, sample};

pub(super) async fn a_deleted_document_is_gone_from_every_answer(place: &dyn Place) {
    let store = place.open("default").await;
    put(&store, sample("run_1").record()).await;
    put(&store, sample("run_2").record()).await;
    // Whatever is remembered of a document that was read must go with it.
    get(&store, &key("run_1")).await;
    delete(&store, &key("run_1")).await;
    absent(&store, &key("run_1")).await;
    assert_eq!(ids(&store, &Query::new()).await, ["run_2"]);
    assert_eq!(count(&store, &Query::new()).await, 1);
}

pub(super) async fn delete_answers_whether_there_was_one(place: &dyn Place) {
    let store = place.open("default").await;
    put(&store, sample("run_1").record()).await;
    assert!(ok(store.delete(&key("run_1")).await, "delete"), "there was a document");
    assert!(!ok(store.delete(&key("run_1")).await, "delete again"), "there was none any more");
    assert!(!ok(store.delete(&key("never")).await, "delete what never was"), "there never was one");
}

pub(super) async fn a_named_revision_is_deleted_if_it_is_stored(place: &dyn Place) {
    let store = place.open("default").await;
    if !store.info().capabilities.compare_and_swap {
        return super::capabilities::compare_and_swap_is_refused(&store).await;
    }
    let revision = put(&store, sample("run_1").record()).await.meta.revision;
    assert!(ok(store.delete_revision(&key("run_1"), revision.clone()).await, "delete this revision"));
    absent(&store, &key("run_1")).await;
    let again =
        ok(store.delete_revision(&key("run_1"), revision).await, "delete a revision of an absent document");
    assert!(!again, "there was nothing any more");
}

pub(super) async fn another_revision_is_not_deleted(place: &dyn Place) {
    let store = place.open("default").await;
    if !store.info().capabilities.compare_and_swap {
        return super::capabilities::compare_and_swap_is_refused(&store).await;
    }
    let old = put(&store, sample("run_1").note("first").record()).await.meta.revision;
    put(&store, sample("run_1").note("second").record()).await;
    for stale in [old, Revision::new("never given by any store")] {
        let answer = store.delete_opts(&key("run_1"), DeleteOptions::if_revision(stale)).await;
        refused(answer, ErrorKind::Conflict, "delete another revision");
    }
    assert_eq!(note_of(&body(&store, &key("run_1")).await), "second");
}

pub(super) async fn a_deleted_id_can_be_created_again(place: &dyn Place) {
    let store = place.open("default").await;
    put(&store, sample("run_1").note("first").record()).await;
    delete(&store, &key("run_1")).await;
    let mode =
        if store.info().capabilities.create_only { PutOptions::create() } else { PutOptions::default() };
    let written = ok(store.put_opts(sample("run_1").note("second").record(), mode).await, "create again");
    assert!(written.is_new(), "a deleted document is said to be replaced: {:?}", written.replaced);
    assert_eq!(note_of(&body(&store, &key("run_1")).await), "second");
    assert_eq!(ids(&store, &Query::new()).await, ["run_1"]);
}
