//! What a call's outcome says of the store's health.

use truthound_stores_core::{Error, ErrorKind, Result};

/// Says what an outcome means to a circuit breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// The store answered, be it that there is no such document.
    Success,
    /// The store did not answer: an outage.
    Failure,
    /// Neither: the call was refused for its own sake, was asked to slow down, or came to nothing.
    Neutral,
}

impl Signal {
    /// Judges an error.
    ///
    /// `Unavailable` and `Timeout` that may pass are failures. `NotFound`, `Conflict`, `Denied` and `Corrupt` are answers, and
    /// so successes. `Overloaded` says that the store is there and is asked too much, for which a limiter is the cure, not an outage. The
    /// others never reached it.
    pub fn of(error: &Error) -> Self {
        match error.kind() {
            ErrorKind::Unavailable | ErrorKind::Timeout if error.is_retryable() => Self::Failure,
            ErrorKind::NotFound | ErrorKind::Conflict | ErrorKind::Denied | ErrorKind::Corrupt => {
                Self::Success
            }
            _ => Self::Neutral,
        }
    }

    /// Judges the answers to a batch: one that was answered shows that the store is there.
    pub(super) fn of_batch<T>(answers: &[Result<T>]) -> (Self, Option<&Error>) {
        let mut failure = None;
        for answer in answers {
            match answer.as_ref().err().map(|error| (Self::of(error), error)) {
                None | Some((Self::Success, _)) => return (Self::Success, None),
                Some((Self::Failure, error)) => failure = Some(error),
                Some((Self::Neutral, _)) => {}
            }
        }
        (failure.map_or(Self::Neutral, |_| Self::Failure), failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R-DB-3: a breaker that opened because documents were not found took a healthy store down.
    #[test]
    fn only_outages_are_failures() {
        for (kind, signal) in [
            (ErrorKind::NotFound, Signal::Success),
            (ErrorKind::Conflict, Signal::Success),
            (ErrorKind::Denied, Signal::Success),
            (ErrorKind::Corrupt, Signal::Success),
            (ErrorKind::Unavailable, Signal::Failure),
            (ErrorKind::Timeout, Signal::Failure),
            (ErrorKind::Overloaded, Signal::Neutral),
            (ErrorKind::Invalid, Signal::Neutral),
            (ErrorKind::Unsupported, Signal::Neutral),
            (ErrorKind::Closed, Signal::Neutral),
            (ErrorKind::Internal, Signal::Neutral),
        ] {
            assert_eq!(Signal::of(&Error::new(kind, "x")), signal, "{kind}");
        }
        let full = Error::new(ErrorKind::Unavailable, "the disk is full").retryable(false);
        assert_eq!(Signal::of(&full), Signal::Neutral);
    }

    #[test]
    fn a_batch_of_which_a_part_was_answered_is_no_outage() {
        let error = |kind| Err::<(), _>(Error::new(kind, "x"));
        let of = |answers: &[Result<()>]| Signal::of_batch(answers).0;
        assert_eq!(of(&[error(ErrorKind::Unavailable), Ok(())]), Signal::Success);
        assert_eq!(of(&[error(ErrorKind::Unavailable), error(ErrorKind::Conflict)]), Signal::Success);
        assert_eq!(of(&[error(ErrorKind::Invalid), error(ErrorKind::Timeout)]), Signal::Failure);
        assert_eq!(of(&[error(ErrorKind::Invalid)]), Signal::Neutral);
        assert_eq!(of(&[]), Signal::Neutral);
    }
}
