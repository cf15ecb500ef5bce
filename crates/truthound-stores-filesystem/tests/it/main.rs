//! The filesystem store as its users meet it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports by panicking"
)]

mod child;
mod conformance;
mod crowd;
mod damage;
mod folders;
mod formats;
mod kill;
mod model;
mod names;
mod neighbours;
mod processes;
mod python;
mod sidecars;
mod support;
mod truthound;
