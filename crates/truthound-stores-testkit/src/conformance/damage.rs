//! Damage is reported by name and hides nothing else (R-ANY-6, R-ANY-17).
//!
//! For places that can damage a document ([`Place::damage`]).

use truthound_stores_core::{ErrorKind, Query, Store, StoreExt};

use super::Place;
use super::check::{absent, body, get, ids, ok, put, put_all, refused};
use super::sample::{key, many, note_of, sample};

const DAMAGED: &str = "run_03";

/// Opens a store with seven documents, one of them damaged; `None` if the place cannot do that.
async fn damaged(place: &dyn Place) -> Option<std::sync::Arc<dyn Store>> {
    let store = place.open("default").await;
    put_all(&store, many("run_", 7)).await;
    // From now on it lies where it can be damaged.
    ok(store.flush().await, "flush");
    place.damage("default", &key(DAMAGED)).await.then_some(store)
}

pub(super) async fn a_damaged_document_is_corrupt_by_name(place: &dyn Place) {
    let Some(store) = damaged(place).await else { return };
    let error = refused(store.read(&key(DAMAGED)).await, ErrorKind::Corrupt, "get a damaged document");
    assert_eq!(error.key(), Some(&key(DAMAGED)), "the error does not name the document: {error}");
    assert!(ok(store.exists(&key(DAMAGED)).await, "exists"), "a damaged document is said not to exist");
}

pub(super) async fn a_damaged_document_hides_no_other_and_is_not_hidden(place: &dyn Place) {
    let Some(store) = damaged(place).await else { return };
    for size in [1, 2, 3, 100] {
        let query = Query::new().with_page_size(size);
        let found = ok(store.list_runs(&query).await, "list with a damaged document");
        let others = found.iter().filter(|meta| meta.key != key(DAMAGED)).count();
        assert_eq!(others, 6, "pages of {size}: other documents are missing or repeated");
        // An index may still describe the document; else it must be reported, once.
        let described = found.len() - others;
        assert_eq!(described + found.damaged.len(), 1, "pages of {size}: {:?}", found.damaged);
        if let Some(error) = found.damaged.first() {
            assert_eq!((error.kind(), error.key()), (ErrorKind::Corrupt, Some(&key(DAMAGED))), "{error}");
        }
    }
}

pub(super) async fn a_count_does_not_leave_damage_out(place: &dyn Place) {
    let Some(store) = damaged(place).await else { return };
    let reported = !ok(store.list_runs(&Query::new()).await, "list").damaged.is_empty();
    if reported {
        refused(store.count(&Query::new()).await, ErrorKind::Corrupt, "count with a damaged document");
    } else {
        assert_eq!(ok(store.count(&Query::new()).await, "count"), 7);
    }
}

pub(super) async fn a_damaged_document_can_be_deleted(place: &dyn Place) {
    let Some(store) = damaged(place).await else { return };
    assert!(ok(store.delete(&key(DAMAGED)).await, "delete a damaged document"));
    absent(&store, &key(DAMAGED)).await;
    assert_eq!(ids(&store, &Query::new()).await.len(), 6);
    assert_eq!(ok(store.count(&Query::new()).await, "count"), 6);
}

pub(super) async fn a_damaged_document_can_be_written_over(place: &dyn Place) {
    let Some(store) = damaged(place).await else { return };
    put(&store, sample(DAMAGED).note("repaired").record()).await;
    assert_eq!(note_of(&body(&store, &key(DAMAGED)).await), "repaired");
    get(&store, &key("run_02")).await;
    assert_eq!(ids(&store, &Query::new()).await.len(), 7);
}
