//! What an object's user metadata say of it: few and short values of printable ASCII, since they travel as HTTP headers.
//!
//! Their names are lower-case letters only: Azure takes no hyphens, and some proxies drop underscores.

use object_store::{Attribute, Attributes as ObjectAttributes};
use truthound_stores_core::{Checksum, Error, Result, Timestamp};

use crate::digits::{base64, from_base64};
use crate::state::{Stamp, State};

/// So many predecessors are named, newest first.
pub(crate) const BEFORE: usize = 8;
/// An asset of more bytes is not worth its room: it is a hint only.
const LONGEST_ASSET: usize = 160;
/// What a store may count for a name beside what we call it (`x-amz-meta-`, `x-goog-meta-`).
const HEADER: usize = 12;

const REVISION: &str = "threvision";
const PREDECESSORS: &str = "thbefore";
const DELETED: &str = "thdeleted";
const CHECKSUM: &str = "thchecksum";
const DIGEST: &str = "thdigest";
const ID: &str = "thid";
const PLACE: &str = "thplace";
const FACTS: &str = "thfacts";
const TRAILER: &str = "thtrailer";

/// A state of a document and the operation that made it, without the incarnation: that of its successors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) hlc: u64,
    pub(crate) nonce: u32,
}

impl Identity {
    pub(crate) fn of(stamp: Stamp) -> Self {
        Self { hlc: stamp.state.hlc, nonce: stamp.nonce }
    }

    /// Returns the state, of an incarnation.
    pub(crate) fn within(self, incarnation: u64) -> State {
        State { incarnation, hlc: self.hlc }
    }
}

/// Lists the predecessors of what is put over a state.
pub(crate) fn extended(stamp: Stamp, before: &[Identity]) -> Vec<Identity> {
    std::iter::once(Identity::of(stamp)).chain(before.iter().copied()).take(BEFORE).collect()
}

/// The metadata of an object of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub(crate) stamp: Stamp,
    /// The last predecessors of the same incarnation, newest first.
    pub(crate) before: Vec<Identity>,
    /// Whether this is a mark in the place of a document that was deleted.
    pub(crate) deleted: bool,
    /// The hash of the document's canonical text.
    pub(crate) checksum: Option<Checksum>,
    /// The start of the hash of the object's bytes.
    pub(crate) digest: Option<u64>,
    /// The id, if the object's name does not spell it.
    pub(crate) id: Option<String>,
    /// Asset and time of the document, or of the one that a mark ended: by them its row is found.
    pub(crate) place: Option<(String, Timestamp)>,
    /// What the text does not say of the document, packed.
    pub(crate) facts: Option<Vec<u8>>,
    /// How many bytes the trailer spells.
    pub(crate) trailer: usize,
}

impl Metadata {
    pub(crate) fn new(stamp: Stamp, before: Vec<Identity>) -> Self {
        Self {
            stamp,
            before,
            deleted: false,
            checksum: None,
            digest: None,
            id: None,
            place: None,
            facts: None,
            trailer: 0,
        }
    }

    /// Returns names and values.
    pub(crate) fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = vec![(REVISION, self.stamp.to_string())];
        if !self.before.is_empty() {
            let texts: Vec<_> =
                self.before.iter().map(|state| format!("{:x}-{:x}", state.hlc, state.nonce)).collect();
            pairs.push((PREDECESSORS, texts.join(",")));
        }
        if self.deleted {
            pairs.push((DELETED, "1".to_owned()));
        }
        let optional = [
            (CHECKSUM, self.checksum.map(|checksum| checksum.to_string())),
            (DIGEST, self.digest.map(|digest| format!("{digest:016x}"))),
            (ID, self.id.as_deref().map(escape)),
            (FACTS, self.facts.as_deref().map(base64)),
            (TRAILER, (self.trailer > 0).then(|| self.trailer.to_string())),
        ];
        pairs.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
        if let Some((asset, time)) = &self.place
            && asset.len() <= LONGEST_ASSET
        {
            pairs.push((PLACE, format!("{},{}", time.as_micros(), escape(asset))));
        }
        pairs
    }

    /// Returns what stores count.
    pub(crate) fn size(&self) -> usize {
        self.pairs().iter().map(|(name, value)| HEADER + name.len() + value.len()).sum()
    }

    /// Adds the metadata to what else is said of an object.
    pub(crate) fn write(&self, attributes: &mut ObjectAttributes) {
        for (name, value) in self.pairs() {
            attributes.insert(Attribute::Metadata(name.into()), value.into());
        }
    }

    /// Reads metadata; `None` for an object that somebody else wrote.
    ///
    /// # Errors
    /// `Corrupt` for metadata of ours that cannot be read.
    pub(crate) fn read(attributes: &ObjectAttributes) -> Result<Option<Self>> {
        let get = |name: &'static str| {
            attributes.get(&Attribute::Metadata(name.into())).map(|value| value.as_ref().trim())
        };
        let Some(revision) = get(REVISION) else { return Ok(None) };
        let strange =
            |name: &str| Error::corrupt(format!("the object's metadata {name} are not what was written"));
        let mut read = Self::new(revision.parse()?, Vec::new());
        if let Some(texts) = get(PREDECESSORS) {
            let before: Option<Vec<_>> = texts.split(',').map(identity).collect();
            read.before = before.ok_or_else(|| strange(PREDECESSORS))?;
        }
        read.deleted = get(DELETED).is_some();
        read.checksum = get(CHECKSUM)
            .map(|text| text.parse::<Checksum>().map_err(|_none| strange(CHECKSUM)))
            .transpose()?;
        let digest = get(DIGEST).map(|text| u64::from_str_radix(text, 16).map_err(|_none| strange(DIGEST)));
        read.digest = digest.transpose()?;
        read.id = get(ID).map(|text| unescape(text).ok_or_else(|| strange(ID))).transpose()?;
        read.facts = get(FACTS).map(|text| from_base64(text).ok_or_else(|| strange(FACTS))).transpose()?;
        read.trailer = get(TRAILER).map_or(Ok(0), |text| text.parse().map_err(|_none| strange(TRAILER)))?;
        // A hint that cannot be read is none.
        read.place = get(PLACE).and_then(|text| {
            let (micros, asset) = text.split_once(',')?;
            Some((unescape(asset)?, Timestamp::from_micros(micros.parse().ok()?)))
        });
        Ok(Some(read))
    }
}

fn identity(text: &str) -> Option<Identity> {
    let (hlc, nonce) = text.split_once('-')?;
    Some(Identity { hlc: u64::from_str_radix(hlc, 16).ok()?, nonce: u32::from_str_radix(nonce, 16).ok()? })
}

/// Writes text as a header's value: all but visible ASCII becomes `%XX`.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && byte != b'%' {
            escaped.push(char::from(byte));
        } else {
            escaped.push('%');
            for digit in [byte >> 4, byte & 15] {
                escaped.push(char::from_digit(u32::from(digit), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
    escaped
}

/// Reads a header's value; `None` if [`escape`] writes no such text.
pub(crate) fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let value = digit(rest.next())? * 16 + digit(rest.next())?;
            bytes.push(u8::try_from(value).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests;
