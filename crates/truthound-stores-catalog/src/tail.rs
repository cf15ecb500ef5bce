//! The tail: one object for each save or batch that no fold has taken up yet, with its row in its own name where it fits.
//!
//! Names are unique, so writers never contend and may repeat a put blindly. They begin with the time of what they tell, but nothing is
//! decided by their order.

mod unique;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use object_store::path::Path;
use truthound_stores_core::{Error, Result};

use crate::digits::{base32, base64, from_base64, is_base32};
use crate::row::{Change, Lately, Row};
use crate::state::State;
pub(crate) use unique::Unique;

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
#[derive(Clone, Debug)]
pub(crate) struct Name(Text);

/// A name, or the whole path that was listed and where in it the name begins: names are listed by the thousand, and then asked for and deleted by
/// their paths.
#[derive(Clone, Debug)]
enum Text {
    Own(String),
    Listed(Path, usize),
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

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
                return Self(Text::Own(name));
            }
        }
        Self(Text::Own(format!("{head}b")))
    }

    /// Names the object of a batch. What is unique is chance of its own, never that of a row: a row of the batch may come a second time, in
    /// an object by itself, and a fold that takes that one must not take the batch for folded.
    pub(crate) fn of_batch(first: State, chance: u64, writer: u64) -> Self {
        Self(Text::Own(format!("{}b", head(first.hlc, chance, writer))))
    }

    /// Takes the name of an object that was listed, without reading its row; `None` for an object that is none of the tail, whose folder is so
    /// many bytes long.
    pub(crate) fn listed(path: Path, folder: usize) -> Option<Self> {
        let text = path.as_ref().get(folder..)?;
        is_name(text).then_some(Self(Text::Listed(path, folder)))
    }

    /// Takes a text for a name.
    ///
    /// # Errors
    /// `Corrupt` for one that is none of the tail.
    #[cfg(test)]
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let name = is_name(text).then(|| Self(Text::Own(text.to_owned())));
        name.ok_or_else(|| Error::corrupt("no name of the tail").with("object", text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        match &self.0 {
            Text::Own(name) => name,
            Text::Listed(path, start) => path.as_ref().get(*start..).unwrap_or_default(),
        }
    }

    /// The whole path, if it was listed.
    pub(crate) fn path(&self) -> Option<&Path> {
        match &self.0 {
            Text::Own(_) => None,
            Text::Listed(path, _) => Some(path),
        }
    }

    /// The part that is unique by itself.
    pub(crate) fn unique(&self) -> Option<Unique> {
        Unique::of(self.as_str())
    }

    pub(crate) fn kind(&self) -> Kind {
        if self.as_str().get(HEAD..) == Some("b") { Kind::Body } else { Kind::Named }
    }

    /// Reads the row in the name.
    ///
    /// # Errors
    /// `Corrupt`, naming the object, if there is none.
    #[cfg(test)]
    pub(crate) fn row(&self) -> Result<Row> {
        self.row_of(&mut Lately::default())
    }

    /// Reads the row in the name, with what rows before it have in common with it.
    ///
    /// # Errors
    /// `Corrupt`, naming the object, if there is none.
    pub(crate) fn row_of(&self, lately: &mut Lately) -> Result<Row> {
        let written = self.as_str().get(HEAD + 1..).unwrap_or_default();
        // Only long ones are cut.
        let packed = if written.contains('/') { written.replace('/', "").into() } else { Cow::from(written) };
        let bytes = from_base64(&packed)
            .ok_or_else(|| Error::corrupt("the name of an object in the catalog's tail holds no row"));
        bytes
            .and_then(|bytes| Row::unpack(&bytes, lately))
            .map_err(|error| error.with("object", self.as_str().to_owned()))
    }
}

fn is_name(text: &str) -> bool {
    let Some(head) = text.as_bytes().first_chunk::<HEAD>() else { return false };
    let digits = head.iter().enumerate().all(|(at, byte)| match at {
        UNIQUE => *byte == b'-',
        _ if at == HEAD - 1 => *byte == b'~',
        _ => is_base32(*byte),
    });
    digits && text.get(HEAD..).is_some_and(|rest| rest == "b" || rest.starts_with(['p', 'd']))
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
        let mut lately = Lately::default();
        (0..count)
            .map(|_| {
                let length = usize::try_from(unpack.number()?).unwrap_or(usize::MAX);
                Row::unpack(unpack.raw(length)?, &mut lately)
            })
            .collect()
    };
    read().map_err(|error: Error| error.with("object", name.as_str().to_owned()))
}

#[cfg(test)]
mod tests;
