//! One document's row: what the index knows of it.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Statement, params};
use truthound_stores_core::{
    Attributes, Checksum, Collection, Error, Key, RecordMeta, Result, Revision, Timestamp,
};

use super::columns::{Columns, Memory, hash_column};

/// The columns of `record`, in the order in which they are read and written.
pub(crate) const COLUMNS: &str = "seq, id, data_asset, run_time, status, tags, suite_name, total_validators, \
    passed_validators, failed_validators, error_validators, total_rows, total_columns, total_issues, critical_issues, \
    high_issues, medium_issues, low_issues, execution_time_ms, ext, stem, suffix, size, checksum, modified, seal";

/// How many columns that is.
pub(crate) const WIDTH: usize = 26;

/// What the index knows of one state of a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// The place in the change feed; each state has its own.
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) attributes: Attributes,
    /// The file's stem, where it is not the one that the id is escaped to.
    pub(crate) stem: Option<String>,
    pub(crate) suffix: String,
    /// The file's size in bytes.
    pub(crate) size: u64,
    pub(crate) checksum: Checksum,
    /// The start of the hash of the file's bytes, where these are JSON as it is: a file that has it need not be looked into.
    pub(crate) digest: Option<Digest>,
    /// The file's modification time in nanoseconds since 1970.
    pub(crate) modified: i64,
}

impl Row {
    /// Names the state: with the text's checksum, so that states of one time differ where their texts do. The same for the same
    /// file, whichever index describes it.
    pub(crate) fn revision(&self) -> Revision {
        revision(self.modified, &self.checksum)
    }

    pub(crate) fn saved_at(&self) -> Timestamp {
        saved_at(self.modified)
    }

    pub(crate) fn into_meta(self, collection: &Collection) -> Result<RecordMeta> {
        let key = Key::new(collection.clone(), &self.id)?;
        let (revision, saved_at) = (self.revision(), self.saved_at());
        Ok(RecordMeta::new(key, self.attributes, revision, self.size, self.checksum, saved_at))
    }

    /// Reads the row from columns that begin at `from`; one whose seal is broken is damage.
    pub(crate) fn read(row: &rusqlite::Row<'_>, from: usize) -> rusqlite::Result<Self> {
        Columns::read(row, from, &mut Memory::default())?.into_row()
    }

    /// Writes the row as a new one.
    pub(crate) fn insert(&self, statement: &mut Statement<'_>, texts: &Texts) -> rusqlite::Result<usize> {
        let (facts, counts) = (&self.attributes, &self.attributes.statistics);
        let seal = Columns::of(self, texts).seal(&mut Vec::with_capacity(512));
        statement.execute(params![
            self.seq,
            self.id,
            facts.data_asset,
            facts.run_time.as_micros(),
            facts.status.as_str(),
            texts.tags,
            facts.suite_name,
            counts.total_validators.cast_signed(),
            counts.passed_validators.cast_signed(),
            counts.failed_validators.cast_signed(),
            counts.error_validators.cast_signed(),
            counts.total_rows.cast_signed(),
            counts.total_columns.cast_signed(),
            counts.total_issues.cast_signed(),
            counts.critical_issues.cast_signed(),
            counts.high_issues.cast_signed(),
            counts.medium_issues.cast_signed(),
            counts.low_issues.cast_signed(),
            counts.execution_time_ms,
            texts.ext,
            self.stem,
            self.suffix,
            self.size.cast_signed(),
            hash_column(&self.checksum, self.digest.as_ref()),
            self.modified,
            seal,
        ])
    }
}

/// The start of the hash of a file's bytes.
pub(crate) type Digest = [u8; 16];

/// Hashes a file's bytes.
pub(crate) fn digest(bytes: &[u8]) -> Digest {
    let mut start = Digest::default();
    start.iter_mut().zip(blake3::hash(bytes).as_bytes()).for_each(|(to, from)| *to = *from);
    start
}

/// When a file that was modified then was saved.
pub(super) fn saved_at(modified: i64) -> Timestamp {
    Timestamp::from_micros(modified.div_euclid(1000))
}

