//! The tail: one object for each save or batch that no fold has taken up yet, with its row in its own name where it fits.
//!
//! Names are unique, so writers never contend and may repeat a put blindly. They begin with the time of what they tell, but nothing is
//! decided by their order.

use std::borrow::Cow;

use truthound_stores_core::{Error, Result};

use crate::digits::{base32, base64, from_base64, is_base32};
use crate::row::{Change, Row};
use crate::state::State;

/// The folder of the tail, in the catalog.
pub(crate) const FOLDER: &str = "tail";

/// Every store takes names of so many bytes.
const LONGEST_NAME: usize = 1_000;
/// Every store, and every file system that pretends to be one, takes so many characters between two slashes.
const LONGEST_SEGMENT: usize = 200;
/// The fixed-length part of a name, by which a fold notes what it took: time (13) and a hash or chance (14).
pub(crate) const UNIQUE: usize = 13 + 14;
/// Behind it: a hyphen, who put the object (6), and `~`.
const HEAD: usize = UNIQUE + 1 + 6 + 1;

/// Where the rows of a tail object are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One row, in the name.
    Named,
    /// One or more, in the body.
    Body,
}

/// The name of a tail object, from the folder of the tail.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Name(String);

impl Name {
    /// Names the object of one row, with the row if it fits after a prefix of `prefix` bytes and `in_names` allows it.
    ///
    /// What is unique derives from the row's identity: whoever puts this row, its writer or one who finds it missing, hits the same.
    pub(crate) fn of_row(row: &Row, writer: u64, prefix: usize, in_names: bool) -> Self {
        let head = head(row.state.hlc, hash_of(&row.id, row.state), writer);
        if in_names {
            let letter = match row.change {
                Change::Put(_) => 'p',
                Change::Delete => 'd',
            };
            let name = in_segments(&format!("{head}{letter}{}", base64(&row.pack())));
            if prefix + name.len() <= LONGEST_NAME {
                return Self(name);
            }
        }
        Self(format!("{head}b"))
    }

    /// Names the object of a batch. What is unique is chance of its own, never that of a row: a row of the batch may come a second time, in
    /// an object by itself, and a fold that takes that one must not take the batch for folded.
    pub(crate) fn of_batch(first: State, chance: u64, writer: u64) -> Self {
        Self(format!("{}b", head(first.hlc, chance, writer)))
    }

    /// Reads the name of an object that was listed, without its row.
    ///
    /// # Errors
    /// `Corrupt` for an object that is none of the tail.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let strange = || {
            Error::corrupt("the catalog's tail has an object with a strange name")
                .with("object", text.to_owned())
        };
        let digits = text.get(..HEAD).ok_or_else(strange)?.bytes().enumerate().all(|(at, byte)| match at {
            UNIQUE => byte == b'-',
            _ if at == HEAD - 1 => byte == b'~',
            _ => is_base32(byte),
        });
        let known = text.get(HEAD..).is_some_and(|rest| rest == "b" || rest.starts_with(['p', 'd']));
        if digits && known { Ok(Self(text.to_owned())) } else { Err(strange()) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The part that is unique by itself.
    pub(crate) fn unique(&self) -> &str {
        self.0.get(..UNIQUE).unwrap_or_default()
    }

    pub(crate) fn kind(&self) -> Kind {
        if self.0.get(HEAD..) == Some("b") { Kind::Body } else { Kind::Named }
    }

    /// Reads the row in the name.
    ///
    /// # Errors
    /// `Corrupt`, naming the object, if there is none.
    pub(crate) fn row(&self) -> Result<Row> {
        let written = self.0.get(HEAD + 1..).unwrap_or_default();
        // Only long ones are cut.
        let packed = if written.contains('/') { written.replace('/', "").into() } else { Cow::from(written) };
        let bytes = from_base64(&packed)
            .ok_or_else(|| Error::corrupt("the name of an object in the catalog's tail holds no row"));
        bytes.and_then(|bytes| Row::unpack(&bytes)).map_err(|error| error.with("object", self.0.clone()))
    }
}

fn head(hlc: u64, unique: u64, writer: u64) -> String {
    format!("{}{}-{}~", base32(hlc, 13), base32(unique, 14), base32(writer, 6))
}

/// Hashes what names a row.
pub(crate) fn hash_of(id: &str, state: State) -> u64 {
    let hash = blake3::hash(format!("{state} {id}").as_bytes());
    hash.as_bytes().first_chunk().copied().map_or(0, u64::from_be_bytes)
}

/// Puts a slash wherever a segment would grow too long.
fn in_segments(name: &str) -> String {
    let mut parts = String::with_capacity(name.len() + name.len() / LONGEST_SEGMENT);
    for (at, char) in name.char_indices() {
        if at > 0 && at % LONGEST_SEGMENT == 0 {
            parts.push('/');
        }
        parts.push(char);
    }
    parts
}

/// Writes the body of a tail object: its rows, one after the other, then their hash.
pub(crate) fn body(rows: &[Row]) -> Vec<u8> {
    let mut pack = crate::pack::Pack::default();
    pack.number(rows.len() as u64);
    for row in rows {
        let packed = row.pack();
        pack.number(packed.len() as u64);
        pack.raw(&packed);
    }
    let mut bytes = pack.into_bytes();
    let hash = blake3::hash(&bytes);
    bytes.extend_from_slice(hash.as_bytes().get(..8).unwrap_or_default());
    bytes
}

/// Reads the body of a tail object.
///
/// # Errors
/// `Corrupt` if it is not what was written.
pub(crate) fn rows(name: &Name, body: &[u8]) -> Result<Vec<Row>> {
    let read = || {
        let torn = || Error::corrupt("an object of the catalog's tail is not what was written");
        let (packed, hash) =
            body.len().checked_sub(8).and_then(|at| body.split_at_checked(at)).ok_or_else(torn)?;
        if blake3::hash(packed).as_bytes().get(..8) != Some(hash) {
            return Err(torn());
        }
        let mut unpack = crate::pack::Unpack::new(packed);
        let count = unpack.number()?;
        (0..count)
            .map(|_| {
                let length = usize::try_from(unpack.number()?).unwrap_or(usize::MAX);
                Row::unpack(unpack.raw(length)?)
            })
            .collect()
    };
    read().map_err(|error: Error| error.with("object", name.0.clone()))
}

#[cfg(test)]
mod tests;
