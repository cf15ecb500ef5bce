//! The numbers under which Truthound keeps versions, `{id}__v{number}`, and what they say. Pure.

use truthound_stores_core::Timestamp;

use crate::config::VersioningMode;
use crate::number::{Number, Semantic};
use crate::place::MOST_VERSIONS;

/// Stands between an item's id and the number of its version.
const BEFORE: &str = "__v";
/// The least number that counts as milliseconds after 1970: one of the year 1973. No history of another mode has so many versions.
const TIMES: u64 = 100_000_000_000;
/// Semantic versions are numbered `major * 10000 + minor * 100 + patch`, from 1.0.0.
const MAJOR: u64 = 10_000;
const MINOR: u64 = 100;

/// Reads an id as that of a version: of which item, and which number. No number of Truthound's is so large that a version cannot have it.
pub(super) fn split(id: &str) -> Option<(&str, u64)> {
    let (item, digits) = id.rsplit_once(BEFORE)?;
    let number: u64 = digits.parse().ok()?;
    (!item.is_empty() && (1..=MOST_VERSIONS).contains(&number) && number.to_string() == digits)
        .then_some((item, number))
}

/// Names the document of a version.
pub(super) fn id_of(item: &str, number: u64) -> String {
    format!("{item}{BEFORE}{number}")
}

/// Tells from the numbers of a history, in order, how they were given; `own` is the mode of the store that they go to.
///
/// Truthound numbers versions of the modes incremental and git-like alike.
pub(super) fn mode_of(numbers: &[u64], own: VersioningMode) -> VersioningMode {
    match (numbers.first(), own) {
        (Some(first), _) if *first >= TIMES => VersioningMode::Timestamp,
        (Some(first), _) if *first >= MAJOR => VersioningMode::Semantic,
        (_, VersioningMode::GitLike) => VersioningMode::GitLike,
        _ => VersioningMode::Incremental,
    }
}

/// Tells whether numbers follow each other by one, so that one that is missing can be told.
pub(super) fn counts(mode: VersioningMode) -> bool {
    matches!(mode, VersioningMode::Incremental | VersioningMode::GitLike)
}

/// Decides the numbers of the version that stands `at` so many places after the first; `saved_at` is when its document was written, `after` the time of the version before it.
pub(super) fn number(
    mode: VersioningMode,
    number: u64,
    at: usize,
    saved_at: Timestamp,
    after: Option<Timestamp>,
) -> Number {
    let place = u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1);
    let time = match mode {
        VersioningMode::Timestamp => {
            Timestamp::from_micros(number.saturating_mul(1000).min(MOST_VERSIONS).cast_signed())
        }
        _ => saved_at,
    };
    let semantic = (mode == VersioningMode::Semantic).then_some(Semantic([
        number / MAJOR,
        number % MAJOR / MINOR,
        number % MINOR,
    ]));
    Number {
        ordinal: if counts(mode) { number } else { place },
        created_at: after.map_or(time, |after| time.max(after.plus_micros(1))),
        semantic,
    }
}

/// Lists what is missing between numbers that count, as ranges.
pub(super) fn gaps(mode: VersioningMode, numbers: &[u64]) -> Vec<(u64, u64)> {
    if !counts(mode) {
        return Vec::new();
    }
    numbers
        .windows(2)
        .filter_map(|pair| match pair {
            [one, next] if next - one > 1 => Some((one + 1, next - 1)),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests;
