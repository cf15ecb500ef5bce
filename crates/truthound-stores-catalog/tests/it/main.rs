//! The store as a whole, over buckets in memory.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that fails says so, and one that is skipped"
)]

mod adopting;
mod bucket;
mod conformance;
mod copy;
mod format;
mod grace;
mod libraries;
mod place;
mod requests;
mod short;
mod trend;
