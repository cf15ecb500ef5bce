//! A row's columns as they lie in the index, the seal over them, and what is made of them.

use std::collections::{BTreeMap, HashMap};

use rusqlite::types::Type;
use truthound_stores_core::{
    Attributes, Checksum, Collection, Key, Labels, RecordMeta, Statistics, Status, Timestamp,
};

use super::row::{Digest, Row, Texts, revision, saved_at};

/// So many sets of labels are remembered at the most.
const REMEMBERED: usize = 4_096;

/// The columns of one row, in their order. Texts are borrowed: a listing makes descriptions of millions.
#[derive(Debug)]
pub(super) struct Columns<'r> {
    seq: i64,
    id: &'r str,
    data_asset: &'r str,
    run_time: i64,
    status: &'r str,
    tags: Option<&'r str>,
    suite_name: Option<&'r str>,
    statistics: Statistics,
    ext: Option<&'r str>,
    stem: Option<&'r str>,
    suffix: &'r str,
    size: u64,
    /// The checksum, and the digest if there is one.
    hashes: Hashes,
    modified: i64,
}

type Hashes = (Checksum, Option<Digest>);

/// What reading many rows is made cheaper by.
#[derive(Debug, Default)]
pub(super) struct Memory {
    labels: HashMap<String, Labels>,
    /// Room for what is hashed.
    bytes: Vec<u8>,
}

impl<'r> Columns<'r> {
    /// Reads columns that begin at `from`; a row whose seal is broken is damage.
    pub(super) fn read(
        row: &'r rusqlite::Row<'_>,
        from: usize,
        memory: &mut Memory,
    ) -> rusqlite::Result<Self> {
        let text = |at: usize| row.get_ref(from + at)?.as_str().map_err(rusqlite::Error::from);
        let optional = |at: usize| row.get_ref(from + at)?.as_str_or_null().map_err(rusqlite::Error::from);
        let integer = |at: usize| row.get_ref(from + at)?.as_i64().map_err(rusqlite::Error::from);
        let count = |at: usize| integer(at).map(i64::cast_unsigned);
        let read = Self {
            seq: integer(0)?,
            id: text(1)?,
            data_asset: text(2)?,
            run_time: integer(3)?,
            status: text(4)?,
            tags: optional(5)?,
            suite_name: optional(6)?,
            statistics: Statistics {
                total_validators: count(7)?,
                passed_validators: count(8)?,
                failed_validators: count(9)?,
                error_validators: count(10)?,
                total_rows: count(11)?,
                total_columns: count(12)?,
                total_issues: count(13)?,
                critical_issues: count(14)?,
                high_issues: count(15)?,
                medium_issues: count(16)?,
                low_issues: count(17)?,
                execution_time_ms: row.get_ref(from + 18)?.as_f64()?,
            },
            ext: optional(19)?,
            stem: optional(20)?,
            suffix: text(21)?,
            size: count(22)?,
            hashes: hashes(row.get_ref(from + 23)?.as_blob()?, from + 23)?,
            modified: integer(24)?,
        };
        if read.seal(&mut memory.bytes) == integer(25)? { Ok(read) } else { Err(broken(from + 25)) }
    }

    /// The columns that a row is written to.
    pub(super) fn of(row: &'r Row, texts: &'r Texts) -> Self {
        let facts = &row.attributes;
        Self {
            seq: row.seq,
            id: &row.id,
            data_asset: &facts.data_asset,
            run_time: facts.run_time.as_micros(),
            status: facts.status.as_str(),
            tags: texts.tags.as_deref(),
            suite_name: facts.suite_name.as_deref(),
            statistics: facts.statistics.clone(),
            ext: texts.ext.as_deref(),
            stem: row.stem.as_deref(),
            suffix: &row.suffix,
            size: row.size,
            hashes: (row.checksum, row.digest),
            modified: row.modified,
        }
    }

    /// Sums a row up in 64 bits, so that a bit that flips in the index is found where it is read. (SQLite's pages carry no checksum.)
    pub(super) fn seal(&self, bytes: &mut Vec<u8>) -> i64 {
        bytes.clear();
        let texts = [
            Some(self.id),
            Some(self.data_asset),
            Some(self.status),
            self.tags,
            self.suite_name,
            self.ext,
            self.stem,
            Some(self.suffix),
        ];
        for text in texts {
            // The length first, so that what one text ends with is never what the next begins with; no text is that long.
            let length = text.map_or(u64::MAX, |text| text.len() as u64);
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes.extend_from_slice(text.unwrap_or_default().as_bytes());
        }
        let counts = &self.statistics;
        for number in [
            self.seq.cast_unsigned(),
            self.run_time.cast_unsigned(),
            counts.total_validators,
            counts.passed_validators,
            counts.failed_validators,
            counts.error_validators,
            counts.total_rows,
            counts.total_columns,
            counts.total_issues,
            counts.critical_issues,
            counts.high_issues,
            counts.medium_issues,
            counts.low_issues,
            // SQLite keeps a zero without its sign.
            (counts.execution_time_ms + 0.0).to_bits(),
            self.size,
            self.modified.cast_unsigned(),
        ] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(self.hashes.0.as_bytes());
        bytes.extend(self.hashes.1.iter().flatten());
        let hash = blake3::hash(bytes);
        let mut start = [0; 8];
        start.iter_mut().zip(hash.as_bytes()).for_each(|(to, from)| *to = *from);
        i64::from_le_bytes(start)
    }

