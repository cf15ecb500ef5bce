//! A segment that answers otherwise than its rows would is a wrong answer of every listing, and one that grows is paid for by everybody.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::format_push_string,
    reason = "samples are small, and a table is printed"
)]

mod agree;
pub(crate) mod data;
mod flips;
#[path = "../../tests/it/libraries.rs"]
mod libraries;
mod memory;
mod parts;
mod python;
mod size;
