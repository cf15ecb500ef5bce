//! The root: the only object of the catalog that changes, and what it says.
//!
//! It is a line that names the layout and the hash of the rest, and then JSON. Replaced by compare-and-swap only; every commit carries over
//! what it has no reason to change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truthound_stores_core::{Clock, Error, ErrorKind, Result, random_u64};

use crate::abilities::Abilities;
use crate::segment::Stats;
use crate::tail::Unique;

/// What the first line begins with.
const MAGIC: &str = "truthound-catalog";
/// The layout that this program writes, and the latest that it understands.
pub(crate) const FORMAT: u32 = 1;
/// So many commits are remembered, by which a writer finds that its swap was taken.
const COMMITS: usize = 64;

/// What a root says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Root {
    /// The layout of rows and segments.
    pub(crate) format: u32,
    /// The earliest program, by the latest format that it understands, that may read by this root.
    pub(crate) min_reader: u32,
    /// The earliest that may write.
    pub(crate) min_writer: u32,
    /// Names the store: a root of another one is not used.
    pub(crate) store_id: String,
    /// Names an unbroken line of roots; a rebuilt catalog begins another.
    pub(crate) lineage: String,
    /// Rises with each commit.
    #[serde(rename = "gen")]
    pub(crate) generation: u64,
    /// Makes two roots of one content two: an `ETag` may be made of the bytes alone.
    pub(crate) nonce: String,
    /// The last commits, newest last.
    pub(crate) commits: Vec<String>,
    /// Newest first.
    pub(crate) segments: Vec<Segment>,
    /// The unique parts of the names that the last fold took.
    pub(crate) pending: Vec<Unique>,
    /// The highest time of a state that was ever folded.
    pub(crate) watermark: u64,
    /// Tombstones whose documents were seen gone, and when by the store's clock, in milliseconds since 1970.
    pub(crate) gone: Vec<Gone>,
    /// The highest generation of a tombstone that was ever dropped.
    pub(crate) feed_floor: u64,
    /// The generations of the roots that are kept as history.
    pub(crate) kept: Vec<u64>,
    /// The ends of documents' names: the one of new documents first, then all that ever were.
    pub(crate) suffixes: Vec<String>,
    /// What the bucket was found to do when the catalog was made.
    #[serde(default)]
    pub(crate) abilities: Abilities,
    /// How often that of new documents has changed.
    #[serde(default)]
    pub(crate) turn: u64,
    /// The store's time of the last change, as for [`Gone::at`]; 0 until the commit after it writes it down.
    #[serde(default)]
    pub(crate) turned: i64,
    /// The configured facts about the store.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) metadata: BTreeMap<String, String>,
}

/// A segment, as the root knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Segment {
    /// The object's name, in the folder of segments.
    pub(crate) name: String,
    /// The kill file that counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kill: Option<Kill>,
    /// What is known without reading it, packed.
    #[serde(with = "packed")]
    pub(crate) stats: Stats,
}

/// A kill file, as the root knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kill {
    /// The object's name, in the folder of segments.
    pub(crate) name: String,
    /// The BLAKE3 hash of its bytes, in hexadecimal.
    pub(crate) hash: String,
    /// How many rows of this segment it ends.
    pub(crate) ended: u64,
}

/// A tombstone whose document was seen gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Gone {
    pub(crate) id: String,
    pub(crate) state: String,
    /// The store's time of the commit that recorded it, in milliseconds since 1970.
    pub(crate) at: i64,
}

impl Root {
    /// Makes the root of a store that has nothing yet: generation 0.
    pub(crate) fn first(clock: &dyn Clock, suffix: &str) -> Self {
        Self {
            format: FORMAT,
            min_reader: FORMAT,
            min_writer: FORMAT,
            store_id: lot(clock),
            lineage: lot(clock),
            generation: 0,
            nonce: lot(clock),
            commits: Vec::new(),
            segments: Vec::new(),
            pending: Vec::new(),
            watermark: 0,
            gone: Vec::new(),
            feed_floor: 0,
            kept: Vec::new(),
            suffixes: vec![suffix.to_owned()],
            abilities: Abilities::default(),
            turn: 0,
            turned: 0,
            metadata: BTreeMap::new(),
        }
    }

    /// Makes the root that follows this one, by a commit; its maker changes what it has a reason to change.
    pub(crate) fn next(&self, clock: &dyn Clock, commit: &str) -> Self {
        let mut next = self.clone();
        next.generation += 1;
        next.nonce = lot(clock);
        next.commits.push(commit.to_owned());
        let surplus = next.commits.len().saturating_sub(COMMITS);
        next.commits.drain(..surplus);
        next
    }

    /// Tells whether a commit was taken, whoever committed since.
    pub(crate) fn has(&self, commit: &str) -> bool {
        self.commits.iter().any(|known| known == commit)
    }

