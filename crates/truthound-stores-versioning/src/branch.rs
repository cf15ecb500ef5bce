//! Branches: lines of versions beside the current document.

use truthound_stores_core::{
    DeleteOptions, Error, ErrorKind, Key, PutOptions, Result, Store, Timestamp, random_u64,
};

use crate::draft::Draft;
use crate::facts::Facts;
use crate::head::Head;
use crate::info::{Origin, VersionInfo};
use crate::number::{MAIN, VersionId};
use crate::place::Place;
use crate::refs::{self, Kind, Reference, Removes};
use crate::request::SaveOptions;
use crate::resolve::unknown;
use crate::store::VersionedStore;
use crate::terms::Terms;

/// Describes a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BranchInfo {
    /// Its name.
    pub name: String,
    /// The name of its latest version.
    pub version: String,
    /// The ordinal of its latest version.
    pub ordinal: u64,
    /// The ordinal of the version at which it left.
    pub base: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: Option<String>,
}

/// Says what a merge may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MergeMode {
    /// Only if the target has not moved since the branch left it, or since it was last merged.
    #[default]
    FastForward,
    /// Take the branch's content whatever the target holds; its versions stay in the history.
    Theirs,
}

impl<S: Store> VersionedStore<S> {
    /// Makes a branch that begins with a version, named as for [`get_version`](Self::get_version).
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict) if there is such a branch; [`Invalid`](ErrorKind::Invalid) for a name that cannot be;
    /// [`NotFound`](ErrorKind::NotFound) if there is no such version; [`Unsupported`](ErrorKind::Unsupported) if branches are off.
    ///
    /// # Cancel safety
    /// Done or not done.
    pub async fn create_branch(
        &self,
        key: &Key,
        name: &str,
        at: impl ToString + Send,
        author: Option<String>,
    ) -> Result<BranchInfo> {
        self.check_branching()?;
        let at = at.to_string();
        let reference = self.name_version(&Place::of(key), Kind::Branch, name, &at, author).await?;
        Ok(info(reference))
    }

    /// Lists the branches of an item by name, without `main`.
    ///
    /// # Errors
    /// [`Corrupt`](ErrorKind::Corrupt) if a record was altered.
    ///
    /// # Cancel safety
    /// Changes nothing.
    pub async fn list_branches(&self, key: &Key) -> Result<Vec<BranchInfo>> {
        let all = self.names(&Place::of(key)).await?;
        let mut branches: Vec<BranchInfo> =
            all.into_iter().filter(|found| found.kind == Kind::Branch).map(info).collect();
        branches.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(branches)
    }

    /// Deletes a branch; answers whether there was one. Versions that only it reached go with the next [`cleanup`](Self::cleanup).
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict) if somebody saved on it meanwhile.
    ///
    /// # Cancel safety
    /// Done or not done.
    pub async fn delete_branch(&self, key: &Key, name: &str) -> Result<bool> {
        self.check_branching()?;
        self.forget(&Place::of(key), Kind::Branch, name).await
    }

    /// Makes the content of a branch the latest version of another line: of `main`, or of the branch that [`SaveOptions::branch`] names.
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict) if the target has moved on since the branch left it and `mode` does not allow that, or if it moves
    /// meanwhile; [`Invalid`](ErrorKind::Invalid) if the branch has nothing that the target lacks; [`NotFound`](ErrorKind::NotFound) if there is no such branch.
    ///
    /// # Cancel safety
    /// Done or not done.
    pub async fn merge(
        &self,
        key: &Key,
        from: &str,
        mode: MergeMode,
        options: SaveOptions,
    ) -> Result<VersionInfo> {
        self.check_branching()?;
        let place = Place::of(key);
        let into = options.branch.clone().unwrap_or_else(|| MAIN.to_owned());
        let source = self.branch_head(&place, from).await?;
        let target = self.line(&place, Some(&into)).await?.ok_or_else(|| unknown(&place, MAIN))?;
        let facts = self.facts(&place, target.id).await?;
        let source_facts = self.facts(&place, source.id).await?;
        if facts.merged == Some(source.id) || self.reaches(&place, &target, &source_facts).await? {
            return Err(Error::invalid(format!(
                "{into} has all of the branch {from:?} already: there is nothing to merge"
            ))
            .at(key));
        }
        // What the target holds is the branch's own past.
        let ahead = self.reaches(&place, &source, &facts).await?
            || self.was_merged(&place, &source, facts.merged).await?;
        if !ahead && mode == MergeMode::FastForward {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!("{into} and {from} have both moved since they parted: take theirs, or save on {into} what is to hold"),
            )
            .at(key));
        }
        let record = self.content(&place, &source_facts).await?;
        let mut draft = Draft::new(Origin::Merge, Some(record), options);
        draft.options.message.get_or_insert_with(|| format!("merge of {from}"));
        draft.merged = Some(source.id);
        let terms = Terms { head: Some(target.id), ..Terms::default() };
        Ok(self.commit(&place, &draft, &terms).await?.facts.info)
    }

    async fn was_merged(&self, place: &Place, source: &Head, merged: Option<VersionId>) -> Result<bool> {
        match merged {
            None => Ok(false),
            Some(merged) => {
                let mut found = false;
                self.walk(place, source, 1000, |passed| {
                    found = passed.id == merged;
                    !found && passed.id.ordinal > merged.ordinal
                })
                .await?;
                Ok(found)
            }
        }
    }

    /// Gives a version a name that stays: the beginning of a branch, or a label.
    pub(crate) async fn name_version(
        &self,
        place: &Place,
        kind: Kind,
        name: &str,
        at: &str,
        author: Option<String>,
    ) -> Result<Reference> {
        refs::check_name(kind, name)?;
        self.check_abilities()?;
        let facts = self.resolve(place, at).await?;
        if facts.info.origin == Origin::Deletion && kind == Kind::Branch {
            return Err(Error::invalid("a branch cannot begin with a deletion: name an older version")
                .at(&place.item));
        }
        let mut head = facts.head();
        let main = self.line(place, None).await?;
        let floor = main.as_ref().map_or(1, |main| main.floor);
        head.floor = head.floor.max(floor.min(facts.id.ordinal));
        let created_at = self.clock.now();
        let reference = Reference {
            kind,
            name: name.to_owned(),
            head,
            base: facts.id.ordinal,
            created_at,
            created_by: author,
            nonce: random_u64(&*self.clock),
            removes: Removes::Nothing,
        };
        let revision = match self.inner.put_opts(reference.to_record(place)?, PutOptions::create()).await {
            Ok(written) => written.meta.revision,
            Err(error) if error.kind() == ErrorKind::Conflict => {
                match refs::read(&self.inner, place, kind, name).await? {
                    // It is this very one: the answer was lost.
                    Some((there, revision)) if there.nonce == reference.nonce => revision,
                    _ => {
                        let message = format!("there is a {} {name:?} already", kind.as_str());
                        return Err(Error::new(ErrorKind::Conflict, message).at(&place.item));
                    }
                }
            }
            Err(error) => return Err(error),
        };
        if !self.is_held(place, &facts, kind, name).await? {
            let key = place.reference(kind.as_str(), name)?;
            drop(self.inner.delete_opts(&key, DeleteOptions::if_revision(revision)).await);
            return Err(cleaned_up(place));
        }
        Ok(reference)
    }

    /// Tells, after a name was given, whether its version is held by anything else. A clean-up that began before the name was there does not know of it:
    /// a version that only the name holds may go.
    pub(crate) async fn is_held(&self, place: &Place, facts: &Facts, kind: Kind, name: &str) -> Result<bool> {
        let main = match self.line(place, None).await {
            // The history was removed meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            main => main?,
        };
        self.is_reached(place, main.as_ref(), facts, Some((kind, name))).await
    }

    /// Removes a name by the revision that was read.
    pub(crate) async fn forget(&self, place: &Place, kind: Kind, name: &str) -> Result<bool> {
        match refs::read(&self.inner, place, kind, name).await? {
            None => Ok(false),
            Some((_, revision)) => {
                let key = place.reference(kind.as_str(), name)?;
                match self.inner.delete_opts(&key, DeleteOptions::if_revision(revision)).await {
                    // The answer may be one to a second attempt, of somebody below: the first has removed it.
                    Err(error)
                        if error.kind() == ErrorKind::Conflict
                            && refs::read(&self.inner, place, kind, name).await?.is_none() =>
                    {
                        Ok(true)
                    }
                    answer => answer,
                }
            }
        }
    }
}

pub(crate) fn cleaned_up(place: &Place) -> Error {
    Error::new(ErrorKind::Conflict, "the version was cleaned up meanwhile").at(&place.item)
}

fn info(reference: Reference) -> BranchInfo {
    BranchInfo {
        name: reference.name,
        version: reference.head.name,
        ordinal: reference.head.id.ordinal,
        base: reference.base,
        created_at: reference.created_at,
        created_by: reference.created_by,
    }
}
