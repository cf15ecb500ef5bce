//! One document's row: what the database knows of it, and a seal over all of it.

use std::collections::BTreeMap;

use truthound_stores_core::{
    Attributes, Body, Checksum, Collection, Error, ErrorKind, Key, Labels, OrderBy, Record, RecordMeta,
    Result, Revision, Statistics, Status, Timestamp,
};
use twox_hash::XxHash3_64;

use crate::conn::Row;
use crate::escape::escape;

/// The columns of a description, in the order in which a [`Reader`] reads them.
pub(crate) const META: &str = "id, data_asset, run_time, status, tags, suite_name, total_validators, passed_validators, \
    failed_validators, error_validators, total_rows, total_columns, total_issues, critical_issues, high_issues, \
    medium_issues, low_issues, execution_time_ms, ext, revision, size, checksum, saved_at, seal";

/// The columns that are written for each document beside space and collection, in the order of [`META`], and the text.
pub(crate) const WIDTH: usize = 25;

/// The longest text that an index holds, in bytes: that of an asset's name.
pub(crate) const MAX_ASSET_BYTES: usize = 1000;
/// The longest status, in bytes.
pub(crate) const MAX_STATUS_BYTES: usize = 255;

/// A document on its way into the table.
#[derive(Clone, Debug)]
pub(crate) struct New {
    pub(crate) meta: RecordMeta,
    pub(crate) body: Body,
    /// As they stand in the row.
    pub(crate) asset: String,
    pub(crate) status: String,
    pub(crate) suite: Option<String>,
    pub(crate) tags: Option<String>,
    pub(crate) ext: Option<String>,
    /// As they stand in the change feed.
    pub(crate) attributes: String,
    /// The keys of its tags.
    pub(crate) tag_keys: Vec<[u8; 16]>,
    pub(crate) seal: i64,
}

impl New {
    /// Prepares a document.
    ///
    /// # Errors
    /// `Invalid` if the database cannot hold it.
    pub(crate) fn of(record: Record, revision: Revision, saved_at: Timestamp) -> Result<Self> {
        record.validate()?;
        let Record { key, attributes, body } = record;
        let asset = escape(&attributes.data_asset).into_owned();
        let status = escape(attributes.status.as_str()).into_owned();
        for (what, text, most) in
            [("data_asset", &asset, MAX_ASSET_BYTES), ("status", &status, MAX_STATUS_BYTES)]
        {
            if text.len() > most {
                return Err(Error::invalid(format!(
                    "the document's {what} has {} bytes: a database keeps at most {most} in its indexes",
                    text.len()
                ))
                .at(&key));
            }
        }
        let text = |cause| Error::invalid("the attributes cannot be written").caused_by(cause);
        let maybe = |empty: bool, json: serde_json::Result<String>| -> Result<Option<String>> {
            if empty { Ok(None) } else { json.map(Some).map_err(text) }
        };
        let tags = maybe(attributes.tags.is_empty(), serde_json::to_string(&attributes.tags))?;
        let ext = maybe(attributes.ext.is_empty(), serde_json::to_string(&attributes.ext))?;
        let all = serde_json::to_string(&attributes).map_err(text)?;
        let suite = attributes.suite_name.as_deref().map(|name| escape(name).into_owned());
        let tag_keys = attributes.tags.iter().map(|(name, value)| tag_key(name, value)).collect();
        let size = body.as_bytes().len() as u64;
        let meta = RecordMeta::new(key, attributes, revision, size, body.checksum(), saved_at);
        let seal = seal(&meta, tags.as_deref(), ext.as_deref());
        Ok(Self { meta, body, asset, status, suite, tags, ext, attributes: all, tag_keys, seal })
    }
}

/// Names a tag in its index: the start of the hash of name and value.
pub(crate) fn tag_key(name: &str, value: &str) -> [u8; 16] {
    let length = (name.len() as u64).to_le_bytes();
    let hash = blake3::hash(&[&length, name.as_bytes(), value.as_bytes()].concat());
    let mut key = [0; 16];
    key.iter_mut().zip(hash.as_bytes()).for_each(|(to, from)| *to = *from);
    key
}

