//! What folding and clean-up ask of documents: whether one is there, in which state, and to remove its mark.

use async_trait::async_trait;
use object_store::UpdateVersion;
use truthound_stores_core::Result;

use crate::state::State;

/// What one request says of a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Head {
    Absent,
    /// A delete mark, and what its removal is conditional on.
    Mark(State, UpdateVersion),
    Live(State),
    /// An object that another program wrote: what its state is called is made of its ETag and time.
    Foreign(State),
}

impl Head {
    /// Tells whether an incarnation of the document has ended for ever: it is absent, or in another one. Of a foreign object nobody
    /// knows, and what is not known to be gone stays.
    pub(crate) fn is_without(&self, incarnation: u64) -> bool {
        match self {
            Self::Absent => true,
            Self::Mark(state, _) | Self::Live(state) => state.incarnation != incarnation,
            Self::Foreign(_) => false,
        }
    }
}

/// The documents beside a catalog.
#[async_trait]
pub(crate) trait Beside: Send + Sync {
    /// Looks at a document, with one request.
    async fn head(&self, id: &str) -> Result<Head>;

    /// Tells whether [`remove_mark`](Self::remove_mark) compares and deletes in one. Where it cannot, marks stay for ever.
    fn can_remove_marks(&self) -> bool;

    /// Removes a mark if it is still the one that was seen; tells whether it is gone.
    async fn remove_mark(&self, id: &str, seen: UpdateVersion) -> Result<bool>;
}
