//! The core as its users see it.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy's settings for tests do not reach the functions that tests share"
)]

mod model_fixtures;
mod model_odd;
mod model_properties;
