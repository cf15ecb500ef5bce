//! Rebuilds and adoptions race with writers, folders and clean-ups on a store that loses, repeats and delays: nothing that was acknowledged is
//! lost, and nothing that was deleted comes back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload};
use truthound_stores_core::{Clock, Level, Timer, random_u64};
use truthound_stores_testkit::object::{Crashes, Rates, SimulatedStore, Simulation, StoreOptions};

use super::world::{FOLDER, Process};
use crate::clean_up::{Cleaner, Keep};
use crate::document::tests::text;
use crate::fold::How;
use crate::root::Root;
use crate::state::State;
use crate::verify::verify;

/// What writers know.
#[derive(Debug, Default)]
struct Known {
    /// The revisions that were acknowledged, with their ids.
    saved: BTreeSet<(String, String)>,
    /// The ids of which a deletion ended without an answer.
    unsure: BTreeSet<String>,
}

type Shared = Arc<Mutex<Known>>;

async fn write(process: Process, timer: Arc<dyn Timer>, shared: Shared, ids: u64, changes: u64) {
    let clock = Arc::clone(&process.wire.clock);
    let chance = |of: u64| random_u64(&*clock) % of;
    for _ in 0..changes {
        timer.sleep(Duration::from_millis(chance(3_000))).await;
        let id = format!("id{}", chance(ids));
        if chance(3) == 0 {
            if process.delete(&id).await.is_err() {
                shared.lock().unwrap().unsure.insert(id);
            }
        } else if let Ok(revision) = process.save(&id).await {
            shared.lock().unwrap().saved.insert((id, revision));
        }
    }
}

/// Another program, which puts and deletes as it likes.
async fn meddle(store: SimulatedStore, clock: Arc<dyn Clock>, timer: Arc<dyn Timer>, ids: u64) {
    let chance = |of: u64| random_u64(&*clock) % of;
    for round in 0..5 {
        timer.sleep(Duration::from_millis(chance(4_000))).await;
        let id = format!("id{}", chance(ids));
        let path = Path::parse(format!("{FOLDER}/{id}.json")).unwrap();
        if chance(3) == 0 {
            drop(store.delete(&path).await);
        } else {
            // No two of its texts are the same.
            let unique = " ".repeat(usize::try_from(chance(1_000) * 10 + round).unwrap());
            let text = format!("{}{unique}", text(&id));
            drop(store.put(&path, PutPayload::from(text.into_bytes())).await);
        }
    }
}

fn options(seed: u64) -> StoreOptions {
    match seed % 3 {
        0 => StoreOptions::s3().with_page_size(3),
        1 => StoreOptions::gcs().with_page_size(5),
        _ => StoreOptions::azure(),
    }
}

fn spawn_upkeep(simulation: &mut Simulation, store: &SimulatedStore, round: u64) {
    for number in 0..2 {
        let (process, timer) = (Process::of(simulation, store, 50 + number), simulation.timer());
        simulation.spawn_crashing(&format!("folder {round}.{number}"), Crashes::often(10, 2), move |_| {
            let (process, timer) = (process.anew(), timer.clone());
            async move {
                let clock = Arc::clone(&process.wire.clock);
                for _ in 0..2 {
                    timer.sleep(Duration::from_millis(random_u64(&*clock) % 5_000)).await;
                    let how = if random_u64(&*clock).is_multiple_of(3) { How::Maintain } else { How::Fold };
                    drop(process.folder().fold(how).await);
                }
            }
        });
    }
    let (process, timer) = (Process::of(simulation, store, 60), simulation.timer());
    simulation.spawn_crashing(&format!("cleaner {round}"), Crashes::often(10, 2), move |_| {
        let (process, timer) = (process.anew(), timer.clone());
        async move {
            let clock = Arc::clone(&process.wire.clock);
            for _ in 0..2 {
                timer.sleep(Duration::from_millis(random_u64(&*clock) % 8_000)).await;
                let folder = process.folder();
                let cleaner = Cleaner::of(&folder);
                let keep = Keep {
                    roots: (random_u64(&*clock) % 3) as usize,
                    days: random_u64(&*clock) % 2,
                    grace: 0,
                };
                drop(cleaner.clean_up(keep).await);
                drop(cleaner.remove_marks().await);
            }
        }
    });
    for number in 0..2 {
        let (process, timer) = (Process::of(simulation, store, 70 + number), simulation.timer());
        simulation.spawn_crashing(&format!("rebuilder {round}.{number}"), Crashes::often(5, 2), move |_| {
            let (process, timer) = (process.anew(), timer.clone());
            async move {
                let clock = Arc::clone(&process.wire.clock);
                for _ in 0..2 {
                    timer.sleep(Duration::from_millis(random_u64(&*clock) % 6_000)).await;
                    if random_u64(&*clock).is_multiple_of(2) {
                        drop(process.rebuilder().reindex().await);
                    } else {
                        drop(process.rebuilder().adopt().await);
                    }
                }
            }
        });
    }
}

