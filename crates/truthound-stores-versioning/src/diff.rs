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
    compare("$", Some(older), Some(newer), &mut changes);
    changes
}

/// Goes down both documents at once; a parsed document is at most 128 levels deep.
fn compare(path: &str, older: Option<&Json>, newer: Option<&Json>, changes: &mut Vec<PathChange>) {
    let kind = match (older, newer) {
        (Some(Json::Object(older)), Some(Json::Object(newer))) => {
            return members(path, older, newer, changes);
        }
        (Some(Json::Array(older)), Some(Json::Array(newer))) => return items(path, older, newer, changes),
        (Some(older), Some(newer)) if older == newer => return,
        (None, None) => return,
        (Some(_), Some(_)) => ChangeKind::Changed,
        (None, Some(_)) => ChangeKind::Added,
        (Some(_), None) => ChangeKind::Removed,
    };
    changes.push(PathChange { path: path.to_owned(), kind, from: older.cloned(), to: newer.cloned() });
}

fn members(path: &str, older: &Object, newer: &Object, changes: &mut Vec<PathChange>) {
    for (name, value) in older {
        compare(&member(path, name), Some(value), newer.get(name), changes);
    }
    for (name, value) in newer.iter().filter(|(name, _)| !older.contains(name)) {
        compare(&member(path, name), None, Some(value), changes);
    }
}

fn items(path: &str, older: &[Json], newer: &[Json], changes: &mut Vec<PathChange>) {
    for at in 0..older.len().max(newer.len()) {
        compare(&format!("{path}[{at}]"), older.get(at), newer.get(at), changes);
    }
}

/// Adds a member's name to a path.
fn member(path: &str, name: &str) -> String {
    let plain = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain {
        return format!("{path}.{name}");
    }
    let mut quoted = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        match c {
            '\'' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => {
                // Writing to a string cannot fail.
                let _written = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    format!("{path}['{quoted}']")
}

#[cfg(test)]
mod tests;
