//! Runs, restores and writers at once, each a process of its own; a seed decides who takes the next step. Whatever happens, what was saved last of each
//! record is somewhere, and what is reported is what the change feed tells (R-RET-1, R-RET-5).

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use truthound_stores_core::{ChangeOp, Collection, Store, StoreExt as _};
use truthound_stores_memory::MemoryStore;
use truthound_stores_retention::{RestoreFrom, Retention, RetentionAction, RetentionTargets};
use truthound_stores_testkit::{ManualClock, SeededRandom, Stepping, Task, cut_after, interleave};

use crate::support::{DAY, RESULTS, daily, documents, memory, record, record_with, retention, trash};
use RetentionAction::{Archive, Delete, Quarantine};

const IDS: [&str; 4] = ["one", "two", "three", "four"];

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// A store, the place where its records go, and what was saved last.
struct World {
    clock: Arc<ManualClock>,
    store: MemoryStore,
    kept: MemoryStore,
    action: RetentionAction,
    last: RefCell<BTreeMap<String, String>>,
    removed: Cell<u64>,
}

impl World {
    fn new(action: RetentionAction) -> Self {
        let (clock, store) = memory();
        let kept = if action == Delete {
            store.clone()
        } else {
            MemoryStore::new().with_clock(Arc::clone(&clock) as _)
        };
        let last = RefCell::default();
        block_on(async {
            for id in IDS {
                store.put(record(&clock, id, "a", 30)).await.unwrap();
            }
            last.replace(documents(&store, &RESULTS).await);
        });
        clock.advance(8 * DAY);
        Self { clock, store, kept, action, last, removed: Cell::new(0) }
    }

    fn from(&self) -> RestoreFrom {
        match self.action {
            Delete => RestoreFrom::Deleted,
            Archive => RestoreFrom::Archive,
            Quarantine => RestoreFrom::Quarantine,
        }
    }

    fn retention(&self) -> Retention {
        let kept = || Arc::new(Stepping::new(self.kept.clone())) as Arc<dyn Store>;
        let targets = match self.action {
            Delete => RetentionTargets::none(),
            Archive => RetentionTargets::none().with_archive(kept()),
            Quarantine => RetentionTargets::none().with_quarantine(kept()),
        };
        // No grace before records go, and days in which they can be brought back.
        let config = daily(self.action).with_grace_days(if self.action == Delete { 0.000_1 } else { 0.0 });
        retention(&config.with_batch_size(3), targets, &self.clock)
    }

    fn run(&self) -> Task<'_> {
        let (store, retention) = (Stepping::new(self.store.clone()), self.retention());
        Box::pin(async move {
            for _ in 0..2 {
                let applied = retention.run(&store, &RESULTS).await.unwrap();
                self.removed.set(self.removed.get() + applied.removed());
            }
        })
    }

    fn restore(&self, seed: u64) -> Task<'_> {
        let (store, retention) = (Stepping::new(self.store.clone()), self.retention());
        Box::pin(async move {
            let mut random = SeededRandom::new(seed);
            for _ in 0..3 {
                let id = [(*random.pick(&IDS)).to_owned()];
                retention.restore(&store, &RESULTS, self.from(), &id).await.unwrap();
            }
        })
    }

    fn write(&self, seed: u64) -> Task<'_> {
        let store = Stepping::new(self.store.clone());
        Box::pin(async move {
            let mut random = SeededRandom::new(seed);
            for number in 0..4 {
                let id = *random.pick(&IDS);
                let one = record_with(&self.clock, id, "a", 30, &format!(r#""note": "{seed} {number}""#));
                let text = one.body.as_str().to_owned();
                store.put(one).await.unwrap();
                self.last.borrow_mut().insert(id.to_owned(), text);
            }
        })
    }

    fn kept_in(&self) -> Collection {
        if self.action == Delete { trash() } else { RESULTS }
    }

    /// Checks that what was saved last of each record is here or there.
    fn nothing_is_lost(&self, when: &str) {
        let (here, there) = block_on(async {
            (documents(&self.store, &RESULTS).await, documents(&self.kept, &self.kept_in()).await)
        });
        for (id, text) in &*self.last.borrow() {
            let found = here.get(id) == Some(text) || there.values().any(|kept| kept == text);
            assert!(found, "{when}: {id} is lost: {text}; here {here:?}; there {there:?}");
        }
    }
}

/// A restore once met a record that a run was just moving: the record was there already, so the copy was removed; and then the run removed the record.
#[test]
fn r_ret_1_and_5_whoever_runs_writes_and_restores_at_once_nothing_is_lost() {
    for action in RetentionAction::ALL {
        for seed in 0..150 {
            let when = format!("{action}, seed {seed}");
            let world = World::new(action);
            let begun = block_on(world.store.changes(None, 1)).unwrap().next;
            let tasks = vec![world.run(), world.run(), world.restore(seed * 3), world.write(seed * 7)];
            interleave(tasks, seed);
            world.nothing_is_lost(&when);
            let told = block_on(world.store.changes(Some(begun), 10_000)).unwrap().changes;
            let gone = told.iter().filter(|change| {
                matches!(change.op, ChangeOp::Delete { .. }) && *change.key.collection() == RESULTS
            });
            assert_eq!(gone.count() as u64, world.removed.get(), "{when}: removed, and told of");
        }
    }
}

/// The same with processes that die in the middle, and one run after that which has all to itself.
#[test]
fn whoever_dies_in_the_middle_leaves_a_whole_that_the_next_run_ends() {
    for action in RetentionAction::ALL {
        for seed in 0..60 {
            let when = format!("{action}, seed {seed}");
            let world = World::new(action);
            let mut random = SeededRandom::new(seed);
            for _ in 0..3 {
                let task = if random.below(3) == 0 { world.restore(seed) } else { world.run() };
                cut_after(usize::try_from(random.below(60)).unwrap(), task);
                world.nothing_is_lost(&when);
            }
            interleave(vec![world.run()], seed);
            // What was brought back is in its grace period, where there is one.
            let left = block_on(documents(&world.store, &RESULTS));
            assert!(left.is_empty() || action == Delete, "{when}: {left:?} stayed");
            world.nothing_is_lost(&when);
        }
    }
}
