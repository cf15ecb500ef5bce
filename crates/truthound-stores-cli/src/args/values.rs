//! Readers of single values, whose errors name the value and say what is right.

use truthound_stores::{OrderBy, Status};

/// A tag that documents must carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// Reads a number of documents.
pub(crate) fn count(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_not_a_number| "it must be a whole number, 0 or more".to_owned())
}

/// Reads `name=value`; the name ends at the first `=`.
pub(crate) fn tag(text: &str) -> Result<Tag, String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok(Tag { name: name.to_owned(), value: value.to_owned() }),
        _ => Err("a tag is written name=value".to_owned()),
    }
}

/// Reads a status. Any word is one: documents may carry words that are not Truthound's.
pub(crate) fn status(text: &str) -> Result<Status, String> {
    if text.is_empty() {
        return Err("write success, failure, error, warning or another word that documents carry".to_owned());
    }
    Ok(Status::from(text))
}

/// Reads the attribute to order by.
pub(crate) fn order_by(text: &str) -> Result<OrderBy, String> {
    text.parse().map_err(|error: truthound_stores::Error| error.message().to_owned())
}
