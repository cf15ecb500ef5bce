//! Versions over stores that fail, that others use at the same time, and that others write to.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports by panicking"
)]

mod backends;
mod conformance;
mod costs;
mod crash;
mod history;
mod imports;
mod imports_own;
mod lines;
mod prefixes;
mod races;
mod removals;
mod servers;
mod stack;
mod support;
mod upkeep;
