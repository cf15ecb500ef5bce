//! Reads the content of versions, and checks it.

use truthound_stores_core::{Body, Error, ErrorKind, GetOptions, Record, Result, Store};

use crate::diff::{ChangedPath, PathChange, diff};
use crate::draft::Draft;
use crate::envelope::Sheet;
use crate::facts::Facts;
use crate::info::{Origin, VersionInfo};
use crate::number::{MAIN, VersionId};
use crate::place::Place;
use crate::request::SaveOptions;
use crate::resolve::unknown;
use crate::store::VersionedStore;
use crate::terms::Terms;

/// A version with its content.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Version {
    /// What is known of it.
    pub info: VersionInfo,
    /// The document as it was saved.
    pub record: Record,
    /// Which paths it changed against its parent, the first 500; none if that was not kept, and for a first version.
    pub changes: Option<Vec<ChangedPath>>,
}

/// Says which part of a history to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct History {
    /// The most versions to list, counted from the latest; only so many are read. Default: all.
    pub limit: Option<usize>,
    /// The branch whose history is listed, with what it has in common with the main line. Default: `main`.
    pub branch: Option<String>,
}

impl History {
    /// Asks for all versions of the main line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for at most so many.
    #[must_use]
    pub fn with_limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Asks for a branch.
    #[must_use]
    pub fn with_branch(mut self, branch: impl Into<String>) -> Self {
        self.branch = Some(branch.into());
        self
    }
}

impl<S: Store> VersionedStore<S> {
    /// Reads a version's record.
    async fn sheet(&self, place: &Place, id: VersionId) -> Result<Sheet> {
        match self.inner.get_opts(&place.version(id)?, GetOptions::default()).await {
            Ok(stored) => Sheet::of(place, stored),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(self.gone(place, id).await),
            Err(error) => Err(error),
        }
    }

    /// Reads a version's content, from the record that holds it, and checks it.
    pub(crate) async fn content(&self, place: &Place, facts: &Facts) -> Result<Record> {
        Ok(self.read_version(place, facts).await?.record)
    }

    async fn read_version(&self, place: &Place, facts: &Facts) -> Result<Version> {
        if facts.info.origin == Origin::Deletion {
            return Err(Error::new(
                ErrorKind::NotFound,
                format!("version {} is the deletion of the document: it has no content", facts.info.version),
            )
            .at(&place.item));
        }
        let own = self.sheet(place, facts.id).await?;
        let document = match own.document {
            Some(document) => Some(document),
            None => self.sheet(place, facts.holder).await?.document,
        };
        let altered = || {
            Error::corrupt(format!("the content of version {} is not what was saved", facts.info.version))
                .at(&place.item)
                .with("record", facts.holder.to_string())
        };
        let body: Body = document.ok_or_else(altered)?;
        if facts.info.algorithm.hex(body.as_bytes()) != facts.info.checksum {
            return Err(altered());
        }
        let record = if let Some(attributes) = own.attributes {
            Record::new(place.item.clone(), attributes, body)
        } else {
            let record = Record::from_body(place.item.collection().clone(), body, &self.reading);
            record.map_err(|cause| altered().caused_by(cause))?
        };
        Ok(Version { info: facts.info.clone(), record, changes: own.changes })
    }

    /// The facts of others that found no room with the document.
    pub(crate) async fn spilled(&self, place: &Place, id: VersionId) -> Result<truthound_stores_core::Ext> {
        let attributes = self.sheet(place, id).await?.attributes;
        Ok(attributes.map(|attributes| attributes.ext).unwrap_or_default())
    }

    /// Lists versions, the newest first. An item that was last written before it had versions, or past this store, shows what it had until then: what it is now
    /// becomes a version with the next save.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) if there is no such item or branch; [`Corrupt`](ErrorKind::Corrupt) if a version is missing or was altered.
    ///
    /// # Cancel safety
    /// Changes nothing.
    pub async fn list_versions(
        &self,
        key: &truthound_stores_core::Key,
        history: &History,
    ) -> Result<Vec<VersionInfo>> {
        let place = Place::of(key);
        let Some(head) = self.line(&place, history.branch.as_deref()).await? else { return Ok(Vec::new()) };
        let limit = history.limit.unwrap_or(usize::MAX);
        let mut versions = Vec::new();
        if limit > 0 {
            self.walk(&place, &head, limit, |facts| {
                versions.push(facts.info);
                versions.len() < limit
            })
            .await?;
        }
        Ok(versions)
    }

    /// Reads a version: by ordinal (`2`), label, branch (its latest), name (`v2`, `1.0.1`, `fix/v3`), or any prefix of a hash that only one version
    /// has, of four digits or more; `latest` is the latest. The first of these that fits is meant: a prefix of digits alone is an ordinal as long as the history
    /// has that many versions, kept or not, and no zero stands before it; more digits tell them apart.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) if there is no such item or version, or if the version is a deletion; [`Invalid`](ErrorKind::Invalid) for a prefix of several, which
    /// it names; [`Corrupt`](ErrorKind::Corrupt) if it is not what was saved.
    ///
    /// # Cancel safety
    /// Changes nothing.
    pub async fn get_version(
        &self,
        key: &truthound_stores_core::Key,
        version: impl ToString + Send,
    ) -> Result<Version> {
        let (place, version) = (Place::of(key), version.to_string());
        let facts = self.resolve(&place, &version).await?;
        self.read_version(&place, &facts).await
    }

    /// Compares two versions, named as for [`get_version`](Self::get_version).
    ///
    /// # Errors
    /// As for [`get_version`](Self::get_version).
    ///
    /// # Cancel safety
    /// Changes nothing.
    pub async fn diff(
        &self,
        key: &truthound_stores_core::Key,
        older: impl ToString + Send,
        newer: impl ToString + Send,
    ) -> Result<Vec<PathChange>> {
        let (older, newer) = (older.to_string(), newer.to_string());
        let older = self.get_version(key, older).await?.record.body.to_json()?;
        let newer = self.get_version(key, newer).await?.record.body.to_json()?;
        Ok(diff(&older, &newer))
    }

    /// Makes an older version the latest again: as a new version, which shares the older one's content. Also brings back what was deleted.
    ///
    /// With [`SaveOptions::branch`], the branch's latest. Without a message, `rollback to …` is it.
    ///
    /// # Errors
    /// As for [`get_version`](Self::get_version) and [`save`](Self::save).
    ///
    /// # Cancel safety
    /// Done or not done.
    pub async fn rollback(
        &self,
        key: &truthound_stores_core::Key,
        version: impl ToString + Send,
        options: SaveOptions,
    ) -> Result<VersionInfo> {
        let (place, version) = (Place::of(key), version.to_string());
        let branch = options.branch.clone();
        // The place in history is read first: who moves on meanwhile makes the swap fail, and with it whatever was cleaned up since.
        let head = self.line(&place, branch.as_deref()).await?.ok_or_else(|| unknown(&place, &version))?;
        let facts = self.resolve(&place, &version).await?;
        let record = self.content(&place, &facts).await?;
        let mut draft = Draft::new(Origin::Rollback, Some(record), options);
        draft.options.message.get_or_insert_with(|| format!("rollback to {}", facts.info.version));
        // Below the floor only a label keeps a version, and labels go: then the content is copied. So it is from other lines.
        let shares = facts.id.ordinal >= head.floor && branch.as_deref().unwrap_or(MAIN) == facts.info.branch;
        draft.holder = shares.then_some((facts.holder, head));
        let saved = self.commit(&place, &draft, &Terms::default()).await?;
        Ok(saved.facts.info)
    }
}
