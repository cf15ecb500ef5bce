//! Retries, breaker and checks as layers over stores that fail.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports by panicking"
)]

mod conformance;
mod effects;
mod guarded;
mod leaks;
mod support;
