//! How the program ends.

use std::io;
use std::process::ExitCode;

use truthound_stores::{Error, ErrorKind};

use crate::stderr;

/// The exit codes. They are part of the program's interface: scripts rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// All was done.
    Done = 0,
    /// Something failed.
    Error = 1,
    /// The command line is wrong.
    Usage = 2,
    /// There is no such document.
    NotFound = 3,
    /// The id is taken, or somebody else wrote first.
    Conflict = 4,
    /// Something stored is damaged.
    Integrity = 5,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

impl From<ErrorKind> for Code {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Invalid => Self::Usage,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::Conflict => Self::Conflict,
            ErrorKind::Corrupt => Self::Integrity,
            _ => Self::Error,
        }
    }
}

/// What ended a command before it was done.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line asks for something that makes no sense.
    Usage(String),
    /// The store refused or failed.
    Store(Error),
    /// Anything else that can be said in a sentence.
    Other(String),
    /// Stdout cannot be written.
    Output(io::Error),
}

impl Failure {
    /// Says on stderr what happened, on one line.
    pub(crate) fn report(self) -> Code {
        match self {
            Self::Usage(text) => {
                stderr::error(&text);
                Code::Usage
            }
            Self::Store(error) => {
                stderr::error(&error.report());
                error.kind().into()
            }
            Self::Other(text) => {
                stderr::error(&text);
                Code::Error
            }
            // `truthound-stores list | head`: the reader has seen enough.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Code::Done,
            Self::Output(error) => {
                stderr::error(&format!("cannot write to stdout: {error}"));
                Code::Error
            }
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
