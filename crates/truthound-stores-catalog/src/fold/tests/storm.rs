//! Several folders race with writers on a store that loses, repeats and delays: what was saved is listed, once, and nothing dangles.

use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::{Clock, Timer, random_u64};
use truthound_stores_testkit::object::{Crashes, Rates, SimulatedStore, Simulation, StoreOptions};

use super::world::{Docs, check, put_rows, shelf, write};
use crate::clean_up::{Cleaner, Keep};
use crate::flaw::{Flaw, Flaws};
use crate::fold::{Folder, How, Outcome, Rest};
use crate::library::Library;
use crate::root::Root;
use crate::tail::Name;
use crate::wire::Wire;

/// Makes what a process has of its own.
pub(super) fn folder(
    store: &SimulatedStore,
    docs: &Docs,
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    flaw: Option<Flaw>,
) -> Folder<Docs> {
    let wire = Wire::new(Arc::clone(&clock), Arc::clone(&timer));
    let library = Arc::new(Library::new(shelf(store, clock, timer)));
    let mut folder = Folder::new(library, wire, docs.clone());
    folder.flaws = Flaws { one: flaw };
    folder
}

pub(super) fn begin(simulation: &mut Simulation, options: StoreOptions) -> (SimulatedStore, Docs) {
    let store = simulation.store(options);
    let (clock, timer) = (simulation.clock_with_skew(0), simulation.timer());
    let shelf = shelf(&store.backdoor(), clock.clone(), timer.clone());
    simulation.block_on("create", async move {
        shelf.create_root(&Root::first(&*clock, ".json")).await.unwrap();
    });
    (store, Docs::new(timer))
}

/// Puts the row of each document, as readers do that find one missing.
pub(super) fn heal(simulation: &mut Simulation, store: &SimulatedStore, docs: &Docs) {
    let store = store.backdoor();
    let rows: Vec<_> = docs.rows.lock().unwrap().values().cloned().collect();
    simulation.block_on("heal", async move {
        for row in rows {
            let name = Name::of_row(&row, 999, 20, true);
            assert!(put_rows(&store, &name, &[row]).await);
        }
    });
}

/// One seed: rounds of writers, folders and clean-ups, with hours or a day in between. Tells whether a tombstone was
/// dropped.
pub(super) fn storm(simulation: &mut Simulation, flaw: Option<Flaw>) -> bool {
    // What is late is so for less than an hour together with what is slow.
    simulation.set_latest(Duration::from_mins(35));
    simulation.set_jumps(0);
    let options = match simulation.seed() % 3 {
        0 => StoreOptions::s3().with_page_size(3),
        1 => StoreOptions::gcs().with_page_size(5),
        _ => StoreOptions::azure(),
    };
    let (store, docs) = begin(simulation, options);
    // A tail then takes many folds, which go on with what is left of a listing.
    let takes_few = simulation.seed().is_multiple_of(4);
    let chance = simulation.clock_with_skew(0);
    for round in 0..3 {
        store.faults().set_rates(Rates::stormy());
        for writer in 0..3 {
            let (clock, timer) = (simulation.clock(), simulation.timer());
            let writing = write(store.clone(), docs.clone(), clock, timer, writer, 5);
            simulation.spawn(&format!("writer {round}.{writer}"), writing);
        }
        for number in 0..2 {
            let clock = simulation.clock();
            let (store, docs, timer) = (store.clone(), docs.clone(), simulation.timer());
            let crashes = Crashes::often(10, 2);
            simulation.spawn_crashing(&format!("folder {round}.{number}"), crashes, move |_| {
                let mut folder = folder(&store, &docs, clock.clone(), timer.clone(), flaw);
                if takes_few {
                    folder.objects = 2;
                }
                let (clock, timer) = (clock.clone(), timer.clone());
                async move {
                    let mut rest = Rest::default();
                    for _ in 0..3 {
                        timer.sleep(Duration::from_millis(random_u64(&*clock) % 4_000)).await;
                        let how =
                            if random_u64(&*clock).is_multiple_of(3) { How::Maintain } else { How::Fold };
                        // An outage ends a fold, and another begins later.
                        while let Ok(Outcome::Done(done)) = folder.fold_on(how, &mut rest).await {
                            if done.whole || how == How::Maintain {
                                break;
                            }
                        }
                    }
                }
            });
        }
        let clock = simulation.clock();
        let (store2, docs2, timer) = (store.clone(), docs.clone(), simulation.timer());
        simulation.spawn_crashing(&format!("cleaner {round}"), Crashes::often(10, 2), move |_| {
            let folder = folder(&store2, &docs2, clock.clone(), timer.clone(), flaw);
            let keep =
                Keep { roots: (random_u64(&*clock) % 4) as usize, days: random_u64(&*clock) % 2, grace: 0 };
            let (clock, timer) = (clock.clone(), timer.clone());
            async move {
                for _ in 0..2 {
                    timer.sleep(Duration::from_millis(random_u64(&*clock) % 6_000)).await;
                    let cleaner = Cleaner::of(&folder);
                    drop(cleaner.clean_up(keep).await);
                    drop(cleaner.remove_marks().await);
                }
            }
        });
        simulation.run();
        let hours = [0, 2, 26][random_u64(&*chance) as usize % 3];
        simulation.advance(Duration::from_hours(hours));
    }
    store.faults().heal();
    simulation.settle();
    heal(simulation, &store, &docs);
    check(simulation, &store, &docs);
    let (clock, timer) = (simulation.clock_with_skew(0), simulation.timer());
    let last = folder(&store, &docs, clock, timer, flaw);
    simulation.block_on("last fold", async move {
        last.fold(How::Fold).await.unwrap();
        last.fold(How::Maintain).await.unwrap();
    });
    check(simulation, &store, &docs) > 0
}

/// Storms, in four parts, as tests run beside each other.
fn storms(seeds: std::ops::Range<u64>) {
    let dropped = seeds.clone().filter(|seed| storm(&mut Simulation::new(*seed), None)).count() as u64;
    // Whatever is not met with proves nothing.
    assert!(dropped > (seeds.end - seeds.start) / 20, "tombstones were dropped {dropped} times only");
}

#[test]
fn what_was_saved_is_listed_once_whatever_happens() {
    storms(0..125);
}

#[test]
fn what_was_saved_is_listed_once_in_another_storm() {
    storms(125..250);
}

#[test]
fn what_was_saved_is_listed_once_in_a_third_storm() {
    storms(250..375);
}

#[test]
fn what_was_saved_is_listed_once_in_a_fourth_storm() {
    storms(375..500);
}
