//! The errors that others shipped are found when they are put back.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use truthound_stores_core::{BoxFuture, Clock, Timer};
use truthound_stores_testkit::Gate;
use truthound_stores_testkit::object::{
    ObjectFault, RequestKind, SimulatedStore, Simulation, StoreOptions, Trouble,
};

use super::storm::{begin, folder, storm};
use super::world::{Docs, check, put_rows};
use crate::clean_up::{Cleaner, Keep};
use crate::flaw::Flaw;
use crate::fold::{Folder, How, Outcome};
use crate::maintain::maintain;
use crate::tail::Name;
use crate::wire::Wire;

/// Checks that a test passes, and that it fails with an error put back.
fn catches(flaw: Flaw, test: impl Fn(Option<Flaw>)) {
    test(None);
    let failed = catch_unwind(AssertUnwindSafe(|| test(Some(flaw))));
    assert!(failed.is_err(), "{flaw:?} was not found");
}

/// Saves documents, whose rows go to the tail.
fn save(simulation: &mut Simulation, store: &SimulatedStore, docs: &Docs, ids: &[&str]) {
    let clock = simulation.clock_with_skew(0);
    let rows: Vec<_> = ids.iter().map(|id| docs.change(id, false, &*clock).unwrap()).collect();
    let store = store.backdoor();
    simulation.block_on("save", async move {
        for row in rows {
            assert!(put_rows(&store, &Name::of_row(&row, 1, 20, true), &[row]).await);
        }
    });
}

fn new_folder(
    simulation: &Simulation,
    store: &SimulatedStore,
    docs: &Docs,
    flaw: Option<Flaw>,
) -> Folder<Docs> {
    folder(store, docs, simulation.clock_with_skew(0), simulation.timer(), flaw)
}

fn world() -> (Simulation, SimulatedStore, Docs) {
    let mut simulation = Simulation::new(1);
    simulation.set_jumps(0);
    let (store, docs) = begin(&mut simulation, StoreOptions::s3());
    (simulation, store, docs)
}

/// A fold whose first swap is held at a gate while a clean-up works whose request is held at another.
struct Race {
    simulation: Simulation,
    store: SimulatedStore,
    docs: Docs,
    swap: Gate,
    cleaning: Gate,
    fold: truthound_stores_testkit::object::Task<()>,
    clean_up: Option<truthound_stores_testkit::object::Task<()>>,
}

impl Race {
    fn begin(flaw: Option<Flaw>) -> Self {
        let (mut simulation, store, docs) = world();
        save(&mut simulation, &store, &docs, &["a", "b"]);
        let (swap, cleaning) = (Gate::new("swap"), Gate::new("cleaning"));
        let fold = new_folder(&simulation, &store, &docs, flaw);
        store.faults().force(ObjectFault::hold(&swap).on(RequestKind::Put).named("root"));
        let fold = simulation.spawn("fold", async move {
            assert!(matches!(fold.fold(How::Fold).await.unwrap(), Outcome::Done(_)));
        });
        let gate = swap.clone();
        simulation.run_until(move |_| gate.arrivals() > 0);
        Self { simulation, store, docs, swap, cleaning, fold, clean_up: None }
    }

    /// Starts a clean-up; with a request to hold, it waits there.
    fn clean_up(&mut self, flaw: Option<Flaw>, hold: Option<(RequestKind, &str)>) {
        if let Some((kind, name)) = hold {
            self.store.faults().force(ObjectFault::hold(&self.cleaning).on(kind).named(name));
        }
        let folder = new_folder(&self.simulation, &self.store, &self.docs, flaw);
        let clean_up = self.simulation.spawn("clean-up", async move {
            Cleaner::of(&folder).clean_up(Keep::NOTHING).await.unwrap();
        });
        let gate = self.cleaning.clone();
        self.simulation.run_until(|_| clean_up.is_finished() || (hold.is_some() && gate.arrivals() > 0));
        self.clean_up = Some(clean_up);
    }

    fn fold(&mut self) {
        self.swap.open();
        let fold = &self.fold;
        self.simulation.run_until(|_| fold.is_finished());
    }

    fn end(mut self) {
        self.cleaning.open();
        self.simulation.run();
        check(&mut self.simulation, &self.store, &self.docs);
    }
}

/// The fold's file was written from a root that clean-up has replaced since.
#[test]
fn a_loser_that_uses_its_names_again_is_found() {
    catches(Flaw::NamesUsedAgain, |flaw| {
        let mut race = Race::begin(flaw);
        race.clean_up(None, Some((RequestKind::BatchDelete, "segments")));
        race.fold();
        race.end();
    });
}

/// A file that was uploaded long ago may be published yet.
#[test]
fn removing_unpublished_files_by_age_is_found() {
    catches(Flaw::FilesRemovedByAge, |flaw| {
        let (mut simulation, store, docs) = world();
        save(&mut simulation, &store, &docs, &["a", "b"]);
        let (swap, listing) = (Gate::new("swap"), Gate::new("listing"));
        store.faults().force(ObjectFault::hold(&listing).on(RequestKind::List).named("segments"));
        let cleaner = new_folder(&simulation, &store, &docs, flaw);
        let clean_up = simulation.spawn("clean-up", async move {
            Cleaner::of(&cleaner).clean_up(Keep::NOTHING).await.unwrap();
        });
        let gate = listing.clone();
        simulation.run_until(move |_| gate.arrivals() > 0);
        // The clean-up has committed, and the fold begins with its root.
        store.faults().force(ObjectFault::hold(&swap).on(RequestKind::Put).named("root"));
        let fold = new_folder(&simulation, &store, &docs, flaw);
        let fold = simulation.spawn("fold", async move {
            assert!(matches!(fold.fold(How::Fold).await.unwrap(), Outcome::Done(_)));
        });
        let gate = swap.clone();
        simulation.run_until(move |_| gate.arrivals() > 0);
        simulation.advance(Duration::from_mins(10));
        listing.open();
        simulation.run_until(|_| clean_up.is_finished());
        swap.open();
        simulation.run_until(|_| fold.is_finished());
        check(&mut simulation, &store, &docs);
    });
}

