//! Labels: names that people give to versions.

use truthound_stores_core::{Error, ErrorKind, Key, PutOptions, Result, Store, Timestamp};

use crate::branch::cleaned_up;
use crate::place::Place;
use crate::refs::{self, Kind, Reference};
use crate::store::VersionedStore;

/// Describes a label.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LabelInfo {
    /// Its name.
    pub name: String,
    /// The name of the version that bears it.
    pub version: String,
    /// The ordinal of that version.
    pub ordinal: u64,
    /// When it was given.
    pub created_at: Timestamp,
    /// Who gave it.
    pub created_by: Option<String>,
}

impl<S: Store> VersionedStore<S> {
    /// Gives a version, named as for [`get_version`](Self::get_version), a label. A version that bears one is kept whatever `max_versions` says.
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict) if the item has such a label; [`Invalid`](ErrorKind::Invalid) for a name that cannot be;
    /// [`NotFound`](ErrorKind::NotFound) if there is no such version.
    ///
    /// # Cancel safety
    /// Done or not done.
    pub async fn add_label(
        &self,
        key: &Key,
        name: &str,
        version: impl ToString + Send,
        author: Option<String>,
    ) -> Result<LabelInfo> {
        let version = version.to_string();
        self.name_version(&Place::of(key), Kind::Label, name, &version, author).await.map(info)
    }

    /// Moves a label to another version, by compare-and-swap.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) if there is no such label or version; [`Conflict`](ErrorKind::Conflict) if somebody else moved it meanwhile.
    ///
    /// # Cancel safety
    /// Done or not done.
    pub async fn move_label(
        &self,
        key: &Key,
        name: &str,
        version: impl ToString + Send,
    ) -> Result<LabelInfo> {
        let (place, version) = (Place::of(key), version.to_string());
        let found = refs::read(&self.inner, &place, Kind::Label, name).await?;
        let (known, revision) = found.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("there is no label {name:?}")).at(&place.item)
        })?;
        let facts = self.resolve(&place, &version).await?;
        let moved = Reference { head: facts.head(), base: facts.id.ordinal, ..known.clone() };
        let put = self.inner.put_opts(moved.to_record(&place)?, PutOptions::replace(revision)).await;
        let revision = match put {
            Ok(written) => written.meta.revision,
            Err(error) if error.kind() == ErrorKind::Conflict => {
                match refs::read(&self.inner, &place, Kind::Label, name).await? {
                    // It stands there: the answer was lost.
                    Some((there, revision)) if there.head.id == moved.head.id => revision,
                    _ => return Err(error),
                }
            }
            Err(error) => return Err(error),
        };
        if !self.is_held(&place, &facts, Kind::Label, name).await? {
            let back = PutOptions::replace(revision);
            self.inner.put_opts(known.to_record(&place)?, back).await?;
            return Err(cleaned_up(&place));
        }
        Ok(info(moved))
    }

    /// Removes a label; answers whether there was one. The version stays, unless `max_versions` has long passed it.
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict) if somebody moved it meanwhile.
    ///
    /// # Cancel safety
    /// Done or not done.
    pub async fn remove_label(&self, key: &Key, name: &str) -> Result<bool> {
        self.forget(&Place::of(key), Kind::Label, name).await
    }

    /// Lists the labels of an item by name.
    ///
    /// # Errors
    /// [`Corrupt`](ErrorKind::Corrupt) if a record was altered.
    ///
    /// # Cancel safety
    /// Changes nothing.
    pub async fn list_labels(&self, key: &Key) -> Result<Vec<LabelInfo>> {
        let all = self.names(&Place::of(key)).await?;
        let mut labels: Vec<LabelInfo> =
            all.into_iter().filter(|found| found.kind == Kind::Label).map(info).collect();
        labels.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(labels)
    }
}

fn info(reference: Reference) -> LabelInfo {
    LabelInfo {
        name: reference.name,
        version: reference.head.name,
        ordinal: reference.head.id.ordinal,
        created_at: reference.created_at,
        created_by: reference.created_by,
    }
}
