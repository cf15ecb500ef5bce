#![doc = include_str!("../README.md")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test library reports by panicking"
)]

#[cfg(feature = "bench")]
pub mod bench;
mod broken;
mod clock;
mod conformance;
mod fault;
mod fragile;
mod gate;
mod generate;
mod limited;
mod listing;
#[cfg(feature = "object")]
pub mod object;
mod passthrough;
mod python;
mod random;
mod server;
mod stepping;
#[cfg(feature = "proptest")]
pub mod strategies;

pub use broken::{BrokenPlace, BrokenStore, Flaw, flaws};
pub use clock::ManualClock;
pub use conformance::{
    Case, OpenedPlace, Outcome, Place, WrappedPlace, case_names, cases, run_all, run_case, test_case,
};
pub use fault::{Fault, FaultLayer, Faults, FaultyStore, Operation};
pub use fragile::FragilePlace;
pub use gate::Gate;
pub use generate::{Generator, odd_records};
pub use limited::LimitedStore;
pub use passthrough::{PassThrough, PassThroughLayer};
pub use python::{python_packages, skip};
pub use random::SeededRandom;
pub use server::{fresh_name, server_url};
pub use stepping::{Stepping, Task, cut_after, interleave};
