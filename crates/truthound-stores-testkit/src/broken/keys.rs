//! Bugs of names.

use truthound_stores_core::{Collection, Key};

use super::behaviour::Behaviour;

/// A bug that keeps a document under another id.
#[derive(Debug)]
pub(super) struct Renames(pub(super) fn(&str) -> String);

impl Behaviour for Renames {
    fn key(&self, key: Key) -> Key {
        let id = (self.0)(key.id());
        Key::new(key.collection().clone(), &id).unwrap_or(key)
    }
}

/// File systems of Windows and macOS compare names so.
pub(super) fn folded(id: &str) -> String {
    id.to_lowercase()
}

/// Truthound's own expectation store does this.
pub(super) fn without_slashes(id: &str) -> String {
    id.replace(['/', '\\'], "_")
}

/// Windows drops these at the end of a name.
pub(super) fn trimmed(id: &str) -> String {
    id.trim_end_matches(['.', ' ']).to_owned()
}

/// Names in a file system have at most 255 bytes.
pub(super) fn shortened(id: &str) -> String {
    let mut length = 0;
    let fits = |char: &char| {
        length += char.len_utf8();
        length <= 255
    };
    id.chars().take_while(fits).collect()
}

/// An escaping that is not applied to its own escape character.
pub(super) fn half_escaped(id: &str) -> String {
    id.replace('/', "%2F")
}

/// Keeps all collections in one.
#[derive(Debug)]
pub(super) struct OneCollection;

impl Behaviour for OneCollection {
    fn key(&self, key: Key) -> Key {
        Key::new(Collection::RESULTS, key.id()).unwrap_or(key)
    }
}
