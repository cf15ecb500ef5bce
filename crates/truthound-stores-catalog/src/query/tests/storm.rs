//! Readers beside writers, a folder and a clean-up, in stormy weather: what was acknowledged is shown, nothing twice, nothing that was
//! deleted or overwritten before the question, and the feed leaves nothing out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use object_store::path::Path;
use truthound_stores_core::{Clock, Collection, Facts, OrderBy, Query, Result, Timer};
use truthound_stores_testkit::SeededRandom;
use truthound_stores_testkit::object::{Rates, SimulatedStore, Simulation, StoreOptions};

use super::folder::Folder;
use super::hub::{FOLDER, facts, meta_of, put_tail};
use crate::feed::tests::Replica;
use crate::library::Library;
use crate::query::{At, Consistency, Index};
use crate::row::{Change, Row};
use crate::shelf::Shelf;
use crate::state::State;
use crate::tail::Name;
use crate::wire::Wire;

/// What the test knows: rows that were sent, and the last that was acknowledged of each document.
#[derive(Clone, Debug, Default)]
struct Known {
    sent: Vec<Row>,
    acknowledged: BTreeMap<String, Row>,
}

type Shared = Arc<Mutex<Known>>;

fn shelf(simulation: &Simulation, store: &SimulatedStore) -> (Shelf, Arc<dyn Clock>) {
    let clock: Arc<dyn Clock> = simulation.clock();
    let wire = Wire::new(Arc::clone(&clock), simulation.timer());
    (Shelf::new(Arc::new(store.clone()), Path::from(FOLDER), wire), clock)
}

fn index(simulation: &Simulation, store: &SimulatedStore) -> Index {
    let (shelf, clock) = shelf(simulation, store);
    Index::new(Arc::new(Library::new(shelf)), clock, Collection::RESULTS, Consistency::Strong)
}

async fn write(
    store: SimulatedStore,
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    shared: Shared,
    writer: u64,
) {
    let mut random = SeededRandom::new(truthound_stores_core::random_u64(&*clock));
    for _ in 0..8 {
        let id = format!("{writer}-{}", random.below(3));
        let before = shared.lock().unwrap().acknowledged.get(&id).cloned();
        let state = match &before {
            Some(row) => row.state.next(&*clock),
            None => State::first(&*clock),
        };
        let deletes = random.chance(30) && before.as_ref().is_some_and(|row| row.change != Change::Delete);
        let change = if deletes { Change::Delete } else { Change::Put(Box::new(facts(&mut random))) };
        let before = before.map(|row| crate::row::Before {
            state: row.state,
            // Only a hint: it may be wrong.
            data_asset: "orders".to_owned(),
            run_time: truthound_stores_core::Timestamp::UNIX_EPOCH,
        });
        let row = Row { id: id.clone(), state, before, change };
        shared.lock().unwrap().sent.push(row.clone());
        let name = Name::of_row(&row, writer, 100, random.chance(70));
        while put_tail(&store, &name, std::slice::from_ref(&row)).await.is_err() {
            timer.sleep(Duration::from_millis(50)).await;
        }
        shared.lock().unwrap().acknowledged.insert(id, row);
    }
}

/// Holds an answer against what was acknowledged before the question.
fn judge(shown: &[String], query: &Query, floor: &Known, after: &Known) {
    let revisions: BTreeSet<&String> = shown.iter().collect();
    assert_eq!(revisions.len(), shown.len(), "a row twice");
    let mut ids = BTreeSet::new();
    for revision in shown {
        let row =
            after.sent.iter().find(|row| row.state.revision().as_str() == revision).expect("a row of nobody");
        assert!(ids.insert(&row.id), "{} twice", row.id);
        assert!(row.change != Change::Delete);
        if let Some(floor) = floor.acknowledged.get(&row.id) {
            assert!(!floor.state.replaces(row.state), "{} as it was before", row.id);
        }
    }
    if query.limit.is_some() {
        return;
    }
    for (id, row) in &floor.acknowledged {
        let meta = meta_of(row);
        let moved = after.sent.iter().any(|other| other.id == *id && other.state.replaces(row.state));
        if meta.is_some_and(|meta| query.matches(&meta)) && !moved {
            assert!(ids.contains(id), "{id} is missing");
        }
    }
}

/// Lists, or scans, and answers with what revisions are shown.
async fn shown(index: &Index, query: &Query, scans: bool) -> Result<Vec<String>> {
    let (revisions, damaged): (Vec<_>, _) = if scans {
        let page = index.scan_page(At::Now, query, None, None).await?;
        (page.iter().map(Facts::revision).collect(), page.damaged)
    } else {
        let page = index.list_page(At::Now, query, None, None).await?;
        (page.metas.into_iter().map(|meta| meta.revision).collect(), page.damaged)
    };
    assert!(damaged.is_empty());
    Ok(revisions.iter().map(|revision| revision.as_str().to_owned()).collect())
}

