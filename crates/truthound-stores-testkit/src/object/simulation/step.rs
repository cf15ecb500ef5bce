//! One step: a task runs until it waits, or the seed decides what happens to those who wait.

use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::run::{Running, Simulation};
use super::world::{ProcessId, TaskId};

/// The shortest and the longest that time jumps although requests wait.
const PAUSE: (Duration, Duration) = (Duration::from_millis(1), Duration::from_hours(1));

/// What happens when all tasks wait.
enum Decision {
    /// A request moves on.
    Move(u64),
    /// Time passes: until the next timer or the next late arrival, or as long as the seed says.
    Jump(Duration),
    /// The process that waits for the chosen request crashes.
    Crash(ProcessId),
    /// Nothing can happen.
    Stuck,
}

impl Simulation {
    /// Takes a step; `false` if nothing can happen any more.
    pub(super) fn step(&mut self) -> bool {
        let killed = std::mem::take(&mut self.world.inner().to_kill);
        for process in killed {
            self.restarts.remove(&process);
            self.end(process, "is killed");
        }
        self.adopt();
        if let Some(task) = self.world.take_ready() {
            self.poll(task);
            return true;
        }
        match self.decide() {
            Decision::Move(request) => self.world.move_on(request),
            Decision::Jump(by) => {
                self.world.sleepers.advance(by);
                self.world.note(format_args!("{by:?} pass"));
            }
            Decision::Crash(process) => self.crash_process(process),
            Decision::Stuck => return false,
        }
        true
    }

    /// Takes over the tasks that were spawned since.
    pub(super) fn adopt(&mut self) {
        let spawned = std::mem::take(&mut self.world.inner().spawned);
        for (task, future) in spawned {
            let waker = Waker::from(self.world.ready(task));
            self.tasks.insert(task, Running { future, waker });
        }
    }

    fn poll(&mut self, task: TaskId) {
        // Taken out while it runs: it may spawn, and end others.
        let Some(mut running) = self.tasks.remove(&task) else { return };
        let done = self.world.as_task(Some(task), || {
            let mut context = Context::from_waker(&running.waker);
            running.future.as_mut().poll(&mut context) == Poll::Ready(())
        });
        if done {
            self.world.as_task(Some(task), move || drop(running));
            self.finished(task);
        } else {
            self.tasks.insert(task, running);
        }
    }

    fn finished(&self, task: TaskId) {
        let now = self.world.sleepers.now();
        let mut inner = self.world.inner();
        if let Some(named) = inner.tasks.remove(&task) {
            inner.trace.note(now, &format_args!("{} is done", named.name));
            if let Some(process) = inner.processes.get_mut(&named.process)
                && process.main == Some(task)
            {
                process.main = None;
            }
        }
    }

    fn decide(&self) -> Decision {
        let now = self.world.sleepers.now();
        let timer = self.world.sleepers.next();
        let chosen = {
            let mut inner = self.world.inner();
            let under_way = inner.pending.iter().filter(|(_, pending)| pending.is_under_way());
            let (mut movable, mut next) = (Vec::new(), timer);
            for (id, pending) in under_way {
                if pending.not_before <= now {
                    movable.push((*id, pending.client));
                } else if next.is_none_or(|next| pending.not_before < next) {
                    next = Some(pending.not_before);
                }
            }
            let jumps = inner.settings.jumps;
            let next = next.map(|next| next.saturating_sub(now));
            if movable.is_empty() {
                return next.map_or(Decision::Stuck, Decision::Jump);
            }
            if inner.random.below(1_000) < jumps {
                // Everybody is suspended, but for the timers that are due meanwhile.
                let pause = inner.delay(PAUSE.0, PAUSE.1);
                return Decision::Jump(next.map_or(pause, |next| next.min(pause)));
            }
            *inner.random.pick(&movable)
        };
        match chosen {
            (_, Some(process)) if self.world.crashes_now(process) => Decision::Crash(process),
            (request, _) => Decision::Move(request),
        }
    }
}
