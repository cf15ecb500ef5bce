//! Letting go of history that cannot be read: clean-up would stumble over it.

use std::collections::BTreeSet;

use truthound_stores_core::Result;

use crate::clean_up::crowded;
use crate::flaw::Flaws;
use crate::fold::{commit, follow};
use crate::reindex::Rebuilder;
use crate::root::lot;

const ATTEMPTS: u32 = 8;

/// Keeps generations no longer; their files are left to clean-up.
///
/// # Errors
/// Those of the store; `Overloaded` if others commit all the time.
pub(crate) async fn forget(rebuilder: &Rebuilder<'_>, generations: &BTreeSet<u64>) -> Result<()> {
    let (shelf, clock) = (rebuilder.library.shelf(), &*rebuilder.wire.clock);
    if generations.is_empty() {
        return Ok(());
    }
    for attempt in 1..=ATTEMPTS {
        if attempt > 1 {
            rebuilder.documents.bucket.pause(attempt, None).await;
        }
        let Some(seen) = shelf.root(None).await? else { return Ok(()) };
        seen.root.check_writable()?;
        if !seen.root.kept.iter().any(|kept| generations.contains(kept)) {
            return Ok(());
        }
        let id = lot(clock);
        let mut next = follow(&seen, clock, &id);
        next.kept.retain(|kept| !generations.contains(kept));
        shelf.keep(&seen.root).await?;
        if commit(shelf, &seen, &next, &id, Flaws::default()).await? {
            return Ok(());
        }
    }
    Err(crowded("let go of history"))
}
