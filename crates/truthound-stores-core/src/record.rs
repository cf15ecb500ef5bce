//! What goes into a store and what comes out of it.

use std::fmt;
use std::sync::Arc;

use crate::body::Described;
use crate::describe::{self, Reading};
use crate::{Attributes, Body, Checksum, Collection, Document, Error, ErrorKind, Key, Result, Timestamp};

/// Holds a document on its way into a store: its name, the facts about it, and its text.
///
/// # Examples
/// ```
/// use truthound_stores_core::{Collection, Reading, Record};
///
/// let text = br#"{"run_id": "run_1", "run_time": "2026-01-31T12:00:00", "data_asset": "orders",
///                 "status": "failure", "tags": {"environment": "production"}}"#;
/// let record = Record::parse(Collection::RESULTS, text, &Reading::default())?;
/// assert_eq!(record.key.id(), "run_1");
/// assert_eq!(record.attributes.tags["environment"], "production");
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The name.
    pub key: Key,
    /// The facts; for documents of the built-in collections they are what the text says.
    pub attributes: Attributes,
    /// The text.
    pub body: Body,
}

impl Record {
    /// Puts a record together from its parts.
    pub fn new(key: Key, attributes: Attributes, body: Body) -> Self {
        Self { key, attributes, body }
    }

    /// Reads a JSON document and finds its id and attributes in it.
    ///
    /// # Errors
    /// [`Invalid`](ErrorKind::Invalid), naming the field, if the text is not JSON or lacks what its
    /// collection requires (see [`describe()`](crate::describe())).
    pub fn parse(collection: Collection, text: &[u8], reading: &Reading) -> Result<Self> {
        Self::from_body(collection, Body::parse(text)?, reading)
    }

    /// Finds a document's id and attributes in its body.
    ///
    /// # Errors
    /// As for [`Record::parse`].
    pub fn from_body(collection: Collection, body: Body, reading: &Reading) -> Result<Self> {
        let (id, attributes) = describe::describe(&collection, body.as_bytes(), reading)?;
        let key = Key::new(collection, &id)?;
        // A result carries its time, so the next who looks will find the same.
        if *key.collection() == Collection::RESULTS {
            body.remember(Described {
                zone: reading.assume_timezone.clone(),
                id,
                attributes: attributes.clone(),
            });
        }
        Ok(Self { key, attributes, body })
    }

    /// Tells whether the text alone, read by `reading`, gives the record's id and attributes; a time that only the fallback gives
    /// is not the text's.
    pub fn speaks_for_itself(&self, reading: &Reading) -> bool {
        let same = |id: &str, attributes: &Attributes| id == self.key.id() && *attributes == self.attributes;
        let results = *self.key.collection() == Collection::RESULTS;
        if let Some(known) =
            self.body.described().filter(|known| results && known.zone == reading.assume_timezone)
        {
            return same(&known.id, &known.attributes);
        }
        let reading = reading.clone().with_fallback_time(Timestamp::MAX);
        let described = describe::describe(self.key.collection(), self.body.as_bytes(), &reading);
        described.is_ok_and(|(id, attributes)| same(&id, &attributes))
    }

    /// Checks what types cannot; every backend does so before it writes.
    ///
    /// # Errors
    /// [`Invalid`](ErrorKind::Invalid) if the attributes hold a number that is not finite: no index could order it.
    pub fn validate(&self) -> Result<()> {
        if self.attributes.statistics.execution_time_ms.is_finite() {
            return Ok(());
        }
        Err(Error::invalid("the attribute execution_time_ms is not finite").at(&self.key))
    }

    /// Turns a typed document into a record.
    ///
    /// # Errors
    /// [`Invalid`](ErrorKind::Invalid), naming the field, if the document holds a number that is not
    /// finite, an unusable id, or no readable time.
    pub fn of<T: Document>(document: &T, reading: &Reading) -> Result<Self> {
        let text = document.to_json()?.to_vec(crate::json::Layout::Compact);
        Self::from_body(T::COLLECTION, Body::from_canonical(text), reading)
    }
}

/// Names one state of one document; changes with every write. Opaque, compared for equality only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(Arc<str>);

impl Revision {
    /// Wraps a backend's own text.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Revision({})", self.0)
    }
}

/// Describes a stored document without its text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RecordMeta {
    /// The name.
    pub key: Key,
    /// The facts about the document.
    pub attributes: Attributes,
    /// The state that this describes.
    pub revision: Revision,
    /// What the document takes in the store, in bytes, after format and compression.
    pub size: u64,
    /// The checksum of the canonical text: the whole of it where a document was read or written, in a listing at least its start.
    pub checksum: Checksum,
    /// When this state was saved.
    pub saved_at: Timestamp,
}

impl RecordMeta {
    /// Puts a description together; for implementers of stores.
    pub fn new(
        key: Key,
        attributes: Attributes,
        revision: Revision,
        size: u64,
        checksum: Checksum,
        saved_at: Timestamp,
    ) -> Self {
        Self { key, attributes, revision, size, checksum, saved_at }
    }
}

/// Tells what a write did.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Written {
    /// What is stored now.
    pub meta: RecordMeta,
    /// What it replaced: `None` if the document is new.
    pub replaced: Option<Revision>,
}

impl Written {
    /// Reports a write; for implementers of stores.
    pub fn new(meta: RecordMeta, replaced: Option<Revision>) -> Self {
        Self { meta, replaced }
    }

    /// Tells whether the document is new.
    pub fn is_new(&self) -> bool {
        self.replaced.is_none()
    }
}

/// Holds a document that came out of a store.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Stored {
    /// What is known of it.
    pub meta: RecordMeta,
    /// Its text; absent only if it was read with [`GetOptions::meta_only`](crate::GetOptions::meta_only).
    pub body: Option<Body>,
}

impl Stored {
    /// Puts an answer together; for implementers of stores.
    pub fn new(meta: RecordMeta, body: Option<Body>) -> Self {
        Self { meta, body }
    }

    /// Returns the text.
    ///
    /// # Errors
    /// [`Internal`](ErrorKind::Internal) if the store left it out.
    pub fn into_body(self) -> Result<Body> {
        let Self { meta, body } = self;
        body.ok_or_else(|| {
            Error::new(ErrorKind::Internal, "the store answered without the document's text").at(&meta.key)
        })
    }

    /// Returns the record as it would be saved again.
    ///
    /// # Errors
    /// [`Internal`](ErrorKind::Internal) if the store left the text out.
    pub fn into_record(self) -> Result<Record> {
        let (key, attributes) = (self.meta.key.clone(), self.meta.attributes.clone());
        Ok(Record::new(key, attributes, self.into_body()?))
    }
}
