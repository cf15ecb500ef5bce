//! The simulated object store and its scheduler: what they imitate is right, what goes wrong does go wrong, and every
//! run can be repeated.

mod conditions;
mod conformance;
mod crashes;
mod listing;
mod model;
mod simulation;
mod time;
mod trouble;
mod visit;
