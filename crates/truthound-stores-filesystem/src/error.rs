//! What the operating system's errors mean, in one place.

use std::io;
use std::path::Path;

use truthound_stores_core::{Error, ErrorKind};

/// Turns an I/O error about `path` into a store's error. `doing` completes "cannot …".
pub(crate) fn io_error(doing: &str, path: &Path, cause: io::Error) -> Error {
    let (kind, hint) = if is_out_of_handles(&cause) {
        (ErrorKind::Overloaded, ": too many files are open")
    } else {
        classify(cause.kind())
    };
    Error::new(kind, format!("cannot {doing}{hint}"))
        .with("path", path.display().to_string())
        .caused_by(cause)
}

/// EMFILE and ENFILE have no kind of their own; they say nothing of the file.
fn is_out_of_handles(cause: &io::Error) -> bool {
    cfg!(unix) && matches!(cause.raw_os_error(), Some(23 | 24))
}

fn classify(kind: io::ErrorKind) -> (ErrorKind, &'static str) {
    match kind {
        io::ErrorKind::PermissionDenied => {
            (ErrorKind::Denied, ": check who owns the folder and its permissions")
        }
        io::ErrorKind::ReadOnlyFilesystem => (ErrorKind::Denied, ": the file system is mounted read-only"),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            (ErrorKind::Unavailable, ": the disk or the quota is full; free some space and try again")
        }
        io::ErrorKind::NotADirectory => (ErrorKind::Invalid, ": a part of the path is a file, not a folder"),
        io::ErrorKind::IsADirectory => (ErrorKind::Corrupt, ": a folder stands in its place; move it away"),
        io::ErrorKind::InvalidFilename => (ErrorKind::Invalid, ": the path is too long or not allowed here"),
        io::ErrorKind::TimedOut => (ErrorKind::Timeout, ""),
        _ => (ErrorKind::Unavailable, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn io_kinds_become_kinds_that_callers_act_on() {
        for (io_kind, kind) in [
            (io::ErrorKind::PermissionDenied, ErrorKind::Denied),
            (io::ErrorKind::ReadOnlyFilesystem, ErrorKind::Denied),
            (io::ErrorKind::StorageFull, ErrorKind::Unavailable),
            (io::ErrorKind::QuotaExceeded, ErrorKind::Unavailable),
            (io::ErrorKind::NotADirectory, ErrorKind::Invalid),
            (io::ErrorKind::Interrupted, ErrorKind::Unavailable),
            // An unexpected absence is an outage of the place, never "no such document".
            (io::ErrorKind::NotFound, ErrorKind::Unavailable),
        ] {
            let error = io_error("write the document", Path::new("/data/x.json"), io::Error::from(io_kind));
            assert_eq!(error.kind(), kind, "{io_kind}");
            assert!(error.report().contains("/data/x.json"));
        }
    }
}
