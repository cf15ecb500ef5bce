//! Turns a file's name and bytes into a document: its id, attributes and text.

use std::path::{Path, PathBuf};

use truthound_stores_core::codec::{self, Codec, Limits};
use truthound_stores_core::{
    Attributes, Body, Collection, Error, ErrorKind, Key, Reading, Result, Timestamp,
    describe as describe_text,
};

use crate::files::{self, Found, Stamp};
use crate::index::{self, Pending, Row};
use crate::layout::CATALOG;
use crate::name;
use crate::sidecar::Sidecar;
use crate::suffix::{Extensions, Suffix};

/// One collection's folder, and how its documents are read and written.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    pub(crate) collection: Collection,
    pub(crate) path: PathBuf,
    pub(crate) extensions: Extensions,
    pub(crate) codec: Codec,
    pub(crate) limits: Limits,
    pub(crate) reading: Reading,
    /// Whether the file system takes `a` and `A` for one name.
    pub(crate) folds_case: bool,
}

/// A document as its file has it.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) id: String,
    pub(crate) attributes: Attributes,
    pub(crate) body: Body,
}

/// A document's file: its name, which state it is in, and what it holds or why it cannot be read.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) stem: String,
    pub(crate) suffix: String,
    pub(crate) stamp: Stamp,
    pub(crate) document: Result<Document>,
}

impl Loaded {
    /// Makes the row of a document that could be read; the caller gives it its place in the feed.
    pub(crate) fn row(&self, document: &Document) -> Row {
        Row {
            seq: 0,
            id: document.id.clone(),
            attributes: document.attributes.clone(),
            stem: odd_stem(&document.id, &self.stem),
            suffix: self.suffix.clone(),
            size: self.stamp.size,
            checksum: document.body.checksum(),
            // What lies there may be laid out in any way: its text is made anew each time.
            digest: None,
            modified: self.stamp.modified,
        }
    }

    /// Returns the file's name.
    pub(crate) fn file(&self) -> String {
        format!("{}{}", self.stem, self.suffix)
    }
}

/// Returns a stem if it is not the one that the id is escaped to, or if that is a shortened one, which no id can be read from: rows
/// keep no other, and those of other names are found by them.
pub(crate) fn odd_stem(id: &str, stem: &str) -> Option<String> {
    (name::is_shortened(stem) || name::escape(id, false) != stem).then(|| stem.to_owned())
}

/// Returns the name of a row's file, in its parts.
pub(crate) fn stem_of(row: &Row) -> String {
    row.stem.clone().unwrap_or_else(|| name::escape(&row.id, false))
}

impl Folder {
    pub(crate) fn catalog(&self) -> PathBuf {
        self.path.join(CATALOG)
    }

    /// Returns the path of a document's file; `suffix` is all that follows the stem.
    pub(crate) fn file(&self, stem: &str, suffix: &str) -> PathBuf {
        self.path.join(format!("{stem}{suffix}"))
    }

    /// Lists the stems under which a document may be found, the one for new documents first.
    pub(crate) fn stems(&self, id: &str) -> Vec<String> {
        let mut stems = vec![name::escape(id, self.folds_case)];
        let suites = self.collection == Collection::EXPECTATIONS;
        let others = [
            Some(name::escape(id, false)),
            Some(name::escape(id, true)),
            name::truthound(id, suites),
            Some(name::shorten(id)),
        ];
        for stem in others.into_iter().flatten() {
            if !stems.contains(&stem) {
                stems.push(stem);
            }
        }
        stems
    }

    /// Reads the file of a document; `None` if there is none.
    ///
    /// # Errors
    /// What keeps the file from being looked at; what keeps it from being read is in the answer.
    pub(crate) fn load(&self, stem: &str, suffix: &str) -> Result<Option<Loaded>> {
        let path = self.file(stem, suffix);
        loop {
            let Some(before) = files::stamp(&path)? else { return Ok(None) };
            let (stamp, document) = match files::read(&path, self.limits.max_document_bytes) {
                Ok(Found::Nothing) => return Ok(None),
                Ok(Found::File { bytes, stamp }) => (stamp, self.document(stem, &path, &bytes, stamp)),
                Err(error) => (before, Err(error.with("file", path.display().to_string()))),
            };
            // The sidecar of a document that is replaced or deleted meanwhile may be gone: what was read is old by then, read again.
            if files::stamp(&path)? == Some(stamp) {
                return Ok(Some(Loaded {
                    stem: stem.to_owned(),
                    suffix: suffix.to_owned(),
                    stamp,
                    document,
                }));
            }
        }
    }

    /// Reads the text of a document from bytes that should be those of a row; as they are, if they are byte for byte what was written.
    pub(crate) fn text_of(&self, row: &Row, bytes: Vec<u8>) -> Result<Body> {
        if row.digest.is_some_and(|digest| digest == index::digest(&bytes)) {
            return Ok(Body::from_checked(bytes, row.checksum));
        }
        self.text(&self.file(&stem_of(row), &row.suffix), &bytes)
    }

