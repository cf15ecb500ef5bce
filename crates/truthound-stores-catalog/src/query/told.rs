//! What a part of a listing keeps of each document: nothing that holds on to pages of segments without bound.

use std::collections::HashSet;

use truthound_stores_core::{Facts, RecordMeta, Result};

use super::Shown;
use crate::mix::Mixed;
use crate::state::State;

/// So many pages of segments a part of a listing holds on to at the most: decoded, each takes half a MiB and more. Tests have few.
pub(super) const PINNED: usize = if cfg!(test) { 6 } else { 48 };

/// The pages that a part of a listing holds on to.
#[derive(Debug, Default)]
pub(super) struct Pins {
    pages: HashSet<usize, Mixed>,
    last: Option<usize>,
}

impl Pins {
    /// Tells whether a row may hold on to its page: to one that others hold, or while these are few.
    fn hold(&mut self, page: usize) -> bool {
        if self.last == Some(page) {
            return true;
        }
        let holds = self.pages.contains(&page) || self.pages.len() < PINNED && self.pages.insert(page);
        if holds {
            self.last = Some(page);
        }
        holds
    }
}

/// What is told of a document, with the state that its row tells of.
pub(super) trait Told: Sized + Send + Sync {
    type Facts: Facts;

    /// Whether all of each document will be asked for, and not what is lent alone.
    const DESCRIBES: bool;

    /// Takes a document as it was found.
    ///
    /// # Errors
    /// As for [`describe`](Facts::describe).
    fn of(shown: Shown, pins: &mut Pins) -> Result<Self>;

    fn facts(&self) -> &Self::Facts;

    fn state(&self) -> State;
}

/// Facts as pages of segments lend them. Those of rows that match rarely lie in as many pages: beyond a number each is described.
impl Told for Shown {
    type Facts = Self;

    const DESCRIBES: bool = false;

    fn of(shown: Self, pins: &mut Pins) -> Result<Self> {
        let is_one_too_many = matches!(&shown, Self::Kept(_, slip) if !pins.hold(slip.page()));
        if !is_one_too_many {
            return Ok(shown);
        }
        let state = shown.state();
        Ok(Self::News(Box::new(shown.into_meta()?), state))
    }

    fn facts(&self) -> &Self {
        self
    }

    fn state(&self) -> State {
        Self::state(self)
    }
}

/// Descriptions, made of each document as it is found: none holds on to a page.
impl Told for (RecordMeta, State) {
    type Facts = RecordMeta;

    const DESCRIBES: bool = true;

    fn of(shown: Shown, _: &mut Pins) -> Result<Self> {
        let state = shown.state();
        Ok((shown.into_meta()?, state))
    }

    fn facts(&self) -> &RecordMeta {
        &self.0
    }

    fn state(&self) -> State {
        self.1
    }
}
