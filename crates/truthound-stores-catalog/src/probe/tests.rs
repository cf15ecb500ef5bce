use std::sync::Arc;

use truthound_stores_core::{Clock, StoreConfig};
use truthound_stores_testkit::ManualClock;
use truthound_stores_testkit::object::{Rates, SimulatedStore, StoreOptions, Trouble};

use super::*;
use crate::layout::Layout;
use crate::write::tests::Leap;

#[derive(Debug)]
struct Deletes(SimulatedStore);

#[async_trait::async_trait]
impl CompareAndDelete for Deletes {
    async fn delete_if(&self, location: &Path, seen: UpdateVersion) -> object_store::Result<()> {
        self.0.delete_if(location, seen).await
    }
}

async fn probe(options: StoreOptions, seed: u64, rates: Rates) -> (Result<Abilities>, SimulatedStore) {
    let clock = Arc::new(ManualClock::new(seed));
    let bucket = SimulatedStore::new(options, Arc::<ManualClock>::clone(&clock), seed);
    bucket.faults().set_rates(rates);
    (run(&bucket, clock).await, bucket)
}

/// Probes a bucket that was prepared.
fn with(
    options: StoreOptions,
    prepare: impl Fn(&SimulatedStore),
) -> (SimulatedStore, impl Future<Output = Result<Abilities>>) {
    let clock = Arc::new(ManualClock::new(1));
    let bucket = SimulatedStore::new(options, Arc::<ManualClock>::clone(&clock), 1);
    prepare(&bucket);
    (bucket.clone(), async move { run(&bucket, clock).await })
}

async fn run(bucket: &SimulatedStore, clock: Arc<ManualClock>) -> Result<Abilities> {
    let shared: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
    let wire = Wire::new(shared, Arc::new(Leap(clock)));
    let place =
        Layout::new(&StoreConfig::default()).unwrap().collection(&truthound_stores_core::Collection::RESULTS);
    let store: Arc<dyn ObjectStore> = Arc::new(bucket.clone());
    let deletes: Arc<dyn CompareAndDelete> = Arc::new(Deletes(bucket.clone()));
    let probe = Probe { store: &store, compare_and_delete: Some(&deletes), place: &place, wire: &wire };
    probe.run().await
}

#[tokio::test]
async fn what_the_vendors_can_do_is_found_and_nothing_is_left_behind() {
    for (options, etag_of_content) in
        [(StoreOptions::s3(), true), (StoreOptions::gcs(), false), (StoreOptions::azure(), false)]
    {
        let (found, bucket) = probe(options, 1, Rates::none()).await;
        let expected = Abilities { create_only: true, swap: true, etag_of_content, folds_case: false };
        assert_eq!(found.unwrap(), expected);
        assert!(bucket.names().is_empty(), "{:?}", bucket.names());
    }
}

#[tokio::test]
async fn stores_that_let_everybody_win_are_found_out() {
    let (found, _) = probe(StoreOptions::everybody_wins(), 1, Rates::none()).await;
    assert!(!found.unwrap().are_enough_to_share());
    let (found, _) = probe(StoreOptions::ignores_if_match(), 1, Rates::none()).await;
    let found = found.unwrap();
    assert!(found.create_only && !found.swap);
    let (found, _) = probe(StoreOptions::without_conditions(), 1, Rates::none()).await;
    assert!(!found.unwrap().are_enough_to_share());
}

/// A store that deletes whatever is there, although it says that it compares, would lose what was saved over a mark.
#[tokio::test]
async fn a_store_that_does_not_compare_before_it_deletes_is_refused() {
    use truthound_stores_testkit::object::Condition;
    let options = StoreOptions::s3().with_compare_and_delete(Condition::Ignored);
    let (found, _) = probe(options, 1, Rates::none()).await;
    assert_eq!(found.unwrap_err().kind(), ErrorKind::Unsupported);
}

/// Two who create at once may both be told that the other is at work. Then the third was taken, and this was once held against the store: it
/// was used as one that lets everybody win, by processes that each believed to be alone, and lost what they had acknowledged.
#[tokio::test]
async fn two_that_are_both_refused_say_nothing_against_a_store() {
    use truthound_stores_testkit::object::{ObjectFault, RequestKind};
    for trouble in [Trouble::Conflict, Trouble::Refused] {
        for options in [StoreOptions::s3(), StoreOptions::gcs(), StoreOptions::azure()] {
            let (bucket, found) = with(options, |bucket| {
                bucket.faults().force(ObjectFault::new(trouble).on(RequestKind::Put).times(2));
            });
            assert!(found.await.unwrap().are_enough_to_share(), "{trouble}");
            assert!(bucket.names().is_empty());
        }
        let (_, found) = with(StoreOptions::everybody_wins(), |bucket| {
            bucket.faults().force(ObjectFault::new(trouble).on(RequestKind::Put).times(2));
        });
        assert!(!found.await.unwrap().create_only, "{trouble}");
    }
}

/// What is not answered says nothing: a store with conditions is never taken for one without, whatever the network does.
#[tokio::test]
async fn a_storm_does_not_make_a_good_store_a_bad_one() {
    let rates = Rates::none()
        .with(Trouble::LostReply, 60)
        .with(Trouble::Duplicate, 60)
        .with(Trouble::LateArrival, 40)
        .with(Trouble::Unavailable, 60)
        .with(Trouble::Conflict, 40)
        .with(Trouble::Refused, 40);
    let mut good = 0;
    for seed in 0..300 {
        for options in [StoreOptions::s3(), StoreOptions::gcs()] {
            match probe(options, seed, rates).await.0 {
                Ok(found) => {
                    assert!(found.are_enough_to_share(), "seed {seed}: {found:?}");
                    good += 1;
                }
                Err(error) => assert!(error.is_retryable(), "seed {seed}: {error}"),
            }
        }
    }
    assert!(good > 200, "{good}");
}
