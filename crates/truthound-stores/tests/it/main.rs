//! Stores opened by name, by URL and from a file, through the public API alone.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

#[cfg(feature = "config-file")]
mod config_file;
#[cfg(all(feature = "filesystem", feature = "memory"))]
mod copy;
#[cfg(feature = "sqlite")]
mod database;
mod exports;
#[cfg(feature = "filesystem")]
mod filesystem;
#[cfg(feature = "memory")]
mod memory;
#[cfg(feature = "memory")]
mod own_backend;
#[cfg(all(feature = "memory", feature = "resilience"))]
mod resilience;
#[cfg(all(feature = "config-file", feature = "filesystem", feature = "memory", feature = "retention"))]
mod retention;
#[cfg(any(feature = "filesystem", feature = "memory"))]
mod sample;
#[cfg(all(feature = "config-file", feature = "filesystem", feature = "memory", feature = "versioning"))]
mod versioning;
