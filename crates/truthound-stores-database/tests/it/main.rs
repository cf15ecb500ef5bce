//! Tests of the store from outside: the contract on each database, and what databases do that others do not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test reports by panicking"
)]

#[cfg(all(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod copy;
#[cfg(all(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod outage;
#[cfg(all(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod proxy;
#[cfg(all(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod server;
#[cfg(all(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod sqlite;
#[cfg(all(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod told;
#[cfg(all(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod truthound;
