//! Names of documents: a collection and an id.

use std::fmt;
use std::sync::Arc;

use crate::{Error, Result};

/// Names the collection of a [`Key`]: `results`, `expectations`, or another one.
///
/// A name is 1–64 characters of `a-z 0-9 - _`, and begins with a letter: it is safe as a folder name
/// everywhere, and two names never differ by case only. Names that begin with an underscore
/// cannot be made by users: wrappers keep their hidden collections there
/// ([`Collection::hidden`]).
///
/// # Examples
/// ```
/// use truthound_stores_core::Collection;
///
/// assert_eq!(Collection::default(), Collection::RESULTS);
/// assert!(Collection::new("reports").is_ok());
/// assert!(Collection::new("../etc").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Collection(Name);

#[derive(Clone)]
enum Name {
    Known(&'static str),
    Owned(Arc<str>),
}

impl Collection {
    /// Holds validation results.
    pub const RESULTS: Self = Self(Name::Known("results"));
    /// Holds expectation suites.
    pub const EXPECTATIONS: Self = Self(Name::Known("expectations"));

    /// Checks a collection's name.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if the name breaks the rules above.
    pub fn new(name: &str) -> Result<Self> {
        if name.starts_with(|first: char| first.is_ascii_lowercase()) && Self::is_safe(name) {
            return Ok(Self(Name::Owned(name.into())));
        }
        Err(Error::invalid(format!(
            "collection {name:?} is not usable: a name has 1 to 64 characters of a-z, 0-9, - and _, \
             and begins with a letter"
        )))
    }

    /// Names a collection for a wrapper's own records; ordinary queries never see it.
    ///
    /// The collection's name is `_` and then `name`.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if `name` breaks the rules for collections.
    pub fn hidden(name: &str) -> Result<Self> {
        Self::new(name)?;
        Ok(Self(Name::Owned(format!("_{name}").into())))
    }

    fn is_safe(name: &str) -> bool {
        (1..=64).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
    }

    /// Tells whether this collection belongs to a wrapper.
    pub fn is_hidden(&self) -> bool {
        self.as_str().starts_with('_')
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Name {
    fn as_str(&self) -> &str {
        match self {
            Self::Known(name) => name,
            Self::Owned(name) => name,
        }
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl std::hash::Hash for Name {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Default for Collection {
    fn default() -> Self {
        Self::RESULTS
    }
}

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

/// Names one document within a store: a [`Collection`] and an id.
///
/// An id is any Unicode text of 1–512 bytes (UTF-8) without control characters; ids are compared
/// byte by byte, so `A` and `a` are two documents. Each backend escapes ids reversibly.
///
/// # Examples
/// ```
/// use truthound_stores_core::{Collection, ErrorKind, Key};
///
/// let key = Key::result("nightly/2026-01-01")?;
/// assert_eq!(key.collection(), &Collection::RESULTS);
/// assert_eq!(key.to_string(), "results/nightly/2026-01-01");
/// assert_eq!(Key::result("").unwrap_err().kind(), ErrorKind::Invalid);
/// assert_eq!(Key::result("a\nb").unwrap_err().kind(), ErrorKind::Invalid);
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    collection: Collection,
    id: Arc<str>,
}

impl Key {
    /// The longest id, in bytes of UTF-8.
    pub const MAX_ID_BYTES: usize = 512;

    /// Checks `id` and names a document of `collection`.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for an empty id, one of more than 512 bytes, or one
    /// with a control character (line breaks, NUL, Unicode category Cc).
    pub fn new(collection: Collection, id: &str) -> Result<Self> {
        if id.is_empty() {
            return Err(Error::invalid("the id is empty: an id has 1 to 512 bytes"));
        }
        if id.len() > Self::MAX_ID_BYTES {
            let start: String = id.chars().take(40).collect();
            return Err(Error::invalid(format!(
                "the id that begins with {start:?} has {} bytes: an id has at most {}",
                id.len(),
                Self::MAX_ID_BYTES
            )));
        }
        if let Some(control) = id.chars().find(|c| c.is_control()) {
            return Err(Error::invalid(format!(
                "the id {id:?} has the control character {control:?}: an id has none"
            )));
        }
        Ok(Self { collection, id: id.into() })
    }

    /// Names a validation result.
    ///
    /// # Errors
    /// As for [`Key::new`].
    pub fn result(id: &str) -> Result<Self> {
        Self::new(Collection::RESULTS, id)
    }

    /// Returns the collection.
    pub fn collection(&self) -> &Collection {
        &self.collection
    }

    /// Returns the id.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.collection, self.id)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?}, {:?})", self.collection, self.id)
    }
}

#[cfg(test)]
mod tests;
