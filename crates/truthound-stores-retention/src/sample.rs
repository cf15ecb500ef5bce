//! Descriptions for tests.

use truthound_stores_core::{Attributes, Checksum, Key, RecordMeta, Revision, Timestamp};

use crate::calendar::DAY;

/// The present of tests.
pub(crate) fn now() -> Timestamp {
    "2026-11-29T12:00:00Z".parse().unwrap()
}

/// A moment so many days before the present.
pub(crate) fn days_ago(days: f64) -> Timestamp {
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a few days")]
    now().plus_micros(-(days * DAY as f64) as i64)
}

/// A record of 100 bytes that was run and saved so many days before the present.
pub(crate) fn meta(id: &str, asset: &str, status: &str, days: f64) -> RecordMeta {
    let attributes = Attributes::new(asset, days_ago(days), status.into());
    let key = Key::result(id).unwrap();
    RecordMeta::new(key, attributes, Revision::new("r1"), 100, Checksum::of(b"{}"), days_ago(days))
}

/// The same with a tag.
pub(crate) fn tagged(mut meta: RecordMeta, name: &str, value: &str) -> RecordMeta {
    meta.attributes.tags.insert(name.to_owned(), value.to_owned());
    meta
}

/// The beginning of a time as it is printed.
pub(crate) fn shown(at: Timestamp, length: usize) -> String {
    at.to_string().chars().take(length).collect()
}
