//! Readers of single values, whose errors name the value and say what is right.

use std::time::Duration;

use truthound_stores::{OnConflict, OrderBy, Status, VersioningMode};

use crate::time;

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

/// Reads a length of time, longer than none: `90s`, `30m`, `12h`, `7d`, `2w`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    match time::span(text) {
        Some(span) if !span.is_zero() => Ok(span),
        Some(_) => Err("write 1s or more".to_owned()),
        None => Err("write 90s, 30m, 12h, 7d or 2w".to_owned()),
    }
}

/// Reads what to do about conflicts.
pub(crate) fn on_conflict(text: &str) -> Result<OnConflict, String> {
    text.parse().map_err(|_other: truthound_stores::Error| "write refuse, keep or overwrite".to_owned())
}

/// Reads how versions are named.
pub(crate) fn version_mode(text: &str) -> Result<VersioningMode, String> {
    serde_json::from_value(text.into())
        .map_err(|_other| "write incremental, semantic, timestamp or git_like".to_owned())
}

/// Reads how long to wait: `500ms`, `2s`, `1m`; a number alone is in seconds.
pub(crate) fn interval(text: &str) -> Result<Duration, String> {
    let (digits, unit) = match text.find(|char: char| !char.is_ascii_digit()) {
        Some(end) => text.split_at_checked(end).unwrap_or((text, "")),
        None => (text, "s"),
    };
    let millis = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        _ => 0,
    };
    let millis =
        digits.parse::<u64>().ok().filter(|_| millis > 0).and_then(|number| number.checked_mul(millis));
    match millis {
        Some(millis @ 10..=3_600_000) => Ok(Duration::from_millis(millis)),
        Some(_) => Err("write 10ms at least and 1 hour (60m) at most".to_owned()),
        None => Err("write 500ms, 2s or 1m".to_owned()),
    }
}
