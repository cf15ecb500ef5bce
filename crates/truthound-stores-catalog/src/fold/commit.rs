//! Commits: the next root, and whether it was taken.

use truthound_stores_core::{Clock, Result};

use crate::flaw::{Flaw, Flaws};
use crate::root::Root;
use crate::shelf::{Seen, Shelf, Swap};

/// Makes the root that follows one that was seen. The base is kept as history.
pub(crate) fn follow(seen: &Seen, clock: &dyn Clock, commit: &str) -> Root {
    let mut next = seen.root.next(clock, commit);
    next.kept.push(seen.root.generation);
    // The time of a commit is known to whoever reads its root; so the next commit writes it down.
    for gone in next.gone.iter_mut().filter(|gone| gone.at == 0) {
        gone.at = seen.modified;
    }
    if next.turned == 0 && next.turn > 0 {
        next.turned = seen.modified;
    }
    next
}

/// Puts a root in the place of the one that was seen, and tells whether it is done (4.8). Whoever hears a refusal, or nothing, looks: the
/// ring of the current root names the commit, whoever committed since. Even of a lost one no file may be deleted: it may still land.
///
/// # Errors
/// Those of reading the root; then it is not known.
pub(crate) async fn commit(shelf: &Shelf, seen: &Seen, next: &Root, id: &str, flaws: Flaws) -> Result<bool> {
    match shelf.swap_root(seen, next).await? {
        Swap::Taken => Ok(true),
        Swap::Lost | Swap::Unknown(_) if flaws.has(Flaw::LostAckTakenForConflict) => Ok(false),
        Swap::Lost | Swap::Unknown(_) => {
            Ok(shelf.root(None).await?.is_some_and(|current| current.root.has(id)))
        }
    }
}