/// Names a state by its file's time and its text.
pub(crate) fn revision(modified: i64, checksum: &Checksum) -> Revision {
    // By hand, since a listing makes one for each row, and a formatter takes longer than the search: sixteen digits without the zeros in
    // front, a hyphen, eight digits.
    let [a, b, c, d] = checksum.as_bytes().first_chunk().copied().unwrap_or_default();
    let mut text = [b'-'; 16 + 1 + 8];
    let (time, rest) = text.split_at_mut(16);
    put_hex(time, modified.cast_unsigned());
    put_hex(rest.split_at_mut(1).1, u32::from_be_bytes([a, b, c, d]).into());
    let zeros = (modified.leading_zeros() as usize / 4).min(15);
    Revision::new(std::str::from_utf8(text.split_at(zeros).1).unwrap_or_default())
}

/// Fills a place with a number's last hexadecimal digits.
fn put_hex(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        let value = (number & 0xf) as u8;
        *digit = if value < 10 { b'0' + value } else { b'a' + (value - 10) };
        number >>= 4;
    }
}

/// The columns that are texts in the index and maps in memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    pub(crate) tags: Option<String>,
    pub(crate) ext: Option<String>,
}

impl Texts {
    /// # Errors
    /// `Invalid` for attributes that no text can hold; maps of texts always can be.
    pub(crate) fn of(attributes: &Attributes) -> Result<Self> {
        let text = |cause| Error::invalid("the attributes cannot be written").caused_by(cause);
        let tags: &BTreeMap<String, String> = &attributes.tags;
        let tags = if tags.is_empty() { None } else { Some(serde_json::to_string(tags).map_err(text)?) };
        let ext = if attributes.ext.is_empty() {
            None
        } else {
            Some(serde_json::to_string(&attributes.ext).map_err(text)?)
        };
        Ok(Self { tags, ext })
    }
}

/// Finds a document's row.
pub(crate) fn by_id(index: &Connection, id: &str) -> rusqlite::Result<Option<Row>> {
    let mut statement = index.prepare_cached(&format!("SELECT {COLUMNS} FROM record WHERE id = ?1"))?;
    statement.query_row([id], |row| Row::read(row, 0)).optional()
}

/// Lists rows by their place in the feed, at most `limit` after `seq`.
pub(crate) fn after(index: &Connection, seq: i64, limit: usize) -> rusqlite::Result<Vec<Row>> {
    let sql = format!("SELECT {COLUMNS} FROM record WHERE seq > ?1 ORDER BY seq LIMIT ?2");
    let mut statement = index.prepare_cached(&sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map([seq, limit], |row| Row::read(row, 0))?;
    rows.collect()
}

/// To whom a place in the feed was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// To this document, or to something that is no more.
    Fits,
    /// To another document, whose row is sound.
    Another,
    /// To nobody.
    Nobody,
}

/// Tells whether a place in the feed was given to a document.
pub(crate) fn given(index: &Connection, seq: i64, id: &str) -> rusqlite::Result<Given> {
    let sql = format!("SELECT {COLUMNS} FROM record WHERE seq = ?1");
    let row = index.prepare_cached(&sql)?.query_row([seq], |row| Row::read(row, 0)).optional()?;
    if let Some(row) = row {
        return Ok(if row.id == id { Given::Fits } else { Given::Another });
    }
    let sql = "SELECT EXISTS (SELECT 1 FROM log WHERE seq = ?1)";
    let is_logged: bool = index.prepare_cached(sql)?.query_row([seq], |row| row.get(0))?;
    Ok(if is_logged { Given::Fits } else { Given::Nobody })
}

/// Finds the row whose file has an odd name: one that its id does not spell.
pub(crate) fn by_name(index: &Connection, stem: &str, suffix: &str) -> rusqlite::Result<Option<Row>> {
    let sql = format!("SELECT {COLUMNS} FROM record WHERE stem = ?1 AND suffix = ?2");
    index.prepare_cached(&sql)?.query_row([stem, suffix], |row| Row::read(row, 0)).optional()
}
