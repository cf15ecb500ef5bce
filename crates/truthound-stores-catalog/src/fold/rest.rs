//! What a fold has left of a listing, for the one that follows it at once: a tail of very many names is not listed again for each part of them.

use truthound_stores_core::Clock;

use crate::root::Root;
use crate::shelf::Listed;
use crate::tail::Name;
use crate::times::Watch;

/// So many names are kept at the most: a fold holds its rows in memory beside them.
pub(crate) const KEPT: usize = 65_536;

/// What the last fold of this process has left, if it is known that nobody has folded since.
#[derive(Debug, Default)]
pub(crate) struct Rest(Option<Left>);

#[derive(Debug)]
struct Left {
    /// The nonce of the root that the fold put in its place.
    nonce: String,
    names: Vec<Listed<Name>>,
    /// When they were listed.
    listed: Watch,
}

impl Rest {
    /// Notes what a fold has left, which committed this root and has deleted all that it took. Those of a long tail only: what may be its last
    /// part is listed anew, for what a fold makes of tombstones rests on the whole of a listing.
    pub(crate) fn of(root: &Root, names: Vec<Listed<Name>>, listed: Watch, objects: usize) -> Self {
        let many = names.len() > objects && names.len() <= KEPT;
        Self(many.then(|| Left { nonce: root.nonce.clone(), names, listed }))
    }

    /// Takes it, if the root is still the one that was committed: then none of these names has been folded. Not after `S`.
    pub(crate) fn take(&mut self, root: &Root, clock: &dyn Clock) -> Option<(Vec<Listed<Name>>, Watch)> {
        let left = self.0.take()?;
        (left.nonce == root.nonce && left.listed.is_fresh(clock)).then_some((left.names, left.listed))
    }
}
