//! The documents of a query were once read one after the other: a hundred of them at twenty milliseconds each took two seconds.

use std::sync::Arc;

use futures_util::StreamExt as _;
use truthound_stores_core::{Key, Layer as _, Query, Store, StoreExt, json::Json};
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::{Fault, FaultLayer, Faults, Gate, Generator, Operation};

/// So many are read at the same time.
const AT_ONCE: u64 = 16;

/// A store of forty documents whose reads wait at a gate; with their keys, in the order of a listing.
async fn store() -> (Arc<dyn Store>, Gate, Vec<Key>) {
    let (faults, gate) = (Faults::new(), Gate::new("a document is read"));
    let store = FaultLayer::new(&faults).layer(MemoryStore::new());
    for record in Generator::new(1).records(40) {
        store.put(record).await.unwrap();
    }
    let listed = store.list_runs(&Query::new()).await.unwrap().into_complete().unwrap();
    faults.add(Fault::hold(&gate).on(Operation::Get).forever());
    (Arc::new(store), gate, listed.into_iter().map(|meta| meta.key).collect())
}

#[tokio::test]
async fn several_documents_of_a_query_are_read_at_the_same_time_and_come_in_order() {
    let (store, gate, keys) = store().await;
    let asked = Arc::clone(&store);
    let reading = tokio::spawn(async move { asked.query::<Json>(&Query::new()).await });
    gate.reached_by(AT_ONCE).await;
    // One that has been listed is gone by the time it is read.
    assert!(store.delete(&keys[30]).await.unwrap());
    assert_eq!(gate.arrivals(), AT_ONCE, "not all of them at once, whatever they are");
    gate.open();
    let found: Vec<String> = ids(&reading.await.unwrap().unwrap().into_complete().unwrap());
    let left: Vec<&str> = keys.iter().filter(|key| **key != keys[30]).map(Key::id).collect();
    assert_eq!(found, left);
}

/// Readings that a stream had begun, and that nobody went on with while a document was looked at, kept all connections of a pool: who called the store
/// in between waited for one for ever.
#[tokio::test]
async fn a_stream_has_ended_what_it_began_before_a_document_is_handed_out() {
    let (store, gate, keys) = store().await;
    let asked = Arc::clone(&store);
    let reading = tokio::spawn(async move {
        let mut documents = asked.read_query(&Query::new().with_limit(30));
        let first = documents.next().await;
        (first.unwrap().unwrap().0.key, documents.count().await)
    });
    gate.reached_by(AT_ONCE).await;
    assert!(!reading.is_finished());
    gate.open();
    assert_eq!(reading.await.unwrap(), (keys[0].clone(), 29));
    let mut documents = store.read_query(&Query::new());
    let before = gate.arrivals();
    for _ in 0..AT_ONCE {
        documents.next().await.unwrap().unwrap();
        assert_eq!(
            gate.arrivals(),
            before + AT_ONCE,
            "those that were begun have ended, and no other is begun"
        );
    }
    drop(documents);
    let all = store.iter_query::<Json>(&Query::new().with_limit(30), 7).map(Result::unwrap);
    let found = ids(&all.collect::<Vec<_>>().await);
    assert_eq!(found, keys[..30].iter().map(Key::id).collect::<Vec<_>>());
}

fn ids(documents: &[Json]) -> Vec<String> {
    let id = |document: &Json| document.get("run_id").and_then(Json::as_str).unwrap().to_owned();
    documents.iter().map(id).collect()
}
