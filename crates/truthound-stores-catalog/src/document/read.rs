//! Reading: whose object it is, what state it is in, and whether it is what was written.

use bytes::Bytes;
use truthound_stores_core::codec::{self, Compression, Format, known_suffixes};
use truthound_stores_core::{
    Attributes, Body, Checksum, Error, ErrorKind, Key, RecordMeta, Result, Stored, Timestamp, describe,
};

use crate::document::closing::closed_by;
use crate::document::draft::digest;
use crate::document::metadata::{Identity, Metadata};
use crate::document::{Fetched, Form, facts, trailer};
use crate::name;
use crate::row::{Before, Change, Facts, Row};
use crate::state::{Stamp, State};

/// What the metadata say of an object, for those who write over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) state: State,
    /// That of the operation which made the state; 0 where another program wrote.
    pub(crate) nonce: u32,
    pub(crate) before: Vec<Identity>,
    pub(crate) deleted: bool,
    /// Asset and time, as far as the metadata say them.
    pub(crate) place: Option<(String, Timestamp)>,
}

/// A document that was read whole.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) key: Key,
    pub(crate) seen: Seen,
    pub(crate) attributes: Attributes,
    pub(crate) body: Body,
    pub(crate) suffix: String,
    pub(crate) size: u64,
    pub(crate) checksum: Checksum,
}

/// What stands under a document's name.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    Live(Box<Document>),
    /// A mark: the document was deleted.
    Mark(Seen),
}

impl Form {
    /// Reads what an object's metadata say. One whose metadata are damaged counts as somebody else's: it can be replaced and deleted.
    ///
    /// # Errors
    /// `Corrupt` if the object is another id's; `NotFound` if it is none but closes the name.
    pub(crate) fn look(&self, key: &Key, fetched: &Fetched) -> Result<Seen> {
        free(key, fetched)?;
        match Metadata::read(&fetched.attributes) {
            Ok(Some(metadata)) => self.seen(key, metadata).map_err(|error| named(error, key, fetched)),
            Ok(None) | Err(_) => Ok(foreign(fetched)),
        }
    }

    /// Reads an object with its bytes.
    ///
    /// # Errors
    /// `Corrupt`, naming the object, for one that is not what was written or no document; `Unsupported` if its codec is not compiled in;
    /// `NotFound` for one that closes the name.
    pub(crate) fn open(&self, key: &Key, fetched: &Fetched) -> Result<Found> {
        free(key, fetched)?;
        self.open_unnamed(key, fetched).map_err(|error| named(error, key, fetched))
    }

    fn open_unnamed(&self, key: &Key, fetched: &Fetched) -> Result<Found> {
        let Some(metadata) = Metadata::read(&fetched.attributes)? else {
            return self.adopt(key, fetched).map(Found::Live);
        };
        let (checksum, facts) = (metadata.checksum, metadata.facts.clone());
        if metadata.deleted {
            return self.seen(key, metadata).map(Found::Mark);
        }
        let (text, spelt) = self.text(fetched, &metadata)?;
        let body = self.decode(fetched, &text)?;
        if checksum != Some(body.checksum()) {
            return Err(Error::corrupt(
                "the document's text does not have the checksum that it was saved with",
            ));
        }
        let unsaid = facts
            .or_else(|| spelt.get(trailer::UNIQUE..).filter(|rest| !rest.is_empty()).map(<[u8]>::to_vec));
        let attributes = facts::complete(unsaid.as_deref(), || {
            describe(&self.collection, body.as_bytes(), &self.reading).map(|(_, attributes)| attributes)
        })?;
        self.seen(key, metadata)
            .map(|seen| Found::Live(Box::new(document(key, fetched, seen, attributes, body))))
    }

    /// Separates the text from the trailer, and checks both.
    fn text(&self, fetched: &Fetched, metadata: &Metadata) -> Result<(Bytes, Vec<u8>)> {
        let (_, format, compression) = known_suffixes(&fetched.name);
        let format = format.unwrap_or(self.codec.format);
        let bytes = &fetched.bytes;
        let damaged = || Error::corrupt("the object's bytes are not those that were written");
        let whole = metadata.digest == Some(digest(std::slice::from_ref(bytes)));
        // Some servers unpack what they send, whatever their headers say.
        let unpacked = !whole && compression != Compression::None && !begins_compressed(bytes);
        if !whole && !unpacked {
            return Err(damaged());
        }
        if metadata.trailer == 0 {
            return Ok((bytes.clone(), Vec::new()));
        }
        let length = if unpacked {
            trailer::plain_len(format, metadata.trailer)
        } else {
            trailer::stored_len(format, compression, metadata.trailer)
        };
        let at = bytes.len().checked_sub(length).ok_or_else(damaged)?;
        let trailing = bytes.slice(at..);
        let spelt = if unpacked {
            trailer::read_plain(format, &trailing)
        } else {
            trailer::read(format, compression, &trailing)
        };
        let spelt = spelt.ok_or_else(damaged)?;
        if spelt.get(..trailer::UNIQUE) != Some(&trailer::unique(metadata.stamp)) {
            return Err(Error::corrupt(
                "the object's bytes are those of another revision than its metadata say",
            ));
        }
        Ok((bytes.slice(..at), spelt))
    }

    fn decode(&self, fetched: &Fetched, text: &[u8]) -> Result<Body> {
        codec::decode(&fetched.name, text, &self.limits).map(|decoded| Body::from_canonical(decoded.json))
    }

