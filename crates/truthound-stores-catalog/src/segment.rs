//! Segments.

mod assets;
mod bounds;
mod decode;
mod entry;
mod find;
mod kills;
mod maps;
mod merge;
mod opened;
mod ranges;
mod scan;
mod schema;
mod sheet;
mod shred;
mod sink;
mod stats;
mod sums;
mod writer;

pub(crate) use assets::Assets;
pub(crate) use bounds::{After, Bounds, Value};
pub(crate) use entry::Entry;
pub(crate) use find::find;
pub(crate) use kills::Kills;
pub(crate) use merge::{Merge, Merged};
pub(crate) use opened::Opened;
pub(crate) use ranges::{GAP, Ranges, Whole};
pub(crate) use scan::Scan;
pub(crate) use schema::{BAND, PAGE};
pub(crate) use stats::Stats;
pub(crate) use sums::{count, sums};
pub(crate) use writer::Writer;

#[cfg(test)]
pub(crate) mod tests;
