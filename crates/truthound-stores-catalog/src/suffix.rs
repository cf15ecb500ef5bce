//! Suffixes: the ends of documents' names, which say how they are written (decision 0009, section 8).
//!
//! New documents have the newest suffix of their store; old ones keep theirs. Not every process knows the newest at every time, so who
//! creates a document makes sure first that nobody does so under another of its names. What is said here is pure; [`names`] is what the
//! handles of a store share, and [`search`] finds the name of one document.

pub(crate) mod adopt;
pub(crate) mod names;
pub(crate) mod search;

use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::codec::{Codec, known_suffixes};

use crate::horizon::Moment;
use crate::root::Root;
use crate::times::SETTLED;

/// What a process knows of the suffixes of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Suffixes {
    /// That of new documents first, then all others that ever were.
    all: Arc<[String]>,
    /// How often that of new documents has changed.
    turn: u64,
    /// When the root was asked for that says so.
    asked: Moment,
    /// When it had been read, the first time.
    answered: Moment,
    /// How long ago the last change was then, by the store's clock and at the least.
    age: Duration,
}

impl Suffixes {
    /// Reads what a root says. `modified` is when the store took it, in milliseconds.
    pub(crate) fn of(root: &Root, modified: i64, asked: Moment, answered: Moment) -> Self {
        // The commit that changed it has no time yet: the next one writes it down.
        let turned = if root.turned == 0 { modified } else { root.turned };
        let age = Duration::from_millis(u64::try_from(modified.saturating_sub(turned)).unwrap_or(0));
        Self { all: root.suffixes.clone().into(), turn: root.turn, asked, answered, age }
    }

    /// Knows one suffix, and of no root that could say another.
    pub(crate) fn only(suffix: &str, now: Moment) -> Self {
        let all = [suffix.to_owned()].into();
        Self { all, turn: 0, asked: now, answered: now, age: Duration::ZERO }
    }

    /// Returns what is known after reading a root again that was the same.
    pub(crate) fn confirmed(&self, asked: Moment) -> Self {
        let later = asked.monotonic >= self.asked.monotonic;
        Self { asked: if later { asked } else { self.asked }, ..self.clone() }
    }

    /// Returns the suffix of new documents.
    pub(crate) fn newest(&self) -> &str {
        self.all.first().map_or("", String::as_str)
    }

    /// Returns the others.
    pub(crate) fn others(&self) -> &[String] {
        self.all.get(1..).unwrap_or_default()
    }

    pub(crate) fn all(&self) -> &[String] {
        &self.all
    }

    pub(crate) fn turn(&self) -> u64 {
        self.turn
    }

    /// Tells whether this is known for so long that no request may rely on it.
    pub(crate) fn is_old(&self, now: Moment) -> bool {
        now.is_late(self.asked)
    }

    /// Tells whether the last change is so recent that requests may still land which knew nothing of it: `H + S`, by the store's clock.
    /// What has passed since is taken from the clock that says less; to take a change for younger than it is costs requests only.
    pub(crate) fn is_young(&self, now: Moment) -> bool {
        let settled = Duration::from_millis(u64::try_from(SETTLED).unwrap_or(u64::MAX));
        self.turn > 0 && self.age.saturating_add(now.at_least_since(self.answered)) <= settled
    }
}

/// Makes a suffix that of new documents; tells whether that is a change.
pub(crate) fn turn_to(root: &mut Root, wanted: &str) -> bool {
    if root.suffixes.first().is_some_and(|newest| newest == wanted) {
        return false;
    }
    root.suffixes.retain(|suffix| suffix != wanted);
    root.suffixes.insert(0, wanted.to_owned());
    root.turn += 1;
    root.turned = 0;
    true
}

/// Returns how a document with this suffix is written; what a suffix does not say is as in `like`.
pub(crate) fn codec_of(suffix: &str, like: Codec) -> Codec {
    let name = format!("x{suffix}");
    let (_, format, compression) = known_suffixes(&name);
    Codec { format: format.unwrap_or(like.format), compression, pretty: like.pretty }
}

#[cfg(test)]
mod tests;
