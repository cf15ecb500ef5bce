//! Something that a process did to a document, and what is known of when it took effect.

use std::time::Duration;

use truthound_stores_core::Attributes;

use crate::state::State;

/// The tag by which a document says which deed has made it.
pub(super) const TAG: &str = "deed";

#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    /// A save, of a document with these attributes.
    Save(Box<Attributes>),
    Delete,
}

/// What somebody did or tried, between moments of the whole simulation.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    pub(super) number: usize,
    pub(super) id: String,
    pub(super) by: usize,
    pub(super) what: What,
    pub(super) begun: u64,
    /// By then it had taken effect, if it ever did: what is on its way does not arrive any later.
    pub(super) until: u64,
    /// The document was so by then, at the latest: it was acknowledged, or read.
    pub(super) landed: Option<u64>,
    /// The catalog said so by then: it was acknowledged, or listed.
    pub(super) listed: Option<u64>,
    /// The time of day of that.
    pub(super) listed_at: Duration,
    pub(super) state: Option<State>,
    /// What an acknowledged save or a delete of one revision has replaced.
    pub(super) replaced: Option<State>,
    /// An acknowledged save that found nothing there.
    pub(super) created: bool,
    /// It never took effect, and never will.
    pub(super) refused: bool,
}

impl Deed {
    pub(super) fn deletes(&self) -> bool {
        self.what == What::Delete
    }

    pub(super) fn attributes(&self) -> Option<&Attributes> {
        match &self.what {
            What::Save(attributes) => Some(attributes),
            What::Delete => None,
        }
    }

    /// Since when what it did is known to be over.
    fn over(&self) -> u64 {
        self.until.min(self.landed.unwrap_or(u64::MAX))
    }

    /// Tells whether it came after another for sure, if both took effect.
    pub(super) fn follows(&self, other: &Self) -> bool {
        self.begun > other.over() || self.replaces(other)
    }

    /// Tells whether it is a later state of the same incarnation.
    fn replaces(&self, other: &Self) -> bool {
        matches!((self.state, other.state), (Some(state), Some(other)) if state.replaces(other))
    }

    /// Tells whether it may have taken effect after `since`, and before `end`.
    pub(super) fn may_lie_between(&self, since: u64, end: u64) -> bool {
        !self.refused && self.begun < end && self.over() > since
    }
}

/// A question: when it was asked and answered, and by what it was answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) begun: u64,
    pub(super) ended: u64,
    pub(super) by: usize,
    pub(super) of: Of,
}

/// What answers a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// The documents.
    Documents,
    /// The catalog, as it was at this time of day or later.
    Catalog(Duration),
}

impl Asked {
    /// Tells whether what was done must be seen by who asked this.
    pub(super) fn must_see(&self, deed: &Deed) -> bool {
        let before = |moment: Option<u64>| moment.is_some_and(|moment| moment < self.begun);
        match self.of {
            Of::Documents => before(deed.landed),
            Of::Catalog(since) => before(deed.listed) && (deed.by == self.by || deed.listed_at < since),
        }
    }
}
