//! Names of stores: `file:///abs`, `memory:`, `s3://bucket/prefix?region=eu-west-1`, or a bare path.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

use crate::options::Options;
use crate::{Error, Result};

mod redact;

/// Names a store and its options.
///
/// `scheme:rest?option=value&…`; a text without a scheme is a path. Options are percent-decoded, `+` stays itself; a `%` that
/// begins no escape stays itself, too.
///
/// `Display` and `Debug` show neither passwords nor the values of options whose names sound secret.
///
/// # Examples
/// ```
/// use truthound_stores_core::StoreUrl;
///
/// let url: StoreUrl = "s3://runs/truthound?region=eu-west-1&namespace=prod".parse()?;
/// assert_eq!((url.scheme(), url.rest()), ("s3", "//runs/truthound"));
/// let database: StoreUrl = "postgres://ann:secret@db/quality".parse()?;
/// assert_eq!(database.to_string(), "postgres://ann:***@db/quality");
/// assert_eq!("./results".parse::<StoreUrl>()?.scheme(), "file");
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct StoreUrl {
    scheme: String,
    rest: String,
    params: Vec<(String, String)>,
    bare: bool,
}

impl StoreUrl {
    /// Returns the scheme in lower case; `file` for a bare path.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// Returns what stands between the scheme and the options, as written. May hold a password.
    pub fn rest(&self) -> &str {
        &self.rest
    }

    /// Returns the local path: of a bare path as written, else percent-decoded and without `//` and an empty or `localhost`
    /// host.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if the URL names another host, or escapes bytes that are not UTF-8.
    pub fn path(&self) -> Result<String> {
        if self.bare {
            return Ok(self.rest.clone());
        }
        let path = match self.rest.strip_prefix("//") {
            Some(after) => match after.strip_prefix("localhost").unwrap_or(after) {
                absolute if absolute.starts_with('/') => absolute,
                _ => {
                    return Err(Error::invalid(format!(
                        "{self} names a host: write {}:///absolute/path or {}:relative/path",
                        self.scheme, self.scheme
                    )));
                }
            },
            None => &self.rest,
        };
        decode(path)
    }

    /// Lists the options, decoded, in the order in which they stand.
    pub fn params(&self) -> &[(String, String)] {
        &self.params
    }

    /// Returns the options as a backend reads them.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if one stands twice.
    pub fn options(&self) -> Result<Options> {
        Options::from_pairs(self.params.iter().map(|(name, value)| (name, value.clone())))
    }
}

fn decode(text: &str) -> Result<String> {
    let decoded = percent_decode_str(text).decode_utf8();
    let decoded = decoded
        .map_err(|cause| Error::invalid("the URL escapes bytes that are not UTF-8").caused_by(cause))?;
    Ok(decoded.into_owned())
}

impl FromStr for StoreUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.trim() != text {
            return Err(Error::invalid("the store's URL begins or ends with white space: leave it out"));
        }
        if text.is_empty() {
            return Err(Error::invalid(
                "the store's URL is empty: write one such as file:.truthound/store or memory:",
            ));
        }
        let (place, query) = text.split_once('?').map_or((text, None), |(place, query)| (place, Some(query)));
        let (scheme, rest, bare) = match place.split_once(':') {
            // One letter is a drive of Windows.
            Some((scheme, rest)) if is_scheme(scheme) && (scheme.len() > 1 || rest.starts_with("//")) => {
                (scheme.to_ascii_lowercase(), rest, false)
            }
            _ if place.contains("://") => {
                // Taken for a path, it would be shown with whatever it holds.
                return Err(Error::invalid(
                    "the store's URL has no usable scheme before `://`: a scheme is made of letters, digits, +, - and .",
                ));
            }
            _ => ("file".to_owned(), place, true),
        };
        if query.is_some_and(|query| query.contains('@')) && ends_in_a_password(rest) {
            // What follows the `?` may be the rest of a password: nothing of it is shown.
            return Err(Error::invalid(
                "the URL's password holds a `?`: write it as %3F, so that it does not begin the options",
            ));
        }
        let mut params = Vec::new();
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) =
                pair.split_once('=').map_or((pair, None), |(name, value)| (name, Some(value)));
            // What is no name may be the rest of a password: it is not shown.
            if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)) {
                return Err(Error::invalid(
                    "the URL has an option whose name is not made of letters, digits, `_`, `.` and `-`; in a password, \
                     write `?` as %3F and `&` as %26",
                ));
            }
            let Some(value) = value else {
                return Err(Error::invalid(format!(
                    "the URL's option {name:?} has no value: write name=value"
                )));
            };
            params.push((name.to_owned(), decode(value)?));
        }
        Ok(Self { scheme, rest: rest.to_owned(), params, bare })
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Tells whether `//user:pass…` breaks off within the password: a colon that no port follows, and no `@`.
fn ends_in_a_password(rest: &str) -> bool {
    let authority = rest.strip_prefix("//").filter(|after| !after.contains('@'));
    authority.and_then(redact::unfinished_password).is_some()
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scheme == "file" {
            f.write_str(if self.bare { "" } else { "file:" })?;
            f.write_str(&self.rest)?;
        } else {
            write!(f, "{}:{}", self.scheme, redact::place(&self.rest))?;
        }
        for (index, (name, value)) in self.params.iter().enumerate() {
            let shown =
                if redact::sounds_secret(name) { redact::HIDDEN.to_owned() } else { redact::value(value) };
            write!(f, "{}{name}={shown}", if index == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({self})")
    }
}

#[cfg(test)]
mod tests;
