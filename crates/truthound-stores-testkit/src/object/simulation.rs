//! A scheduler for tests: every request to a simulated store is a point at which the seed decides what happens next.

mod clock;
mod exchange;
mod handle;
mod process;
mod run;
mod step;
mod task;
mod trace;
mod world;

pub use clock::{SimulatedClock, SimulatedTimer};
pub(super) use exchange::exchange;
pub use handle::SimulationHandle;
pub use process::Crashes;
pub use run::Simulation;
pub use task::Task;
pub(super) use world::World;
