//! The filesystem store as its users meet it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports by panicking"
)]

mod conformance;
mod damage;
mod feed;
mod folders;
mod formats;
mod names;
mod processes;
mod shared_files;
mod sidecars;
mod support;
mod truthound;
mod view;
