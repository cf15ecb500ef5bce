//! The store as a whole, over buckets in memory.
#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

mod bucket;
mod conformance;
mod place;
mod requests;
