//! The change feed of one index: rows by their place, and what the log tells of states that are no more.

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use truthound_stores_core::{
    Attributes, Change, ChangeOp, Checksum, Collection, Error, Key, RecordMeta, Result, Revision, Timestamp,
};

use super::row::{COLUMNS, Row};
use super::write::{last_seq, meta};

/// Which feed it is, and which part of it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Drawn when the index was made: places of another index mean nothing here.
    pub(crate) epoch: i64,
    /// Whoever has read less must compare listings: what came before is not told.
    pub(crate) floor: i64,
    /// The last place that was given.
    pub(crate) last: i64,
}

pub(crate) fn bounds(index: &Connection) -> rusqlite::Result<Bounds> {
    Ok(Bounds {
        epoch: meta(index, "epoch")?.unwrap_or(0),
        floor: meta(index, "floor")?.unwrap_or(0),
        last: last_seq(index)?,
    })
}

/// A state as the log keeps it.
#[derive(Serialize, Deserialize)]
struct State {
    attributes: Attributes,
    revision: String,
    size: u64,
    checksum: String,
    saved_at: i64,
}

/// Writes a state down for the log.
pub(crate) fn state(meta: &RecordMeta) -> Result<String> {
    let state = State {
        attributes: meta.attributes.clone(),
        revision: meta.revision.as_str().to_owned(),
        size: meta.size,
        checksum: meta.checksum.to_string(),
        saved_at: meta.saved_at.as_micros(),
    };
    serde_json::to_string(&state)
        .map_err(|cause| Error::invalid("the attributes cannot be written").caused_by(cause))
}

fn read_state(key: &Key, text: &str) -> Option<RecordMeta> {
    let state: State = serde_json::from_str(text).ok()?;
    let (checksum, saved_at) =
        (state.checksum.parse::<Checksum>().ok()?, Timestamp::from_micros(state.saved_at));
    let revision = Revision::new(state.revision);
    Some(RecordMeta::new(key.clone(), state.attributes, revision, state.size, checksum, saved_at))
}

type Entry = (i64, Change);

/// Reads at most `limit` entries after the place `after`, in order. In one read transaction of the caller's.
pub(crate) fn entries(
    index: &Connection,
    collection: &Collection,
    after: i64,
    limit: usize,
) -> rusqlite::Result<Vec<Entry>> {
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let broken = |why: Box<dyn std::error::Error + Send + Sync>| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, why)
    };
    let sql = format!("SELECT {COLUMNS} FROM record WHERE seq > ?1 ORDER BY seq LIMIT ?2");
    let mut statement = index.prepare_cached(&sql)?;
    let mut found: Vec<Entry> = Vec::new();
    let mut rows = statement.query(params![after, most])?;
    while let Some(row) = rows.next()? {
        let row = Row::read(row, 0)?;
        let (seq, meta) = (row.seq, row.into_meta(collection));
        let meta = meta.map_err(|why| broken(why.into()))?;
        found.push((seq, Change { key: meta.key.clone(), op: ChangeOp::Put(Box::new(meta)) }));
    }
    let mut statement = index
        .prepare_cached("SELECT seq, id, state, revision FROM log WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
    let mut rows = statement.query(params![after, most])?;
    while let Some(row) = rows.next()? {
        let key = Key::new(collection.clone(), row.get_ref(1)?.as_str()?);
        let key = key.map_err(|why| broken(why.into()))?;
        let op = match row.get_ref(2)?.as_str_or_null()? {
            Some(text) => {
                let meta = read_state(&key, text)
                    .ok_or_else(|| broken("the entry's state cannot be read".into()))?;
                ChangeOp::Put(Box::new(meta))
            }
            None => ChangeOp::Delete { revision: row.get_ref(3)?.as_str_or_null()?.map(Revision::new) },
        };
        found.push((row.get(0)?, Change { key, op }));
    }
    found.sort_by_key(|(seq, _)| *seq);
    found.truncate(limit);
    Ok(found)
}

/// Marks what stands at a place of the feed, so that it is told from what may come to stand there once the index was put back to what it
/// was; `None` if nothing does. The same for a state before and after it is superseded.
pub(crate) fn mark(index: &Connection, seq: i64) -> rusqlite::Result<Option<String>> {
    use rusqlite::OptionalExtension;

    let mark = |id: &str, revision: &str| {
        let hash = blake3::hash(format!("{revision} {id}").as_bytes()).to_hex();
        hash.as_str().chars().take(16).collect::<String>()
    };
    let sql = format!("SELECT {COLUMNS} FROM record WHERE seq = ?1");
    let row = index.prepare_cached(&sql)?.query_row([seq], |row| Row::read(row, 0)).optional()?;
    if let Some(row) = row {
        return Ok(Some(mark(&row.id, row.revision().as_str())));
    }
    let mut statement = index.prepare_cached("SELECT id, state, revision FROM log WHERE seq = ?1")?;
    let read = |row: &rusqlite::Row<'_>| {
        let (id, state): (String, Option<String>) = (row.get(0)?, row.get(1)?);
        let state: Option<State> = state.and_then(|text| serde_json::from_str(&text).ok());
        Ok(match state {
            Some(state) => mark(&id, &state.revision),
            None => mark(&id, &format!("-{}", row.get::<_, Option<String>>(2)?.unwrap_or_default())),
        })
    };
    statement.query_row([seq], read).optional()
}

/// How many entries of the log stay, at least, when it is cut.
pub(crate) const KEPT: i64 = 100_000;

/// Forgets the oldest entries of a log that is longer than [`KEPT`]; within a transaction of the caller's.
pub(crate) fn trim(index: &Connection) -> rusqlite::Result<usize> {
    use rusqlite::OptionalExtension;

    let sql = "SELECT seq FROM log ORDER BY seq DESC LIMIT 1 OFFSET ?1";
    let Some(last): Option<i64> = index.query_row(sql, [KEPT], |row| row.get(0)).optional()? else {
        return Ok(0);
    };
    super::write::set_meta(index, "floor", last)?;
    index.execute("DELETE FROM log WHERE seq <= ?1", [last])
}
