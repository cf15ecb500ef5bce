//! The catalog as it was: by a root that is kept, with its own kill files, and without any tail.

use std::sync::Arc;

use truthound_stores_core::{Error, Result};

use super::{Index, Plan, Snapshot, locked};
use crate::news::News;
use crate::root::Root;

/// Says of when an answer is to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum At {
    /// Of now.
    #[default]
    Now,
    /// Of the moment when a root was made: the documents whose rows had been folded by then.
    Generation(u64),
}

impl Index {
    /// Takes the view of a moment.
    ///
    /// # Errors
    /// `Invalid` for a generation that is not kept; as for [`snapshot`](Self::snapshot).
    pub(crate) async fn view_of(&self, at: At, plan: &Plan) -> Result<Arc<Snapshot>> {
        match at {
            At::Now => self.snapshot(plan).await,
            At::Generation(generation) => self.past(generation).await.map(Arc::new),
        }
    }

    /// Gets the current root; `None` if there is none.
    ///
    /// # Errors
    /// Those of the request.
    pub(crate) async fn current_root(&self) -> Result<Option<Arc<Root>>> {
        self.root().await
    }

    /// Lists the generations that can be asked for, the current one last.
    ///
    /// # Errors
    /// Those of the request.
    #[cfg(test)]
    pub(crate) async fn generations(&self) -> Result<Vec<u64>> {
        Ok(self.root().await?.map_or_else(Vec::new, |root| {
            let mut kept = root.kept.clone();
            kept.push(root.generation);
            kept
        }))
    }

    async fn past(&self, generation: u64) -> Result<Snapshot> {
        let none = || {
            Error::invalid(format!(
                "the catalog of {} does not keep generation {generation}: ask for one of those that it lists",
                self.collection
            ))
        };
        let current = self.root().await?.ok_or_else(none)?;
        // What was read of one state is let go when another is asked for: else whoever asks for all of them would keep all of their files.
        if locked(&self.past).replace(generation) != Some(generation) {
            self.library.keep_only(&current);
        }
        let root = if current.generation == generation {
            current
        } else if current.kept.contains(&generation) {
            // Clean-up may have let it go since.
            let root = self.shelf().kept(generation).await?.ok_or_else(none)?;
            if root.store_id != current.store_id || root.generation != generation {
                return Err(Error::corrupt(format!(
                    "the catalog of {} keeps another root than that of generation {generation} under its name",
                    self.collection
                )));
            }
            Arc::new(root)
        } else {
            return Err(none());
        };
        Ok(Snapshot { root: Some(root), listed: Vec::new(), news: News::default() })
    }
}
