//! A document's text in its canonical form, with its checksum and its parsed form remembered.

use std::any::Any;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use crate::json::{self, Json, Layout};
use crate::{Attributes, Document, Error, Result, Zone};

/// Holds the BLAKE3 hash of a document's canonical text (<https://github.com/BLAKE3-team/BLAKE3-specs>), or the start of it.
///
/// Reading a document gives the whole hash. A listing may give its start, where an index keeps no more: at least
/// [`SHORTEST`](Self::SHORTEST) bytes. `==` compares what is known; [`matches`](Self::matches) compares two hashes as far as both are.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Checksum {
    /// What is not known is 0.
    bytes: [u8; Self::WHOLE],
    known: u8,
}

impl Checksum {
    /// How many bytes the whole hash has.
    pub const WHOLE: usize = 32;
    /// How many bytes are always known: enough that two documents of a store do not share them by chance.
    pub const SHORTEST: usize = 8;

    /// Hashes canonical text.
    pub fn of(canonical: &[u8]) -> Self {
        Self::from_bytes(*blake3::hash(canonical).as_bytes())
    }

    /// Wraps a hash that was stored.
    #[expect(clippy::cast_possible_truncation, reason = "32 is no more than a byte holds")]
    pub const fn from_bytes(bytes: [u8; Self::WHOLE]) -> Self {
        Self { bytes, known: Self::WHOLE as u8 }
    }

    /// Wraps the start of a hash that was stored; `None` if it is shorter than [`SHORTEST`](Self::SHORTEST) or longer than the whole.
    pub fn abbreviated(start: &[u8]) -> Option<Self> {
        let known = u8::try_from(start.len()).ok()?;
        let mut bytes = [0; Self::WHOLE];
        bytes.get_mut(..start.len())?.copy_from_slice(start);
        (start.len() >= Self::SHORTEST).then_some(Self { bytes, known })
    }

    /// Returns the hash as far as it is known.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.known)).unwrap_or_default()
    }

    /// Tells whether the whole hash is known.
    pub const fn is_whole(&self) -> bool {
        self.known as usize == Self::WHOLE
    }

    /// Tells whether two hashes are the same as far as both are known.
    ///
    /// # Examples
    /// ```
    /// use truthound_stores_core::Checksum;
    ///
    /// let whole = Checksum::of(b"{}");
    /// let listed = Checksum::abbreviated(&whole.as_bytes()[..8]).ok_or("eight bytes are enough")?;
    /// assert!(listed.matches(&whole) && listed != whole);
    /// assert!(!listed.matches(&Checksum::of(b"[]")));
    /// # Ok::<(), &str>(())
    /// ```
    pub fn matches(&self, other: &Self) -> bool {
        self.as_bytes().iter().zip(other.as_bytes()).all(|(one, other)| one == other)
    }
}

/// Prints lower-case hexadecimal digits, 64 of a whole hash.
impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads a whole hash, 64 hexadecimal digits.
impl FromStr for Checksum {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        blake3::Hash::from_hex(text)
            .map(|hash| Self::from_bytes(*hash.as_bytes()))
            .map_err(|cause| Error::invalid(format!("{text:?} is no checksum")).caused_by(cause))
    }
}

/// Holds one JSON document. Clones share everything.
///
/// The text is canonical: no white space, and one way to write each string; numbers keep their text and
/// objects their order. Two bodies are equal if their texts are.
///
/// # Examples
/// ```
/// use truthound_stores_core::Body;
///
/// let body = Body::parse(br#"{ "rate": 1.50, "worst": NaN, "name": "\u00e9" }"#)?;
/// assert_eq!(body.as_str(), r#"{"rate":1.50,"worst":NaN,"name":"é"}"#);
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Body(Arc<Inner>);

struct Inner {
    /// The canonical text; of a document that came in another layout it is made when somebody asks for it.
    text: OnceLock<Bytes>,
    /// The document in the layout it came in, which is JSON.
    laid_out: Option<Bytes>,
    checksum: OnceLock<Checksum>,
    parsed: OnceLock<Arc<dyn Any + Send + Sync>>,
    described: OnceLock<Described>,
}

