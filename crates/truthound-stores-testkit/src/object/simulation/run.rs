//! A simulation as the test sees it.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::ops::Range;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use truthound_stores_core::BoxFuture;

use super::World;
use super::clock::{SimulatedClock, SimulatedTimer};
use super::handle::SimulationHandle;
use super::process::{Crashes, Restart};
use super::task::{Outcome, Task, observed};
use super::world::{ProcessId, TaskId};
use crate::object::{SimulatedStore, StoreOptions};

/// Runs tasks against simulated stores; all that happens is a function of the seed.
///
/// All tasks run until each waits for a request or a timer; then the seed chooses what moves on: a request reaches its
/// store, an answer its client, a late copy arrives, a process crashes, or time jumps to the next timer. If the test
/// panics, the seed and the last 200 steps are printed.
///
/// # Examples
/// ```
/// use object_store::{ObjectStore, PutMode};
/// use truthound_stores_testkit::object::{Rates, Simulation, StoreOptions};
///
/// Simulation::for_each_seed(0..20, |simulation| {
///     let store = simulation.store(StoreOptions::s3());
///     store.faults().set_rates(Rates::stormy());
///     let writers: Vec<_> = (0..3)
///         .map(|writer| {
///             let store = store.clone();
///             simulation.spawn(&format!("writer {writer}"), async move {
///                 store.put_opts(&"root".into(), format!("{writer}").into(), PutMode::Create.into()).await.is_ok()
///             })
///         })
///         .collect();
///     simulation.run();
///     let winners = writers.iter().filter(|writer| writer.take() == Some(true)).count();
///     assert!(winners <= 1);
/// });
/// ```
pub struct Simulation {
    pub(super) world: Arc<World>,
    pub(super) tasks: BTreeMap<TaskId, Running>,
    pub(super) restarts: BTreeMap<ProcessId, Restart>,
    seed: u64,
}

/// A task that is not done.
pub(super) struct Running {
    pub(super) future: BoxFuture<'static, ()>,
    pub(super) waker: Waker,
}

impl Simulation {
    /// Makes a simulation without tasks, at [`ManualClock::START`](crate::ManualClock::START).
    pub fn new(seed: u64) -> Self {
        Self { world: Arc::new(World::new(seed)), tasks: BTreeMap::new(), restarts: BTreeMap::new(), seed }
    }

    /// Runs a test once for each seed. A seed that fails is printed with its trace; `Simulation::new` of it fails again.
    pub fn for_each_seed(seeds: Range<u64>, test: impl Fn(&mut Self)) {
        for seed in seeds {
            test(&mut Self::new(seed));
        }
    }

    /// Returns the seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Makes an empty store whose requests are scheduled here; its clock is right, and its faults are drawn from the seed.
    pub fn store(&self, options: StoreOptions) -> SimulatedStore {
        let seed = self.world.inner().random.next_u64();
        SimulatedStore::in_world(options, self.handle().clock_with_skew(0), seed, &self.world)
    }

    /// Returns what code under test may have: spawning, timers, clocks.
    pub fn handle(&self) -> SimulationHandle {
        SimulationHandle { world: Arc::clone(&self.world) }
    }

    /// Makes a timer that goes with simulated time.
    pub fn timer(&self) -> Arc<SimulatedTimer> {
        self.handle().timer()
    }

    /// Makes a clock that is off by up to an hour, as the seed says; one in four is right.
    pub fn clock(&self) -> Arc<SimulatedClock> {
        self.handle().clock()
    }

    /// Makes a clock that is ahead by so many microseconds.
    pub fn clock_with_skew(&self, micros: i64) -> Arc<SimulatedClock> {
        self.handle().clock_with_skew(micros)
    }

    /// Returns how much simulated time has passed since the start.
    pub fn now(&self) -> Duration {
        self.world.sleepers.now()
    }

    /// Lets time pass without anything else happening; who sleeps until then is ready afterwards.
    pub fn advance(&self, by: Duration) {
        self.world.sleepers.advance(by);
        self.world.note(format_args!("the test lets {by:?} pass"));
    }

    /// Sets how many of a thousand decisions let time jump, by up to an hour, although requests wait. Default: 10.
    pub fn set_jumps(&self, per_mille: u64) {
        self.world.inner().settings.jumps = per_mille;
    }

    /// Sets how late a request may arrive. Default: 48 h.
    pub fn set_latest(&self, latest: Duration) {
        self.world.inner().settings.latest = latest;
    }

    /// Sets how many steps one run may take before it is given up. Default: 2,000,000.
    pub fn set_max_steps(&self, steps: u64) {
        self.world.inner().settings.max_steps = steps;
    }

