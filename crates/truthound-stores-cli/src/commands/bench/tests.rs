use truthound_stores::{ErrorKind, MemoryStore, Query, Timestamp};
use truthound_stores_testkit::{Fault, Faults, FaultyStore, Operation};

use super::*;

fn running(store: Arc<dyn Store>, calls: u64) -> Running {
    let load = Arc::new(Load::new(&*store, Collection::new("bench").unwrap(), 500, Timestamp::UNIX_EPOCH));
    let bounds = Bounds { calls, time: Duration::from_mins(10), concurrency: 4 };
    Running { store, load, bounds, begun: Arc::default(), bar: Bar::new(0) }
}

/// Whatever goes wrong, and wherever: nothing of a measurement stays in the store.
#[tokio::test]
async fn a_measurement_that_fails_leaves_nothing_behind() {
    for operation in [
        Operation::Put,
        Operation::PutMany,
        Operation::Get,
        Operation::List,
        Operation::Count,
        Operation::DeleteMany,
    ] {
        let faults = Faults::new();
        let store: Arc<dyn Store> = Arc::new(FaultyStore::new(MemoryStore::new(), &faults));
        let bench = running(Arc::clone(&store), 200);
        // Late enough that something was saved, and after it took effect.
        faults.add(Fault::fail(ErrorKind::Unavailable).on(operation).nth(2).after());
        bench.measure_all().await.unwrap_err();
        bench.clean_up(false).await.unwrap();
        let all = Query::new().with_collection(Collection::new("bench").unwrap());
        assert_eq!(store.count(&all).await.unwrap(), 0, "{operation:?}");
        assert!(bench.begun.load(Ordering::Relaxed) > 0);
    }
}

#[tokio::test]
async fn what_cannot_be_cleaned_up_is_said() {
    let faults = Faults::new();
    let store: Arc<dyn Store> = Arc::new(FaultyStore::new(MemoryStore::new(), &faults));
    let bench = running(store, 10);
    bench.save().await.unwrap();
    faults.outage(ErrorKind::Unavailable);
    let Err(Failure::Other(text)) = bench.clean_up(false).await else { panic!("it is said to be clean") };
    assert!(text.contains("--collection bench"), "{text}");
}

/// Each number that was taken was used: a document that is read later was saved.
#[tokio::test]
async fn time_that_is_up_ends_a_measurement_without_holes() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let mut bench = running(Arc::clone(&store), 1_000_000);
    bench.bounds.time = Duration::ZERO;
    let measured = bench.measure_all().await.unwrap();
    assert_eq!(measured.len(), 8);
    assert!(measured.iter().all(|one| !one.latencies.is_empty()), "each is measured once at least");
    bench.clean_up(true).await.unwrap();
}
