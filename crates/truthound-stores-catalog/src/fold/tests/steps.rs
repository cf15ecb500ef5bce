//! A folder dies at each of its steps, one after the other: whatever it has left, readers see everything, and so does who folds after it.

use std::future::Future;

use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload};
use truthound_stores_testkit::object::{RequestKind, SimulatedStore, Simulation, StoreOptions};

use super::storm::{begin, folder};
use super::world::{Docs, check, put_rows};
use crate::clean_up::{Cleaner, Keep};
use crate::fold::{Folder, How, Outcome, Rest};
use crate::maintain::maintain;
use crate::row::Row;
use crate::state::State;
use crate::tail::Name;

/// An object of the tail that is not what was written: it stays there, and the fold is not the last of a tail.
const TORN: &str = "p/_catalog/tail/000000000000000000000000000-000000~b";

fn another(simulation: &Simulation, store: &SimulatedStore, docs: &Docs) -> Folder<Docs> {
    folder(store, docs, simulation.clock_with_skew(0), simulation.timer(), None)
}

/// Changes documents; gives the rows.
fn change(simulation: &Simulation, docs: &Docs, changes: &[(&str, bool)]) -> Vec<Row> {
    let clock = simulation.clock_with_skew(0);
    changes.iter().map(|(id, deletes)| docs.change(id, *deletes, &*clock).unwrap()).collect()
}

fn put(simulation: &mut Simulation, store: &SimulatedStore, objects: Vec<(Name, Vec<Row>)>) {
    let store = store.backdoor();
    simulation.block_on("save", async move {
        for (name, rows) in objects {
            assert!(put_rows(&store, &name, &rows).await);
        }
    });
}

fn one_by_one(rows: Vec<Row>) -> Vec<(Name, Vec<Row>)> {
    rows.into_iter().map(|row| (Name::of_row(&row, 1, 20, true), vec![row])).collect()
}

/// A catalog of two folds whose first row is ended, and a tail of all kinds: new documents, overwrites and deletes, of what was folded and of
/// what was not, by themselves and in a batch, and a row that was folded before and comes again.
fn world(seed: u64, torn: bool) -> (Simulation, SimulatedStore, Docs) {
    let mut simulation = Simulation::new(seed);
    simulation.set_jumps(0);
    let options = match seed % 3 {
        0 => StoreOptions::s3().with_page_size(3),
        1 => StoreOptions::gcs().with_page_size(5),
        _ => StoreOptions::azure(),
    };
    let (store, docs) = begin(&mut simulation, options);
    let early = change(&simulation, &docs, &[("a", false), ("b", false), ("c", false), ("d", false)]);
    put(&mut simulation, &store, one_by_one(early.clone()));
    for changes in [&[][..], &[("a", false)][..]] {
        let rows = change(&simulation, &docs, changes);
        put(&mut simulation, &store, one_by_one(rows));
        let before = another(&simulation, &store, &docs);
        simulation.block_on("before", async move { before.fold(How::Fold).await.unwrap() });
    }
    let rows = change(
        &simulation,
        &docs,
        &[("a", false), ("b", true), ("e", false), ("e", false), ("f", false), ("f", true)],
    );
    put(&mut simulation, &store, one_by_one(rows));
    let batch = change(&simulation, &docs, &[("c", false), ("g", false), ("h", false)]);
    let first = batch.first().map_or(State { incarnation: 0, hlc: 0 }, |row| row.state);
    put(&mut simulation, &store, vec![(Name::of_batch(first, 7, 1), batch)]);
    put(&mut simulation, &store, one_by_one(vec![early[3].clone()]));
    if torn {
        let store = store.backdoor();
        simulation.block_on("tear", async move {
            store.put(&Path::from(TORN), PutPayload::from_static(b"torn")).await.unwrap();
        });
    }
    (simulation, store, docs)
}

