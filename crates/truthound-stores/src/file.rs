//! The configuration file of a store: `truthound-stores.toml`.

use std::fs::File;
use std::io::{ErrorKind as IoErrorKind, Read};
use std::path::Path;

use truthound_stores_core::options::Options;
use truthound_stores_core::{Error, ErrorKind, Result, StoreUrl};

mod expand;
mod layers;
mod parse;
#[cfg(feature = "retention")]
mod policy;

pub use layers::FileLayer;
pub(crate) use layers::check;
#[cfg(feature = "retention")]
pub use policy::PolicyFile;

/// The longest file that is read, in bytes. A configuration is a page of text; anything this long is some other file.
const MAX_SIZE: u64 = 1 << 20;

/// Describes a store, as a configuration file does.
///
/// ```toml
/// [store]
/// url = "file:results?namespace=nightly"   # or backend = "filesystem", or both
/// compression = "zstd"                     # any option of the backend, under its own name
/// metadata = { team = "${TEAM}" }
/// ```
///
/// `${NAME}` in a text value stands for an environment variable, `$${` for `${` itself. A variable's value is inserted as
/// it is, also into a URL; a password with `?`, `&`, `%` or `@` must be percent-encoded there. Layers are listed in
/// `[[layers]]`, the outermost first, each with its `type` and its options:
///
/// ```toml
/// [[layers]]
/// type = "retention"                       # with the feature `retention`
/// archive = "file:/backup/results"
/// policies = [{ type = "time", max_age_days = 90, action = "archive" }]
///
/// [[layers]]
/// type = "versioning"                      # with the feature `versioning`
/// mode = "semantic"
/// ```
///
/// `Debug` shows no values of options.
///
/// # Examples
/// ```
/// use truthound_stores::StoreFile;
///
/// let text = r#"
///     [store]
///     url = "file:${BASE}/results"
///     namespace = "nightly"
/// "#;
/// let lookup = |name: &str| (name == "BASE").then(|| "/srv".to_owned());
/// let file = StoreFile::parse(text, "truthound-stores.toml", &lookup)?;
/// assert_eq!(file.url().map(|url| url.rest()), Some("/srv/results"));
///
/// let error = StoreFile::parse(text, "truthound-stores.toml", &|_| None).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "store.url needs the environment variable BASE, which is not set (file: truthound-stores.toml)"
/// );
/// # Ok::<(), truthound_stores::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct StoreFile {
    name: String,
    url: Option<StoreUrl>,
    backend: Option<String>,
    options: Options,
    layers: Vec<FileLayer>,
}

impl StoreFile {
    /// Parses the text of a file; `name` is what errors call it, `lookup` answers the value of an environment variable.
    ///
    /// Whether the options are right is found when the store is opened.
    ///
    /// # Errors
    /// [`Invalid`](ErrorKind::Invalid) for text that is not TOML, for an unknown table or key, for a value of the wrong
    /// type and for a variable that is not set: each is named, with the file, and no value is shown.
    /// [`Unsupported`](ErrorKind::Unsupported) for a layer that is not part of this build.
    pub fn parse(text: &str, name: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        parse::parse(text, name, lookup).map_err(|error| error.with("file", name))
    }

    /// Reads and parses a file of at most 1 MiB, in the calling thread.
    ///
    /// # Errors
    /// As for [`parse`](Self::parse); [`Invalid`](ErrorKind::Invalid) if there is no such file or it is too long,
    /// [`Denied`](ErrorKind::Denied) if it may not be read.
    pub fn read(path: impl AsRef<Path>, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let text = text_of(path, "configuration file").map_err(|error| error.with("file", &*name))?;
        Self::parse(&text, &name, lookup)
    }

    /// Returns what errors call the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the store's URL, where the file gives one.
    pub fn url(&self) -> Option<&StoreUrl> {
        self.url.as_ref()
    }

    /// Returns the backend's name, where the file gives one; a file has a backend, a URL or both.
    pub fn backend(&self) -> Option<&str> {
        self.backend.as_deref()
    }

    /// Returns the store's options that stand beside the URL.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Lists the layers around the store, the outermost first.
    pub fn layers(&self) -> &[FileLayer] {
        &self.layers
    }
}

fn text_of(path: &Path, what: &str) -> Result<String> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_SIZE + 1).read_to_string(&mut text));
    if let Err(cause) = read {
        let (kind, message) = match cause.kind() {
            IoErrorKind::NotFound => (ErrorKind::Invalid, format!("there is no such {what}")),
            IoErrorKind::IsADirectory => (ErrorKind::Invalid, format!("the {what} is a folder")),
            IoErrorKind::InvalidData => (ErrorKind::Invalid, format!("the {what} is not text in UTF-8")),
            IoErrorKind::PermissionDenied => (ErrorKind::Denied, format!("the {what} may not be read")),
            _ => (ErrorKind::Unavailable, format!("the {what} cannot be read")),
        };
        return Err(Error::new(kind, message).caused_by(cause));
    }
    if text.len() as u64 > MAX_SIZE {
        return Err(Error::invalid(format!("the {what} is longer than {MAX_SIZE} bytes")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
