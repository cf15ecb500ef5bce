//! What a store's answer means. The client library keeps most of it as text only.

use std::error::Error as StdError;

use object_store::Error as Cause;
use truthound_stores_core::{Error, ErrorKind};

/// More of a server's answer is not shown.
const LONGEST: usize = 400;

/// What a failed put says about itself.
#[derive(Debug)]
pub(crate) enum Failed {
    /// The condition did not hold: somebody else was first, or our own earlier try was.
    Lost,
    /// The put may have been taken, or may be yet.
    Unknown(Error),
    /// The store will not have it.
    Refused(Error),
}

/// Judges why a conditional put failed; `replaces` says that its condition was an object's state, not an object's absence.
pub(crate) fn of_put(cause: &Cause, path: &str, replaces: bool) -> Failed {
    let text = whole_text(cause);
    match cause {
        Cause::AlreadyExists { .. } | Cause::Precondition { .. } | Cause::NotModified { .. } => {
            if lacks_bucket(&text) {
                Failed::Refused(no_bucket(path, &text))
            } else if is_busy(&text) {
                Failed::Unknown(of(cause, path))
            } else {
                Failed::Lost
            }
        }
        Cause::NotFound { .. } if replaces && !lacks_bucket(&text) => Failed::Lost,
        _ => {
            let error = of_row(cause, path);
            if error.is_retryable() { Failed::Unknown(error) } else { Failed::Refused(error) }
        }
    }
}

/// Turns the error of an unconditional put into ours: nothing has to be there for it but the bucket.
pub(crate) fn of_row(cause: &Cause, path: &str) -> Error {
    if matches!(cause, Cause::NotFound { .. }) {
        no_bucket(path, &whole_text(cause))
    } else {
        of(cause, path)
    }
}

/// Tells whether an error says that there is no object of that name, in a bucket that is there as far as can be told.
pub(crate) fn is_absence(cause: &Cause) -> bool {
    matches!(cause, Cause::NotFound { .. }) && !lacks_bucket(&whole_text(cause))
}

/// Turns an error of the client library into ours, without secrets.
pub(crate) fn of(cause: &Cause, path: &str) -> Error {
    let text = whole_text(cause);
    let (kind, message) = match cause {
        Cause::NotFound { .. } if lacks_bucket(&text) => return no_bucket(path, &text),
        Cause::NotFound { .. } => (ErrorKind::NotFound, "there is no such object"),
        // S3 was at work on another request: no answer about ours. The library calls it `AlreadyExists`, also of a put without a condition.
        Cause::AlreadyExists { .. } if is_busy(&text) => {
            (ErrorKind::Unavailable, "another request for the object is at work")
        }
        Cause::AlreadyExists { .. } | Cause::Precondition { .. } | Cause::NotModified { .. } => {
            (ErrorKind::Conflict, "somebody else wrote the object first")
        }
        Cause::PermissionDenied { .. } => {
            (ErrorKind::Denied, "the credentials do not allow it: the store answered \"forbidden\"")
        }
        Cause::Unauthenticated { .. } => {
            (ErrorKind::Denied, "the store does not know the credentials, or they have run out")
        }
        Cause::InvalidPath { .. } => (ErrorKind::Invalid, "no store takes that name"),
        Cause::NotSupported { .. } | Cause::NotImplemented { .. } => {
            (ErrorKind::Unsupported, "this kind of store cannot do that")
        }
        Cause::UnknownConfigurationKey { .. } => (ErrorKind::Invalid, "the store has no such option"),
        _ => by_text(&text),
    };
    Error::new(kind, message).with("object", path).caused_by(shown(&text))
}

/// Judges an answer by its status, where there is one.
fn by_text(text: &str) -> (ErrorKind, &'static str) {
    let lower = text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    match status(&lower) {
        Some(429 | 503) => (ErrorKind::Overloaded, "the store asks for fewer requests"),
        Some(408 | 504) => (ErrorKind::Timeout, "the store did not answer in time"),
        Some(401 | 403) => (ErrorKind::Denied, "the credentials do not allow it"),
        Some(300..=399) => (ErrorKind::Invalid, "the store is elsewhere: check region and endpoint"),
        Some(400) if says(&["token", "credential"]) => {
            (ErrorKind::Denied, "the store does not know the credentials, or they have run out")
        }
        Some(400..=499) => (ErrorKind::Invalid, "the store does not take the request"),
        Some(_) => (ErrorKind::Unavailable, "the store failed"),
        None if says(&["slowdown", "slow down", "serverbusy", "too many requests"]) => {
            (ErrorKind::Overloaded, "the store asks for fewer requests")
        }
        None if says(&["timed out", "timeout"]) => (ErrorKind::Timeout, "the store did not answer in time"),
        None if says(&["redirect without location"]) => {
            (ErrorKind::Invalid, "the store is elsewhere: check region and endpoint")
        }
        None => (ErrorKind::Unavailable, "the store cannot be reached, or broke off"),
    }
}

/// Finds the status in the library's words: `Server returned non-2xx status code: 503 Service Unavailable: …`.
fn status(lower: &str) -> Option<u16> {
    let (_, rest) = lower.split_once("status code: ")?;
    rest.get(..3)?.parse().ok()
}

fn is_busy(text: &str) -> bool {
    // Azure and its emulator answer 409 where others answer 412.
    let answered = ["BlobAlreadyExists", "ConditionNotMet", "TargetConditionNotMet"];
    status(&text.to_ascii_lowercase()) == Some(409) && !answered.iter().any(|code| text.contains(code))
}

/// A HEAD has no body: there, a missing bucket cannot be told from a missing object.
fn lacks_bucket(text: &str) -> bool {
    ["NoSuchBucket", "ContainerNotFound", "bucket does not exist", "container does not exist"]
        .iter()
        .any(|words| text.contains(words))
}

fn no_bucket(path: &str, text: &str) -> Error {
    Error::new(ErrorKind::Unavailable, "the bucket or container does not exist: create it, or check its name")
        .retryable(false)
        .with("object", path)
        .caused_by(shown(text))
}

/// Joins an error's text and those of its causes.
fn whole_text(cause: &Cause) -> String {
    let mut text = cause.to_string();
    let mut source = cause.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        source = error.source();
    }
    text
}

/// Leaves out what follows a question mark in an address, where signatures and tokens stand, and what is too long.
fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(LONGEST));
    let mut in_query = false;
    for char in text.chars().take(LONGEST) {
        let ends = char.is_whitespace() || matches!(char, ')' | '"' | '\'' | '>' | '<');
        in_query = in_query && !ends;
        if in_query {
            continue;
        }
        shown.push(if char.is_control() { ' ' } else { char });
        in_query = char == '?';
    }
    shown
}

#[cfg(test)]
mod tests;
