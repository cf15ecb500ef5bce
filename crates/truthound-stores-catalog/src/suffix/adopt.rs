//! Opening a store with another setting: a commit of the root that changes the suffix of new documents.

use truthound_stores_core::Result;

use crate::clean_up::crowded;
use crate::flaw::Flaws;
use crate::fold::{commit, follow};
use crate::root::lot;
use crate::shelf::{Seen, Shelf};
use crate::suffix::turn_to;
use crate::wire::Wire;

const ATTEMPTS: u32 = 16;

/// Makes a suffix that of new documents, for all who use the store, and gives a root that says so, or a later one; `None` if there is no
/// root. One request if it is so already.
///
/// Who opens last decides. Nobody insists: a process that finds the suffix changed again follows.
///
/// # Errors
/// Those of the store; `Unsupported` for a catalog that a later program must write; `Overloaded` if others committed each time.
///
/// # Cancel safety
/// Dropping the future leaves it done or not done.
pub(crate) async fn adopt_suffix(shelf: &Shelf, wire: &Wire, wanted: &str) -> Result<Option<Seen>> {
    for attempt in 1..=ATTEMPTS {
        if attempt > 1 {
            wire.pause(attempt, None).await;
        }
        let Some(seen) = shelf.root(None).await? else { return Ok(None) };
        let id = lot(&*wire.clock);
        let mut next = follow(&seen, &*wire.clock, &id);
        if !turn_to(&mut next, wanted) {
            return Ok(Some(seen));
        }
        seen.root.check_writable()?;
        shelf.keep(&seen.root).await?;
        if commit(shelf, &seen, &next, &id, Flaws::default()).await? {
            return shelf.root(None).await;
        }
    }
    Err(crowded("change the format of new documents"))
}
