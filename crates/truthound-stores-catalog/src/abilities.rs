//! What a bucket was found to do, as the root remembers it.

use serde::{Deserialize, Serialize};

/// What two clients found when the catalog was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is an ability of its own")]
pub(crate) struct Abilities {
    /// Of several who put create-only one is taken.
    pub(crate) create_only: bool,
    /// Of several who put over what they have seen one is taken.
    pub(crate) swap: bool,
    /// ETags are made of an object's bytes alone: those of documents have to be unique to their revision, then.
    pub(crate) etag_of_content: bool,
    /// The store takes `a` and `A` for one name.
    pub(crate) folds_case: bool,
}

impl Abilities {
    /// Tells whether writers on several machines can share the store. Without, one process alone may write.
    pub(crate) fn are_enough_to_share(self) -> bool {
        self.create_only && self.swap
    }
}

/// What is safe to take for granted where nothing was tried: unique bytes cost some white space.
impl Default for Abilities {
    fn default() -> Self {
        Self { create_only: true, swap: true, etag_of_content: true, folds_case: false }
    }
}
