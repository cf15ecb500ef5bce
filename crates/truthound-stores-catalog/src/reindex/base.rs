//! What a rebuild starts from: a root that can be relied on, or whatever stands in its place.

use truthound_stores_core::{Clock, Error, ErrorKind, Result};

use crate::root::Root;
use crate::shelf::{Seen, Shelf, Standing, generation_of};

/// What was found in the root's place.
#[derive(Debug)]
pub(crate) enum Base {
    /// A root whose rows and tombstones count.
    Sound(Seen),
    /// No root, one that cannot be read, or one that is older than what lies beside it: a new one is made.
    Anew(Anew),
}

/// Where a new root begins.
#[derive(Debug)]
pub(crate) struct Anew {
    over: Option<Standing>,
    /// Why what stands there is not relied on; `None` if nothing does.
    pub(crate) why: Option<String>,
    /// The generation of the new root.
    generation: u64,
}

impl Base {
    /// The generation since which rows of the root count; `None` for all of them.
    pub(crate) fn generation(&self) -> Option<u64> {
        self.sound().map(|seen| seen.root.generation)
    }

    pub(crate) fn feed_floor(&self) -> u64 {
        self.sound().map_or(0, |seen| seen.root.feed_floor)
    }

    pub(crate) fn sound(&self) -> Option<&Seen> {
        match self {
            Self::Sound(seen) => Some(seen),
            Self::Anew(_) => None,
        }
    }
}

impl Anew {
    /// Makes the root that a commit puts there.
    pub(crate) fn root(&self, clock: &dyn Clock, commit: &str, suffix: &str) -> Root {
        let first = Root::first(clock, suffix);
        let old = self.over.as_ref().and_then(|over| over.root.as_ref().ok());
        let (store_id, suffixes, metadata) = match old {
            Some(old) => (old.store_id.clone(), old.suffixes.clone(), old.metadata.clone()),
            None => (first.store_id.clone(), first.suffixes.clone(), first.metadata.clone()),
        };
        Root {
            store_id,
            suffixes,
            metadata,
            generation: self.generation,
            commits: vec![commit.to_owned()],
            watermark: old.map_or(0, |old| old.watermark),
            ..first
        }
    }

    pub(crate) fn over(&self) -> Option<&Standing> {
        self.over.as_ref()
    }

    /// Names of files that a commit writes begin with the generation before its own.
    pub(crate) fn before(&self) -> u64 {
        self.generation.saturating_sub(1)
    }
}

/// Looks at what stands in the root's place, and at what lies beside it.
///
/// # Errors
/// Those of the store; `Unsupported` for a root that a later program must read or write.
pub(crate) async fn base(shelf: &Shelf, clock: &dyn Clock) -> Result<Base> {
    // Before the root: what is listed was written by no later root than the one that is got then.
    let segments = shelf.segments().await?;
    let history = shelf.history().await?;
    let named = segments.iter().filter_map(|listed| generation_of(&listed.name));
    let latest = named.chain(history.iter().map(|listed| listed.name)).max();
    judge(shelf.standing().await?, latest, clock)
}

/// Decides what to start from. `latest` is the latest generation that names beside the root say.
fn judge(standing: Option<Standing>, latest: Option<u64>, clock: &dyn Clock) -> Result<Base> {
    // An older catalog, of which nothing is left that could be seen, may have had any generation: who cleans up by its root, or is about to,
    // must not take new files for old ones. No catalog has had a commit for each second since 1970.
    let seconds = u64::try_from(clock.now().as_micros() / 1_000_000).unwrap_or(0);
    let after = |generation: Option<u64>| generation.map_or(0, |at| at.saturating_add(1));
    let anew = |over, why, generation: Option<u64>| {
        let generation = after(generation.max(latest)).max(seconds).max(1);
        Ok(Base::Anew(Anew { over, why, generation }))
    };
    let Some(standing) = standing else { return anew(None, None, None) };
    let generation = match &standing.root {
        Ok(root) => root.generation,
        Err(error) if error.kind() == ErrorKind::Corrupt => {
            let why = error.report();
            return anew(Some(standing), Some(why), None);
        }
        Err(error) => return Err(error.repeat()),
    };
    if let Some(latest) = latest.filter(|latest| *latest > generation) {
        let why = format!(
            "the catalog's root is of generation {generation}, and beside it lie files of generation {latest}: it was set back, or is another \
             store's"
        );
        return anew(Some(standing), Some(why), Some(generation));
    }
    let seen = standing
        .seen()
        .ok_or_else(|| Error::new(ErrorKind::Internal, "a root that was read cannot be relied on"))?;
    seen.root.check_writable()?;
    Ok(Base::Sound(seen))
}
