//! One document's row: what the index knows of it, and a seal over all of it.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Statement, params};
use truthound_stores_core::{
    Attributes, Checksum, Collection, Error, Key, RecordMeta, Result, Revision, Statistics, Status, Timestamp,
};

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
        Timestamp::from_micros(self.modified.div_euclid(1000))
    }

    pub(crate) fn into_meta(self, collection: &Collection) -> Result<RecordMeta> {
        let key = Key::new(collection.clone(), &self.id)?;
        let (revision, saved_at) = (self.revision(), self.saved_at());
        Ok(RecordMeta::new(key, self.attributes, revision, self.size, self.checksum, saved_at))
    }

    /// Reads the row from columns that begin at `from`; one whose seal is broken is damage.
    pub(crate) fn read(row: &rusqlite::Row<'_>, from: usize) -> rusqlite::Result<Self> {
        let text = |at: usize| row.get_ref(from + at)?.as_str().map_err(rusqlite::Error::from);
        let optional = |at: usize| row.get_ref(from + at)?.as_str_or_null().map_err(rusqlite::Error::from);
        let integer = |at: usize| row.get_ref(from + at)?.as_i64().map_err(rusqlite::Error::from);
        let count = |at: usize| integer(at).map(i64::cast_unsigned);
        let (tags, ext) = (optional(5)?, optional(19)?);
        let (checksum, digest) = hashes(row.get_ref(from + 23)?.as_blob()?, from + 23)?;
        let mut attributes =
            Attributes::new(text(2)?, Timestamp::from_micros(integer(3)?), Status::from(text(4)?));
        attributes.suite_name = optional(6)?.map(str::to_owned);
        attributes.statistics = Statistics {
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
        };
        let read = Self {
            seq: integer(0)?,
            id: text(1)?.to_owned(),
            attributes,
            stem: optional(20)?.map(str::to_owned),
            suffix: text(21)?.to_owned(),
            size: count(22)?,
            checksum,
            digest,
            modified: integer(24)?,
        };
        if seal(&read, tags, ext) != integer(25)? {
            return Err(broken(from + 25));
        }
        let mut read = read;
        if let Some(tags) = tags {
            read.attributes.tags = match plain_tags(tags) {
                Some(tags) => tags,
                None => serde_json::from_str(tags).map_err(unreadable(from + 5))?,
            };
        }
        if let Some(ext) = ext {
            read.attributes.ext = serde_json::from_str(ext).map_err(unreadable(from + 19))?;
        }
        Ok(read)
    }

    /// Writes the row as a new one.
    pub(crate) fn insert(&self, statement: &mut Statement<'_>, texts: &Texts) -> rusqlite::Result<usize> {
        let (facts, counts) = (&self.attributes, &self.attributes.statistics);
        let seal = seal(self, texts.tags.as_deref(), texts.ext.as_deref());
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

/// Both hashes stand in one column, the digest last.
fn hash_column(checksum: &Checksum, digest: Option<&Digest>) -> Vec<u8> {
    let mut bytes = checksum.as_bytes().to_vec();
    bytes.extend(digest.into_iter().flatten());
    bytes
}

fn hashes(bytes: &[u8], column: usize) -> rusqlite::Result<(Checksum, Option<Digest>)> {
    let (checksum, digest) = bytes.split_at_checked(32).unwrap_or((bytes, &[]));
    let checksum = checksum.try_into().map(Checksum::from_bytes).map_err(unreadable(column))?;
    let digest = if digest.is_empty() { None } else { Some(digest.try_into().map_err(unreadable(column))?) };
    Ok((checksum, digest))
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

/// Reads tags as they are mostly written, without an escape: what lies between two quotes is a text. A listing reads those of each row.
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

/// Sums a row up in 64 bits, so that a bit that flips in the index is found where it is read. (SQLite's pages carry no checksum.)
fn seal(row: &Row, tags: Option<&str>, ext: Option<&str>) -> i64 {
    let mut bytes = Vec::with_capacity(512);
    let facts = &row.attributes;
    let texts = [
        Some(row.id.as_str()),
        Some(facts.data_asset.as_str()),
        Some(facts.status.as_str()),
        tags,
        facts.suite_name.as_deref(),
        ext,
        row.stem.as_deref(),
        Some(row.suffix.as_str()),
    ];
    for text in texts {
        // The length first, so that what one text ends with is never what the next begins with; no text is that long.
        let length = text.map_or(u64::MAX, |text| text.len() as u64);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(text.unwrap_or_default().as_bytes());
    }
    let counts = &facts.statistics;
    for number in [
        row.seq.cast_unsigned(),
        facts.run_time.as_micros().cast_unsigned(),
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
        row.size,
        row.modified.cast_unsigned(),
    ] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(&hash_column(&row.checksum, row.digest.as_ref()));
    let hash = blake3::hash(&bytes);
    let mut start = [0; 8];
    start.iter_mut().zip(hash.as_bytes()).for_each(|(to, from)| *to = *from);
    i64::from_le_bytes(start)
}

/// The error of a column that does not hold what was written.
fn broken(column: usize) -> rusqlite::Error {
    let why = "the row does not hold what was written";
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Blob, why.into())
}

/// Makes the error of a column that cannot be read, with its cause.
fn unreadable<E: std::error::Error + Send + Sync + 'static>(
    column: usize,
) -> impl FnOnce(E) -> rusqlite::Error {
    move |cause| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Blob, Box::new(cause))
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