    /// Spawns a process of one task. Tasks of different processes share nothing but stores, if the test wants it real.
    pub fn spawn<T: Send + 'static>(
        &mut self,
        name: &str,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Task<T> {
        let outcome = Outcome::new();
        let future = observed(&outcome, future);
        let process = self.world.begin(name, Crashes::never(), true, move || future);
        Task { process, world: Arc::clone(&self.world), outcome }
    }

    /// Spawns a process that crashes at scheduling points by chance, and is made anew after each crash.
    ///
    /// `make` is told how often it crashed before. A crash drops all its tasks where they wait; a request that was on its
    /// way may or may not take effect, at once or late.
    pub fn spawn_crashing<T, F>(
        &mut self,
        name: &str,
        crashes: Crashes,
        mut make: impl FnMut(u64) -> F + Send + 'static,
    ) -> Task<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let outcome = Outcome::new();
        let observer = outcome.clone();
        let mut make: Restart = Box::new(move |times| observed(&observer, make(times)));
        let process = self.world.begin(name, crashes, true, || make(0));
        self.restarts.insert(process, make);
        Task { process, world: Arc::clone(&self.world), outcome }
    }

    /// Kills a task and its process now, for good.
    pub fn kill<T>(&mut self, task: &Task<T>) {
        self.restarts.remove(&task.process);
        self.end(task.process, "is killed");
    }

    /// Crashes a task and its process now; a process that restarts is made anew.
    pub fn crash<T>(&mut self, task: &Task<T>) {
        self.crash_process(task.process);
    }

    /// Runs until the main tasks of all processes have returned or were killed. Background tasks, late requests and
    /// copies stay where they are; the next run goes on with them.
    ///
    /// # Panics
    /// If tasks wait for what never comes, or after too many steps.
    pub fn run(&mut self) {
        self.run_until(Self::all_returned);
    }

    /// Runs until `done`, which is asked before each step.
    ///
    /// # Panics
    /// As [`run`](Self::run).
    pub fn run_until(&mut self, done: impl Fn(&Self) -> bool) {
        let mut steps = 0;
        let max_steps = self.world.inner().settings.max_steps;
        while !done(self) {
            assert!(self.step(), "these wait for what never comes: {}", self.waiting().join(", "));
            steps += 1;
            assert!(
                steps < max_steps,
                "no end after {steps} steps; these go on: {}",
                self.waiting().join(", ")
            );
        }
    }

    /// Runs at most so many steps, and tells whether anything can still happen.
    pub fn run_steps(&mut self, steps: u64) -> bool {
        (0..steps).all(|_| self.step())
    }

    /// Runs one task to its end, among the others, and returns what it returned.
    ///
    /// # Panics
    /// If it is killed, and as [`run`](Self::run).
    pub fn block_on<T: Send + 'static>(
        &mut self,
        name: &str,
        future: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let task = self.spawn(name, future);
        self.run_until(|_| task.is_finished() || task.was_killed());
        task.take().expect("the task was killed")
    }

    /// Lets everything arrive that is on its way, however late, and the background tasks react; new requests meet no
    /// trouble meanwhile. Who only sleeps then goes on sleeping.
    ///
    /// # Panics
    /// As [`run`](Self::run).
    pub fn settle(&mut self) {
        self.world.inner().settings.calm = true;
        let quiet = |simulation: &Self| {
            let inner = simulation.world.inner();
            inner.spawned.is_empty()
                && inner.to_kill.is_empty()
                && !simulation.world.any_ready()
                && !inner.pending.values().any(super::exchange::Pending::is_under_way)
        };
        self.run_until(quiet);
        self.world.inner().settings.calm = false;
    }

    /// Returns the last 200 lines of what happened.
    pub fn trace(&self) -> String {
        self.world.inner().trace.to_string()
    }

    /// Returns a number that is equal for equal traces, all lines since the start included.
    pub fn fingerprint(&self) -> u64 {
        self.world.inner().trace.fingerprint()
    }

    fn all_returned(&self) -> bool {
        let inner = self.world.inner();
        inner.processes.values().all(|process| !process.alive || process.main.is_none())
    }

    fn waiting(&self) -> Vec<String> {
        let inner = self.world.inner();
        inner.tasks.values().map(|named| named.name.to_string()).collect()
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        if std::thread::panicking() {
            #[allow(clippy::print_stderr, reason = "a failed test shows how it failed")]
            {
                eprintln!("seed {}; the last steps were:\n{}", self.seed, self.trace());
            }
        }
        for process in self.world.inner().processes.values_mut() {
            process.alive = false;
        }
        self.adopt();
        self.restarts.clear();
        self.tasks.clear();
        // What is on its way holds its store, and stores hold the world: without this they would hold each other for ever.
        let pending = std::mem::take(&mut self.world.inner().pending);
        drop(pending);
    }
}

impl fmt::Debug for Simulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulation").field("seed", &self.seed).finish_non_exhaustive()
    }
}
