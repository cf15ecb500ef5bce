//! What code under test gets of a simulation: a way to spawn, a timer, clocks.

use std::future::Future;
use std::sync::Arc;

use truthound_stores_core::BoxFuture;

use super::World;
use super::clock::{SimulatedClock, SimulatedTimer};
use super::process::Crashes;
use super::world::Named;

/// Spawns background tasks, and makes timers and clocks, from inside tasks. Clones are of the same simulation.
///
/// Code under test that has work done in the background takes a hook for it: a `Fn(&str, BoxFuture<'static, ()>)`, or a
/// trait with such a method. In programs the hook calls the runtime; in a simulation it calls [`spawn`](Self::spawn).
#[derive(Clone, Debug)]
pub struct SimulationHandle {
    pub(super) world: Arc<World>,
}

impl SimulationHandle {
    /// Spawns a background task in the process of the task that calls: a crash takes both.
    ///
    /// [`Simulation::run`](super::Simulation::run) does not wait for background tasks. Called by the test itself, it
    /// makes a process of its own. What a dying process spawns is dropped.
    pub fn spawn(&self, name: &str, future: impl Future<Output = ()> + Send + 'static) {
        let future: BoxFuture<'static, ()> = Box::pin(future);
        let Some(parent) = self.world.inner().current() else {
            self.world.begin(name, Crashes::never(), false, || future);
            return;
        };
        let mut inner = self.world.inner();
        if inner.processes.get(&parent.process).is_none_or(|process| !process.alive) {
            drop(inner);
            return;
        }
        let task = inner.id();
        let name = format!("{}/{name}", parent.name).into();
        inner.tasks.insert(task, Named { name, process: parent.process });
        inner.spawned.push((task, future));
    }

    /// Makes a timer that goes with simulated time.
    pub fn timer(&self) -> Arc<SimulatedTimer> {
        Arc::new(SimulatedTimer { sleepers: self.world.sleepers.clone() })
    }

    /// Makes a clock that is off by up to an hour, as the seed says; one in four is right.
    pub fn clock(&self) -> Arc<SimulatedClock> {
        const HOUR: u64 = 3_600_000_000;
        let skew = {
            let mut inner = self.world.inner();
            let off = inner.random.below(2 * HOUR + 1);
            if inner.random.chance(25) {
                0
            } else {
                i64::try_from(off).unwrap_or(0) - i64::try_from(HOUR).unwrap_or(0)
            }
        };
        self.clock_with_skew(skew)
    }

    /// Makes a clock that is ahead by so many microseconds.
    pub fn clock_with_skew(&self, micros: i64) -> Arc<SimulatedClock> {
        let seed = self.world.inner().random.next_u64();
        SimulatedClock::new(self.world.sleepers.clone(), micros, seed)
    }
}
