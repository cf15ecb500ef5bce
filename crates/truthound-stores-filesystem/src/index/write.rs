//! Changes of the index, within a transaction that the caller began.

use std::path::Path;

use rusqlite::types::{FromSql, ToSql};
use rusqlite::{Connection, OptionalExtension, params};
use truthound_stores_core::{Collection, Result as StoreResult};

use super::row::{COLUMNS, Row, Texts, WIDTH};

type Result<T> = rusqlite::Result<T>;

/// Reads a fact about the whole index.
pub(crate) fn meta<T: FromSql>(index: &Connection, name: &str) -> Result<Option<T>> {
    let mut statement = index.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
    statement.query_row([name], |row| row.get(0)).optional()
}

pub(crate) fn set_meta(index: &Connection, name: &str, value: impl ToSql) -> Result<()> {
    index
        .prepare_cached("REPLACE INTO meta (name, value) VALUES (?1, ?2)")?
        .execute(params![name, value])
        .map(drop)
}

/// What is acknowledged and not yet known to be on the disk.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pending {
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) stem: String,
    pub(crate) suffix: String,
    pub(crate) modified: i64,
    /// The file's bytes; `None` if the file is to be removed.
    pub(crate) body: Option<Vec<u8>>,
}

impl Pending {
    /// Returns the file's name.
    pub(crate) fn file(&self) -> String {
        format!("{}{}", self.stem, self.suffix)
    }
}

/// Why a file is not, or not alone, a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OddKind {
    /// It could not be read.
    Damaged,
    /// Another file of the same document is newer.
    Shadowed,
    /// Its name is not UTF-8; it is kept here as well as text can.
    NoText,
}

impl OddKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::Shadowed => "shadowed",
            Self::NoText => "no text",
        }
    }
}

/// A file that is not, or not alone, a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Odd {
    pub(crate) file: String,
    pub(crate) kind: OddKind,
    /// The document that it belongs to, or that its name spells.
    pub(crate) id: Option<String>,
    pub(crate) modified: i64,
}

/// Writes to an index, giving each change its place in the feed. Lives as long as a transaction.
#[derive(Debug)]
pub(crate) struct Writer<'c> {
    index: &'c Connection,
    last_seq: i64,
}

impl<'c> Writer<'c> {
    /// Begins within a transaction of the caller's.
    pub(crate) fn begin(index: &'c Connection) -> Result<Self> {
        // Work that another index had acknowledged may have a place of its own, after all that the feed tells.
        let sql = "SELECT coalesce(max(seq), 0) FROM unsettled";
        let taken: i64 = index.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(Self { index, last_seq: last_seq(index)?.max(taken) })
    }

    pub(crate) fn index(&self) -> &'c Connection {
        self.index
    }

    /// Returns a place in the feed that was never given.
    pub(crate) fn next_seq(&mut self) -> i64 {
        self.last_seq += 1;
        self.last_seq
    }

    /// Adds the row of a document that has none.
    pub(crate) fn insert(&self, row: &Row, texts: &Texts) -> Result<()> {
        const { assert!(WIDTH == 26, "as many as there are places below") };
        let sql = format!(
            "INSERT INTO record ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, \
             ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26)"
        );
        row.insert(&mut *self.index.prepare_cached(&sql)?, texts).map(drop)
    }

    /// Takes a row out without a word in the feed.
    pub(crate) fn drop_row(&self, seq: i64) -> Result<()> {
        self.index.prepare_cached("DELETE FROM unsettled WHERE seq = ?1")?.execute([seq])?;
        self.index.prepare_cached("DELETE FROM record WHERE seq = ?1")?.execute([seq]).map(drop)
    }

    /// Takes a row out; the feed goes on telling of its state.
    pub(crate) fn supersede(&self, row: Row, collection: &Collection) -> StoreResult<Result<()>> {
        let (seq, id) = (row.seq, row.id.clone());
        let state = super::feed::state(&row.into_meta(collection)?)?;
        let delete = || -> Result<()> {
            self.index.prepare_cached("DELETE FROM record WHERE seq = ?1")?.execute([seq])?;
            self.index.prepare_cached("DELETE FROM unsettled WHERE seq = ?1")?.execute([seq])?;
            let mut log =
                self.index.prepare_cached("INSERT INTO log (seq, id, state) VALUES (?1, ?2, ?3)")?;
            log.execute(params![seq, id, state]).map(drop)
        };
        Ok(delete())
    }

    /// Tells the feed that a document was deleted.
    pub(crate) fn log_deletion(&self, seq: i64, id: &str, revision: &str) -> Result<()> {
        let mut log = self.index.prepare_cached("INSERT INTO log (seq, id, revision) VALUES (?1, ?2, ?3)")?;
        log.execute(params![seq, id, revision]).map(drop)
    }

    /// Keeps what is to be done to a file until it is known to be done.
    pub(crate) fn keep(&self, owner: i64, pending: &Pending) -> Result<()> {
        let Pending { seq, id, stem, suffix, modified, body } = pending;
        if body.is_some() {
            // A file that is to be written again need not be removed first.
            let sql = "DELETE FROM unsettled WHERE body IS NULL AND stem = ?1 AND suffix = ?2";
            self.index.prepare_cached(sql)?.execute([stem, suffix])?;
        }
        let sql = "INSERT INTO unsettled (seq, owner, id, stem, suffix, modified, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        self.index
            .prepare_cached(sql)?
            .execute(params![seq, owner, id, stem, suffix, modified, body])
            .map(drop)
    }

    /// Drops what an owner has seen on the disk: all of its work up to `last`, but for what is in `except`.
    pub(crate) fn settle(&self, owner: i64, last: i64) -> Result<usize> {
        self.index
            .prepare_cached("DELETE FROM unsettled WHERE owner = ?1 AND seq <= ?2")?
            .execute([owner, last])
    }

    pub(crate) fn note_odd(&self, odd: &Odd) -> Result<()> {
        let sql = "REPLACE INTO odd (file, kind, id, modified) VALUES (?1, ?2, ?3, ?4)";
        let Odd { file, kind, id, modified } = odd;
        self.index.prepare_cached(sql)?.execute(params![file, kind.as_str(), id, modified]).map(drop)
    }

    /// Notes a file whose name is no text.
    pub(crate) fn note_no_text(&self, path: &Path) -> Result<()> {
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.note_odd(&Odd { file, kind: OddKind::NoText, id: None, modified: 0 })
    }

    pub(crate) fn forget_no_text(&self) -> Result<()> {
        self.index.execute("DELETE FROM odd WHERE kind = 'no text'", []).map(drop)
    }

    pub(crate) fn forget_odd(&self, file: &str) -> Result<()> {
        self.index.prepare_cached("DELETE FROM odd WHERE file = ?1")?.execute([file]).map(drop)
    }
}

