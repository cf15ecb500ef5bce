//! Finding out what a bucket can do, before the first catalog is made in it: some stores accept a condition and let everybody win.

use std::sync::Arc;

use futures_util::future::join;
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, UpdateVersion,
};
use truthound_stores_core::{Error, ErrorKind, Result};

use crate::abilities::Abilities;
use crate::conditions::CompareAndDelete;
use crate::error::{Failed, of, of_put};
use crate::layout::Place;
use crate::root::lot;
use crate::wire::Wire;

/// Where what is tried out is put, in the catalog's folder.
const FOLDER: &str = "probe";
/// So often it is tried.
const TRIES: u32 = 5;

/// Tries out a bucket, by objects of its own that it removes.
#[derive(Debug)]
pub(crate) struct Probe<'p> {
    pub(crate) store: &'p Arc<dyn ObjectStore>,
    pub(crate) compare_and_delete: Option<&'p Arc<dyn CompareAndDelete>>,
    pub(crate) place: &'p Place,
    pub(crate) wire: &'p Wire,
}

impl Probe<'_> {
    /// Finds out what the bucket can do: some fifteen requests.
    ///
    /// # Errors
    /// What keeps it from being tried; `Unsupported` for a store that gives no ETags, or that says that it compares and deletes and does not.
    ///
    /// # Cancel safety
    /// Dropping the future may leave two small objects in `_catalog/probe`.
    pub(crate) async fn run(&self) -> Result<Abilities> {
        let mut tries = 0;
        loop {
            let name = lot(&*self.wire.clock);
            let (upper, lower) = (self.path(&format!("{name}A"))?, self.path(&format!("{name}a"))?);
            let found = self.try_out(&upper, &lower).await;
            for path in [&upper, &lower] {
                // Left behind they are in nobody's way.
                drop(self.store.delete(path).await);
            }
            tries += 1;
            match found {
                // What was not answered says nothing about what the store can do.
                Err(error) if error.is_retryable() && tries < TRIES => {
                    self.wire.pause(tries, Some(&error)).await;
                }
                found => return found,
            }
        }
    }

    fn path(&self, name: &str) -> Result<Path> {
        self.place.catalog(&format!("{FOLDER}/{name}"))
    }

    async fn try_out(&self, upper: &Path, lower: &Path) -> Result<Abilities> {
        // Two at once, and one after them: no more than one of the three may be taken.
        let (one, two) =
            join(self.put(upper, "one", PutMode::Create), self.put(upper, "two", PutMode::Create)).await;
        let mut three = self.put(upper, "three", PutMode::Create).await?;
        let (one, two) = (one?, two?);
        if !(one || two || three) {
            return Err(disturbed(upper));
        }
        if !(one || two) {
            // Both were told that the other was at work. It is the third that was first, then, and nobody may be taken after it.
            three = self.put(upper, "four", PutMode::Create).await?;
        }
        let create_only = !(three || one && two);
        if !create_only && !self.put(upper, "there", PutMode::Overwrite).await? {
            // A client that knows no conditions has put nothing yet.
            return Err(disturbed(upper));
        }
        let first = self.seen(upper).await?;
        // Other bytes, so that it is another state even where ETags are made of bytes alone; and under a condition, so that no late duplicate
        // brings this state back.
        if !self.put(upper, "between", PutMode::Update(first.clone())).await? {
            return Err(disturbed(upper));
        }
        let second = self.seen(upper).await?;
        let stale = self.put(upper, "stale", PutMode::Update(first.clone())).await?;
        let (one, two) = join(
            self.put(upper, "left", PutMode::Update(second.clone())),
            self.put(upper, "right", PutMode::Update(second.clone())),
        )
        .await;
        let (one, two) = (one?, two?);
        let swap = !(stale || one && two);
        if !(stale || one || two) {
            return Err(disturbed(upper));
        }
        let folds_case = match self.store.head(lower).await {
            Ok(_) => true,
            Err(object_store::Error::NotFound { .. }) => false,
            Err(cause) => return Err(of(&cause, lower.as_ref())),
        };
        // Under a name of its own: a late duplicate of what was put before would look like another ETag.
        let etag_of_content = self.is_etag_of_content(lower).await?;
        let found = Abilities { create_only, swap, etag_of_content, folds_case };
        // Where one process writes alone, it compares by itself.
        if let Some(delete) = self.compare_and_delete.filter(|_| found.are_enough_to_share()) {
            // What was put create-only never comes again, as what was put later may.
            self.try_compare_and_delete(delete, upper, first).await?;
        }
        Ok(found)
    }

    /// Puts the same bytes with other metadata.
    async fn is_etag_of_content(&self, path: &Path) -> Result<bool> {
        let mut tags = Vec::new();
        for value in ["a", "b"] {
            let mut attributes = Attributes::new();
            attributes.insert(Attribute::Metadata("thprobe".into()), value.into());
            let options = PutOptions { attributes, ..PutOptions::default() };
            let put = self.store.put_opts(path, PutPayload::from_static(b"same"), options).await;
            match put.map_err(|cause| of_put(&cause, path.as_ref(), false)) {
                Ok(_) => {}
                Err(Failed::Lost) => return Err(disturbed(path)),
                Err(Failed::Unknown(error) | Failed::Refused(error)) => return Err(error),
            }
            tags.push(self.seen(path).await?);
        }
        // A store with generations is asked by them.
        Ok(tags.windows(2).all(|pair| pair.first() == pair.last()))
    }

    /// What says that it compares must compare: a mark would be removed with somebody's document in it.
    async fn try_compare_and_delete(
        &self,
        delete: &Arc<dyn CompareAndDelete>,
        path: &Path,
        stale: UpdateVersion,
    ) -> Result<()> {
        let answer = delete.delete_if(path, stale).await;
        let refused = match &answer {
            Ok(()) => false,
            Err(cause) => match of_put(cause, path.as_ref(), true) {
                Failed::Lost => true,
                Failed::Unknown(error) | Failed::Refused(error) => return Err(error),
            },
        };
        let there = match self.store.head(path).await {
            Ok(_) => true,
            Err(object_store::Error::NotFound { .. }) => false,
            Err(cause) => return Err(of(&cause, path.as_ref())),
        };
        if refused && there {
            return Ok(());
        }
        Err(Error::unsupported(
            "this store deletes objects that are not as they were seen, although it was asked to compare: it cannot be written safely",
        ))
    }

    /// Reads what a condition would name.
    async fn seen(&self, path: &Path) -> Result<UpdateVersion> {
        let meta = self.store.head(path).await.map_err(|cause| of(&cause, path.as_ref()))?;
        if meta.e_tag.is_none() && meta.version.is_none() {
            return Err(Error::unsupported(
                "this store gives its objects neither ETags nor versions: nobody can tell there whether an object is still the same",
            ));
        }
        Ok(UpdateVersion { e_tag: meta.e_tag, version: meta.version })
    }

    /// Puts an object; tells whether it was taken.
    async fn put(&self, path: &Path, text: &'static str, mode: PutMode) -> Result<bool> {
        let replaces = matches!(mode, PutMode::Update(_));
        match self.store.put_opts(path, PutPayload::from_static(text.as_bytes()), mode.into()).await {
            Ok(_) => Ok(true),
            // The client says that there are no conditions here: as good as one that nobody heeds.
            Err(object_store::Error::NotImplemented { .. } | object_store::Error::NotSupported { .. }) => {
                Ok(true)
            }
            Err(cause) => match of_put(&cause, path.as_ref(), replaces) {
                // Another request was at work: it was not taken now, and nobody repeats it.
                Failed::Lost => Ok(false),
                Failed::Unknown(error) if error.message().contains("is at work") => Ok(false),
                Failed::Unknown(error) | Failed::Refused(error) => Err(error),
            },
        }
    }
}

/// None was taken, although one had to be: a late duplicate of an earlier request, or somebody else's hand.
fn disturbed(path: &Path) -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "what the bucket can do could not be found out: something else changed what was tried",
    )
    .with("object", path.to_string())
}

#[cfg(test)]
mod tests;
