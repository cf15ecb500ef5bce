//! A document as an object: its bytes, and what the object's metadata say of it. Everything here is pure.
//!
//! Metadata have little room ([`Form::room`]: 2 KiB on S3, 8 KiB elsewhere). What must be there always fits: revision, predecessors,
//! checksums, and the id where the object's name does not spell it. What the text does not say of a document (attributes, `ext`) stands
//! there as well if it fits, else in the [`trailer`] behind the text, so that one request reads all of it in either case. Asset and time, by which
//! the catalog finds a row faster, are left out where they do not fit.

pub(crate) mod closing;
pub(crate) mod draft;
pub(crate) mod facts;
pub(crate) mod metadata;
pub(crate) mod read;
pub(crate) mod trailer;

use bytes::Bytes;
use object_store::Attributes as ObjectAttributes;
use truthound_stores_core::codec::{Codec, Limits};
use truthound_stores_core::{Collection, Reading, Timestamp};

use crate::state::State;

/// How the documents of a collection are written and read.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) collection: Collection,
    /// How new documents are written; documents of any other codec are read.
    pub(crate) codec: Codec,
    pub(crate) limits: Limits,
    pub(crate) reading: Reading,
    /// Whether the store takes `a` and `A` for one name.
    pub(crate) folds_case: bool,
    /// Whether the store makes ETags of an object's bytes alone: they have to be unique to its revision, then.
    pub(crate) etag_of_content: bool,
    /// How many bytes of metadata an object may have.
    pub(crate) room: usize,
}

/// An object that is ready to be put.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    /// Its bytes, in their order.
    pub(crate) parts: Vec<Bytes>,
    pub(crate) attributes: ObjectAttributes,
}

impl Object {
    /// Returns how many bytes the object takes.
    pub(crate) fn len(&self) -> u64 {
        self.parts.iter().map(|part| part.len() as u64).sum()
    }
}

/// An object as a store gave it.
#[derive(Clone, Debug)]
pub(crate) struct Fetched {
    /// The object's name, which errors give and which says its format.
    pub(crate) name: String,
    pub(crate) attributes: ObjectAttributes,
    pub(crate) e_tag: Option<String>,
    pub(crate) last_modified: Timestamp,
    pub(crate) size: u64,
    /// Empty if only the metadata were asked for.
    pub(crate) bytes: Bytes,
}

impl Fetched {
    /// Names the state of an object that another program wrote, by its ETag and `Last-Modified`.
    pub(crate) fn foreign_state(&self) -> State {
        foreign_state(self.e_tag.as_deref(), self.last_modified)
    }
}

/// Names the state of an object that another program wrote. Listings and answers may quote ETags and round times in different ways.
pub(crate) fn foreign_state(e_tag: Option<&str>, last_modified: Timestamp) -> State {
    const SECOND: i64 = 1_000_000;
    let e_tag = e_tag.unwrap_or_default().trim_start_matches("W/").trim_matches('"');
    let seconds = last_modified.as_micros().div_euclid(SECOND);
    let hash = blake3::hash(format!("{seconds} {e_tag}").as_bytes());
    let start = hash.as_bytes().first_chunk().copied().map_or(0, u64::from_be_bytes);
    let hlc = u64::try_from(seconds.saturating_mul(SECOND)).unwrap_or(0);
    // Of what was written in one second the hash decides: 36 bits of it, in the form that takes the fewest bytes of a row.
    let [high, low, ..] = start.to_be_bytes();
    let fraction = (start & 0xffff_ffff) % SECOND.cast_unsigned();
    State::of_parts(hlc, -fraction.cast_signed(), u16::from_be_bytes([high, low]))
}

#[cfg(test)]
pub(crate) mod tests;
