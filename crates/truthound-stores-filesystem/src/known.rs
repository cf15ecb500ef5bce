//! Which files the index knows, while a folder's names are gone through.

use std::collections::HashSet;
use std::path::PathBuf;

use rusqlite::Connection;

use crate::describe::Folder;
use crate::index;
use crate::name;
use crate::publish;

/// Looks names up, and remembers which documents have a file.
pub(crate) struct Known<'c> {
    index: &'c Connection,
    /// A bit for each place in the feed: small, whatever is stored.
    seen: Vec<u64>,
    /// Files that are known not to be, or not alone, documents.
    odd: HashSet<String>,
}

impl<'c> Known<'c> {
    pub(crate) fn new(index: &'c Connection) -> rusqlite::Result<Self> {
        let odd = index::odd(index, None)?.into_iter().map(|odd| odd.file).collect();
        Ok(Self { index, seen: Vec::new(), odd })
    }

    /// Tells whether a file is known: as a document's, as one that is to go, or as odd.
    pub(crate) fn see(&mut self, folder: &Folder, stem: &str, suffix: &str) -> rusqlite::Result<bool> {
        let sql = "SELECT seq FROM record WHERE id = ?1 AND suffix = ?2 AND stem IS NULL";
        if let Some(id) = name::unescape(stem).filter(|id| name::escape(id, false) == stem) {
            use rusqlite::OptionalExtension;

            let found = self
                .index
                .prepare_cached(sql)?
                .query_row([id.as_str(), suffix], |row| row.get(0))
                .optional()?;
            if let Some(seq) = found {
                self.mark(seq);
                return Ok(true);
            }
        }
        if let Some(row) = index::by_name(self.index, stem, suffix)? {
            self.mark(row.seq);
            return Ok(true);
        }
        if self.odd.contains(&format!("{stem}{suffix}")) {
            return Ok(true);
        }
        let stamp = crate::files::stamp(&folder.file(stem, suffix)).ok().flatten();
        publish::is_to_go(folder, self.index, stem, suffix, stamp)
    }

    fn mark(&mut self, seq: i64) {
        let Ok(seq) = usize::try_from(seq) else { return };
        let (word, bit) = (seq / 64, seq % 64);
        if self.seen.len() <= word {
            self.seen.resize(word + 1, 0);
        }
        if let Some(word) = self.seen.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    fn is_marked(&self, seq: i64) -> bool {
        usize::try_from(seq)
            .is_ok_and(|seq| self.seen.get(seq / 64).is_some_and(|word| word & (1 << (seq % 64)) != 0))
    }

    /// Lists the documents whose files were not seen, though they are not on their way: their ids and where they should be.
    pub(crate) fn vanished(&self, folder: &Folder) -> rusqlite::Result<Vec<(String, PathBuf)>> {
        let count: i64 = self.index.query_row("SELECT count(*) FROM record", [], |row| row.get(0))?;
        let seen: u32 = self.seen.iter().map(|word| word.count_ones()).sum();
        if i64::from(seen) == count {
            return Ok(Vec::new());
        }
        let sql = "SELECT seq, id, stem, suffix FROM record WHERE NOT EXISTS (SELECT 1 FROM unsettled AS u WHERE u.seq = record.seq)";
        let mut statement = self.index.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut vanished = Vec::new();
        while let Some(row) = rows.next()? {
            if !self.is_marked(row.get(0)?) {
                let id: String = row.get(1)?;
                let stem: Option<String> = row.get(2)?;
                let stem = stem.unwrap_or_else(|| name::escape(&id, false));
                let path = folder.file(&stem, row.get_ref(3)?.as_str()?);
                // It may have come since its part of the folder was listed.
                if crate::files::stamp(&path).is_ok_and(|stamp| stamp.is_none()) {
                    vanished.push((id, path));
                }
            }
        }
        Ok(vanished)
    }
}

#[cfg(test)]
mod tests;
