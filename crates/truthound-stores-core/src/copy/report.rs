//! What a copy did, and what it met.

use std::fmt;

use crate::{Error, Progress};

/// Watches a copy; called often.
///
/// [`advance`](Progress::advance) hears the stages "copying" and "comparing".
pub trait CopyWatch: Progress {
    /// Hears of a document that was not copied, or is not the same in both stores at the end.
    fn issue(&self, issue: CopyIssue);
}

/// Lets nobody watch; the report counts all the same.
impl CopyWatch for () {
    fn issue(&self, _: CopyIssue) {}
}

/// Says what kept one document from being the same in both stores.
#[derive(Debug)]
#[non_exhaustive]
pub struct CopyIssue {
    /// What kind of trouble it is.
    pub problem: CopyProblem,
    /// What happened; names the document, where it is known.
    pub error: Error,
}

impl CopyIssue {
    /// Names a kind of trouble and what happened.
    pub fn new(problem: CopyProblem, error: Error) -> Self {
        Self { problem, error }
    }
}

/// Names a kind of trouble with one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CopyProblem {
    /// The target has another document under its id.
    Conflict,
    /// The source cannot give it: it is damaged, or may not be read.
    Unreadable,
    /// The target does not take it.
    Refused,
    /// It was copied or was equal, and is not the same at the end.
    Differs,
    /// A part of it is not in the source, and nothing tells whether it was deleted or lost; the rest is copied.
    Missing,
}

impl CopyProblem {
    /// Names the kind in lower case, as logs print it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Unreadable => "unreadable",
            Self::Refused => "refused",
            Self::Differs => "differs",
            Self::Missing => "missing",
        }
    }
}

impl fmt::Display for CopyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Counts what a copy did with the documents that it found; of a dry run, what it would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CopyReport {
    /// Documents of the source that were looked at.
    pub documents: u64,
    /// Those that were new to the target.
    pub copied: u64,
    /// Those that were written over another document of the same id.
    pub overwritten: u64,
    /// Those that the target had already.
    pub equal: u64,
    /// Those for which the target kept its own, as [`OnConflict::Keep`](super::OnConflict::Keep) asks.
    pub kept: u64,
    /// Those that were deleted from the source before they could be read.
    pub gone: u64,
    /// Those for which the target has another document, which is a problem.
    pub conflicts: u64,
    /// Those that the source could not give.
    pub unreadable: u64,
    /// Those that the target did not take.
    pub refused: u64,
    /// How many bytes of text were written; of a dry run, what the documents take in the source.
    pub bytes: u64,
    /// What the comparison found; `None` if there was none.
    pub compared: Option<CopyComparison>,
}

impl CopyReport {
    /// Tells whether every document of the source is in the target now, or is to stay as the target has it.
    pub fn is_complete(&self) -> bool {
        self.conflicts + self.unreadable + self.refused == 0
            && self.compared.is_none_or(|compared| compared.unexplained == 0)
    }
}

/// Counts what the comparison at the end found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CopyComparison {
    /// Documents of the source.
    pub documents: u64,
    /// Those that the target has with the same checksum and attributes.
    pub equal: u64,
    /// Those that it has not, or otherwise, as was said or asked for before. After 10,000 problems nobody remembers which those were, and all
    /// that differ are counted here.
    pub explained: u64,
    /// Those that it has not, or otherwise, without any reason that is known.
    pub unexplained: u64,
}
