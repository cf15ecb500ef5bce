//! The tail: one object for each save or batch that no fold has taken up yet, with its row in its own name where it fits.
//!
//! Names are unique, so writers never contend and may repeat a put blindly. They begin with the time of what they tell, but nothing is
//! decided by their order.

use truthound_stores_core::{Error, Result};

use crate::digits::{base32, base64, from_base32, from_base64};
use crate::row::{Change, Row};
use crate::state::State;

/// The folder of the tail, in the catalog.
pub(crate) const FOLDER: &str = "tail";

/// Every store takes names of so many bytes.
const LONGEST_NAME: usize = 1_000;
/// Every store, and every file system that pretends to be one, takes so many characters between two slashes.
const LONGEST_SEGMENT: usize = 200;
/// The fixed-length part of a name, which alone is unique: time (13), chance (8), a hyphen and the writer (6).
pub(crate) const UNIQUE: usize = 13 + 8 + 1 + 6;

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
    /// Names an object for these rows: with the row if there is one and it fits after a prefix of `prefix` bytes.
    ///
    /// `writer` and `chance` make the name unique; one that derives them from the row's state, as whoever completes another's save does,
    /// names the same object as everybody else who does so.
    pub(crate) fn new(rows: &[Row], writer: u64, chance: u64, prefix: usize, in_names: bool) -> Self {
        let hlc = rows.iter().map(|row| row.state.hlc).max().unwrap_or(0);
        let unique = format!("{}{}-{}~", base32(hlc, 13), base32(chance, 8), base32(writer, 6));
        if let ([row], true) = (rows, in_names) {
            let letter = match row.change {
                Change::Put(_) => 'p',
                Change::Delete => 'd',
            };
            let name = in_segments(&format!("{unique}{letter}{}", base64(&row.pack())));
            if prefix + name.len() <= LONGEST_NAME {
                return Self(name);
            }
        }
        Self(format!("{unique}b"))
    }

    /// Derives what makes a name unique from a document's state.
    pub(crate) fn of_state(id: &str, state: State) -> (u64, u64) {
        let hash = blake3::hash(format!("{state} {id}").as_bytes());
        let number = |at: usize| {
            hash.as_bytes().get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes)
        };
        (number(0), number(8))
    }

    /// Reads the name of an object that was listed, without its row.
    ///
    /// # Errors
    /// `Corrupt` for an object that is none of the tail.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let strange = || Error::corrupt("the catalog's tail has an object with a strange name").with("object", text.to_owned());
        let unique = text.get(..UNIQUE).ok_or_else(strange)?;
        let digits = unique.len() == UNIQUE
            && unique.char_indices().all(|(at, char)| {
                if at == 21 { char == '-' } else { from_base32(char.encode_utf8(&mut [0; 4])).is_some() }
            });
        let known = text.get(UNIQUE..).is_some_and(|rest| rest == "~b" || rest.starts_with("~p") || rest.starts_with("~d"));
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
        if self.0.get(UNIQUE..) == Some("~b") { Kind::Body } else { Kind::Named }
    }

    /// Reads the row in the name.
    ///
    /// # Errors
    /// `Corrupt`, naming the object, if there is none.
    pub(crate) fn row(&self) -> Result<Row> {
        let packed = self.0.get(UNIQUE + 2..).unwrap_or_default().replace('/', "");
        let bytes = from_base64(&packed).ok_or_else(|| Error::corrupt("the name of an object in the catalog's tail holds no row"));
        bytes.and_then(|bytes| Row::unpack(&bytes)).map_err(|error| error.with("object", self.0.clone()))
    }
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
        let (packed, hash) = body.len().checked_sub(8).and_then(|at| body.split_at_checked(at)).ok_or_else(torn)?;
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
