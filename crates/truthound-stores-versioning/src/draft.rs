//! What a version will say, decided from facts and `now` alone.

use truthound_stores_core::{Body, Error, Reading, Record, Result, Revision, Timestamp};

use crate::config::{VersioningConfig, VersioningMode};
use crate::diff::{ChangedPath, paths};
use crate::envelope::Sheet;
use crate::facts::{Facts, short_sum};
use crate::head::Head;
use crate::info::{Origin, VersionInfo};
use crate::number::{Before, HASH_DIGITS, MAIN, Number, VersionId};
use crate::place::Place;
use crate::request::SaveOptions;

/// A version that somebody wants.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) origin: Origin,
    /// The document; none for a deletion.
    pub(crate) record: Option<Record>,
    pub(crate) options: SaveOptions,
    /// The record that has the content already, and where the line stood when that was seen: it may be gone once the line moves, or its floor rises.
    pub(crate) holder: Option<(VersionId, Head)>,
    /// The version of a branch that is taken over.
    pub(crate) merged: Option<VersionId>,
}

impl Draft {
    pub(crate) fn new(origin: Origin, record: Option<Record>, options: SaveOptions) -> Self {
        Self { origin, record, options, holder: None, merged: None }
    }

    /// Checks what the settings ask of a save.
    ///
    /// # Errors
    /// `Invalid` or `Unsupported`, naming the setting.
    pub(crate) fn check(&self, config: &VersioningConfig) -> Result<()> {
        let options = &self.options;
        options.validate()?;
        if config.require_message && options.message.as_ref().is_none_or(|message| message.trim().is_empty())
        {
            return Err(Error::invalid(
                "the save has no message, and require_message is set: say why the document changes",
            ));
        }
        if options.bump.is_some() && config.mode != VersioningMode::Semantic {
            return Err(Error::invalid(
                "bump is for semantic versions: leave it out, or set mode = \"semantic\"",
            ));
        }
        Ok(())
    }
}

/// Where a version will stand.
#[derive(Debug)]
pub(crate) struct Ground<'a> {
    pub(crate) config: &'a VersioningConfig,
    pub(crate) place: &'a Place,
    pub(crate) branch: &'a str,
    pub(crate) base: Option<&'a Head>,
    /// The state of the document that is to be replaced.
    pub(crate) over: Option<&'a Revision>,
    pub(crate) reading: &'a Reading,
    pub(crate) now: Timestamp,
    pub(crate) nonce: u64,
}

impl Ground<'_> {
    /// Decides what a version says; `previous` is the content before it, if changes are to be kept.
    ///
    /// # Errors
    /// `Invalid` if the numbers are used up.
    pub(crate) fn compose(&self, draft: &Draft, previous: Option<&Body>) -> Result<Sheet> {
        self.compose_after(self.base.map(Before::from).as_ref(), draft, previous)
    }

    /// Decides what a version says that counts on from these numbers, which others have had since the version that it follows.
    ///
    /// # Errors
    /// `Invalid` if the numbers are used up.
    pub(crate) fn compose_after(
        &self,
        before: Option<&Before>,
        draft: &Draft,
        previous: Option<&Body>,
    ) -> Result<Sheet> {
        let bump = draft.options.bump.unwrap_or_default();
        let number = Number::after(before, self.config.mode, bump, self.now)?;
        self.compose_as(number, draft, previous)
    }

    /// Decides what a version of these numbers says.
    ///
    /// # Errors
    /// `Invalid` if a document is none.
    pub(crate) fn compose_as(&self, number: Number, draft: &Draft, previous: Option<&Body>) -> Result<Sheet> {
        let (config, base, options) = (self.config, self.base, &draft.options);
        let body = draft.record.as_ref().map(|record| &record.body);
        let algorithm = config.checksum_algorithm;
        let checksum = body.map(|body| algorithm.hex(body.as_bytes())).unwrap_or_default();
        let sum = body.and_then(|body| short_sum(&body.checksum()));
        let parent = base.map(|base| base.name.as_str());
        // A branch that was made again may follow the same version with the same content.
        let is_again = self.branch != MAIN
            && base.is_some_and(|base| number.ordinal > base.id.ordinal.saturating_add(1));
        let again = if is_again { format!("\n{}", number.ordinal) } else { String::new() };
        let hash = || {
            let parent = parent.unwrap_or_default();
            let text = format!("{}\n{}\n{parent}\n{checksum}{again}", self.place.digest, self.branch);
            algorithm.hex(text.as_bytes()).get(..HASH_DIGITS).unwrap_or_default().to_owned()
        };
        let id = VersionId { ordinal: number.ordinal, nonce: self.nonce };
        // What is saved again unchanged is not stored again.
        let same = base.filter(|base| sum.is_some() && base.sum == sum).map(|base| base.holder);
        // After a deletion nothing is shared: the history may be purged while this is saved.
        let shares = |at: &Head| base == Some(at) && at.sum.is_some();
        let seen = draft.holder.as_ref().filter(|(_, at)| shares(at)).map(|(holder, _)| *holder);
        let info = VersionInfo {
            item: self.place.item.clone(),
            ordinal: number.ordinal,
            version: number.name(config.mode, self.branch, hash),
            created_at: number.created_at,
            created_by: options.author.clone(),
            message: options.message.clone(),
            parent: parent.map(str::to_owned),
            metadata: options.metadata.clone(),
            checksum,
            algorithm,
            size: body.map_or(0, |body| body.as_bytes().len() as u64),
            branch: self.branch.to_owned(),
            origin: draft.origin,
        };
        let facts = Facts {
            info,
            id,
            parent: base.map(|base| base.id),
            merged: draft.merged,
            holder: seen.or(same).unwrap_or(id),
            sum,
            floor: floor(config, base, number.ordinal),
            semantic: number.semantic,
            over: self.over.map(|revision| revision.as_str().to_owned()),
            extra: None,
        };
        let silent = draft.record.as_ref().filter(|record| !record.speaks_for_itself(self.reading));
        let attributes = silent.map(|record| record.attributes.clone());
        let changes = match (previous, body) {
            (Some(previous), Some(body)) if config.track_changes => Some(changed(previous, body)?),
            _ => None,
        };
        let document = body.filter(|_| facts.holder == id).cloned();
        Ok(Sheet { facts, attributes, changes, document })
    }
}

/// The lowest ordinal that is kept once `ordinal` is the latest.
fn floor(config: &VersioningConfig, base: Option<&Head>, ordinal: u64) -> u64 {
    let before = base.map_or(1, |base| base.floor);
    if config.auto_cleanup { before.max(wanted_floor(config, ordinal)) } else { before }
}

/// The lowest ordinal that the settings keep if `ordinal` is the latest.
pub(crate) fn wanted_floor(config: &VersioningConfig, ordinal: u64) -> u64 {
    match config.max_versions {
        0 => 1,
        most => ordinal.saturating_add(1).saturating_sub(most).max(1),
    }
}

fn changed(previous: &Body, body: &Body) -> Result<Vec<ChangedPath>> {
    if previous == body {
        return Ok(Vec::new());
    }
    Ok(paths(&previous.to_json()?, &body.to_json()?))
}
