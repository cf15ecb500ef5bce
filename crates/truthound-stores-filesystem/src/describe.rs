//! Turns a file's name and bytes into a document: its id, attributes and text.

use std::path::{Path, PathBuf};

use truthound_stores_core::codec::{self, Codec, Limits};
use truthound_stores_core::{
    Body, Collection, Error, ErrorKind, Key, Reading, Record, RecordMeta, Result, Timestamp,
    describe as describe_text,
};

use crate::files::{self, Found, Stamp};
use crate::layout::CATALOG;
use crate::name;
use crate::row::Rows;
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
}

/// A document as its file has it.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) meta: RecordMeta,
    pub(crate) body: Body,
}

/// A document's file: which state it is in, and what it holds or why it cannot be read.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) stamp: Stamp,
    pub(crate) document: Result<Document>,
}

impl Folder {
    pub(crate) fn catalog(&self) -> PathBuf {
        self.path.join(CATALOG)
    }

    pub(crate) fn file(&self, stem: &str, suffix: &Suffix) -> PathBuf {
        self.path.join(format!("{stem}{}", suffix.text()))
    }

    /// Tells whether the file system takes `a` and `A` for one name; asked of the catalog's own folder.
    pub(crate) fn folds_case(&self) -> bool {
        let upper = CATALOG.to_ascii_uppercase();
        self.catalog().is_dir() && self.path.join(upper).is_dir()
    }

    /// Lists the stems under which a document may be found, the one for new documents first.
    pub(crate) fn stems(&self, id: &str) -> Vec<String> {
        let mut stems = vec![name::escape(id, self.folds_case())];
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
    pub(crate) fn load(&self, stem: &str, path: &Path) -> Result<Option<Loaded>> {
        loop {
            let Some(before) = files::stamp(path)? else { return Ok(None) };
            let (stamp, document) = match files::read(path, self.limits.max_document_bytes) {
                Ok(Found::Nothing) => return Ok(None),
                Ok(Found::File { bytes, stamp }) => (stamp, self.document(stem, path, &bytes, stamp)),
                Err(error) => (before, Err(error)),
            };
            // The row of a document that is replaced or deleted meanwhile may be gone: what was read is old by then, read again.
            if files::stamp(path)? == Some(stamp) {
                return Ok(Some(Loaded { stamp, document }));
            }
        }
    }

    /// Reads a document from its file's bytes; whatever is wrong with them is `Corrupt` and names the file.
    fn document(&self, stem: &str, path: &Path, bytes: &[u8], stamp: Stamp) -> Result<Document> {
        let damaged = |error: Error| {
            let kind = if error.kind() == ErrorKind::Invalid { ErrorKind::Corrupt } else { error.kind() };
            error.with_kind(kind).with("file", path.display().to_string())
        };
        self.parse(stem, path, bytes, stamp).map_err(damaged)
    }

    fn parse(&self, stem: &str, path: &Path, bytes: &[u8], stamp: Stamp) -> Result<Document> {
        let decoded = codec::decode(&path.to_string_lossy(), bytes, &self.limits)?;
        let body = Body::from_canonical(decoded.json);
        let reading = self.reading.clone().with_fallback_time(stamp.saved_at());
        let described = describe_text(&self.collection, body.as_bytes(), &reading);
        let row = Rows::of(&self.catalog(), path).read(body.checksum(), stamp.modified)?;
        let (id, attributes) = if let Some(row) = row {
            (row.id, row.attributes)
        } else {
            let (own_id, attributes) = described?;
            (self.id_of(stem, Some(&own_id))?, attributes)
        };
        let key = Key::new(self.collection.clone(), &id)?;
        let (size, saved_at) = (stamp.size, stamp.saved_at());
        let revision = stamp.revision(Some(body.checksum()));
        let meta = RecordMeta::new(key, attributes, revision, size, body.checksum(), saved_at);
        Ok(Document { meta, body })
    }

    /// Decides the id of a file that has no row, from its stem and the id that its text gives.
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
            Some(own) if own != id && own.to_lowercase() == id.to_lowercase() && self.folds_case() => {
                Ok(own.to_owned())
            }
            _ => Ok(id),
        }
    }

    /// Tells whether a record's file will say everything by itself.
    pub(crate) fn speaks_for_itself(&self, stem: &str, record: &Record) -> bool {
        // A text without a time is read with that of its file, which may change: such a record needs a row.
        let reading = self.reading.clone().with_fallback_time(Timestamp::MAX);
        let Ok((own_id, attributes)) = describe_text(&self.collection, record.body.as_bytes(), &reading)
        else {
            return false;
        };
        attributes == record.attributes
            && self.id_of(stem, Some(&own_id)).is_ok_and(|id| id == record.key.id())
    }
}