    /// Reads a document that another program wrote.
    fn adopt(&self, key: &Key, fetched: &Fetched) -> Result<Box<Document>> {
        let body = self
            .decode(fetched, &fetched.bytes)
            .or_else(|error| self.without_trailer(fetched).ok_or(error))?;
        let reading = self.reading.clone().with_fallback_time(fetched.last_modified);
        let (id, attributes) = describe(&self.collection, body.as_bytes(), &reading)?;
        // A name that spells an id decides, as it does in a folder; a hash tells nothing.
        if id != key.id() && name::is_shortened(&name::stem(key.id(), self.folds_case)) {
            return Err(Error::corrupt(format!(
                "the object is the document {id:?}, and its metadata are lost"
            )));
        }
        Ok(Box::new(document(key, fetched, foreign(fetched), attributes, body)))
    }

    /// Reads a pickle of ours whose metadata were lost on the way: what stands behind its end is the trailer.
    fn without_trailer(&self, fetched: &Fetched) -> Option<Body> {
        let (_, format, compression) = known_suffixes(&fetched.name);
        let length = trailer::stored_len(Format::Pickle, compression, trailer::UNIQUE);
        let at = fetched.bytes.len().checked_sub(length).filter(|_| format == Some(Format::Pickle))?;
        trailer::read(Format::Pickle, compression, fetched.bytes.get(at..)?)?;
        self.decode(fetched, fetched.bytes.get(..at)?).ok()
    }

    fn seen(&self, key: &Key, metadata: Metadata) -> Result<Seen> {
        let shortened = name::is_shortened(&name::stem(key.id(), self.folds_case));
        match metadata.id {
            Some(id) if id != key.id() => {
                return Err(Error::corrupt(format!("the object is the document {id:?}")));
            }
            None if shortened => {
                return Err(Error::corrupt(
                    "the object's name is shortened, and its metadata do not say its id",
                ));
            }
            _ => {}
        }
        let Metadata { stamp: Stamp { state, nonce }, before, deleted, place, .. } = metadata;
        Ok(Seen { state, nonce, before, deleted, place })
    }
}

/// A closed name is an empty one.
fn free(key: &Key, fetched: &Fetched) -> Result<()> {
    if closed_by(&fetched.attributes).is_some() { Err(Error::not_found(key)) } else { Ok(()) }
}

fn foreign(fetched: &Fetched) -> Seen {
    Seen { state: fetched.foreign_state(), nonce: 0, before: Vec::new(), deleted: false, place: None }
}

fn document(key: &Key, fetched: &Fetched, mut seen: Seen, attributes: Attributes, body: Body) -> Document {
    let (stem, ..) = known_suffixes(&fetched.name);
    let suffix = fetched.name.get(stem.len()..).unwrap_or_default().to_owned();
    seen.place = Some(facts::place_of(&attributes));
    let checksum = body.checksum();
    Document { key: key.clone(), seen, attributes, body, suffix, size: fetched.size, checksum }
}

/// Tells whether bytes are those of a compressed file.
fn begins_compressed(bytes: &[u8]) -> bool {
    [&[0x1f, 0x8b][..], &[0x04, 0x22, 0x4d, 0x18], &[0x28, 0xb5, 0x2f, 0xfd]]
        .iter()
        .any(|magic| bytes.starts_with(magic))
}

/// Whatever is wrong with something stored is damage, and says where.
fn named(error: Error, key: &Key, fetched: &Fetched) -> Error {
    let kind = if error.kind() == ErrorKind::Invalid { ErrorKind::Corrupt } else { error.kind() };
    error.with_kind(kind).at(key).with("file", fetched.name.clone())
}

impl Seen {
    /// Names the state as predecessors are named.
    pub(crate) fn stamp(&self) -> Stamp {
        self.state.by(self.nonce)
    }

    /// Returns what a row says of the state that it replaced. The place is a hint: where it is unknown, `or` serves.
    pub(crate) fn as_before(&self, or: &(String, Timestamp)) -> Before {
        let (data_asset, run_time) = self.place.as_ref().unwrap_or(or).clone();
        Before { state: self.state, data_asset, run_time }
    }

    /// Returns what the predecessor of this state was, if there was one, as far as the metadata say.
    pub(crate) fn predecessor(&self) -> Option<Before> {
        let state = self.before.first()?.within(self.state.incarnation);
        // It most likely lay where this lies; only a look-up depends on it.
        let (data_asset, run_time) = self.place.clone().unwrap_or((String::new(), self.state.saved_at()));
        Some(Before { state, data_asset, run_time })
    }

    /// Makes the tombstone's row of a mark.
    pub(crate) fn tombstone(&self, key: &Key) -> Row {
        Row { id: key.id().to_owned(), state: self.state, before: self.predecessor(), change: Change::Delete }
    }
}

impl Document {
    /// Makes the row of the document as it was read.
    pub(crate) fn row(&self) -> Row {
        let facts = Facts {
            attributes: self.attributes.clone(),
            suffix: self.suffix.clone(),
            size: self.size,
            checksum: self.checksum,
        };
        Row {
            id: self.key.id().to_owned(),
            state: self.seen.state,
            before: self.seen.predecessor(),
            change: Change::Put(Box::new(facts)),
        }
    }

    /// Answers with the document, or its description alone.
    pub(crate) fn into_stored(self, meta_only: bool) -> Stored {
        let state = self.seen.state;
        let meta = RecordMeta::new(
            self.key,
            self.attributes,
            state.revision(),
            self.size,
            self.checksum,
            state.saved_at(),
        );
        Stored::new(meta, (!meta_only).then_some(self.body))
    }
}

impl Found {
    /// Returns what the metadata say.
    pub(crate) fn seen(&self) -> &Seen {
        match self {
            Self::Live(document) => &document.seen,
            Self::Mark(seen) => seen,
        }
    }

    /// Makes the row of what was read.
    pub(crate) fn row(&self, key: &Key) -> Row {
        match self {
            Self::Live(document) => document.row(),
            Self::Mark(seen) => seen.tombstone(key),
        }
    }
}
