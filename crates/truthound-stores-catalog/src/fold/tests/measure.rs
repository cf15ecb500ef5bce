//! What folding costs: requests, and time.

use std::collections::BTreeSet;

use truthound_stores_core::{Clock, SystemClock};
use truthound_stores_testkit::object::{SimulatedStore, Simulation, StoreOptions};

use super::storm::{begin, folder};
use super::world::{Docs, check, put, put_rows, shelf, unended};
use crate::clean_up::Keep;
use crate::fold::{How, Outcome};
use crate::maintain::maintain;
use crate::root::Segment;
use crate::row::{Before, Row};
use crate::segment::tests::data::{rows_of_days, write};
use crate::shelf::Swap;
use crate::state::State;
use crate::tail::Name;

fn save(
    simulation: &mut Simulation,
    store: &SimulatedStore,
    docs: &Docs,
    ids: std::ops::Range<usize>,
    deletes: bool,
) {
    let clock = simulation.clock_with_skew(0);
    let rows: Vec<Row> = ids.filter_map(|id| docs.change(&format!("id{id}"), deletes, &*clock)).collect();
    let store = store.backdoor();
    simulation.block_on("save", async move {
        for row in rows {
            assert!(put_rows(&store, &Name::of_row(&row, 1, 20, true), &[row]).await);
        }
    });
}

/// A fold of 1,000 saves takes ten requests at the most: 0.01 for each save.
#[test]
fn a_fold_takes_a_hundredth_of_a_request_for_each_save() {
    let mut simulation = Simulation::new(1);
    simulation.set_jumps(0);
    let (store, docs) = begin(&mut simulation, StoreOptions::s3());
    let (clock, timer) = (simulation.clock_with_skew(0), simulation.timer());
    let mut folder = folder(&store, &docs, clock, timer, None);
    for round in 0..4 {
        save(&mut simulation, &store, &docs, round * 1_000..(round + 1) * 1_000, false);
        store.reset_requests();
        folder = simulation.block_on("fold", async move {
            let outcome = folder.fold(How::Fold).await.unwrap();
            assert!(matches!(outcome, Outcome::Done(done) if done.rows == 1_000 && done.whole));
            folder
        });
        println!("{}", store.requests());
        assert!(store.requests().total() <= 10, "{}", store.requests());
    }
    check(&mut simulation, &store, &docs);
}

/// A fold asked for each row that was overwritten by itself, one after the other: of a thousand, a thousand requests, and over a network half a
/// minute. `docs/catalog-requests.md` says what it asks.
#[test]
fn a_fold_of_a_thousand_overwrites_reads_pages_together() {
    let mut simulation = Simulation::new(1);
    simulation.set_jumps(0);
    let (store, docs) = begin(&mut simulation, StoreOptions::s3());
    let (clock, timer) = (simulation.clock_with_skew(0), simulation.timer());
    let entries = rows_of_days(120_000, 1, 0, 90);
    let overwritten = entries.iter().step_by(120).map(|entry| {
        let before = Before {
            state: entry.row.state,
            data_asset: entry.data_asset().to_owned(),
            run_time: entry.run_time(),
        };
        let state = State { hlc: entry.row.state.hlc + 1, ..entry.row.state };
        Row { state, before: Some(before), ..entry.row.clone() }
    });
    let overwritten: Vec<Row> = overwritten.collect();
    let (bytes, stats) = write(entries);
    assert!(stats.length > 4 << 20, "a segment that is read whole asks for nothing");
    let (shelf, bucket) = (shelf(&store.backdoor(), clock.clone(), timer.clone()), store.backdoor());
    let now = std::sync::Arc::clone(&clock);
    let shelf = simulation.block_on("fill", async move {
        let seen = shelf.root(None).await.unwrap().unwrap();
        let name = format!("{:016x}-{:032x}.parquet", 0, 1);
        shelf.put_segment(&name, bytes).await.unwrap();
        let mut next = seen.root.next(&*now, "filled");
        next.segments.push(Segment { name, kill: None, stats });
        assert!(matches!(shelf.swap_root(&seen, &next).await.unwrap(), Swap::Taken));
        let name = Name::of_batch(overwritten[0].state, 7, 1);
        assert!(put_rows(&bucket, &name, &overwritten).await);
        shelf
    });
    let folder = folder(&store, &docs, clock, timer, None);
    store.reset_requests();
    simulation.block_on("fold", async move {
        let outcome = folder.fold(How::Fold).await.unwrap();
        assert!(matches!(outcome, Outcome::Done(done) if done.rows == 1_000 && done.whole));
    });
    println!("{}", store.requests());
    assert!(store.requests().total() <= 16, "{}", store.requests());
    let seen = simulation.block_on("look", async move { shelf.root(None).await.unwrap().unwrap() });
    let ended: Vec<u64> =
        seen.root.segments.iter().filter_map(|one| Some(one.kill.as_ref()?.ended)).collect();
    assert_eq!((seen.root.segments.len(), ended), (2, vec![1_000]));
}

