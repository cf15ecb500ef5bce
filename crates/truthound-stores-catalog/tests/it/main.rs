//! The store as a whole, over buckets in memory.
#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

mod conformance;
mod format;
mod libraries;
mod place;
