//! What can be done for a save before it is its turn: everything that needs no look at the index.

use truthound_stores_core::codec::{Codec, Compression, Format};
use truthound_stores_core::{Attributes, Body, Checksum, Key, Record, Result};

use crate::describe::Folder;
use crate::index::Texts;
use crate::name;
use crate::sidecar::Sidecar;
use crate::suffix::{self, Suffix};

/// A document that is ready to be written.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) key: Key,
    pub(crate) attributes: Attributes,
    pub(crate) body: Body,
    pub(crate) texts: Texts,
    pub(crate) checksum: Checksum,
    /// The stem that the id is escaped to here.
    pub(crate) stem: String,
    /// What new documents' names end in.
    pub(crate) suffix: String,
    /// The file's bytes under that suffix.
    pub(crate) bytes: Vec<u8>,
    /// Whether a file of that stem says everything by itself.
    speaks: bool,
}

impl Prepared {
    /// # Errors
    /// `Invalid` for a record that cannot be kept, or a document that the format cannot hold.
    pub(crate) fn new(folder: &Folder, extension: &str, record: Record) -> Result<Self> {
        record.validate()?;
        let speaks = record.speaks_for_itself(&folder.reading);
        let Record { key, attributes, body } = record;
        let texts = Texts::of(&attributes)?;
        let checksum = body.checksum();
        let stem = name::escape(key.id(), folder.folds_case);
        let suffix = Suffix { extension: extension.to_owned(), compression: folder.codec.compression }.text();
        let bytes = folder.codec.encode_within(body.as_bytes(), &folder.limits)?;
        // The name must not say another id than the text does.
        let speaks = speaks && folder.id_of(&stem, Some(key.id())).is_ok_and(|id| id == key.id());
        Ok(Self { key, attributes, body, texts, checksum, stem, suffix, bytes, speaks })
    }

    /// Tells whether a file of that suffix is JSON as it is.
    pub(crate) fn is_plain_json(&self, folder: &Folder, suffix: &str) -> bool {
        let codec = if suffix == self.suffix { Some(folder.codec) } else { codec_of(folder, suffix) };
        codec.is_some_and(|codec| (codec.format, codec.compression) == (Format::Json, Compression::None))
    }

    /// Returns what this takes until it is settled, in bytes.
    pub(crate) fn weight(&self) -> u64 {
        self.bytes.len() as u64 + 512
    }

    /// Returns the file's bytes under a suffix that the document has already; `None` if its codec is not compiled in.
    pub(crate) fn bytes_as(&self, folder: &Folder, suffix: &str) -> Result<Option<Vec<u8>>> {
        if suffix == self.suffix {
            return Ok(Some(self.bytes.clone()));
        }
        let Some(codec) = codec_of(folder, suffix) else { return Ok(None) };
        codec.encode_within(self.body.as_bytes(), &folder.limits).map(Some)
    }

    /// Makes the sidecar of a document whose file, of this name, does not say everything by itself.
    ///
    /// # Errors
    /// `Invalid` if there is more to say than can be kept.
    pub(crate) fn sidecar(&self, folder: &Folder, stem: &str, suffix: &str) -> Result<Option<Sidecar>> {
        let id = self.key.id();
        let speaks = if stem == self.stem {
            self.speaks
        } else {
            folder.speaks_for_itself(stem, id, &self.attributes, self.body.as_bytes())
        };
        if speaks {
            return Ok(None);
        }
        let sidecar = Sidecar::new(&format!("{stem}{suffix}"), self.checksum, id, &self.attributes);
        sidecar.to_bytes()?;
        Ok(Some(sidecar))
    }
}

/// Returns how documents of a suffix are written; `None` if that cannot be done here.
fn codec_of(folder: &Folder, suffix: &str) -> Option<Codec> {
    let (extension, compression) = suffix::parse(suffix)?;
    let format: Format = suffix::format_named(&extension).unwrap_or(folder.codec.format);
    let codec = Codec::new(format, compression).with_pretty(folder.codec.pretty);
    codec.check_available().is_ok().then_some(codec)
}

#[cfg(test)]
mod tests;
