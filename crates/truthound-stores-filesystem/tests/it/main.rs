//! The filesystem store as its users meet it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports by panicking"
)]
#![allow(clippy::print_stdout, reason = "what a test prints, its seed for one, is shown if it fails")]

mod child;
mod conformance;
mod crowd;
mod damage;
mod document_damage;
mod feed;
mod folders;
mod formats;
#[cfg(target_os = "linux")]
mod full_disk;
mod index_damage;
mod kill;
mod log_damage;
mod model;
mod names;
mod neighbours;
#[cfg(unix)]
mod permissions;
mod processes;
mod python;
mod rebuild;
mod shared_files;
mod sidecars;
mod support;
mod truthound;
mod truthound_itself;
mod view;
