//! A simulated object store with real semantics and seeded faults, and a scheduler that races its clients.

mod bucket;
mod command;
mod failure;
mod faults;
mod limits;
mod listing;
mod options;
mod requests;
mod shared;
mod simulation;
mod store;
mod trouble;
mod upload;

pub use command::RequestKind;
pub use faults::{ObjectFault, ObjectFaults};
pub use options::{Condition, DeleteMissing, ETags, StoreOptions};
pub use requests::{LoggedRequest, Requests};
pub use simulation::{Crashes, SimulatedClock, SimulatedTimer, Simulation, SimulationHandle, Task};
pub use store::SimulatedStore;
pub use trouble::{Rates, Trouble};
