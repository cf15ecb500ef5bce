//! Writing: what does not change between the attempts of a save is made once.

use bytes::Bytes;
use object_store::{Attribute, Attributes as ObjectAttributes};
use truthound_stores_core::codec::{Codec, Compression, Format};
use truthound_stores_core::{Attributes, Body, Checksum, Key, Record, RecordMeta, Result, Timestamp};

use crate::document::metadata::{Identity, Metadata};
use crate::document::{Form, Object, facts, trailer};
use crate::name;
use crate::row::{Before, Change, Facts, Row};
use crate::state::{Stamp, State};
use crate::suffix::codec_of;

/// A document on its way into the store, without the revision that an attempt gives it.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) key: Key,
    attributes: Attributes,
    /// The text as the codec writes it.
    encoded: Bytes,
    checksum: Checksum,
    /// What the text does not say, packed.
    unsaid: Option<Vec<u8>>,
    /// The id, if the object's name does not spell it.
    id: Option<String>,
    /// The end of the object's name, which says how it is written.
    suffix: String,
    codec: Codec,
    body: Body,
}

impl Draft {
    /// # Errors
    /// `Invalid` for a record that cannot be kept, or a document that the format cannot hold.
    #[cfg(test)]
    pub(crate) fn new(form: &Form, record: Record) -> Result<Self> {
        Self::under(form, record, form.codec.extension())
    }

    /// Makes the draft of an object whose name ends so.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub(crate) fn under(form: &Form, record: Record, suffix: &str) -> Result<Self> {
        record.validate()?;
        let unsaid = facts::unsaid(form, &record)?;
        let codec = codec_of(suffix, form.codec);
        let encoded = encode(form, codec, &record.key, &record.body)?;
        let id = unspelt(form, &record.key);
        let checksum = record.body.checksum();
        let Record { key, attributes, body, .. } = record;
        Ok(Self { key, attributes, encoded, checksum, unsaid, id, suffix: suffix.to_owned(), codec, body })
    }

    /// Makes the same draft for another name: a document that is there keeps the one that it has.
    ///
    /// # Errors
    /// What the other format cannot hold.
    pub(crate) fn moved(&self, form: &Form, suffix: &str) -> Result<Self> {
        let codec = codec_of(suffix, form.codec);
        let encoded = encode(form, codec, &self.key, &self.body)?;
        Ok(Self { encoded, suffix: suffix.to_owned(), codec, ..self.clone() })
    }

    /// Returns the end of the object's name.
    pub(crate) fn suffix(&self) -> &str {
        &self.suffix
    }

    /// Makes the object of a revision and its predecessors.
    pub(crate) fn object(&self, form: &Form, stamp: Stamp, before: Vec<Identity>) -> Object {
        let mut metadata = Metadata::new(stamp, before);
        metadata.checksum = Some(self.checksum);
        // A value of the same length, until the bytes are known.
        metadata.digest = Some(0);
        metadata.id.clone_from(&self.id);
        metadata.place = Some(facts::place_of(&self.attributes));
        metadata.facts.clone_from(&self.unsaid);
        let mut spelt = Vec::new();
        if form.etag_of_content {
            spelt.extend(trailer::unique(stamp));
            metadata.trailer = spelt.len();
        }
        if metadata.size() > form.room
            && let Some(unsaid) = metadata.facts.take()
        {
            spelt = trailer::unique(stamp).to_vec();
            spelt.extend(unsaid);
            metadata.trailer = spelt.len();
        }
        if metadata.size() > form.room {
            metadata.place = None;
        }
        let mut parts = vec![self.encoded.clone()];
        if !spelt.is_empty() {
            parts.push(trailer::stored(self.codec.format, self.codec.compression, &spelt).into());
        }
        metadata.digest = Some(digest(&parts));
        let mut attributes = ObjectAttributes::new();
        attributes.insert(Attribute::ContentType, content_type(self.codec).into());
        metadata.write(&mut attributes);
        Object { parts, attributes }
    }

    /// Makes the row of a revision whose object has `size` bytes.
    pub(crate) fn row(&self, suffix: &str, state: State, before: Option<Before>, size: u64) -> Row {
        let facts = Facts {
            attributes: self.attributes.clone(),
            suffix: suffix.to_owned(),
            size,
            checksum: self.checksum,
        };
        Row { id: self.key.id().to_owned(), state, before, change: Change::Put(Box::new(facts)) }
    }

    /// Returns asset and time of the document.
    pub(crate) fn place(&self) -> (String, Timestamp) {
        facts::place_of(&self.attributes)
    }

    /// Describes the document as it was saved.
    pub(crate) fn meta(&self, state: State, size: u64) -> RecordMeta {
        RecordMeta::new(
            self.key.clone(),
            self.attributes.clone(),
            state.revision(),
            size,
            self.checksum,
            state.saved_at(),
        )
    }
}

/// Makes the mark that stands in the place of a document that was deleted: its content is its revision, and its metadata say what it ended.
pub(crate) fn mark(
    form: &Form,
    key: &Key,
    stamp: Stamp,
    before: Vec<Identity>,
    place: Option<(String, Timestamp)>,
) -> Object {
    let mut metadata = Metadata::new(stamp, before);
    metadata.deleted = true;
    metadata.id = unspelt(form, key);
    metadata.place = place;
    if metadata.size() > form.room {
        metadata.place = None;
    }
    let mut attributes = ObjectAttributes::new();
    attributes.insert(Attribute::ContentType, "text/plain".into());
    metadata.write(&mut attributes);
    Object { parts: vec![stamp.to_string().into()], attributes }
}

fn encode(form: &Form, codec: Codec, key: &Key, body: &Body) -> Result<Bytes> {
    let encoded = codec.encode_within(body.as_bytes(), &form.limits);
    encoded.map(Bytes::from).map_err(|error| error.at(key))
}

fn unspelt(form: &Form, key: &Key) -> Option<String> {
    name::is_shortened(&name::stem(key.id(), form.folds_case)).then(|| key.id().to_owned())
}

/// Hashes an object's bytes.
pub(crate) fn digest(parts: &[Bytes]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().as_bytes().first_chunk().copied().map_or(0, u64::from_be_bytes)
}

/// No `Content-Encoding` is set: servers and libraries unpack on their own account where there is one.
fn content_type(codec: Codec) -> &'static str {
    match (codec.compression, codec.format) {
        (Compression::Gzip, _) => "application/gzip",
        (Compression::Zstd, _) => "application/zstd",
        (Compression::None, Format::Json) => "application/json",
        (Compression::None, Format::Yaml) => "application/yaml",
        _ => "application/octet-stream",
    }
}
