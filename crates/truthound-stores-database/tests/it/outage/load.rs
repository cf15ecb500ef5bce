//! Tasks that save documents one after the other, and remember what they were told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;
use tokio::task::JoinSet;
use truthound_stores_core::{Error, ErrorKind, Query, Record, Store, StoreExt};

use crate::server::run;

/// What one save was told, and when it was begun.
pub(super) struct Told {
    pub(super) record: Record,
    pub(super) phase: u64,
    pub(super) outcome: Result<(), Error>,
}

/// Savers at work.
pub(super) struct Load {
    tasks: JoinSet<Vec<Told>>,
    shared: Arc<Shared>,
}

struct Shared {
    phase: AtomicU64,
    acknowledged: watch::Sender<u64>,
    failed: watch::Sender<u64>,
    stop: watch::Sender<bool>,
}

impl Load {
    /// Lets `tasks` tasks save until they are stopped.
    pub(super) fn begin<S: Store>(store: &Arc<S>, tasks: u64) -> Self {
        let shared = Arc::new(Shared {
            phase: AtomicU64::new(0),
            acknowledged: watch::Sender::new(0),
            failed: watch::Sender::new(0),
            stop: watch::Sender::new(false),
        });
        let mut set = JoinSet::new();
        for task in 0..tasks {
            let (store, shared) = (Arc::clone(store), Arc::clone(&shared));
            set.spawn(async move {
                let mut told = Vec::new();
                while !*shared.stop.borrow() {
                    let record = run(&format!("{task}-{}", told.len()));
                    let phase = shared.phase.load(Ordering::SeqCst);
                    let outcome = store.put(record.clone()).await.map(drop);
                    let number = if outcome.is_ok() { &shared.acknowledged } else { &shared.failed };
                    number.send_modify(|number| *number += 1);
                    told.push(Told { record, phase, outcome });
                    tokio::task::yield_now().await;
                }
                told
            });
        }
        Self { tasks: set, shared }
    }

    /// Waits until so many more saves were acknowledged.
    pub(super) async fn acknowledged(&self, more: u64) {
        wait(&self.shared.acknowledged, more).await;
    }

    /// Waits until so many more saves have failed.
    pub(super) async fn failed(&self, more: u64) {
        wait(&self.shared.failed, more).await;
    }

    /// Says that calls that begin from now on belong to another phase.
    pub(super) fn phase(&self, phase: u64) {
        self.shared.phase.store(phase, Ordering::SeqCst);
    }

    /// Stops all, and gives what they were told.
    pub(super) async fn end(self) -> Vec<Told> {
        self.shared.stop.send_replace(true);
        self.tasks.join_all().await.into_iter().flatten().collect()
    }
}

async fn wait(number: &watch::Sender<u64>, more: u64) {
    let mut number = number.subscribe();
    let wanted = *number.borrow() + more;
    number.wait_for(|number| *number >= wanted).await.unwrap();
}

/// Holds what savers were told against what is stored: what was acknowledged is there, what was refused is not, and of what nobody knows
/// there is all or nothing.
pub(super) async fn check(store: &dyn Store, told: &[Told]) {
    let mut present = 0;
    for Told { record, outcome, .. } in told {
        let found = match store.read(&record.key).await {
            Ok(stored) => Some(stored.into_record().unwrap()),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => panic!("{error}"),
        };
        present += u64::from(found.is_some());
        match outcome {
            Ok(()) => assert_eq!(found.as_ref(), Some(record), "an acknowledged document"),
            Err(error) if error.kind() == ErrorKind::Timeout => {
                assert!(found.is_none_or(|found| found == *record), "{error}");
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unavailable, "{}", error.report());
                assert_eq!(found, None, "refused, but there: {}", error.report());
            }
        }
    }
    assert_eq!(
        store.count(&Query::new()).await.unwrap(),
        present,
        "rows without documents, or the other way round"
    );
}
