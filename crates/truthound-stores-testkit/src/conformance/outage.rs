//! An outage is an error, never an absence (R-ANY-5), and a write that fails leaves the old value (R-ANY-4).
//!
//! For places that can be cut off ([`Place::set_outage`]). A store may answer all the same, from a cache for example, if
//! what it answers is true.

use std::fmt::Debug;
use std::sync::Arc;

use truthound_stores_core::{
    DeleteOptions, Error, ErrorKind, GetOptions, Grouping, PutOptions, Query, Result, Store, StoreExt, Stored,
};

use super::Place;
use super::check::{body, count, ids, ok, put_all};
use super::sample::{key, many, note_of, sample};

/// Opens a store with three documents and cuts it off; `None` if the place cannot do that.
async fn cut_off(place: &dyn Place) -> Option<Arc<dyn Store>> {
    let store = place.open("default").await;
    put_all(&store, many("run_", 3)).await;
    place.set_outage(true).await.then_some(store)
}

/// Checks that an answer during an outage is true, or says that there is one.
#[track_caller]
fn true_or_outage<T: Debug + PartialEq>(answer: Result<T>, truth: &T, what: &str) {
    match answer {
        Ok(answered) => assert_eq!(&answered, truth, "{what} during an outage answers what is not true"),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{what} during an outage: {}", error.report());
        }
    }
}

pub(super) async fn an_outage_is_never_an_absence(place: &dyn Place) {
    let Some(store) = cut_off(place).await else { return };
    let named = |id: &str, stored: Result<Stored>| {
        true_or_outage(stored.map(|stored| stored.meta.key), &key(id), "get");
    };
    named("run_01", store.get_opts(&key("run_01"), GetOptions::default()).await);
    named("run_01", store.get_opts(&key("run_01"), GetOptions::meta_only()).await);
    true_or_outage(store.exists(&key("run_01")).await, &true, "exists");
    true_or_outage(store.exists(&key("never")).await, &false, "exists of an absent document");
    true_or_outage(store.count(&Query::new()).await, &3, "count");
    let sums = store.summarize(&Query::new(), Grouping::new().with_day(true)).await;
    true_or_outage(sums.map(|sums| sums.iter().map(|sum| sum.runs).sum()), &3, "summarize");
    true_or_outage(store.list_ids(&Query::new()).await.map(|found| found.items.len()), &3, "list_ids");
    let scanned = store.scan_page(&Query::new(), None).await;
    true_or_outage(scanned.map(|page| page.facts.len()), &3, "scan");
    let absent = store.get_opts(&key("never"), GetOptions::default()).await.map(|_| ());
    true_or_outage(absent.or_else(not_found), &(), "get an absent document");
    let deleted = store.delete_many(vec![key("never")], DeleteOptions::default()).await;
    for outcome in deleted {
        true_or_outage(outcome, &false, "delete_many of an absent document");
    }
    // What is wrong may be named more closely here than by "unavailable".
    drop(store.check().await);
    assert!(place.set_outage(false).await);
    assert_eq!(ids(&store, &Query::new()).await.len(), 3, "documents are missing after the outage");
}

/// An absence is the truth here.
fn not_found(error: Error) -> Result<()> {
    if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

pub(super) async fn a_write_that_fails_leaves_the_old_value(place: &dyn Place) {
    let Some(store) = cut_off(place).await else { return };
    let answer = store.put_opts(sample("run_01").note("new").record(), PutOptions::default()).await;
    let batch = store.put_many(vec![sample("run_02").note("new").record()], PutOptions::default()).await;
    let deleted = store.delete(&key("run_00")).await;
    assert!(place.set_outage(false).await);
    for (id, done) in [("run_01", answer.is_ok()), ("run_02", batch.iter().all(Result::is_ok))] {
        let note = note_of(&body(&store, &key(id)).await);
        // What was refused before it took effect is not there; what was acknowledged is.
        assert_eq!(note, if done { "new" } else { "" }, "{id} after the outage");
    }
    assert_eq!(ok(store.exists(&key("run_00")).await, "exists"), deleted.is_err());
}

pub(super) async fn a_store_works_again_after_an_outage(place: &dyn Place) {
    let Some(store) = cut_off(place).await else { return };
    // Whatever failed must not be remembered as the truth.
    drop(store.read(&key("run_01")).await);
    drop(store.read(&key("never")).await);
    drop(store.count(&Query::new()).await);
    assert!(place.set_outage(false).await);
    body(&store, &key("run_01")).await;
    assert_eq!(count(&store, &Query::new()).await, 3);
    put_all(&store, vec![sample("never").record()]).await;
    body(&store, &key("never")).await;
    ok(store.check().await, "check after the outage");
}