/// Reads rows of [`META`], one after the other. What a row has in common with the one before is not read again.
#[derive(Debug)]
pub(crate) struct Reader {
    /// Stands for what is not read yet.
    unread: Revision,
    /// Tags as the last row with any had them, and what they say: most documents of an asset have the same.
    tags: (String, Labels),
    /// Where a row is put together that is checked.
    room: Vec<u8>,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self { unread: Revision::new(""), tags: Default::default(), room: Vec::new() }
    }

    /// Reads the columns of [`META`].
    ///
    /// # Errors
    /// `Corrupt`, naming the document as far as it can be named, for a row that does not hold what was written.
    pub(crate) fn read(
        &mut self,
        row: &mut Row<'_>,
        collection: &Collection,
    ) -> std::result::Result<RecordMeta, Box<Damaged>> {
        let nameless = |error| Box::new(Damaged::nameless(error));
        let id = row.lent_text().map_err(nameless)?;
        let key = Key::new(collection.clone(), &id).map_err(nameless)?;
        // All three are read, whatever the others are: a listing goes on from those that it is ordered by.
        let asset = row.escaped();
        let run_time = row.int().map(Timestamp::from_micros);
        let status = row.lent_escaped().map(|status| Status::from(&*status));
        let (spot, error) = match (asset, run_time, status) {
            (Ok(asset), Ok(run_time), Ok(status)) => {
                let facts = Attributes::new(asset, run_time, status);
                let unread = (self.unread.clone(), Checksum::from_bytes([0; Checksum::WHOLE]));
                let mut meta = RecordMeta::new(key, facts, unread.0, 0, unread.1, run_time);
                match self.fill(row, &mut meta) {
                    Ok(()) => return Ok(meta),
                    Err(error) => (Spot::of(&meta), error),
                }
            }
            (asset, run_time, status) => {
                let spot = Spot {
                    key,
                    data_asset: asset.as_ref().ok().cloned(),
                    run_time: run_time.as_ref().ok().copied(),
                    status: status.as_ref().ok().cloned(),
                };
                let first = asset.err().or(run_time.err()).or(status.err());
                (spot, first.unwrap_or_else(|| Error::corrupt("the document's row cannot be read")))
            }
        };
        let error = error.with_kind(ErrorKind::Corrupt).at(&spot.key);
        Err(Box::new(Damaged { at: Some(spot), error }))
    }

    /// Reads what follows after the status.
    fn fill(&mut self, row: &mut Row<'_>, meta: &mut RecordMeta) -> Result<()> {
        let tags = row.maybe_lent_text()?;
        meta.attributes.suite_name = row.maybe_escaped()?;
        let mut count = || row.int().map(i64::cast_unsigned);
        meta.attributes.statistics = Statistics {
            total_validators: count()?,
            passed_validators: count()?,
            failed_validators: count()?,
            error_validators: count()?,
            total_rows: count()?,
            total_columns: count()?,
            total_issues: count()?,
            critical_issues: count()?,
            high_issues: count()?,
            medium_issues: count()?,
            low_issues: count()?,
            execution_time_ms: row.double()?,
        };
        let ext = row.maybe_lent_text()?;
        meta.revision = Revision::new(&*row.lent_text()?);
        meta.size = row.int()?.cast_unsigned();
        let checksum = row.bytes()?;
        let checksum: [u8; Checksum::WHOLE] = (&*checksum)
            .try_into()
            .map_err(|_length| Error::corrupt(format!("a checksum of {} bytes", checksum.len())))?;
        meta.checksum = Checksum::from_bytes(checksum);
        meta.saved_at = Timestamp::from_micros(row.int()?);
        lay_out(&mut self.room, meta, tags.as_deref(), ext.as_deref());
        let sealed = row.int()?;
        if seal_of(&self.room) != sealed && first_seal_of(&self.room) != sealed {
            return Err(Error::corrupt("the document's row does not hold what was written"));
        }
        if let Some(tags) = tags {
            meta.attributes.tags = self.labels(&tags)?;
        }
        if let Some(ext) = ext {
            meta.attributes.ext = serde_json::from_str(&ext)
                .map_err(|cause| Error::corrupt("the column ext is unreadable").caused_by(cause))?;
        }
        Ok(())
    }

    fn labels(&mut self, text: &str) -> Result<Labels> {
        if self.tags.0 != text {
            let labels = map_of("tags", text)?.into();
            self.tags = (text.to_owned(), labels);
        }
        Ok(self.tags.1.clone())
    }
}

