//! Failures on demand, around any store.

mod faults;
mod operation;
mod rule;
mod store;

pub use faults::Faults;
pub use operation::Operation;
pub use rule::Fault;
pub use store::{FaultLayer, FaultyStore};
