//! Runs the real program in folders of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test reports by panicking"
)]

mod bad_input;
mod bench;
mod copy;
mod database;
mod demo;
mod diff;
mod fixtures;
mod globals;
mod harness;
mod health;
mod once;
#[cfg(unix)]
mod permissions;
mod printing;
mod processes;
mod reading;
#[cfg(unix)]
mod readme;
mod retention;
mod retention_truthound;
mod save;
mod sums;
mod upkeep;
mod versions;
mod watch;
