//! Watching a copy: the bar, documents that are not copied, and what they mean for the exit code.

use std::sync::{Mutex, PoisonError};

use truthound_stores::{CopyIssue, CopyProblem, CopyWatch, ErrorKind, Progress};

use crate::exit::Code;
use crate::progress::Bar;
use crate::stderr;

/// Names what goes wrong as it goes wrong.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    bar: &'a Bar,
    met: Mutex<Met>,
}

/// What was met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Met {
    damage: bool,
    trouble: bool,
    conflicts: u64,
}

impl<'a> Watch<'a> {
    pub(super) fn new(bar: &'a Bar) -> Self {
        Self { bar, met: Mutex::default() }
    }

    /// Says what can be done about conflicts, and how the command ends.
    pub(super) fn finish(&self) -> Code {
        let met = *self.met.lock().unwrap_or_else(PoisonError::into_inner);
        if met.conflicts > 0 {
            stderr::note(
                "where DST has another document, --on-conflict keep leaves it there and --on-conflict overwrite replaces it",
            );
        }
        met.code()
    }
}

impl Met {
    fn add(&mut self, issue: &CopyIssue) {
        match issue.problem {
            CopyProblem::Conflict => self.conflicts += 1,
            CopyProblem::Differs => self.damage = true,
            // Nobody can copy what is not there.
            CopyProblem::Missing => {}
            _ if issue.error.kind() == ErrorKind::Corrupt => self.damage = true,
            _ => self.trouble = true,
        }
    }

    fn code(self) -> Code {
        match (self.damage, self.trouble, self.conflicts) {
            (true, _, _) => Code::Integrity,
            (false, true, _) => Code::Error,
            (false, false, 0) => Code::Done,
            (false, false, _) => Code::Conflict,
        }
    }
}

impl Progress for Watch<'_> {
    fn advance(&self, doing: &'static str, done: u64, total: Option<u64>) {
        self.bar.advance(doing, done, total);
    }
}

impl CopyWatch for Watch<'_> {
    fn issue(&self, issue: CopyIssue) {
        self.met.lock().unwrap_or_else(PoisonError::into_inner).add(&issue);
        let say = if issue.problem == CopyProblem::Missing { stderr::note } else { stderr::error };
        self.bar.aside(|| say(&issue.error.report()));
    }
}