/// Without its commit nothing keeps a fold from publishing what clean-up removes.
#[test]
fn a_clean_up_without_its_commit_is_found() {
    catches(Flaw::CleanUpWithoutCommit, |flaw| {
        let mut race = Race::begin(None);
        race.clean_up(flaw, None);
        race.fold();
        race.end();
    });
}

/// The swap lands, and its answer is lost: it is done, and says so.
#[test]
fn a_lost_acknowledgement_taken_for_a_conflict_is_found() {
    for trouble in [Trouble::LostReply, Trouble::OwnConflict] {
        catches(Flaw::LostAckTakenForConflict, |flaw| {
            let (mut simulation, store, docs) = world();
            save(&mut simulation, &store, &docs, &["a", "b"]);
            store.faults().force(ObjectFault::new(trouble).on(RequestKind::Put).named("root"));
            let fold = new_folder(&simulation, &store, &docs, flaw);
            let outcome = simulation.block_on("fold", async move { fold.fold(How::Fold).await.unwrap() });
            assert!(matches!(outcome, Outcome::Done(done) if done.rows == 2), "{outcome:?}");
            check(&mut simulation, &store, &docs);
        });
    }
}

/// Notes how long it is asked to wait.
#[derive(Debug)]
struct Noting(Arc<dyn Timer>, Arc<Mutex<Vec<Duration>>>);

impl Timer for Noting {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.1.lock().unwrap().push(duration);
        self.0.sleep(duration)
    }
}

/// Who was refused the root waits by chance before it tries again, and longer each time.
#[test]
fn a_blind_retry_is_found() {
    catches(Flaw::BlindRetry, |flaw| {
        let (mut simulation, store, docs) = world();
        save(&mut simulation, &store, &docs, &["a"]);
        store.faults().force(ObjectFault::new(Trouble::Refused).on(RequestKind::Put).named("root").times(6));
        let pauses = Arc::new(Mutex::new(Vec::new()));
        let timer: Arc<dyn Timer> = Arc::new(Noting(simulation.timer(), Arc::clone(&pauses)));
        let clock: Arc<dyn Clock> = simulation.clock_with_skew(0);
        let mut fold = folder(&store, &docs, Arc::clone(&clock), Arc::clone(&timer), flaw);
        fold.wire = Wire::new(clock, timer);
        let outcome = simulation.block_on("fold", async move { fold.fold(How::Fold).await.unwrap() });
        assert!(matches!(outcome, Outcome::Done(_)));
        let pauses = pauses.lock().unwrap();
        assert_eq!(pauses.len(), 6);
        assert!(pauses.iter().max().unwrap() > &Duration::from_millis(200), "{pauses:?}");
    });
}

/// Finds an error of the protocol by a seed of the storm.
fn storms_find(flaw: Flaw) {
    let found = (0..150).find(|seed| {
        catch_unwind(AssertUnwindSafe(|| storm(&mut Simulation::new(*seed), Some(flaw)))).is_err()
    });
    assert!(found.is_some(), "{flaw:?} was not found");
    println!("{flaw:?}: seed {found:?}");
}

/// A listing may name a row that was folded, ended and forgotten before the root was got.
#[test]
fn a_tail_that_was_listed_before_the_root_is_found() {
    catches(Flaw::TailBeforeRoot, |flaw| {
        let (mut simulation, store, docs) = world();
        save(&mut simulation, &store, &docs, &["a", "b"]);
        let gate = Gate::new("root");
        store.faults().force(ObjectFault::hold(&gate).on(RequestKind::Get).named("root"));
        let late = new_folder(&simulation, &store, &docs, flaw);
        let late = simulation.spawn("late", async move { late.fold(How::Fold).await.unwrap() });
        let held = gate.clone();
        simulation.run_until(move |_| held.arrivals() > 0);
        let mut other = new_folder(&simulation, &store, &docs, None);
        for (deletes, hours) in [(false, 0), (true, 2), (false, 26), (false, 26), (false, 0)] {
            if deletes {
                let row = docs.change("a", true, &*simulation.clock_with_skew(0)).unwrap();
                let store = store.backdoor();
                simulation.block_on("delete", async move {
                    assert!(put_rows(&store, &Name::of_row(&row, 1, 20, true), &[row]).await);
                });
            }
            other = simulation.block_on("other", async move {
                other.fold(How::Fold).await.unwrap();
                // Its commit says what time it is.
                maintain(&other, Keep::NOTHING).await.unwrap();
                maintain(&other, Keep::NOTHING).await.unwrap();
                other
            });
            simulation.advance(Duration::from_hours(hours));
        }
        assert!(check(&mut simulation, &store, &docs) > 0, "the tombstone is dropped");
        gate.open();
        simulation.run_until(|_| late.is_finished());
        check(&mut simulation, &store, &docs);
    });
}

#[test]
fn rows_ended_by_their_predecessor_only_are_found() {
    storms_find(Flaw::EndsByPredecessorOnly);
}

#[test]
fn late_rows_without_a_look_are_found() {
    storms_find(Flaw::LateRowsNotLookedUp);
}