    /// Writes the root.
    ///
    /// # Errors
    /// `Internal` for what JSON cannot hold; a root always can be written.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        let text = serde_json::to_string(self).map_err(|cause| {
            Error::new(ErrorKind::Internal, "the catalog's root cannot be written").caused_by(cause)
        })?;
        let mut bytes = format!("{MAGIC} {FORMAT} {}\n", hash_of(FORMAT, text.as_bytes())).into_bytes();
        bytes.extend_from_slice(text.as_bytes());
        Ok(bytes)
    }

    /// Reads a root.
    ///
    /// # Errors
    /// `Corrupt` for anything but what was written; `Unsupported` for one that a later program must read.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self> {
        let torn = || {
            Error::corrupt(
                "the catalog's root is not what was written: `reindex` makes it anew from the documents",
            )
        };
        let end = bytes.iter().position(|byte| *byte == b'\n').ok_or_else(torn)?;
        let (head, text) = bytes.split_at_checked(end).ok_or_else(torn)?;
        let text = text.get(1..).unwrap_or_default();
        let mut words = std::str::from_utf8(head).map_err(|_not_text| torn())?.split(' ');
        if words.next() != Some(MAGIC) {
            return Err(torn());
        }
        let layout: u32 = words.next().and_then(|word| word.parse().ok()).ok_or_else(torn)?;
        if words.next() != Some(hash_of(layout, text).as_str()) || words.next().is_some() {
            return Err(torn());
        }
        if layout > FORMAT {
            return Err(later("read", layout));
        }
        let root: Self = serde_json::from_slice(text).map_err(|cause| torn().caused_by(cause))?;
        if root.min_reader > FORMAT { Err(later("read", root.min_reader)) } else { Ok(root) }
    }

    /// Checks that this program may write by this root.
    ///
    /// # Errors
    /// `Unsupported`, if a later one must.
    pub(crate) fn check_writable(&self) -> Result<()> {
        if self.min_writer > FORMAT { Err(later("written", self.min_writer)) } else { Ok(()) }
    }
}

fn later(done: &str, format: u32) -> Error {
    Error::unsupported(format!(
        "the catalog's format {format} can only be {done} by a later program; this one knows formats up to {FORMAT}"
    ))
}

/// Hashes what follows the first line, and the layout that it names.
fn hash_of(layout: u32, text: &[u8]) -> String {
    blake3::Hasher::new().update(&layout.to_be_bytes()).update(text).finalize().to_hex().to_string()
}

/// Draws a name that never comes again: 128 random bits in hexadecimal.
pub(crate) fn lot(clock: &dyn Clock) -> String {
    format!("{:016x}{:016x}", random_u64(clock), random_u64(clock))
}

/// What is packed in JSON: base64 of its bytes.
mod packed {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::digits::{base64, from_base64};
    use crate::pack::{Pack, Unpack};
    use crate::segment::Stats;

    pub(super) fn serialize<S: Serializer>(stats: &Stats, to: S) -> Result<S::Ok, S::Error> {
        let mut pack = Pack::default();
        stats.pack(&mut pack);
        to.serialize_str(&base64(&pack.into_bytes()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Stats, D::Error> {
        let text = String::deserialize(from)?;
        let bytes =
            from_base64(&text).ok_or_else(|| D::Error::custom("what is said of a segment is no base64"))?;
        Stats::take(&mut Unpack::new(&bytes)).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use truthound_stores_testkit::ManualClock;

    use super::*;

    fn root() -> Root {
        let clock = ManualClock::new(1);
        let mut root = Root::first(&clock, ".json").next(&clock, "a");
        root.pending = Unique::of("001i791320g0002kaha58l2kaha").into_iter().collect();
        root.watermark = u64::MAX;
        root
    }

    #[test]
    fn a_root_reads_back() {
        let root = root();
        assert_eq!(Root::parse(&root.to_bytes().unwrap()).unwrap(), root);
    }

    #[test]
    fn a_root_that_changed_anywhere_is_corrupt() {
        let bytes = root().to_bytes().unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(Root::parse(&changed).unwrap_err().kind(), ErrorKind::Corrupt, "byte {at}");
            assert_eq!(Root::parse(&bytes[..at]).unwrap_err().kind(), ErrorKind::Corrupt, "cut at {at}");
        }
    }

    #[test]
    fn a_root_of_a_later_program_is_refused() {
        let mut later = root();
        later.min_writer = FORMAT + 1;
        let read = Root::parse(&later.to_bytes().unwrap()).unwrap();
        assert_eq!(read.check_writable().unwrap_err().kind(), ErrorKind::Unsupported);
        later.min_reader = FORMAT + 1;
        assert_eq!(Root::parse(&later.to_bytes().unwrap()).unwrap_err().kind(), ErrorKind::Unsupported);
    }

    /// A root whose content went there and back must not satisfy the condition of a writer two commits behind.
    #[test]
    fn two_commits_of_one_content_are_two_roots() {
        let clock = ManualClock::new(1);
        let first = Root::first(&clock, ".json");
        assert_ne!(first.next(&clock, "a").nonce, first.next(&clock, "a").nonce);
    }

    #[test]
    fn the_last_commits_are_remembered() {
        let clock = ManualClock::new(1);
        let root = (0..100)
            .fold(Root::first(&clock, ".json"), |root, number| root.next(&clock, &format!("c{number}")));
        assert_eq!((root.generation, root.commits.len()), (100, 64));
        assert!(root.has("c99") && root.has("c36") && !root.has("c35"));
    }
}
