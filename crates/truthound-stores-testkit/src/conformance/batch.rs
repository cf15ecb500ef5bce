//! A batch is as many writes as it has items: one outcome each, in order, and none stops another.

use truthound_stores_core::{
    DeleteOptions, ErrorKind, Key, PutOptions, Query, Revision, Store, StoreExt as _,
};

use super::Place;
use super::check::{body, count, ids, ok, put, put_all, refused};
use super::sample::{key, many, note_of, sample};

pub(super) async fn a_batch_of_writes_answers_each_in_order(place: &dyn Place) {
    let store = place.open("default").await;
    let order = ["c", "a", "d", "b"];
    let written = put_all(&store, order.iter().map(|id| sample(*id).note(*id).record()).collect()).await;
    let answered: Vec<&str> = written.iter().map(|written| written.meta.key.id()).collect();
    assert_eq!(answered, order, "outcomes are out of order");
    for (id, written) in order.iter().zip(&written) {
        assert!(written.is_new());
        assert_eq!(note_of(&body(&store, &key(id)).await), *id);
    }
    assert_eq!(count(&store, &Query::new()).await, 4);
}

pub(super) async fn a_conflict_in_a_batch_stops_no_other(place: &dyn Place) {
    let store = place.open("default").await;
    if !store.info().capabilities.create_only {
        return super::capabilities::create_only_is_refused(&store).await;
    }
    put(&store, sample("taken").note("first").record()).await;
    let records = ["a", "taken", "b"].map(|id| sample(id).note("batch").record());
    let mut outcomes = store.put_many(records.to_vec(), PutOptions::create()).await.into_iter();
    assert_eq!(outcomes.len(), 3, "one outcome for each document");
    ok(outcomes.next().unwrap(), "the document before the conflict");
    refused(outcomes.next().unwrap(), ErrorKind::Conflict, "the document in the middle");
    ok(outcomes.next().unwrap(), "the document after the conflict");
    for (id, note) in [("a", "batch"), ("taken", "first"), ("b", "batch")] {
        assert_eq!(note_of(&body(&store, &key(id)).await), note, "{id}");
    }
}

pub(super) async fn one_key_twice_in_a_batch_is_written_twice(place: &dyn Place) {
    let store = place.open("default").await;
    let records = ["first", "second", "third"].map(|note| sample("run_1").note(note).record());
    let written = put_all(&store, records.to_vec()).await;
    assert_eq!(written.len(), 3);
    assert_eq!(written[0].replaced, None);
    assert_eq!(written[1].replaced.as_ref(), Some(&written[0].meta.revision));
    assert_eq!(written[2].replaced.as_ref(), Some(&written[1].meta.revision));
    assert_eq!(note_of(&body(&store, &key("run_1")).await), "third", "the last of a batch holds");
    assert_eq!(ids(&store, &Query::new()).await, ["run_1"]);
}

pub(super) async fn a_batch_of_deletes_answers_each_in_order(place: &dyn Place) {
    let store = place.open("default").await;
    put_all(&store, many("run_", 3)).await;
    let going = ["run_02", "never", "run_00", "run_02"].map(key);
    let outcomes = store.delete_many(going.to_vec(), DeleteOptions::default()).await;
    let existed: Vec<bool> = outcomes.into_iter().map(|outcome| ok(outcome, "delete_many")).collect();
    assert_eq!(existed, [true, false, true, false], "whether there was one, in order");
    assert_eq!(ids(&store, &Query::new()).await, ["run_01"]);
}

pub(super) async fn conditions_hold_for_each_document_of_a_batch(place: &dyn Place) {
    let store = place.open("default").await;
    if !store.info().capabilities.compare_and_swap {
        return super::capabilities::compare_and_swap_is_refused(&store).await;
    }
    let written = put_all(&store, many("run_", 2)).await;
    let revision = written[1].meta.revision.clone();
    let records = ["run_00", "run_01"].map(|id| sample(id).note("replaced").record());
    let mut outcomes =
        store.put_many(records.to_vec(), PutOptions::replace(revision.clone())).await.into_iter();
    refused(outcomes.next().unwrap(), ErrorKind::Conflict, "replace by another document's revision");
    ok(outcomes.next().unwrap(), "replace by the document's own revision");
    let keys = ["run_00", "run_01"].map(key);
    for outcome in store.delete_many(keys.to_vec(), DeleteOptions::if_revision(revision)).await {
        refused(outcome, ErrorKind::Conflict, "delete by a revision that no document has any more");
    }
    assert_eq!(count(&store, &Query::new()).await, 2);
}

pub(super) async fn each_document_of_a_batch_is_deleted_at_its_own_revision(place: &dyn Place) {
    let store = place.open("default").await;
    if !store.info().capabilities.compare_and_swap {
        return super::capabilities::compare_and_swap_is_refused(&store).await;
    }
    let mut seen: Vec<(Key, Revision)> = put_all(&store, many("run_", 4))
        .await
        .into_iter()
        .map(|written| (written.meta.key, written.meta.revision))
        .collect();
    put(&store, sample("run_01").note("changed").record()).await;
    ok(store.delete_opts(&key("run_02"), DeleteOptions::default()).await, "delete");
    // One whose revision is that of another document.
    let first = seen[0].1.clone();
    seen[3].1 = first;
    let mut outcomes = store.delete_revisions(seen).await.into_iter();
    assert!(ok(outcomes.next().unwrap(), "delete at the revision that is stored"));
    refused(outcomes.next().unwrap(), ErrorKind::Conflict, "delete of a document that was changed since");
    assert!(!ok(outcomes.next().unwrap(), "delete of a document that is gone"));
    refused(outcomes.next().unwrap(), ErrorKind::Conflict, "delete by another document's revision");
    assert_eq!(ids(&store, &Query::new()).await, ["run_03", "run_01"]);
    assert_eq!(note_of(&body(&store, &key("run_01")).await), "changed");
}

pub(super) async fn an_empty_batch_does_nothing(place: &dyn Place) {
    let store = place.open("default").await;
    assert!(store.put_many(Vec::new(), PutOptions::default()).await.is_empty());
    assert!(store.delete_many(Vec::new(), DeleteOptions::default()).await.is_empty());
    assert_eq!(count(&store, &Query::new()).await, 0);
}

pub(super) async fn a_large_batch_is_all_there(place: &dyn Place) {
    let store = place.open("default").await;
    let records = many("run_", 400);
    let mut expected: Vec<String> = records.iter().map(|record| record.key.id().to_owned()).collect();
    put_all(&store, records).await;
    expected.reverse();
    assert_eq!(ids(&store, &Query::new()).await, expected);
    assert_eq!(count(&store, &Query::new()).await, 400);
}
