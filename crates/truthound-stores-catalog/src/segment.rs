//! Segments: immutable files of rows in Parquet, which other programs read, too; and kill lists, which end rows of theirs.
//!
//! **Order.** Rows are written in *bands* of 32,768. From band to band they come by time and id; within a band by asset, time and id. So the
//! latest rows of all lie in the last band; those of one asset lie next to each other in pages of the last bands; a range of time is a range
//! of bands; and a segment is written from rows in order of time, and read in it, with a band in memory. A file that is sorted by asset
//! throughout would have the latest rows of all in as many places as there are assets; one sorted by time throughout those of a rare asset
//! among all others.
//!
//! **Reading.** [`Stats`], in the root, say whether a segment can have what is looked for, where its tail is, and what its bytes hash to.
//! [`Opened`] reads the tail (page index and footer) with one request and is kept. A [`Scan`] looks into pages in the order of the first row
//! that each may have, whatever the order is by, and into no more than it takes. It takes one request for the first band it needs, then for
//! two bands together, then four, then eight. Pages that lie within a MiB are fetched with one request: a whole band is about as long as
//! that. Every 4 KiB have a hash in the tail, which is checked before anything is decoded. What queries decode is kept in a [`Cache`] of
//! 32 MiB, for who asks for the latest rows asks for them again; columns of a page that have one value or none are not even read.
//!
//! **Columns.** Under the names of documents; counts are unsigned, times are instants in UTC, `tags` and `ext` are JSON texts.
//! `op` is `put` or `delete`. A deletion stands at the asset and the time of what it ended, with nought for all counts. `gen` is the
//! generation of the root that took the row up; `saved_at` is the logical clock, whose bits are kept whatever they are; `before` is packed.
//! `age` says how many microseconds before `saved_at` the incarnation began, and `chance` its random bits: together they name the revision
//! ([`State`](crate::state::State)). `execution_time_ms` is a decimal number with three digits, as clocks of microseconds give it; what they do
//! not say exactly stands in `execution_time_exact` as well.
//!
//! Bytes a row in 100,000 rows of 90 days and twelve assets, with times, ids, counts and checksums drawn by lot
//! (`cargo test -p truthound-stores-catalog promised -- --nocapture` prints them):
//!
//! | column | encoding | bytes |
//! |---|---|---|
//! | `id` | delta byte array, zstd | 8.14 |
//! | `checksum` | plain: chance | 8.01 |
//! | `run_time`, `saved_at` | delta | 4.22 each |
//! | `total_rows` | delta | 3.03 |
//! | `execution_time_ms` | delta | 2.82 |
//! | `chance` | plain | 2.01 |
//! | `size` | delta | 1.92 |
//! | the four counts of validators | byte stream split, zstd | 1.83 |
//! | the four severities and `total_issues` | byte stream split, zstd | 1.21 |
//! | `tags` | dictionary, zstd | 0.79 |
//! | `status`, `suite_name` | dictionary | 0.51 |
//! | all others | | 0.24 |
//! | filters of ids | none: these ids begin with a time | 0 |
//! | tail | hashes of blocks 0.08, the rest page index and footer | 0.54 |
//! | together | | 39.5 |
//!
//! Ids that tell nothing of the time have filters, which take a byte more. Fourteen of the bytes are chance that no encoding makes smaller:
//! checksum, `chance`, and four of each id.

mod assets;
mod bounds;
mod cache;
mod decode;
mod encode;
mod entry;
mod filters;
mod find;
mod kills;
mod lent;
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

pub(crate) use bounds::{After, Bounds, Value};
pub(crate) use cache::Cache;
pub(crate) use entry::Entry;
pub(crate) use find::{Sought, find, find_states};
pub(crate) use kills::Kills;
pub(crate) use lent::Slip;
pub(crate) use merge::Merge;
pub(crate) use opened::Opened;
pub(crate) use ranges::{Ranges, Whole};
pub(crate) use scan::{Decodes, Scan};
#[cfg(test)]
pub(crate) use schema::BAND;
pub(crate) use stats::Stats;
pub(crate) use sums::{count, sums};
pub(crate) use writer::Writer;

#[cfg(test)]
pub(crate) mod tests;
