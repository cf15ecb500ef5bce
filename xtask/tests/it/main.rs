//! The chores as programs.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports by panicking"
)]
#![allow(clippy::print_stdout, reason = "what a test says is shown by its runner")]

#[cfg(unix)]
mod services;