    /// Reads the text of a document from its file's bytes; whatever is wrong with them is `Corrupt` and names the file.
    pub(crate) fn text(&self, path: &Path, bytes: &[u8]) -> Result<Body> {
        let decoded = codec::decode(&path.to_string_lossy(), bytes, &self.limits);
        decoded.map(|decoded| Body::from_canonical(decoded.json)).map_err(|error| damaged(path, error))
    }

    fn document(&self, stem: &str, path: &Path, bytes: &[u8], stamp: Stamp) -> Result<Document> {
        let body = self.text(path, bytes)?;
        self.describe(stem, path, body, stamp).map_err(|error| damaged(path, error))
    }

    fn describe(&self, stem: &str, path: &Path, body: Body, stamp: Stamp) -> Result<Document> {
        let file = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let reading = self.reading.clone().with_fallback_time(stamp.saved_at());
        let described = describe_text(&self.collection, body.as_bytes(), &reading);
        let sidecar = if Sidecar::any(&self.path) { Sidecar::read(&self.path, &file)? } else { None };
        let mut known_id = None;
        if let Some(sidecar) = sidecar {
            let id = sidecar.id.clone();
            if let Some(attributes) = sidecar.attributes_of(body.checksum()) {
                Key::new(self.collection.clone(), &id)?;
                return Ok(Document { id, attributes, body });
            }
            // Of another text it still tells what a shortened name stands for.
            known_id = name::is_shortened(stem).then_some(id);
        }
        let (own_id, attributes) = described?;
        let id = match known_id {
            Some(id) => id,
            None => self.id_of(stem, Some(&own_id))?,
        };
        Key::new(self.collection.clone(), &id)?;
        Ok(Document { id, attributes, body })
    }

    /// Describes a document from the bytes of its file that are not in their place yet; `None` for bytes that are no document.
    pub(crate) fn row_of(&self, pending: &Pending, bytes: &[u8]) -> Option<Row> {
        let path = self.file(&pending.stem, &pending.suffix);
        let stamp = Stamp { modified: pending.modified, size: bytes.len() as u64 };
        let body = self.text(&path, bytes).ok()?;
        let mut document = self.describe(&pending.stem, &path, body, stamp).ok()?;
        document.id.clone_from(&pending.id);
        let (stem, suffix) = (pending.stem.clone(), pending.suffix.clone());
        let loaded = Loaded { stem, suffix, stamp, document: Ok(document) };
        loaded.document.as_ref().ok().map(|document| loaded.row(document))
    }

    /// Decides the id of a file that has no sidecar, from its stem and the id that its text gives.
    pub(crate) fn id_of(&self, stem: &str, own_id: Option<&str>) -> Result<String> {
        let suites = self.collection == Collection::EXPECTATIONS;
        if let Some(id) = own_id {
            let spelt = name::truthound(id, suites).as_deref() == Some(stem)
                || name::is_shortened(stem) && (name::escape(id, false) == stem || name::shorten(id) == stem);
            if spelt {
                return Ok(id.to_owned());
            }
        }
        if name::is_shortened(stem) {
            return Err(Error::corrupt("the file's name is shortened, and what its id was is not recorded"));
        }
        let id = name::unescape(stem).unwrap_or_else(|| stem.to_owned());
        // Where cases are one, looking for `run.json` finds Truthound's `Run.json`: it is still the document `Run`.
        match own_id {
            Some(own) if own != id && own.to_lowercase() == id.to_lowercase() && self.folds_case => {
                Ok(own.to_owned())
            }
            _ => Ok(id),
        }
    }

    /// Tells whether a document's file will say everything by itself.
    pub(crate) fn speaks_for_itself(
        &self,
        stem: &str,
        id: &str,
        attributes: &Attributes,
        text: &[u8],
    ) -> bool {
        // A text without a time is read with that of its file, which may change: such a record needs a sidecar.
        let reading = self.reading.clone().with_fallback_time(Timestamp::MAX);
        let Ok((own_id, described)) = describe_text(&self.collection, text, &reading) else { return false };
        described == *attributes && self.id_of(stem, Some(&own_id)).is_ok_and(|found| found == id)
    }

    /// Takes a file's name apart; `None` for one that is no document's.
    pub(crate) fn split(&self, file: &str) -> Option<(String, String)> {
        // Names that begin so are Truthound's index and lock files, and our own catalog.
        if file.starts_with(['_', '.']) {
            return None;
        }
        self.extensions.split(file).map(|(stem, suffix)| (stem.to_owned(), suffix.text()))
    }

    /// Lists the suffixes that a document may have, the one for new documents first.
    pub(crate) fn suffixes(&self) -> impl Iterator<Item = Suffix> {
        self.extensions.suffixes(self.codec.compression)
    }
}

fn damaged(path: &Path, error: Error) -> Error {
    let kind = if error.kind() == ErrorKind::Invalid { ErrorKind::Corrupt } else { error.kind() };
    error.with_kind(kind).with("file", path.display().to_string())
}

#[cfg(test)]
pub(crate) mod tests;