    fn attributes(&self, labels: Labels) -> rusqlite::Result<Attributes> {
        let run_time = Timestamp::from_micros(self.run_time);
        let mut attributes = Attributes::new(self.data_asset, run_time, Status::from(self.status));
        attributes.suite_name = self.suite_name.map(str::to_owned);
        attributes.statistics = self.statistics.clone();
        attributes.tags = labels;
        if let Some(ext) = self.ext {
            attributes.ext = serde_json::from_str(ext).map_err(unreadable(19))?;
        }
        Ok(attributes)
    }

    /// Makes a row of them.
    pub(super) fn into_row(self) -> rusqlite::Result<Row> {
        let labels = self.tags.map(labels_of).transpose()?.unwrap_or_default();
        Ok(Row {
            seq: self.seq,
            id: self.id.to_owned(),
            attributes: self.attributes(labels)?,
            stem: self.stem.map(str::to_owned),
            suffix: self.suffix.to_owned(),
            size: self.size,
            checksum: self.hashes.0,
            digest: self.hashes.1,
            modified: self.modified,
        })
    }

    /// Makes a description of them.
    pub(super) fn into_meta(
        self,
        collection: &Collection,
        memory: &mut Memory,
    ) -> rusqlite::Result<RecordMeta> {
        let key = Key::new(collection.clone(), self.id).map_err(unreadable(1))?;
        let labels = self.tags.map(|tags| memory.labels(tags)).transpose()?.unwrap_or_default();
        let attributes = self.attributes(labels)?;
        let revision = revision(self.modified, &self.hashes.0);
        Ok(RecordMeta::new(key, attributes, revision, self.size, self.hashes.0, saved_at(self.modified)))
    }
}

impl Memory {
    /// Reads labels. Rows that have the same ones share them.
    fn labels(&mut self, text: &str) -> rusqlite::Result<Labels> {
        if let Some(labels) = self.labels.get(text) {
            return Ok(labels.clone());
        }
        let labels = labels_of(text)?;
        if self.labels.len() < REMEMBERED {
            self.labels.insert(text.to_owned(), labels.clone());
        }
        Ok(labels)
    }
}

fn labels_of(text: &str) -> rusqlite::Result<Labels> {
    match plain_tags(text) {
        Some(tags) => Ok(tags.into()),
        None => serde_json::from_str(text).map_err(unreadable(5)),
    }
}

/// Reads tags as they are mostly written, without an escape: what lies between two quotes is a text.
fn plain_tags(text: &str) -> Option<BTreeMap<String, String>> {
    if text.contains('\\') {
        return None;
    }
    let mut parts = text.strip_prefix("{\"")?.strip_suffix("\"}")?.split('"');
    let mut tags = BTreeMap::new();
    loop {
        let (name, colon, value) = (parts.next()?, parts.next()?, parts.next()?);
        tags.insert(name.to_owned(), value.to_owned());
        match (colon, parts.next()) {
            (":", None) => return Some(tags),
            (":", Some(",")) => {}
            _ => return None,
        }
    }
}

/// Both hashes stand in one column, the digest last.
pub(super) fn hash_column(checksum: &Checksum, digest: Option<&Digest>) -> Vec<u8> {
    let mut bytes = checksum.as_bytes().to_vec();
    bytes.extend(digest.into_iter().flatten());
    bytes
}

fn hashes(bytes: &[u8], column: usize) -> rusqlite::Result<Hashes> {
    let (checksum, digest) = bytes.split_at_checked(32).unwrap_or((bytes, &[]));
    let checksum = checksum.try_into().map(Checksum::from_bytes).map_err(unreadable(column))?;
    let digest = if digest.is_empty() { None } else { Some(digest.try_into().map_err(unreadable(column))?) };
    Ok((checksum, digest))
}

/// The error of a column that does not hold what was written.
fn broken(column: usize) -> rusqlite::Error {
    let why = "the row does not hold what was written";
    rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, why.into())
}

/// Makes the error of a column that cannot be read, with its cause.
fn unreadable<E: std::error::Error + Send + Sync + 'static>(
    column: usize,
) -> impl FnOnce(E) -> rusqlite::Error {
    move |cause| rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, Box::new(cause))
}
