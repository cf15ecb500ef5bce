//! What a writer does next: a pure function of what it has sent, what it was answered, what it has read, and the time.
//!
//! Numbers are the steps of decision 0009, section 2.

use truthound_stores_core::Revision;

use crate::document::metadata::{BEFORE, Identity};
use crate::document::read::Seen;
use crate::horizon::Moment;
use crate::state::State;

/// What is to become of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Upsert,
    Create,
    Replace(Revision),
    /// Only that revision, if one is given.
    Delete(Option<Revision>),
}

/// What a put was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Taken,
    /// The condition did not hold: it was not taken, and never will be.
    Refused,
    /// No answer, or none about this put: it may have been taken, or may be yet.
    Open,
}

/// One put of a document or mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    pub(crate) state: State,
    /// What it was to replace; `None` if it was to create.
    pub(crate) base: Option<State>,
    pub(crate) sent: Moment,
    pub(crate) answer: Answer,
}

/// What was read under the document's name since the last put was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// `None` if nothing was there.
    pub(crate) seen: Option<Seen>,
    /// When the read was sent.
    pub(crate) at: Moment,
}

/// One operation on one document, so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    pub(crate) wish: Wish,
    /// Whether the document is known to be there, so that creating it first would be a request for nothing.
    pub(crate) known: bool,
    /// By it the operation's own work is known again.
    pub(crate) nonce: u32,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) look: Option<Look>,
}

/// What a writer does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Read what stands under the document's name.
    Read,
    /// Put create-only, in a new incarnation.
    Create,
    /// Put over what was read, on the condition that it is still there.
    Over,
    /// That attempt was taken: its row is due.
    Ours(usize),
    /// The document exists, or is another revision. With its row due, if the answer rests on it.
    Conflict { row: bool },
    /// There is no document to delete. With the row due of the mark that says so.
    NotThere { row: bool },
    /// The document is gone, and it may have been we.
    Gone,
    /// Too late to go on; whether an attempt took effect may be unknown.
    GiveUp { unknown: bool },
}

impl Operation {
    pub(crate) fn new(wish: Wish, known: bool, nonce: u32) -> Self {
        Self { wish, known, nonce, attempts: Vec::new(), look: None }
    }

    /// Decides the next step.
    pub(crate) fn next(&self, now: Moment) -> Step {
        let taken = self.attempts.iter().rposition(|attempt| attempt.answer == Answer::Taken);
        if let Some(taken) = taken {
            // 2. Taken: the row is next.
            return Step::Ours(taken);
        }
        let Some(look) = &self.look else {
            // 1. An id that is not known is most likely new. `Replace` and `Delete` rely on what is there, and begin at reading.
            let creates = matches!(self.wish, Wish::Upsert | Wish::Create) && !self.known;
            let begins = self.attempts.is_empty() && creates;
            // 2. After whatever else was answered, the object itself tells.
            return if begins { Step::Create } else { Step::Read };
        };
        if now.is_late(look.at) {
            // What was read may be history: nothing that relies on it is sent.
            return Step::Read;
        }
        // 3. If what is there, or one of its last predecessors, is ours, the put was taken.
        if let Some(seen) = &look.seen
            && let Some(ours) = self.attempts.iter().rposition(|attempt| attempt.is_in(seen, self.nonce))
        {
            return Step::Ours(ours);
        }
        if let (Wish::Delete(_), None) = (&self.wish, &look.seen) {
            // Nothing is there; if a mark of ours may have been, somebody removed it or the document.
            return if self.is_open() { Step::Gone } else { Step::NotThere { row: false } };
        }
        // 4. Later than S after the first attempt, what is not seen may have come and gone.
        let late = self.attempts.first().is_some_and(|first| now.is_late(first.sent));
        let hidden = self.attempts.iter().any(|attempt| attempt.may_hide_behind(look.seen.as_ref()));
        if late || hidden {
            return Step::GiveUp { unknown: self.is_open() };
        }
        self.put_or_answer(look.seen.as_ref())
    }

    /// 5, and what `Create`, `Replace` and `delete` do instead.
    fn put_or_answer(&self, seen: Option<&Seen>) -> Step {
        let Some(seen) = seen else {
            return match self.wish {
                Wish::Upsert | Wish::Create => Step::Create,
                Wish::Replace(_) => Step::Conflict { row: false },
                Wish::Delete(_) => Step::NotThere { row: false },
            };
        };
        let is = |revision: &Revision| seen.state.revision() == *revision;
        match &self.wish {
            // The answer says that the document exists: it has to be listed, then.
            Wish::Create if !seen.deleted => Step::Conflict { row: true },
            Wish::Replace(revision) if seen.deleted || !is(revision) => Step::Conflict { row: false },
            // The writer of the mark may have been cut off: the answer says that it is deleted, so queries have to say so, too.
            Wish::Delete(_) if seen.deleted => Step::NotThere { row: true },
            Wish::Delete(Some(revision)) if !is(revision) => Step::Conflict { row: false },
            // A mark is written over as well: its incarnation goes on.
            Wish::Upsert | Wish::Create | Wish::Replace(_) | Wish::Delete(_) => Step::Over,
        }
    }

    /// Tells whether an attempt has no answer.
    pub(crate) fn is_open(&self) -> bool {
        self.attempts.iter().any(|attempt| attempt.answer == Answer::Open)
    }
}

impl Attempt {
    /// Tells whether what was read is this attempt's, or came after it.
    fn is_in(&self, seen: &Seen, nonce: u32) -> bool {
        let same = seen.state.incarnation == self.state.incarnation;
        let ours = Identity::of(self.state.by(nonce));
        let named = Identity::of(seen.stamp()) == ours || seen.before.contains(&ours);
        // An incarnation that we drew exists only if our put was taken, though its first state may no longer be named. As long as all are,
        // the nonce decides.
        same && (named || self.base.is_none() && seen.before.len() >= BEFORE)
    }

    /// Tells whether this attempt may have been taken though it is not seen: it has no answer, and what is there names no predecessors back
    /// to its base.
    fn may_hide_behind(&self, seen: Option<&Seen>) -> bool {
        let (Answer::Open, Some(base)) = (self.answer, self.base) else { return false };
        let Some(seen) = seen else { return true };
        let reaches = seen.state.hlc <= base.hlc
            || seen.before.len() < BEFORE
            || seen.before.last().is_some_and(|oldest| oldest.hlc <= base.hlc);
        seen.state.incarnation != base.incarnation || !reaches
    }
}

/// What a row that is due comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowStep {
    /// 7. Put the row as it is, even if the document has moved on.
    Put,
    /// 6. Read the document first: the row may be history by now.
    Read,
}

/// Decides whether a row may be put that relies on what was sent or read at `since`.
pub(crate) fn row_step(since: Moment, now: Moment) -> RowStep {
    if now.is_late(since) { RowStep::Read } else { RowStep::Put }
}

/// Step 6: tells whether what was read in place of a document gets its row put. An absent document, or another incarnation, was deleted,
/// and its tombstone is folded.
pub(crate) fn takes_its_place(due: State, found: Option<State>) -> bool {
    found.is_some_and(|found| found.incarnation == due.incarnation)
}

#[cfg(test)]
mod tests;