/// What a result's text was found to say of it, and in which zone its times were read.
pub(crate) struct Described {
    pub(crate) zone: Zone,
    pub(crate) id: String,
    pub(crate) attributes: Attributes,
}

impl Body {
    /// Reads a document in any layout.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid), with line and column, if it is not JSON (with the tokens
    /// `NaN`, `Infinity` and `-Infinity`) or nested deeper than [`json::MAX_DEPTH`].
    pub fn parse(text: &[u8]) -> Result<Self> {
        json::relayout(text, Layout::Compact).map(Self::from_canonical)
    }

    /// Wraps text that is canonical already, such as [`codec::decode`](crate::codec::decode) returns.
    ///
    /// The caller guarantees the form; text that breaks it compares and hashes as something else.
    pub fn from_canonical(text: impl Into<Bytes>) -> Self {
        Self(Arc::new(Inner {
            text: OnceLock::from(text.into()),
            laid_out: None,
            checksum: OnceLock::new(),
            parsed: OnceLock::new(),
            described: OnceLock::new(),
        }))
    }

    /// Wraps JSON in any layout whose canonical text is known to have a checksum, such as a file that is byte for byte what was written:
    /// the canonical text is made only if somebody asks for it.
    ///
    /// The caller guarantees both; text that is no JSON is taken as it is.
    pub fn from_checked(laid_out: impl Into<Bytes>, checksum: Checksum) -> Self {
        Self(Arc::new(Inner {
            text: OnceLock::new(),
            laid_out: Some(laid_out.into()),
            checksum: OnceLock::from(checksum),
            parsed: OnceLock::new(),
            described: OnceLock::new(),
        }))
    }

    /// Returns the canonical text.
    pub fn as_bytes(&self) -> &Bytes {
        self.0.text.get_or_init(|| {
            let laid_out = self.0.laid_out.clone().unwrap_or_default();
            json::relayout(&laid_out, Layout::Compact).map_or(laid_out, Bytes::from)
        })
    }

    /// Returns the canonical text as a string.
    pub fn as_str(&self) -> &str {
        // Canonical text is UTF-8; a caller who broke that promise sees an empty string.
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// Returns the checksum, computed once.
    pub fn checksum(&self) -> Checksum {
        *self.0.checksum.get_or_init(|| Checksum::of(self.as_bytes()))
    }

    /// Remembers what the text says, so that nobody has to look again.
    pub(crate) fn remember(&self, described: Described) {
        // Whoever was first has found the same, or has read it in another zone.
        drop(self.0.described.set(described));
    }

    pub(crate) fn described(&self) -> Option<&Described> {
        self.0.described.get()
    }

    /// Parses the text into a tree.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if the text is not JSON.
    pub fn to_json(&self) -> Result<Json> {
        // White space matters to no tree.
        match (self.0.text.get(), &self.0.laid_out) {
            (None, Some(laid_out)) => Json::parse(laid_out),
            _ => Json::parse(self.as_bytes()),
        }
    }

    /// Returns the typed form; the first type asked for is remembered and shared by all clones.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if the document does not have the type's form.
    pub fn parsed<T: Document>(&self) -> Result<Arc<T>> {
        if let Some(known) = self.0.parsed.get()
            && let Ok(typed) = Arc::clone(known).downcast::<T>()
        {
            return Ok(typed);
        }
        let typed = Arc::new(T::from_json(self.to_json()?)?);
        let remembered = self.0.parsed.get_or_init(|| Arc::clone(&typed) as Arc<dyn Any + Send + Sync>);
        // Another thread may have been first: all callers then share its value.
        Ok(Arc::clone(remembered).downcast::<T>().unwrap_or(typed))
    }

    /// Returns the typed form to keep. Where nobody else holds the body it is handed over, not copied.
    ///
    /// # Errors
    /// As for [`parsed`](Self::parsed).
    pub fn into_parsed<T: Document>(self) -> Result<T> {
        if Arc::strong_count(&self.0) == 1 && self.0.parsed.get().is_none() {
            return T::from_json(self.to_json()?);
        }
        self.parsed::<T>().map(Arc::unwrap_or_clone)
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Body {}

/// Shows the size only: documents may hold personal data, and `Debug` output ends up in logs.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.as_bytes().len())
    }
}