/// One seed: rounds of everybody, with hours or a day in between; somebody may delete the catalog's root in the middle.
fn storm(simulation: &mut Simulation, meddles: bool) -> usize {
    simulation.set_latest(Duration::from_mins(35));
    simulation.set_jumps(0);
    let store = simulation.store(options(simulation.seed()));
    let quiet = Process::quiet(simulation, &store);
    let chance = simulation.clock_with_skew(0);
    if !simulation.seed().is_multiple_of(4) {
        let process = quiet.clone();
        simulation.block_on("create", async move {
            let first = Root::first(&*process.wire.clock, ".json");
            process.library.shelf().create_root(&first).await.unwrap();
        });
    }
    let shared = Shared::default();
    for round in 0..=simulation.seed() % 2 {
        store.faults().set_rates(Rates::stormy());
        for writer in 0..3 {
            let process = Process::of(simulation, &store, writer);
            let timer = simulation.timer();
            let writing = write(process, timer, Arc::clone(&shared), 5, 4);
            simulation.spawn(&format!("writer {round}.{writer}"), writing);
        }
        if meddles {
            let (clock, timer) = (simulation.clock_with_skew(0), simulation.timer());
            simulation.spawn(&format!("meddler {round}"), meddle(store.clone(), clock, timer, 5));
        }
        spawn_upkeep(simulation, &store, round);
        simulation.run();
        if random_u64(&*chance).is_multiple_of(4) {
            let process = quiet.clone();
            simulation.block_on("lose the root", async move { process.remove("/_catalog/root").await });
        }
        let hours = [0, 2, 26][random_u64(&*chance) as usize % 3];
        simulation.advance(Duration::from_hours(hours));
    }
    store.faults().heal();
    simulation.settle();
    let known = std::mem::take(&mut *shared.lock().unwrap());
    // It takes as long as all that was before.
    let further = simulation.seed().is_multiple_of(3);
    simulation.block_on("check", async move {
        if quiet.library.shelf().root(None).await.unwrap().is_none() {
            quiet.rebuilder().reindex().await.unwrap();
        }
        if !meddles {
            acknowledged(&quiet.anew(), &known).await;
        }
        at_rest(&quiet, meddles, further).await
    })
}

/// What was acknowledged is listed, and what was deleted is not.
async fn acknowledged(process: &Process, known: &Known) {
    let listed = process.listed().await.unwrap();
    let objects = process.objects().await;
    for (id, (state, live)) in &objects {
        let revision = state.revision().as_str().to_owned();
        if *live && known.saved.contains(&(id.clone(), revision.clone())) {
            assert_eq!(listed.get(id), Some(&revision), "{id} was acknowledged");
        }
    }
    for (id, revision) in &listed {
        let listed: State = revision.parse().unwrap();
        let (state, live) = objects.get(id).unwrap_or_else(|| panic!("{id} came back"));
        assert!(*state == listed || state.replaces(listed), "{id}: {state} and {listed}");
        assert!(*live || known.unsure.contains(id), "{id} was deleted");
    }
}

/// Adoption takes up what other programs did, and `verify` what cut-off writers have left; then rebuilds and folds change nothing.
async fn at_rest(quiet: &Process, meddles: bool, further: bool) -> usize {
    let live = quiet.live().await;
    let process = quiet.anew();
    let adopted = process.rebuilder().adopt().await.unwrap();
    let foreign = quiet.foreign().await;
    let is_theirs =
        |id: &String, revision: &String| foreign.get(id) == Some(revision) || !live.contains_key(id);
    let theirs = |all: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        let theirs = all.iter().filter(|(id, revision)| is_theirs(id, revision));
        theirs.map(|(id, revision)| (id.clone(), revision.clone())).collect()
    };
    assert_eq!(theirs(&process.listed().await.unwrap()), theirs(&live), "after adoption: {adopted:?}");
    // What is in the tail is not mended where it lies.
    process.folder().fold(How::Fold).await.unwrap();
    let report = verify(&process.rebuilder(), true).await.unwrap();
    // Where other programs delete, an old object may come back after its deletion.
    let returned: BTreeSet<String> = report
        .findings
        .iter()
        .filter(|finding| finding.level == Level::Warning)
        .map(|finding| finding.key.as_ref().unwrap().id().to_owned())
        .collect();
    assert!(meddles || returned.is_empty(), "{report:?}");
    assert!(!report.is_damaged(), "{report:?}");
    let expected: BTreeMap<_, _> = live.into_iter().filter(|(id, _)| !returned.contains(id)).collect();
    assert_eq!(process.listed().await.unwrap(), expected, "after repair: {report:?}");
    if !further {
        return returned.len();
    }
    process.folder().fold(How::Fold).await.unwrap();
    process.folder().fold(How::Maintain).await.unwrap();
    let process = quiet.anew();
    assert_eq!(process.listed().await.unwrap(), expected, "after maintenance");
    process.rebuilder().reindex().await.unwrap();
    let process = quiet.anew();
    assert_eq!(process.listed().await.unwrap(), expected, "after a rebuild");
    let verified = verify(&process.rebuilder(), false).await.unwrap();
    assert!(verified.findings.iter().all(|finding| finding.level == Level::Warning), "{verified:?}");
    returned.len()
}

#[test]
fn what_was_acknowledged_outlives_rebuilds() {
    Simulation::for_each_seed(0..70, |simulation| {
        storm(simulation, false);
    });
}

#[test]
fn what_was_acknowledged_outlives_rebuilds_in_another_storm() {
    Simulation::for_each_seed(70..140, |simulation| {
        storm(simulation, false);
    });
}

#[test]
fn what_other_programs_do_is_adopted_whatever_happens() {
    let returned = Mutex::new(0);
    Simulation::for_each_seed(140..200, |simulation| {
        *returned.lock().unwrap() += storm(simulation, true);
    });
    assert!(*returned.lock().unwrap() < 12, "{returned:?}");
}
