//! The store in memory against the reference meaning of the contract.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports by panicking"
)]

mod conformance;
mod reference;
mod zones;