#[test]
fn after_maintenance_segments_hold_each_record_once_and_nothing_else_is_there() {
    let mut simulation = Simulation::new(1);
    simulation.set_jumps(0);
    let (store, docs) = begin(&mut simulation, StoreOptions::gcs());
    let (clock, timer) = (simulation.clock_with_skew(0), simulation.timer());
    let mut folder = folder(&store, &docs, clock, timer, None);
    for (ids, deletes) in [(0..60, false), (20..40, false), (30..50, true), (45..47, false), (0..3, false)] {
        save(&mut simulation, &store, &docs, ids, deletes);
        folder = simulation.block_on("fold", async move {
            folder.fold(How::Fold).await.unwrap();
            folder
        });
    }
    save(&mut simulation, &store, &docs, 58..70, false);
    let live = docs.live();
    let library = std::sync::Arc::clone(&folder.library);
    simulation.block_on("maintain", async move { maintain(&folder, Keep::NOTHING).await.unwrap() });
    check(&mut simulation, &store, &docs);
    let names = store.names();
    let (root, rows) = simulation.block_on("read", async move {
        let seen = library.shelf().root(None).await.unwrap().unwrap();
        let rows = unended(&library, &seen.root).await.unwrap();
        ((*seen.root).clone(), rows)
    });
    assert!(root.segments.iter().all(|segment| segment.kill.is_none()));
    let total: u32 = root.segments.iter().map(|segment| segment.stats.rows()).sum();
    assert_eq!(total as usize, rows.len(), "no row of the files is ended");
    let puts: BTreeSet<&str> = rows
        .iter()
        .filter(|row| matches!(row.change, crate::row::Change::Put(_)))
        .map(|row| row.id.as_str())
        .collect();
    assert_eq!(puts.len(), live.len());
    let expected = root.segments.iter().map(|segment| format!("p/_catalog/segments/{}", segment.name));
    let mut expected: Vec<String> = expected.chain(["p/_catalog/root".to_owned()]).collect();
    expected.sort();
    assert_eq!(names, expected);
}

/// Prints what folding takes; of very many rows with `TRUTHOUND_LONG_TESTS=1 cargo test --release -p truthound-stores-catalog
/// fold::tests::measure -- --nocapture`, of fewer it is the same work.
#[test]
fn many_rows_are_folded() {
    let is_long = std::env::var_os("TRUTHOUND_LONG_TESTS").is_some_and(|value| !value.is_empty());
    let plan = if is_long {
        [("rows in names", 4_096, 1, 8), ("batches", 64, 1_000, 16)]
    } else {
        [("rows in names", 256, 1, 2), ("batches", 4, 100, 2)]
    };
    let mut simulation = Simulation::new(1);
    simulation.set_jumps(0);
    let (store, docs) = begin(&mut simulation, StoreOptions::s3());
    let (clock, timer) = (simulation.clock_with_skew(0), simulation.timer());
    let mut folder = folder(&store, &docs, clock.clone(), timer, None);
    let system = SystemClock::new();
    for (name, objects, batch, folds) in plan {
        let (mut spent, mut rows) = (0.0, 0);
        for fold in 0..folds {
            for object in 0..objects {
                let batch: Vec<Row> = (0..batch)
                    .map(|at| Row {
                        id: format!("run_{name}_{fold}_{object}_{at}"),
                        state: State::first(&*clock),
                        before: None,
                        change: put(&*clock),
                    })
                    .collect();
                let name = match &batch[..] {
                    [row] => Name::of_row(row, 1, 20, true),
                    rows => Name::of_batch(rows[0].state, object, 1),
                };
                let store = store.backdoor();
                simulation.block_on("save", async move { assert!(put_rows(&store, &name, &batch).await) });
            }
            simulation.advance(std::time::Duration::from_secs(1));
            let start = system.monotonic();
            folder = simulation.block_on("fold", async move {
                folder.fold(How::Fold).await.unwrap();
                folder
            });
            spent += (system.monotonic() - start).as_secs_f64();
            rows += objects * batch;
        }
        let root = folder.library.clone();
        let bytes = simulation.block_on("root", async move {
            root.shelf().root(None).await.unwrap().unwrap().root.to_bytes().unwrap().len()
        });
        println!("{name}: {rows} rows, {:.0} a second; the root takes {bytes} bytes", rows as f64 / spent);
    }
}
