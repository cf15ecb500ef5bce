//! What differs between two documents, by JSON path. Pure.

use std::fmt::{self, Write as _};

use truthound_stores_core::json::{Json, Object};

/// Says what happened at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// The newer document has a value where the older has none.
    Added,
    /// The older document has a value where the newer has none.
    Removed,
    /// Both have a value, and not the same.
    Changed,
}

impl ChangeKind {
    /// Returns the name as it is printed and kept.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }

    pub(crate) fn of(name: &str) -> Option<Self> {
        [Self::Added, Self::Removed, Self::Changed].into_iter().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One difference between two documents.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PathChange {
    /// Where: `$.results[0].count`, and `$['a b']` for names that are no identifiers (RFC 9535).
    pub path: String,
    /// What happened.
    pub kind: ChangeKind,
    /// The older value; none if it was added.
    pub from: Option<Json>,
    /// The newer value; none if it was removed.
    pub to: Option<Json>,
}

/// A path and what happened there, as it is kept with a version: the values are in the versions themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangedPath {
    /// Where, as in [`PathChange::path`].
    pub path: String,
    /// What happened.
    pub kind: ChangeKind,
}

/// Compares two documents: members by name, whatever their order, and items by their place; numbers by their text.
///
/// # Examples
/// ```
/// use truthound_stores_core::json::Json;
/// use truthound_stores_versioning::{ChangeKind, diff};
///
/// let older = Json::parse(br#"{"rows": [1, 2], "status": "success"}"#)?;
/// let newer = Json::parse(br#"{"rows": [1, 3, 4], "status": "success"}"#)?;
/// let changes: Vec<_> = diff(&older, &newer).into_iter().map(|change| (change.path, change.kind)).collect();
/// assert_eq!(changes, [("$.rows[1]".to_owned(), ChangeKind::Changed), ("$.rows[2]".to_owned(), ChangeKind::Added)]);
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
pub fn diff(older: &Json, newer: &Json) -> Vec<PathChange> {
    let mut changes = Vec::new();
    walk(older, newer, |path, kind, from, to| {
        changes.push(PathChange { path: path.to_owned(), kind, from: from.cloned(), to: to.cloned() });
    });
    changes
}

/// Compares two documents as [`diff`] does, and answers the paths alone.
pub(crate) fn paths(older: &Json, newer: &Json) -> Vec<ChangedPath> {
    let mut changes = Vec::new();
    walk(older, newer, |path, kind, _, _| changes.push(ChangedPath { path: path.to_owned(), kind }));
    changes
}

/// Tells of each difference: where, what happened, and the two values.
fn walk(older: &Json, newer: &Json, tell: impl FnMut(&str, ChangeKind, Option<&Json>, Option<&Json>)) {
    Walk { path: "$".to_owned(), tell }.compare(Some(older), Some(newer));
}

/// A comparison under way.
struct Walk<T> {
    /// Where it is. Most places hold no difference: so all of them share this text.
    path: String,
    tell: T,
}

impl<T: FnMut(&str, ChangeKind, Option<&Json>, Option<&Json>)> Walk<T> {
    /// Goes down both documents at once; a parsed document is at most 128 levels deep.
    fn compare(&mut self, older: Option<&Json>, newer: Option<&Json>) {
        let kind = match (older, newer) {
            (Some(Json::Object(older)), Some(Json::Object(newer))) => return self.members(older, newer),
            (Some(Json::Array(older)), Some(Json::Array(newer))) => return self.items(older, newer),
            (Some(older), Some(newer)) if older == newer => return,
            (None, None) => return,
            (Some(_), Some(_)) => ChangeKind::Changed,
            (None, Some(_)) => ChangeKind::Added,
            (Some(_), None) => ChangeKind::Removed,
        };
        (self.tell)(&self.path, kind, older, newer);
    }

    fn members(&mut self, older: &Object, newer: &Object) {
        let here = self.path.len();
        let gone_and_kept = older.iter().map(|(name, value)| (name, Some(value), newer.get(name)));
        let added = newer.iter().filter(|(name, _)| !older.contains(name));
        for (name, older, newer) in gone_and_kept.chain(added.map(|(name, value)| (name, None, Some(value))))
        {
            push_member(&mut self.path, name);
            self.compare(older, newer);
            self.path.truncate(here);
        }
    }

    fn items(&mut self, older: &[Json], newer: &[Json]) {
        let here = self.path.len();
        for at in 0..older.len().max(newer.len()) {
            // Writing to a string cannot fail.
            let _written = write!(self.path, "[{at}]");
            self.compare(older.get(at), newer.get(at));
            self.path.truncate(here);
        }
    }
}

/// Adds a member's name to a path.
fn push_member(path: &mut String, name: &str) {
    let plain = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain {
        return path.extend([".", name]);
    }
    path.push_str("['");
    for c in name.chars() {
        match c {
            '\'' | '\\' => path.extend(['\\', c]),
            '\n' => path.push_str("\\n"),
            '\r' => path.push_str("\\r"),
            '\t' => path.push_str("\\t"),
            c if c.is_control() => {
                // Writing to a string cannot fail.
                let _written = write!(path, "\\u{:04x}", u32::from(c));
            }
            c => path.push(c),
        }
    }
    path.push_str("']");
}

#[cfg(test)]
mod tests;