/// Returns the last place in the feed that was given.
pub(crate) fn last_seq(index: &Connection) -> Result<i64> {
    let sql =
        "SELECT max(coalesce((SELECT max(seq) FROM record), 0), coalesce((SELECT max(seq) FROM log), 0))";
    index.prepare_cached(sql)?.query_row([], |row| row.get(0))
}

/// Lists odd files: of one document, or all.
pub(crate) fn odd(index: &Connection, id: Option<&str>) -> Result<Vec<Odd>> {
    let sql = "SELECT file, kind, id, modified FROM odd WHERE ?1 IS NULL OR id = ?1 ORDER BY file";
    let mut statement = index.prepare_cached(sql)?;
    let rows = statement.query_map([id], |row| {
        let kind = match row.get_ref(1)?.as_str()? {
            "damaged" => OddKind::Damaged,
            "no text" => OddKind::NoText,
            _ => OddKind::Shadowed,
        };
        Ok(Odd { file: row.get(0)?, kind, id: row.get(2)?, modified: row.get(3)? })
    })?;
    rows.collect()
}

/// Lists what is to remove a file of this modification time: owners, and places in the feed. A file that is newer than its removal was put
/// there since, by another program.
pub(crate) fn removals(
    index: &Connection,
    stem: &str,
    suffix: &str,
    modified: i64,
) -> Result<Vec<(i64, i64)>> {
    let sql = "SELECT owner, seq FROM unsettled WHERE body IS NULL AND stem = ?1 AND suffix = ?2 AND modified >= ?3";
    let mut statement = index.prepare_cached(sql)?;
    let rows = statement.query_map(params![stem, suffix, modified], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Tells whether the feed knows of states of a document that are no more.
pub(crate) fn is_logged(index: &Connection, id: &str) -> Result<bool> {
    index.prepare_cached("SELECT 1 FROM log WHERE id = ?1")?.exists([id])
}

/// Returns who answers for a state whose file is not known to be on the disk.
pub(crate) fn owner_of(index: &Connection, seq: i64) -> Result<Option<i64>> {
    let sql = "SELECT owner FROM unsettled WHERE seq = ?1";
    index.prepare_cached(sql)?.query_row([seq], |row| row.get(0)).optional()
}

/// Tells whether an owner has left anything.
pub(crate) fn has_left(index: &Connection, owner: i64) -> Result<bool> {
    index.prepare_cached("SELECT 1 FROM unsettled WHERE owner = ?1")?.exists([owner])
}

/// Tells whether a state's file is not known to be on the disk.
pub(crate) fn is_unsettled(index: &Connection, seq: i64) -> Result<bool> {
    index.prepare_cached("SELECT 1 FROM unsettled WHERE seq = ?1")?.exists([seq])
}

/// Lists what is not known to be on the disk: how many, and how many bytes, by owner.
pub(crate) fn owners(index: &Connection) -> Result<Vec<(i64, u64, u64)>> {
    let sql = "SELECT owner, count(*), coalesce(sum(length(body)), 0) FROM unsettled GROUP BY owner";
    let mut statement = index.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned(), row.get::<_, i64>(2)?.cast_unsigned()))
    })?;
    rows.collect()
}

/// Lists what an owner left, oldest first, at most `limit` after `seq`.
pub(crate) fn pending(index: &Connection, owner: i64, after: i64, limit: usize) -> Result<Vec<Pending>> {
    let sql = "SELECT seq, id, stem, suffix, modified, body FROM unsettled WHERE owner = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = index.prepare_cached(sql)?;
    let rows = statement.query_map(params![owner, after, limit], |row| {
        Ok(Pending {
            seq: row.get(0)?,
            id: row.get(1)?,
            stem: row.get(2)?,
            suffix: row.get(3)?,
            modified: row.get(4)?,
            body: row.get(5)?,
        })
    })?;
    rows.collect()
}
