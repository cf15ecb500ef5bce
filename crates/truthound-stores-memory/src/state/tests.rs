//! Room is made by run time, never by the order of saving, never by an overwrite, and never at the expense of the document
//! that is being saved: a late correction of an old run must not vanish while it is saved.

use truthound_stores_core::{Attributes, Body, ChangeOp, Status};

use super::*;

fn record(collection: Collection, id: &str, second: i64) -> Record {
    let time = Timestamp::from_micros(second * 1_000_000);
    let attributes = Attributes::new("orders", time, Status::SUCCESS);
    Record::new(Key::new(collection, id).unwrap(), attributes, Body::from_canonical("{}"))
}

fn save(state: &mut State, id: &str, second: i64, max_items: usize) -> Written {
    put(state, record(Collection::RESULTS, id, second), max_items)
}

fn put(state: &mut State, record: Record, max_items: usize) -> Written {
    state.put(record, &PutOptions::default(), Timestamp::UNIX_EPOCH, max_items).unwrap()
}

/// Lists the ids of a collection, oldest first.
fn ids(state: &State, collection: Collection) -> Vec<String> {
    let page = state.page(&Query::new().with_collection(collection).with_ascending(true), None).unwrap();
    page.metas.iter().map(|meta| meta.key.id().to_owned()).collect()
}

#[test]
fn the_oldest_run_goes_first_and_the_smallest_id_of_several() {
    let mut state = State::new(1, 100);
    for (id, second) in [("d", 5), ("c", 2), ("b", 2), ("a", 9)] {
        save(&mut state, id, second, 4);
    }
    save(&mut state, "e", 7, 4);
    assert_eq!(ids(&state, Collection::RESULTS), ["c", "d", "e", "a"]);
    save(&mut state, "f", 7, 4);
    assert_eq!(ids(&state, Collection::RESULTS), ["d", "e", "f", "a"]);
}

#[test]
fn a_document_is_never_evicted_by_its_own_save() {
    let mut state = State::new(1, 100);
    for (id, second) in [("new", 8), ("newer", 9), ("ancient", 1)] {
        save(&mut state, id, second, 2);
    }
    assert_eq!(ids(&state, Collection::RESULTS), ["ancient", "newer"]);
    save(&mut state, "older still", 0, 1);
    assert_eq!(ids(&state, Collection::RESULTS), ["older still"]);
}

#[test]
fn an_overwrite_or_a_refused_write_evicts_nothing() {
    let mut state = State::new(1, 100);
    save(&mut state, "a", 1, 2);
    save(&mut state, "b", 2, 2);
    assert!(!save(&mut state, "b", 0, 2).is_new());
    let refused = [
        (record(Collection::RESULTS, "a", 3), PutOptions::create()),
        (record(Collection::RESULTS, "c", 3), PutOptions::replace(Revision::new("x"))),
    ];
    for (record, opts) in refused {
        let error = state.put(record, &opts, Timestamp::UNIX_EPOCH, 2).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
    }
    assert_eq!(ids(&state, Collection::RESULTS), ["b", "a"]);
}

#[test]
fn each_collection_has_its_own_room_and_hidden_ones_have_no_limit() {
    let mut state = State::new(1, 100);
    let hidden = Collection::hidden("versions").unwrap();
    for (n, id) in ["a", "b", "c"].into_iter().enumerate() {
        let second = i64::try_from(n).unwrap();
        for collection in [Collection::RESULTS, Collection::EXPECTATIONS, hidden.clone()] {
            put(&mut state, record(collection, id, second), 2);
        }
    }
    assert_eq!(ids(&state, Collection::RESULTS), ["b", "c"]);
    assert_eq!(ids(&state, Collection::EXPECTATIONS), ["b", "c"]);
    assert_eq!(ids(&state, hidden), ["a", "b", "c"]);
}

#[test]
fn a_smaller_limit_makes_room_at_the_next_new_document() {
    let mut state = State::new(1, 100);
    (1..=5).for_each(|n| drop(save(&mut state, &n.to_string(), n, 0)));
    save(&mut state, "5", 5, 2);
    assert_eq!(ids(&state, Collection::RESULTS).len(), 5, "an overwrite evicts nothing");
    save(&mut state, "6", 6, 2);
    assert_eq!(ids(&state, Collection::RESULTS), ["5", "6"]);
}

#[test]
fn an_eviction_is_a_delete_in_the_change_feed() {
    let mut state = State::new(1, 100);
    let evicted = save(&mut state, "a", 1, 1);
    let token = state.changes(None, 1).unwrap().next;
    let saved = save(&mut state, "b", 2, 1);
    let changes = state.changes(Some(&token), 10).unwrap().changes;
    let [delete, put] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!(delete.key, evicted.meta.key);
    assert_eq!(delete.op, ChangeOp::Delete { revision: Some(evicted.meta.revision) });
    assert_eq!(put.op, ChangeOp::Put(Box::new(saved.meta)));
}

#[test]
fn no_revision_comes_back() {
    let mut state = State::new(1, 100);
    let first = save(&mut state, "a", 1, 0).meta.revision;
    let key = Key::result("a").unwrap();
    assert!(state.delete(&key, &DeleteOptions::default()).unwrap());
    let again = save(&mut state, "a", 1, 0);
    assert!(again.is_new());
    assert_ne!(again.meta.revision, first);
    let elsewhere = save(&mut State::new(2, 100), "a", 1, 0).meta.revision;
    assert_ne!(elsewhere, first, "spaces tell their revisions apart");
    let refused = state.delete(&key, &DeleteOptions::if_revision(first)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    assert_eq!(refused.context("stored"), Some(again.meta.revision.as_str()));
}
