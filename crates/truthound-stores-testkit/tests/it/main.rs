//! The suite is tested like any other code: correct stores pass all of it, and every broken one fails where it should.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests report by panicking"
)]

mod broken;
mod fault;
#[cfg(feature = "object")]
mod object;
mod places;
mod reading;
mod suite;
