//! Maintenance: after it, segments hold each record exactly once.

use truthound_stores_core::Result;

use crate::beside::Beside;
use crate::clean_up::{Cleaned, Cleaner, Keep, crowded};
use crate::fold::{Folder, How, Outcome, Rest};

/// What maintenance did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Maintained {
    pub(crate) objects: usize,
    pub(crate) marks: usize,
    pub(crate) cleaned: Cleaned,
}

/// Folds the whole tail, merges what is superseded, and removes the old segments at once, with all of history but what `keep` says.
///
/// # Errors
/// `Overloaded` if others commit all the time; those of folding and of clean-up.
///
/// # Cancel safety
/// Dropping the future leaves it done in parts; another one goes on.
pub(crate) async fn maintain<D: Beside>(folder: &Folder<D>, keep: Keep) -> Result<Maintained> {
    let mut done = Maintained::default();
    // What merges everything comes last, once: the tail may take many folds.
    let (mut how, mut rest) = (How::Fold, Rest::default());
    loop {
        match folder.fold_on(how, &mut rest).await? {
            Outcome::Done(fold) => {
                done.objects += fold.objects;
                if how == How::Maintain {
                    break;
                }
                if fold.whole || fold.objects == 0 {
                    how = How::Maintain;
                }
            }
            Outcome::Nothing if how == How::Fold => how = How::Maintain,
            Outcome::Nothing => break,
            Outcome::Outrun => return Err(crowded("maintain the catalog")),
        }
    }
    let cleaner = Cleaner::of(folder);
    done.marks = cleaner.remove_marks().await?;
    done.cleaned = cleaner.clean_up(keep).await?.ok_or_else(|| crowded("clean up the catalog"))?;
    Ok(done)
}
