//! Processes: tasks that share memory, and die together.

use std::fmt;
use std::sync::Arc;

use truthound_stores_core::BoxFuture;

use super::World;
use super::run::Simulation;
use super::world::{Named, ProcessId, TaskId};

/// Says how often a process crashes. Make it with [`often`](Self::often).
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Crashes {
    per_mille: u64,
    left: u64,
}

impl Crashes {
    /// Lets a process crash at so many in a thousand of its scheduling points, and at most so many times.
    pub const fn often(per_mille: u64, at_most: u64) -> Self {
        Self { per_mille, left: at_most }
    }

    /// Lets a process never crash by chance.
    pub const fn never() -> Self {
        Self::often(0, 0)
    }
}

/// Starts a process anew after a crash; it is told how often it crashed before.
pub(super) type Restart = Box<dyn FnMut(u64) -> BoxFuture<'static, ()> + Send>;

/// What the world knows of a process.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) name: Arc<str>,
    pub(super) alive: bool,
    /// Its first task; a run waits for it.
    pub(super) main: Option<TaskId>,
    pub(super) crashes: Crashes,
    pub(super) restarts: u64,
}

impl World {
    /// Begins a process with its first task.
    pub(super) fn begin(
        &self,
        name: &str,
        crashes: Crashes,
        waited_for: bool,
        make: impl FnOnce() -> BoxFuture<'static, ()>,
    ) -> ProcessId {
        let (process, task) = {
            let mut inner = self.inner();
            let (process, task) = (inner.id(), inner.id());
            let name: Arc<str> = name.into();
            let main = waited_for.then_some(task);
            let begun = Process { name: Arc::clone(&name), alive: true, main, crashes, restarts: 0 };
            inner.processes.insert(process, begun);
            inner.tasks.insert(task, Named { name, process });
            (process, task)
        };
        let future = self.as_task(Some(task), make);
        self.inner().spawned.push((task, future));
        process
    }

    /// Runs code as if it were a task's: what it spawns and sends is the task's.
    pub(super) fn as_task<T>(&self, task: Option<TaskId>, code: impl FnOnce() -> T) -> T {
        let before = std::mem::replace(&mut self.inner().current, task);
        let result = code();
        self.inner().current = before;
        result
    }

    /// Decides by chance whether a process crashes now.
    pub(super) fn crashes_now(&self, process: ProcessId) -> bool {
        let mut inner = self.inner();
        let Some(Process { crashes, alive: true, .. }) = inner.processes.get(&process) else { return false };
        let crashes = *crashes;
        crashes.left > 0 && crashes.per_mille > 0 && inner.random.below(1_000) < crashes.per_mille
    }
}

impl Simulation {
    /// Ends a process: all its tasks are dropped where they wait.
    pub(super) fn end(&mut self, process: ProcessId, why: impl fmt::Display) {
        let tasks: Vec<TaskId> = {
            let mut inner = self.world.inner();
            let Some(ended) = inner.processes.get_mut(&process) else { return };
            if !ended.alive {
                return;
            }
            ended.alive = false;
            ended.crashes.left = ended.crashes.left.saturating_sub(1);
            let told = format!("{} {why}", ended.name);
            let now = self.world.sleepers.now();
            inner.trace.note(now, &told);
            inner.tasks.iter().filter(|(_, named)| named.process == process).map(|(task, _)| *task).collect()
        };
        self.adopt();
        for task in tasks {
            self.world.forget_ready(task);
            let running = self.tasks.remove(&task);
            // As the task: what its destructors do is its doing, and what they spawn is not run.
            self.world.as_task(Some(task), move || drop(running));
            self.world.inner().tasks.remove(&task);
        }
    }

    /// Ends a process, and starts it anew if it is one that restarts.
    pub(super) fn crash_process(&mut self, process: ProcessId) {
        self.end(process, "crashes");
        let Some(mut restart) = self.restarts.remove(&process) else { return };
        let (task, times) = {
            let mut inner = self.world.inner();
            let task = inner.id();
            let Some(again) = inner.processes.get_mut(&process) else { return };
            again.alive = true;
            again.restarts += 1;
            again.main = Some(task);
            let (name, times) = (Arc::clone(&again.name), again.restarts);
            inner.tasks.insert(task, Named { name, process });
            (task, times)
        };
        let future = self.world.as_task(Some(task), || restart(times));
        self.world.inner().spawned.push((task, future));
        self.restarts.insert(process, restart);
        self.world.note(format_args!("restart number {times}"));
    }
}
