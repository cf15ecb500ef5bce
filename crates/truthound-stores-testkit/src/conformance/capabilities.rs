//! A store does what it claims and refuses what it does not: it never does something like it.

use truthound_stores_core::{
    ChangeToken, DeleteOptions, ErrorKind, PutMode, PutOptions, Revision, Store, StoreExt,
};

use super::Place;
use super::check::{absent, body, count, ok, put, refused};
use super::sample::{key, note_of, sample};

/// Checks that create-only writes are refused and write nothing.
pub(super) async fn create_only_is_refused(store: &dyn Store) {
    let unsupported = ErrorKind::Unsupported;
    refused(
        store.put_opts(sample("new").record(), PutOptions::create()).await,
        unsupported,
        "create, not claimed",
    );
    for outcome in store.put_many(vec![sample("new").record()], PutOptions::create()).await {
        refused(outcome, unsupported, "create in a batch, not claimed");
    }
    absent(store, &key("new")).await;
}

/// Checks that compare-and-swap is refused and changes nothing.
pub(super) async fn compare_and_swap_is_refused(store: &dyn Store) {
    let unsupported = ErrorKind::Unsupported;
    let revision = put(store, sample("old").note("old").record()).await.meta.revision;
    let over = || PutOptions::default().with_mode(PutMode::Replace(revision.clone()));
    let only = || DeleteOptions::if_revision(revision.clone());
    let record = || sample("old").note("new").record();
    refused(store.put_opts(record(), over()).await, unsupported, "replace, not claimed");
    refused(store.delete_opts(&key("old"), only()).await, unsupported, "delete a revision, not claimed");
    for outcome in store.put_many(vec![record()], over()).await {
        refused(outcome, unsupported, "replace in a batch, not claimed");
    }
    for outcome in store.delete_many(vec![key("old")], only()).await {
        refused(outcome, unsupported, "delete a revision in a batch, not claimed");
    }
    for outcome in store.delete_revisions(vec![(key("old"), revision.clone())]).await {
        refused(outcome, unsupported, "delete revisions in a batch, not claimed");
    }
    assert_eq!(note_of(&body(store, &key("old")).await), "old", "a refused write changed the document");
}

/// Checks that the feed is refused.
pub(super) async fn the_feed_is_refused(store: &dyn Store) {
    refused(store.changes(None, 10).await, ErrorKind::Unsupported, "changes, not claimed");
    let token = ChangeToken::new("any");
    refused(
        store.changes(Some(token), 10).await,
        ErrorKind::Unsupported,
        "changes after a token, not claimed",
    );
}

pub(super) async fn create_only_works_or_is_refused(place: &dyn Place) {
    let store = place.open("default").await;
    if !store.info().capabilities.create_only {
        return create_only_is_refused(&store).await;
    }
    for outcome in store.put_many(vec![sample("new").record()], PutOptions::create()).await {
        ok(outcome, "create in a batch");
    }
    let again = store.put_opts(sample("new").record(), PutOptions::create()).await;
    refused(again, ErrorKind::Conflict, "create a taken id");
}

pub(super) async fn compare_and_swap_works_or_is_refused(place: &dyn Place) {
    let store = place.open("default").await;
    if !store.info().capabilities.compare_and_swap {
        return compare_and_swap_is_refused(&store).await;
    }
    let first = put(&store, sample("run_1").record()).await.meta.revision;
    let over = PutOptions::replace(first.clone());
    let second = ok(store.put_opts(sample("run_1").record(), over).await, "replace").meta.revision;
    let stale = store.delete_revision(&key("run_1"), first).await;
    refused(stale, ErrorKind::Conflict, "delete a revision that was replaced");
    assert!(ok(store.delete_revision(&key("run_1"), second).await, "delete the stored revision"));
}

pub(super) async fn the_feed_works_or_is_refused(place: &dyn Place) {
    let store = place.open("default").await;
    if !store.info().capabilities.change_feed {
        return the_feed_is_refused(&store).await;
    }
    let page = ok(store.changes(None, 1).await, "changes");
    put(&store, sample("run_1").record()).await;
    let page = ok(store.changes(Some(page.next), 1).await, "changes after a write");
    assert_eq!(page.changes.len(), 1, "the write is missing from the feed");
}

pub(super) async fn the_store_says_that_it_can_be_written(place: &dyn Place) {
    let store = place.open("default").await;
    assert!(store.info().capabilities.writable, "the suite needs a store that can be written, and says so");
    put(&store, sample("run_1").record()).await;
    assert_eq!(count(&store, &truthound_stores_core::Query::new()).await, 1);
    assert!(ok(store.exists(&key("run_1")).await, "exists"));
}

pub(super) async fn a_revision_of_another_document_is_none_of_this(place: &dyn Place) {
    let store = place.open("default").await;
    if !store.info().capabilities.compare_and_swap {
        return compare_and_swap_is_refused(&store).await;
    }
    let of_one = put(&store, sample("one").record()).await.meta.revision;
    put(&store, sample("two").note("kept").record()).await;
    for stranger in [of_one, Revision::new("")] {
        let over = PutOptions::replace(stranger.clone());
        refused(
            store.put_opts(sample("two").record(), over).await,
            ErrorKind::Conflict,
            "replace by another's revision",
        );
        let answer = store.delete_revision(&key("two"), stranger).await;
        refused(answer, ErrorKind::Conflict, "delete by another's revision");
    }
    assert_eq!(note_of(&body(&store, &key("two")).await), "kept");
}
