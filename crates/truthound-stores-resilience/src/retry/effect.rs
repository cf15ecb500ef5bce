//! Which writes may be made again, and what can be said of them afterwards: no input, no output, no clock.

use serde::{Deserialize, Serialize};
use truthound_stores_core::{DeleteOptions, Error, ErrorKind, Key, PutMode, PutOptions};

/// Says which writes and deletes may be made again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RepeatWrites {
    /// Those that have one effect all the same: any after a failure that had none ([`Unavailable`](ErrorKind::Unavailable),
    /// [`Overloaded`](ErrorKind::Overloaded)), and after an unknown outcome ([`Timeout`](ErrorKind::Timeout)) those of one
    /// revision: it does not come back, so that at most one attempt can find it.
    #[default]
    OneEffect,
    /// Any after any failure that may pass. For those whose ids have one writer: what somebody else wrote or deleted between
    /// the attempts may be undone.
    Always,
}

/// What is known of a write before it is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Write {
    /// It is bound to one revision.
    bound: bool,
    writes: RepeatWrites,
}

impl Write {
    pub(super) fn put(opts: &PutOptions, writes: RepeatWrites) -> Self {
        Self { bound: matches!(opts.mode, PutMode::Replace(_)), writes }
    }

    /// `keys` are all that the options are for: a batch is bound if each of its documents is.
    pub(super) fn delete(keys: &[Key], opts: &DeleteOptions, writes: RepeatWrites) -> Self {
        Self { bound: keys.iter().all(|key| opts.revision_of(key).is_some()), writes }
    }

    /// Decides whether the write may be made again after it failed with `error`.
    pub(super) fn may_repeat(self, error: &Error) -> bool {
        let harmless = self.bound || self.writes == RepeatWrites::Always || !is_unknown(error);
        error.is_retryable() && harmless
    }
}

/// Tells whether a write that failed with `error` may have been carried out all the same.
pub(super) fn is_unknown(error: &Error) -> bool {
    error.kind() == ErrorKind::Timeout
}

/// What the failed attempts of a write leave unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Doubt {
    /// There was no attempt before.
    #[default]
    None,
    /// Each said that it had no effect.
    Slight,
    /// One did not say what became of it.
    Grave,
}

impl Doubt {
    /// Remembers an attempt that failed, and is followed by another.
    pub(super) fn note(&mut self, error: &Error) {
        *self = if is_unknown(error) || *self == Self::Grave { Self::Grave } else { Self::Slight };
    }

    /// Gives the last attempt's error the kind that is true of the whole call.
    pub(super) fn over(self, error: Error) -> Error {
        if self == Self::Grave && !is_unknown(&error) { unsure(error) } else { error }
    }
}

/// Says that it is not known whether a write was carried out. Nobody should make it again without looking.
pub(super) fn unsure(last: Error) -> Error {
    let message = "an earlier attempt of this call may have been carried out, and nothing tells whether it was: read to know";
    Error::new(ErrorKind::Timeout, message).retryable(false).caused_by(last)
}

#[cfg(test)]
mod tests;
