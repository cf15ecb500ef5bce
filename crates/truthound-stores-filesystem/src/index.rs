//! The index and durable log: one SQLite file beside the documents of a collection.
//!
//! SQLite keeps it whole under crashes and shared between processes; the documents stay the truth. Everything here is blocking.

mod columns;
mod error;
mod feed;
mod health;
mod query;
mod readers;
mod row;
mod schema;
mod shared;
mod sums;
mod wal;
mod write;

pub(crate) use error::{damage, sql_error, what_is_wrong};
pub(crate) use feed::{Bounds, bounds, entries, mark, trim};
pub(crate) use health::{Health, copy_readable, log_of};
pub(crate) use query::{count, page};
pub(crate) use readers::Readers;
pub(crate) use row::{COLUMNS, Given, Row, Texts, WIDTH, after, by_id, by_name, digest, given};
pub(crate) use schema::{FILE, LONG_LOG, Profile, create, finish, integrity, open};
pub(crate) use sums::summarize;
pub(crate) use wal::{Log, Part};
pub(crate) use write::{
    Odd, OddKind, Pending, Writer, has_left, is_logged, is_unsettled, last_seq, meta, odd, owner_of, owners,
    pending, removals, set_meta,
};

#[cfg(test)]
mod tests;
