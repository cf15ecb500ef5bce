//! What Truthound knew of its versions, and kept in memory alone.

use std::collections::BTreeMap;

use truthound_stores_core::json::{Json, Layout};
use truthound_stores_core::{Error, Reading, Result, Timestamp};

use super::python::sorted_dump;
use crate::checksum::ChecksumAlgorithm;

/// Says of a version of Truthound's what its document does not: who made it, when and why, and its checksum.
///
/// Truthound never stores this. Whoever has the process still running can write it down before an import:
/// `json.dump([info.to_dict() for id in ids for info in store.get_version_history(id)], file)`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VersionNote {
    /// The item's id.
    pub item: String,
    /// The version's number, as it stands in the id of its document.
    pub number: u64,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: Option<String>,
    /// Why.
    pub message: Option<String>,
    /// The number of the version before it.
    pub parent: Option<u64>,
    /// The caller's own facts; what is no string is kept as JSON.
    pub metadata: BTreeMap<String, String>,
    /// The checksum of the document as Truthound writes it, with sorted names: SHA-256, SHA-1 or MD5, told by its length.
    pub checksum: Option<String>,
}

impl VersionNote {
    /// Reads a JSON array of what `VersionInfo.to_dict()` of Truthound gives; times without an offset are read as `reading` says.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid), naming the entry and what is wrong in it.
    ///
    /// # Examples
    /// ```
    /// use truthound_stores_core::Reading;
    /// use truthound_stores_versioning::VersionNote;
    ///
    /// let text = br#"[{"item_id": "run_1", "version": 2, "created_at": "2026-01-31T12:00:00", "message": "late rows", "parent_version": 1}]"#;
    /// let notes = VersionNote::read_all(text, &Reading::default())?;
    /// assert_eq!((notes[0].number, notes[0].message.as_deref()), (2, Some("late rows")));
    /// # Ok::<(), truthound_stores_core::Error>(())
    /// ```
    pub fn read_all(text: &[u8], reading: &Reading) -> Result<Vec<Self>> {
        let json = Json::parse(text)?;
        let entries = json.as_array().ok_or_else(|| {
            Error::invalid("what is known of versions is an array of objects, one for each version")
        })?;
        let read = |(at, entry)| {
            Self::of(entry, reading).map_err(|error: Error| error.with("entry", format!("{}", at + 1)))
        };
        entries.iter().enumerate().map(read).collect()
    }

    fn of(entry: &Json, reading: &Reading) -> Result<Self> {
        let given = |name: &str| entry.get(name).filter(|value| !value.is_null());
        let text = |name: &str| -> Result<Option<String>> {
            let read = |value: &Json| value.as_str().map(str::to_owned);
            given(name)
                .map(|value| read(value).ok_or_else(|| Error::invalid(format!("{name} is no string"))))
                .transpose()
        };
        let number = |name: &str| -> Result<Option<u64>> {
            let read = |value: &Json| value.as_i64().and_then(|number| u64::try_from(number).ok());
            given(name)
                .map(|value| read(value).ok_or_else(|| Error::invalid(format!("{name} is no whole number"))))
                .transpose()
        };
        let lacking = |name: &str| Error::invalid(format!("{name} is missing"));
        let created_at =
            text("created_at")?.map(|time| Timestamp::parse(&time, &reading.assume_timezone)).transpose()?;
        let metadata = match given("metadata") {
            None => BTreeMap::new(),
            Some(value) => value
                .as_object()
                .ok_or_else(|| Error::invalid("metadata is no object"))?
                .iter()
                // The document itself, which the mode git-like adds.
                .filter(|(name, value)| !(*name == "content" && value.as_object().is_some()))
                .map(|(name, value)| (name.to_owned(), plain(value)))
                .collect(),
        };
        Ok(Self {
            item: text("item_id")?.ok_or_else(|| lacking("item_id"))?,
            number: number("version")?.ok_or_else(|| lacking("version"))?,
            created_at,
            created_by: text("created_by")?,
            message: text("message")?,
            parent: number("parent_version")?,
            metadata,
            checksum: text("checksum")?.filter(|checksum| !checksum.is_empty()),
        })
    }

    /// Checks a document, whose id is the item's, against the checksum, and names the hash; none if no checksum is known.
    ///
    /// # Errors
    /// `Corrupt` if it is another document; `Unsupported` if no hash has checksums of this length.
    pub(super) fn check(&self, document: &[u8]) -> Result<Option<ChecksumAlgorithm>> {
        let Some(checksum) = &self.checksum else { return Ok(None) };
        let algorithm = match checksum.len() {
            64 => ChecksumAlgorithm::Sha256,
            40 => ChecksumAlgorithm::Sha1,
            32 => ChecksumAlgorithm::Md5,
            digits => {
                return Err(Error::unsupported(format!(
                    "no hash is known whose checksums have {digits} digits"
                )));
            }
        };
        let found = algorithm.hex(&sorted_dump(document)?);
        if found == *checksum {
            return Ok(Some(algorithm));
        }
        Err(Error::corrupt(format!("its {algorithm} is {found}, and was {checksum} when it was saved")))
    }
}

fn plain(value: &Json) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => String::from_utf8_lossy(&value.to_vec(Layout::Compact)).into_owned(),
    }
}

#[cfg(test)]
mod tests;
