//! What the current document says of its version, in its `ext`; also where a branch stands.

use std::fmt;
use std::str::FromStr;

use truthound_stores_core::{Attributes, Checksum, Error, Ext, Result, Timestamp};

use crate::facts::sum_of;
use crate::number::{Semantic, VersionId};

/// The name of the fact; no other is added to a document.
pub(crate) const HEAD: &str = "versioning.head";

/// Stands before a head whose document has more facts of others than leave room for it; the version's record has them.
const SPILLED: char = '*';

/// The latest version of a line: all that the next one must know, so that a save does not read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) id: VersionId,
    pub(crate) holder: VersionId,
    /// None for a deletion.
    pub(crate) sum: Option<Checksum>,
    pub(crate) created_at: Timestamp,
    pub(crate) floor: u64,
    pub(crate) semantic: Option<Semantic>,
    pub(crate) name: String,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let holder = (self.holder != self.id).then(|| self.holder.to_string());
        write!(
            f,
            "{} {} {} {} {} {} {}",
            self.id,
            or(holder),
            or(self.sum.map(|sum| sum.to_string())),
            self.created_at.as_micros(),
            self.floor,
            or(self.semantic.map(|version| version.to_string())),
            self.name
        )
    }
}

impl FromStr for Head {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refuse = || Error::corrupt(format!("{text:?} names no version"));
        let mut parts = text.splitn(7, ' ');
        let mut next = || parts.next().ok_or_else(refuse);
        let given = |part: &str| (part != "-").then(|| part.to_owned());
        let id: VersionId = next()?.parse()?;
        let holder = given(next()?).map(|part| part.parse()).transpose()?.unwrap_or(id);
        let sum = given(next()?).as_deref().map(sum_of).transpose()?;
        let micros: i64 = next()?.parse().map_err(|cause| refuse().caused_by(cause))?;
        let floor: u64 = next()?.parse().map_err(|cause| refuse().caused_by(cause))?;
        let semantic = given(next()?).map(|part| part.parse()).transpose()?;
        let name = next()?.to_owned();
        Ok(Self { id, holder, sum, created_at: Timestamp::from_micros(micros), floor, semantic, name })
    }
}

/// Adds the head to a document's facts. Where others have left no room they go, and the answer is true: the version's record keeps them.
pub(crate) fn write(ext: &mut Ext, head: &Head) -> Result<bool> {
    if ext.set(HEAD, head.to_string()).is_ok() {
        return Ok(false);
    }
    *ext = Ext::default();
    ext.set(HEAD, format!("{SPILLED}{head}"))?;
    Ok(true)
}

/// Takes the head out of a document's facts, and tells whether those of others are elsewhere.
///
/// A text that nobody here wrote counts as none: the document was then written from outside.
pub(crate) fn take(attributes: &mut Attributes) -> Option<(Head, bool)> {
    let text = attributes.ext.remove(HEAD)?;
    let (text, spilled) = text.strip_prefix(SPILLED).map_or((text.as_str(), false), |text| (text, true));
    Some((text.parse().ok()?, spilled))
}

#[cfg(test)]
mod tests;