/// Where a row stands, as far as it can be read.
#[derive(Debug)]
pub(crate) struct Spot {
    key: Key,
    data_asset: Option<String>,
    run_time: Option<Timestamp>,
    status: Option<Status>,
}

impl Spot {
    /// The spot of a row that was read.
    pub(crate) fn of(meta: &RecordMeta) -> Self {
        let facts = &meta.attributes;
        Self {
            key: meta.key.clone(),
            data_asset: Some(facts.data_asset.clone()),
            run_time: Some(facts.run_time),
            status: Some(facts.status.clone()),
        }
    }

    /// Tells whether the row says where it stands in an order.
    pub(crate) fn is_known(&self, order: OrderBy) -> bool {
        match order {
            OrderBy::RunTime => self.run_time.is_some(),
            OrderBy::DataAsset => self.data_asset.is_some(),
            OrderBy::Status => self.status.is_some(),
        }
    }

    /// A description that stands there in an order; `None` if that is not known.
    pub(crate) fn meta(&self, order: OrderBy) -> Option<RecordMeta> {
        self.is_known(order).then(|| {
            let run_time = self.run_time.unwrap_or(Timestamp::UNIX_EPOCH);
            let status = self.status.clone().unwrap_or(Status::NONE);
            let facts = Attributes::new(self.data_asset.as_deref().unwrap_or_default(), run_time, status);
            let (revision, checksum) = (Revision::new(""), Checksum::of(b""));
            RecordMeta::new(self.key.clone(), facts, revision, 0, checksum, run_time)
        })
    }
}

/// A row that does not hold what was written.
#[derive(Debug)]
pub(crate) struct Damaged {
    /// Where a listing goes on.
    pub(crate) at: Option<Spot>,
    pub(crate) error: Error,
}

impl Damaged {
    fn nameless(error: Error) -> Self {
        Self { at: None, error: error.with_kind(ErrorKind::Corrupt) }
    }
}

/// Reads tags as a row has them.
pub(crate) fn map_of(column: &str, text: &str) -> Result<BTreeMap<String, String>> {
    serde_json::from_str(text)
        .map_err(|cause| Error::corrupt(format!("the column {column} is unreadable")).caused_by(cause))
}

/// Sums a row up in 64 bits, so that what was changed behind the store's back is found where it is read.
fn seal(meta: &RecordMeta, tags: Option<&str>, ext: Option<&str>) -> i64 {
    let mut bytes = Vec::with_capacity(512);
    lay_out(&mut bytes, meta, tags, ext);
    seal_of(&bytes)
}

/// A seal tells accidents: whoever may write the table may write a seal as well. So a quick hash is as good as any, and a listing has one for each row.
fn seal_of(bytes: &[u8]) -> i64 {
    XxHash3_64::oneshot(bytes).cast_signed()
}

/// What a seal was at first, and still is on rows that were written then.
fn first_seal_of(bytes: &[u8]) -> i64 {
    let mut start = [0; 8];
    start.iter_mut().zip(blake3::hash(bytes).as_bytes()).for_each(|(to, from)| *to = *from);
    i64::from_le_bytes(start)
}

/// Puts all that a seal is over in a row.
fn lay_out(bytes: &mut Vec<u8>, meta: &RecordMeta, tags: Option<&str>, ext: Option<&str>) {
    let facts = &meta.attributes;
    let texts = [
        Some(meta.key.collection().as_str()),
        Some(meta.key.id()),
        Some(facts.data_asset.as_str()),
        Some(facts.status.as_str()),
        tags,
        facts.suite_name.as_deref(),
        ext,
        Some(meta.revision.as_str()),
    ];
    bytes.clear();
    for text in texts {
        // The length first, so that what one text ends with is never what the next begins with; no text is that long.
        let length = text.map_or(u64::MAX, |text| text.len() as u64);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(text.unwrap_or_default().as_bytes());
    }
    let counts = &facts.statistics;
    for number in [
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
        // SQLite and MySQL keep a zero without its sign.
        (counts.execution_time_ms + 0.0).to_bits(),
        meta.size,
        meta.saved_at.as_micros().cast_unsigned(),
    ] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(meta.checksum.as_bytes());
}

#[cfg(test)]
mod tests;