/// Lets work die at each step, by some seeds; what was on its way then lands, or does not, or late. Gives at how many steps that was.
fn dies_everywhere<F>(torn: bool, work: impl Fn(Folder<Docs>) -> F) -> u64
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut deaths = 0;
    for seed in 0..6 {
        for step in 0.. {
            let (mut simulation, store, docs) = world(seed, torn);
            let task = simulation.spawn("dies", work(another(&simulation, &store, &docs)));
            simulation.run_steps(step);
            if task.is_finished() {
                break;
            }
            simulation.kill(&task);
            deaths += 1;
            if torn {
                let store = store.backdoor();
                simulation.block_on("mend", async move { store.delete(&Path::from(TORN)).await.unwrap() });
            }
            check(&mut simulation, &store, &docs);
            simulation.settle();
            check(&mut simulation, &store, &docs);
            let next = another(&simulation, &store, &docs);
            let next = simulation.block_on("next", async move {
                next.fold(How::Fold).await.unwrap();
                next
            });
            check(&mut simulation, &store, &docs);
            simulation.block_on("last", async move { maintain(&next, Keep::NOTHING).await.unwrap() });
            check(&mut simulation, &store, &docs);
            let left = store.names().into_iter().filter(|name| !name.contains("/segments/"));
            assert_eq!(left.collect::<Vec<_>>(), ["p/_catalog/root"], "seed {seed}, step {step}");
            assert_eq!(store.names().len(), 2, "seed {seed}, step {step}");
        }
    }
    deaths
}

#[test]
fn a_folder_that_dies_at_any_step_harms_nobody() {
    let deaths = dies_everywhere(false, |folder| async move {
        let _outcome = folder.fold(How::Fold).await.unwrap();
    });
    assert!(deaths > 60, "{deaths}");
}

/// It leaves the segments that are there, and ends rows of theirs by a kill file.
#[test]
fn a_folder_of_a_part_of_the_tail_that_dies_at_any_step_harms_nobody() {
    let deaths = dies_everywhere(true, |folder| async move {
        let _outcome = folder.fold(How::Fold).await.unwrap();
    });
    assert!(deaths > 60, "{deaths}");
}

/// Folds a tail in parts, which go on with what is left of one listing; says how many they were.
async fn fold_in_parts(folder: &Folder<Docs>, mut rest: Rest) -> u64 {
    let mut folds = 0;
    while let Outcome::Done(done) = folder.fold_on(How::Fold, &mut rest).await.unwrap() {
        folds += 1;
        if done.whole {
            break;
        }
    }
    folds
}

#[test]
fn a_folder_of_a_long_tail_that_dies_at_any_step_harms_nobody() {
    let deaths = dies_everywhere(false, |mut folder| async move {
        folder.objects = 2;
        fold_in_parts(&folder, Rest::default()).await;
    });
    assert!(deaths > 150, "{deaths}");
}

/// A tail of very many names was listed again for each part of it that a fold took.
#[test]
fn the_parts_of_a_long_tail_are_taken_from_one_listing_and_the_last_from_another() {
    let (mut simulation, store, docs) = world(2, false);
    let mut folder = another(&simulation, &store, &docs);
    folder.objects = 2;
    store.reset_requests();
    let folds = simulation.block_on("fold", async move { fold_in_parts(&folder, Rest::default()).await });
    assert_eq!((folds, store.requests().of(RequestKind::List)), (4, 2), "{}", store.requests());
    check(&mut simulation, &store, &docs);
}

/// Somebody else commits between two parts: what he took is not taken again.
#[test]
fn what_is_left_of_a_listing_is_not_used_after_another_commit() {
    let (mut simulation, store, docs) = world(2, false);
    let (mut folder, mut other) = (another(&simulation, &store, &docs), another(&simulation, &store, &docs));
    (folder.objects, other.objects) = (2, 2);
    store.reset_requests();
    let folds = simulation.block_on("fold", async move {
        let mut rest = Rest::default();
        folder.fold_on(How::Fold, &mut rest).await.unwrap();
        other.fold(How::Fold).await.unwrap();
        fold_in_parts(&folder, rest).await
    });
    // One of the first part and one of the other's; then one of four objects, and one of the two that are the last.
    assert_eq!((folds, store.requests().of(RequestKind::List)), (2, 4), "{}", store.requests());
    check(&mut simulation, &store, &docs);
}

#[test]
fn maintenance_that_dies_at_any_step_harms_nobody() {
    let deaths = dies_everywhere(false, |folder| async move {
        let _done = maintain(&folder, Keep::NOTHING).await.unwrap();
    });
    assert!(deaths > 100, "{deaths}");
}

#[test]
fn a_clean_up_that_dies_at_any_step_harms_nobody() {
    let deaths = dies_everywhere(false, |folder| async move {
        let cleaner = Cleaner::of(&folder);
        cleaner.clean_up(Keep { roots: 1, days: 0, grace: 0 }).await.unwrap();
        let _marks = cleaner.remove_marks().await.unwrap();
    });
    assert!(deaths > 30, "{deaths}");
}
