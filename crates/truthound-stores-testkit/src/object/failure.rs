//! Errors as the real clients of `object_store` 0.14 report them: the same variants, with the HTTP answer as their source.
//!
//! See `client/retry.rs` (`RetryError::error`) and `put_opts` of `aws/mod.rs`, `gcp/client.rs` and `azure/client.rs` there.

use std::fmt;

use object_store::{Error, PutMode};

use super::command::Command;
use super::options::{StoreOptions, Vendor};

/// Why a request did not succeed, before the client has made an error of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The store answered with another status than success.
    Status(u16),
    /// No answer came in time.
    TimedOut,
    /// The connection was reset.
    Reset,
}

/// What a client says about a request that failed; its text is what the real clients' errors say.
#[derive(Debug)]
struct RequestFailure {
    method: &'static str,
    name: String,
    cause: Cause,
}

impl fmt::Display for RequestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error performing {} http://simulated/{} in 0ns - {}", self.method, self.name, self.cause)
    }
}

impl std::error::Error for RequestFailure {}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(304) => f.write_str("Server returned non-2xx status code: 304 Not Modified: "),
            Self::Status(status) => {
                let (reason, code) = match status {
                    403 => ("Forbidden", "AccessDenied"),
                    404 => ("Not Found", "NoSuchKey"),
                    409 => ("Conflict", "ConditionalRequestConflict"),
                    412 => ("Precondition Failed", "PreconditionFailed"),
                    416 => ("Range Not Satisfiable", "InvalidRange"),
                    429 => ("Too Many Requests", "TooManyRequests"),
                    503 => ("Service Unavailable", "SlowDown"),
                    _ => ("Internal Server Error", "InternalError"),
                };
                write!(
                    f,
                    "Server returned non-2xx status code: {status} {reason}: <Error><Code>{code}</Code></Error>"
                )
            }
            Self::TimedOut => f.write_str("HTTP error: operation timed out"),
            Self::Reset => f.write_str("HTTP error: connection reset by peer"),
        }
    }
}

/// Makes the error that the client of this store reports for a request.
pub(super) fn error(options: &StoreOptions, command: &Command, cause: Cause) -> Error {
    let path = command.names().pop().unwrap_or_default();
    let status = match cause {
        Cause::Status(status) => status,
        _ => 0,
    };
    let source = Box::new(RequestFailure { method: method(command), name: path.clone(), cause });
    if matches!(command, Command::List(_) | Command::DeleteBatch { .. }) {
        // These two are wrapped by the clients, so that the status is in the text only.
        let what = if matches!(command, Command::List(_)) { "list" } else { "DeleteObjects" };
        return generic(options.vendor, format!("Error performing {what} request: {source}"));
    }
    match status {
        404 if is_update(command) => Error::Precondition { path, source },
        404 => Error::NotFound { path, source },
        304 => Error::NotModified { path, source },
        412 if is_create(command) => Error::AlreadyExists {
            path: path.clone(),
            source: Box::new(Error::Precondition { path, source }),
        },
        412 => Error::Precondition { path, source },
        // Whatever the mode, and although nothing may have landed.
        409 => Error::AlreadyExists { path, source },
        403 => Error::PermissionDenied { path, source },
        _ => Error::Generic { store: options.vendor.name(), source },
    }
}

/// Makes the error for one name of a batch of deletes.
pub(super) fn batch_item(vendor: Vendor, name: &str) -> Error {
    generic(
        vendor,
        format!(
            "DeleteObjects request failed for key {name}: We encountered an internal error (code: InternalError)"
        ),
    )
}

/// Makes an error that no request was needed for.
pub(super) fn generic(vendor: Vendor, text: impl Into<String>) -> Error {
    Error::Generic { store: vendor.name(), source: text.into().into() }
}

/// Makes the error for a condition that the client does not send.
pub(super) fn not_implemented(what: &str) -> Error {
    Error::NotImplemented { operation: what.into(), implementer: "SimulatedStore".into() }
}

fn method(command: &Command) -> &'static str {
    match command {
        Command::Get { options, .. } if options.head => "HEAD",
        Command::List(_) | Command::Get { .. } => "GET",
        Command::Put { .. } | Command::Copy { .. } | Command::UploadPart { .. } => "PUT",
        Command::Delete { .. } | Command::DeleteIf { .. } | Command::AbortUpload { .. } => "DELETE",
        Command::DeleteBatch { .. } | Command::StartUpload { .. } | Command::FinishUpload { .. } => "POST",
    }
}

fn is_create(command: &Command) -> bool {
    matches!(command, Command::Put { mode: PutMode::Create, .. } | Command::Copy { create: true, .. })
}

fn is_update(command: &Command) -> bool {
    matches!(command, Command::Put { mode: PutMode::Update(_), .. })
}

/// Says in few words how a request ended, for logs and traces.
pub(super) fn word(error: &Error) -> String {
    let variant = match error {
        Error::NotFound { .. } => "NotFound",
        Error::AlreadyExists { .. } => "AlreadyExists",
        Error::Precondition { .. } => "Precondition",
        Error::NotModified { .. } => "NotModified",
        Error::PermissionDenied { .. } => "PermissionDenied",
        Error::NotImplemented { .. } => "NotImplemented",
        _ => "Generic",
    };
    let text = error.to_string();
    let known = ["503", "429", "409", "timed out", "reset", "decoding"];
    match known.iter().find(|known| text.contains(**known)) {
        Some(cause) => format!("{variant} ({cause})"),
        None => variant.into(),
    }
}