async fn read(index: Index, clock: Arc<dyn Clock>, timer: Arc<dyn Timer>, shared: Shared) -> u32 {
    let mut random = SeededRandom::new(truthound_stores_core::random_u64(&*clock));
    let mut answered = 0;
    for _ in 0..6 {
        let mut query = Query::new()
            .with_order_by(*random.pick(&[OrderBy::RunTime, OrderBy::RunTime, OrderBy::Status]))
            .with_ascending(random.chance(50));
        if random.chance(30) {
            query = query.with_data_asset("warehouse.*");
        }
        if random.chance(30) {
            query = query.with_limit(3);
        }
        let floor = shared.lock().unwrap().clone();
        let shown = shown(&index, &query, random.chance(50)).await;
        let after = shared.lock().unwrap().clone();
        match shown {
            Ok(shown) => {
                judge(&shown, &query, &floor, &after);
                answered += 1;
            }
            Err(error) => assert!(error.is_retryable(), "{error:?}"),
        }
        timer.sleep(Duration::from_millis(random.below(400))).await;
    }
    answered
}

fn weather(simulation: &mut Simulation, options: StoreOptions) -> u32 {
    let store = simulation.store(options.with_page_size(3));
    store.faults().set_rates(Rates::stormy());
    let shared = Shared::default();
    for writer in 0..2 {
        let clock = simulation.clock();
        simulation
            .spawn("writer", write(store.clone(), clock, simulation.timer(), Arc::clone(&shared), writer));
    }
    for number in 0..2 {
        let (shelf, clock) = shelf(simulation, &store);
        let timer = simulation.timer();
        simulation.spawn("folder", async move {
            let folder = Folder { shelf, clock, keeps: 1 };
            for round in 0..5 {
                folder
                    .fold(
                        |name| {
                            round % 2 == 0
                                || name.unique().unwrap().as_str().ends_with(['0', '2', '4', '6', '8'])
                        },
                        (round + number) % 3 == 2,
                    )
                    .await
                    .ok();
                timer.sleep(Duration::from_millis(30)).await;
                if round % 2 == number % 2 {
                    folder.clean_up().await.ok();
                }
            }
        });
    }
    let clock: Arc<dyn Clock> = simulation.clock();
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let index = index(simulation, &store);
            let reads = read(index, Arc::clone(&clock), simulation.timer(), Arc::clone(&shared));
            simulation.spawn("reader", reads)
        })
        .collect();
    let (follower, timer) = (index(simulation, &store), simulation.timer());
    let follower = simulation.spawn("follower", async move {
        let mut replica = Replica::default();
        for limit in [1, 9, 2, 3, 9, 5, 4, 9] {
            replica.follow(&follower, limit).await.ok();
            timer.sleep(Duration::from_millis(60)).await;
        }
        replica
    });
    simulation.run();
    simulation.settle();
    store.faults().set_rates(Rates::none());
    let mut replica = follower.take().unwrap();
    let index = index(simulation, &store);
    let (replica, page) = simulation.block_on("the end", async move {
        while replica.token.is_none() || replica.follow(&index, 4).await.unwrap() > 0 {
            replica.follow(&index, 4).await.unwrap();
        }
        (replica, index.list_page(At::Now, &Query::new(), None, None).await.unwrap())
    });
    let truth: BTreeMap<String, String> = shared
        .lock()
        .unwrap()
        .acknowledged
        .iter()
        .filter(|(_, row)| row.change != Change::Delete)
        .map(|(id, row)| (id.clone(), row.state.revision().as_str().to_owned()))
        .collect();
    let listed: BTreeMap<String, String> =
        page.metas.iter().map(|meta| (meta.key.id().to_owned(), meta.revision.as_str().to_owned())).collect();
    assert_eq!(listed.len(), page.metas.len());
    assert_eq!(listed, truth, "the listing");
    assert_eq!(replica.documents, truth, "the copy");
    readers.iter().filter_map(truthound_stores_testkit::object::Task::take).sum()
}

#[test]
fn readers_see_what_was_acknowledged_whatever_happens() {
    let answered = Mutex::new(0);
    Simulation::for_each_seed(0..300, |simulation| {
        let options = if simulation.seed() % 2 == 0 { StoreOptions::s3() } else { StoreOptions::gcs() };
        *answered.lock().unwrap() += weather(simulation, options);
    });
    // Storms may keep a question from being answered, but not many.
    assert!(*answered.lock().unwrap() > 300 * 12 * 9 / 10, "{answered:?}");
}
