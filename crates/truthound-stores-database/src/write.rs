//! Writing and deleting: what is to be done is decided from facts, and done in one transaction.

use truthound_stores_core::{Key, RecordMeta};

mod decide;
mod delete;
mod entries;
mod joined;
mod landed;
mod put;
mod rows;
mod whole;

#[cfg(test)]
pub(crate) use delete::without as without_records;
pub(crate) use delete::{Deletion, delete};
pub(crate) use entries::add_tags;
#[cfg(test)]
pub(crate) use entries::{Entry, without as without_tags};
#[cfg(test)]
pub(crate) use landed::{Mark, statement as landed_statement};
pub(crate) use put::put;
pub(crate) use rows::lock_old;

/// The most documents that one transaction writes.
pub(crate) const MOST_ROWS: usize = 1_000;
/// The most text that one transaction writes, in bytes, unless one document has more: servers bound what they take at once.
pub(crate) const MOST_BYTES: usize = 4 << 20;

/// A state that is stored, as far as writers need to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Old {
    pub(crate) revision: String,
    /// `None` if time or tags cannot be read any more.
    pub(crate) run_time: Option<i64>,
    /// As they stand in the row.
    pub(crate) tags: Option<String>,
}

/// Splits things into parts that a transaction may hold: no two of one key, not too many, and not too large. In order.
pub(crate) fn parts<T>(things: Vec<T>, key: impl Fn(&T) -> &Key, bytes: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut parts: Vec<Vec<T>> = Vec::new();
    let mut keys: std::collections::HashSet<Key> = std::collections::HashSet::new();
    let mut size = 0;
    for thing in things {
        let more = bytes(&thing);
        let fits = parts.last().is_some_and(|part| part.len() < MOST_ROWS)
            && size + more <= MOST_BYTES
            && !keys.contains(key(&thing));
        if !fits {
            parts.push(Vec::new());
            keys.clear();
            size = 0;
        }
        size += more;
        keys.insert(key(&thing).clone());
        if let Some(part) = parts.last_mut() {
            part.push(thing);
        }
    }
    parts
}

/// Names a document within one space.
pub(crate) fn name_of(meta: &RecordMeta) -> (&str, &str) {
    (meta.key.collection().as_str(), meta.key.id())
}

#[cfg(test)]
mod tests;
