//! What tasks, clocks and stores of one simulation share.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Wake;
use std::time::Duration;

use truthound_stores_core::BoxFuture;

use super::exchange::Pending;
use super::process::Process;
use super::trace::Trace;
use crate::SeededRandom;
use crate::clock::Sleepers;

/// Names a task; a number, in the order of spawning.
pub(super) type TaskId = u64;
/// Names a process: tasks that live and die together.
pub(super) type ProcessId = u64;

/// What tasks, clocks and stores of one simulation share.
///
/// Its lock is never held while code of others runs: no future is polled or dropped, and nobody woken, under it.
pub(in crate::object) struct World {
    pub(super) sleepers: Sleepers,
    ready: Arc<Ready>,
    inner: Mutex<Inner>,
}

pub(super) struct Inner {
    pub(super) random: SeededRandom,
    pub(super) trace: Trace,
    /// The task that is being polled or dropped.
    pub(super) current: Option<TaskId>,
    pub(super) tasks: BTreeMap<TaskId, Named>,
    pub(super) processes: BTreeMap<ProcessId, Process>,
    /// Tasks that the scheduler has not seen yet.
    pub(super) spawned: Vec<(TaskId, BoxFuture<'static, ()>)>,
    /// Processes that the scheduler is to end.
    pub(super) to_kill: Vec<ProcessId>,
    pub(super) pending: BTreeMap<u64, Pending>,
    pub(super) next_id: u64,
    pub(super) settings: Settings,
}

/// Who a task is.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) name: Arc<str>,
    pub(super) process: ProcessId,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    /// How many of a thousand decisions let time jump although requests wait.
    pub(super) jumps: u64,
    /// How late a request may arrive.
    pub(super) latest: Duration,
    /// How many steps a run may take.
    pub(super) max_steps: u64,
    /// New requests meet no trouble.
    pub(super) calm: bool,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let inner = Inner {
            random: SeededRandom::new(seed),
            trace: Trace::default(),
            current: None,
            tasks: BTreeMap::new(),
            processes: BTreeMap::new(),
            spawned: Vec::new(),
            to_kill: Vec::new(),
            pending: BTreeMap::new(),
            next_id: 0,
            settings: Settings {
                jumps: 10,
                latest: Duration::from_hours(48),
                max_steps: 2_000_000,
                calm: false,
            },
        };
        Self { sleepers: Sleepers::default(), ready: Arc::default(), inner: Mutex::new(inner) }
    }

    /// Tells whether a task asks, not the test itself.
    pub(in crate::object) fn is_polling(&self) -> bool {
        self.inner().current.is_some()
    }

    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, text: impl fmt::Display) {
        let now = self.sleepers.now();
        self.inner().trace.note(now, &text);
    }

    /// Makes a task ready, and returns what makes it ready again.
    pub(super) fn ready(&self, task: TaskId) -> Arc<TaskWaker> {
        let waker = Arc::new(TaskWaker { task, ready: Arc::clone(&self.ready) });
        waker.wake_by_ref();
        waker
    }

    /// Takes one of the tasks that are ready, as the seed says.
    pub(super) fn take_ready(&self) -> Option<TaskId> {
        let mut inner = self.inner();
        let mut ready = self.ready.tasks();
        let index = inner.random.below(ready.len() as u64);
        let task = ready.iter().nth(usize::try_from(index).unwrap_or(0)).copied()?;
        ready.remove(&task);
        Some(task)
    }

    pub(super) fn any_ready(&self) -> bool {
        !self.ready.tasks().is_empty()
    }

    pub(super) fn forget_ready(&self, task: TaskId) {
        self.ready.tasks().remove(&task);
    }
}

impl Inner {
    pub(super) fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Draws a delay of up to `longest`, each order of magnitude as likely as the others.
    pub(super) fn delay(&mut self, shortest: Duration, longest: Duration) -> Duration {
        let shortest = shortest.max(Duration::from_micros(1));
        let doublings = (longest.as_micros() / shortest.as_micros()).max(1).ilog2();
        let base = shortest * (1 << self.random.below(u64::from(doublings.min(31)) + 1));
        let part = u32::try_from(self.random.below(1_000)).unwrap_or(0);
        (base + base * part / 1_000).min(longest)
    }

    /// Returns the name and the process of the task that is being polled.
    pub(super) fn current(&self) -> Option<Named> {
        self.current.and_then(|task| self.tasks.get(&task)).cloned()
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("now", &self.sleepers.now()).finish_non_exhaustive()
    }
}

/// The tasks that are to be polled.
#[derive(Debug, Default)]
struct Ready(Mutex<BTreeSet<TaskId>>);

impl Ready {
    fn tasks(&self) -> MutexGuard<'_, BTreeSet<TaskId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a task ready.
#[derive(Debug)]
pub(super) struct TaskWaker {
    task: TaskId,
    ready: Arc<Ready>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ready.tasks().insert(self.task);
    }
}
