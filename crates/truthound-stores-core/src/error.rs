//! The one error of every store, and the kinds that tell a caller what to do.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::Key;

/// Stands for `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Says what a caller can do about an [`Error`].
///
/// A kind exists only where callers act differently. New kinds may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Nothing is stored under that key. Never stands for an outage.
    NotFound,
    /// Somebody else wrote first, or the key is already taken: read again, then decide.
    Conflict,
    /// The input is wrong (an option, an id, a date, a document): change it and try again.
    Invalid,
    /// This store cannot do that, by construction or for want of a compiled-in feature.
    Unsupported,
    /// Credentials or permissions do not allow it.
    Denied,
    /// The store cannot be reached or cannot work right now (an outage, a full disk).
    Unavailable,
    /// No answer came in time; the effect is unknown for a write.
    Timeout,
    /// Too much is asked at once: slow down, see [`Error::retry_after`].
    Overloaded,
    /// What is stored is damaged; the message names the document or file.
    Corrupt,
    /// The store was closed.
    Closed,
    /// A bug, here or in a library.
    Internal,
}

impl ErrorKind {
    /// Names the kind in lower case with underscores, as logs and metrics print it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Invalid => "invalid",
            Self::Unsupported => "unsupported",
            Self::Denied => "denied",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Overloaded => "overloaded",
            Self::Corrupt => "corrupt",
            Self::Closed => "closed",
            Self::Internal => "internal",
        }
    }

    /// Tells whether the same call may succeed later without being changed.
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Unavailable | Self::Timeout | Self::Overloaded)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reports why an operation failed: a kind, a sentence, and where it happened.
///
/// Context is added on the way up ([`during`](Self::during), [`at`](Self::at),
/// [`with`](Self::with)); kind and source survive. What is innermost wins: a context that is
/// already set is kept.
///
/// # Examples
/// ```
/// use truthound_stores_core::{Error, ErrorKind, Key};
///
/// let error = Error::new(ErrorKind::Corrupt, "the file ends in the middle of a string")
///     .during("get")
///     .at(&Key::result("run_1")?)
///     .with("file", "run_1.json");
/// assert_eq!(error.kind(), ErrorKind::Corrupt);
/// assert_eq!(
///     error.to_string(),
///     "the file ends in the middle of a string (get results/run_1; file: run_1.json)"
/// );
/// # Ok::<(), Error>(())
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    operation: Option<&'static str>,
    key: Option<Key>,
    context: Vec<(&'static str, String)>,
    retry_after: Option<Duration>,
    retryable: Option<bool>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Makes an error of `kind` whose `message` names the culprit and, where known, the cure.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            operation: None,
            key: None,
            context: Vec::new(),
            retry_after: None,
            retryable: None,
            source: None,
        }))
    }

    /// Makes an [`Invalid`](ErrorKind::Invalid) error.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    /// Makes a [`Corrupt`](ErrorKind::Corrupt) error.
    pub fn corrupt(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Corrupt, message)
    }

    /// Makes an [`Unsupported`](ErrorKind::Unsupported) error.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, message)
    }

    /// Makes the [`NotFound`](ErrorKind::NotFound) error for `key`.
    pub fn not_found(key: &Key) -> Self {
        Self::new(ErrorKind::NotFound, "no such document").at(key)
    }

    /// Makes the [`Closed`](ErrorKind::Closed) error.
    pub fn closed() -> Self {
        Self::new(ErrorKind::Closed, "the store is closed")
    }

    /// Names the operation, unless one is named already.
    #[must_use]
    pub fn during(mut self, operation: &'static str) -> Self {
        self.0.operation.get_or_insert(operation);
        self
    }

    /// Names the key, unless one is named already.
    #[must_use]
    pub fn at(mut self, key: &Key) -> Self {
        self.0.key.get_or_insert_with(|| key.clone());
        self
    }

    /// Adds a named fact (a file, a limit), unless that name is taken. Never a secret.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if !self.0.context.iter().any(|(known, _)| *known == name) {
            self.0.context.push((name, value.into()));
        }
        self
    }

    /// Keeps the error that caused this one.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Gives the error another kind; sentence, context and source stay. For those who know more of the circumstances: text that is
    /// not JSON is `Invalid` from a caller and `Corrupt` from a store.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Says how long to wait before trying again.
    #[must_use]
    pub fn retry_after_delay(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self
    }

    /// Says whether a retry may help, where that differs from what the kind implies.
    #[must_use]
    pub fn retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = Some(retryable);
        self
    }

    /// Returns what kind of failure it was.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the sentence without its context.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the operation that failed, where known.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// Returns the key the failure is about, where there is one.
    pub fn key(&self) -> Option<&Key> {
        self.0.key.as_ref()
    }

    /// Returns the value of a named fact.
    pub fn context(&self, name: &str) -> Option<&str> {
        self.0.context.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Returns how long to wait before trying again, where the store said so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Tells whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable.unwrap_or(self.0.kind.is_retryable())
    }

    /// Prints the error and all its causes on one line, for logs and terminals.
    ///
    /// # Examples
    /// ```
    /// use truthound_stores_core::{Error, ErrorKind};
    ///
    /// let error = Error::new(ErrorKind::Denied, "the folder cannot be read")
    ///     .caused_by(std::io::Error::from(std::io::ErrorKind::PermissionDenied));
    /// assert_eq!(error.report(), "the folder cannot be read: permission denied");
    /// ```
    pub fn report(&self) -> String {
        let mut text = self.to_string();
        self.add_causes(&mut text);
        text
    }

    /// Makes the same error again, for each of several calls that it stopped. Its causes become text.
    ///
    /// # Examples
    /// ```
    /// use truthound_stores_core::{Error, ErrorKind, Key};
    ///
    /// let error = Error::new(ErrorKind::Denied, "the folder cannot be written").during("put").caused_by("read-only");
    /// let first = error.repeat().at(&Key::result("a")?);
    /// assert_eq!(first.report(), "the folder cannot be written (put results/a): read-only");
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn repeat(&self) -> Self {
        let inner = &*self.0;
        let mut causes = String::new();
        self.add_causes(&mut causes);
        Self(Box::new(Inner {
            kind: inner.kind,
            message: inner.message.clone(),
            operation: inner.operation,
            key: inner.key.clone(),
            context: inner.context.clone(),
            retry_after: inner.retry_after,
            retryable: inner.retryable,
            source: (!causes.is_empty()).then(|| causes.into()),
        }))
    }

    /// Adds all causes to a text, but for those that only say once more what it ends in.
    fn add_causes(&self, text: &mut String) {
        let mut source = StdError::source(self);
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            if !text.ends_with(&cause_text) {
                if !text.is_empty() {
                    text.push_str(": ");
                }
                text.push_str(&cause_text);
            }
            source = cause.source();
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.write_str(&inner.message)?;
        let mut open = false;
        let mut separate = |f: &mut fmt::Formatter<'_>| {
            let text = if open { "; " } else { " (" };
            open = true;
            f.write_str(text)
        };
        match (inner.operation, &inner.key) {
            (Some(operation), Some(key)) => {
                separate(f)?;
                write!(f, "{operation} {key}")?;
            }
            (Some(operation), None) => {
                separate(f)?;
                f.write_str(operation)?;
            }
            (None, Some(key)) => {
                separate(f)?;
                write!(f, "{key}")?;
            }
            (None, None) => {}
        }
        for (name, value) in &inner.context {
            let fact = format!("{name}: {value}");
            // A sentence that was made of another error's text may have said it.
            if !inner.message.contains(&fact) {
                separate(f)?;
                f.write_str(&fact)?;
            }
        }
        if open { f.write_str(")") } else { Ok(()) }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.to_string())
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests;
