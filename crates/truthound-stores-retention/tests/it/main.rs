//! Retention over stores: plans, what is moved and deleted, what comes back.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports by panicking"
)]

mod apply;
mod backends;
mod conformance;
mod crashes;
mod growth;
mod pairs;
mod places;
mod plan;
mod races;
mod requests;
mod restore;
mod schedule;
mod storms;
mod support;
mod versions;
