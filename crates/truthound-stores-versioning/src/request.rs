//! What a caller says with a save, and how it travels through wrappers outside of this one: in the record's `ext`.

use std::collections::BTreeMap;

use truthound_stores_core::{Error, Ext, Record, Result};

use crate::number::Bump;

const MESSAGE: &str = "versioning.message";
const AUTHOR: &str = "versioning.author";
const EXPECTED: &str = "versioning.expected_version";
const BRANCH: &str = "versioning.branch";
const BUMP: &str = "versioning.bump";
const METADATA: &str = "versioning.metadata.";

/// Holds what is said with a save.
///
/// Passed to [`VersionedStore::save`](crate::VersionedStore::save) directly. Where other wrappers stand outside of the versioned store,
/// [`attach`](Self::attach) puts it into the record: they pass it on, and the versioned store takes it out again, so that it is
/// stored with the version and not with the document.
///
/// # Examples
/// ```
/// use truthound_stores_core::{Collection, Reading, Record};
/// use truthound_stores_versioning::SaveOptions;
///
/// let text = br#"{"run_id": "r", "run_time": "2026-01-31", "data_asset": "orders", "status": "success"}"#;
/// let mut record = Record::parse(Collection::RESULTS, text, &Reading::default())?;
/// SaveOptions::new().with_message("late rows").with_expected_version("3").attach(&mut record)?;
/// assert_eq!(record.attributes.ext.get("versioning.message"), Some("late rows"));
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SaveOptions {
    /// Why the document changes, up to 4,096 bytes; what travels through wrappers outside has less room. Default: none.
    pub message: Option<String>,
    /// Who changes it, up to 256 bytes. Default: none.
    pub author: Option<String>,
    /// Save only if this is the latest version: an ordinal, a name, or the prefix of a hash that no other version has; `0` for a document that does not exist yet.
    /// Default: whatever is the latest.
    pub expected_version: Option<String>,
    /// The branch to save on; needs `enable_branching`. Default: `main`, the current document.
    pub branch: Option<String>,
    /// Which part of a semantic version is raised; for that mode only. Default: `patch`.
    pub bump: Option<Bump>,
    /// Facts of the caller's own, names and values up to 4,096 bytes. Default: none.
    pub metadata: BTreeMap<String, String>,
}

impl SaveOptions {
    /// The most bytes of a message.
    pub const MAX_MESSAGE: usize = 4096;
    /// The most bytes of an author's name.
    pub const MAX_AUTHOR: usize = 256;
    /// The most bytes of the names and values of `metadata`.
    pub const MAX_METADATA: usize = 4096;

    /// Says nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says why the document changes.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Says who changes it.
    #[must_use]
    pub fn with_author(mut self, author: impl Into<String>) -> Self {
        self.author = Some(author.into());
        self
    }

    /// Saves only if `version` is the latest.
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "numbers and texts alike")]
    pub fn with_expected_version(mut self, version: impl ToString) -> Self {
        self.expected_version = Some(version.to_string());
        self
    }

    /// Saves on a branch.
    #[must_use]
    pub fn with_branch(mut self, branch: impl Into<String>) -> Self {
        self.branch = Some(branch.into());
        self
    }

    /// Says which part of a semantic version is raised.
    #[must_use]
    pub fn with_bump(mut self, bump: Bump) -> Self {
        self.bump = Some(bump);
        self
    }

    /// Adds a fact of the caller's own.
    #[must_use]
    pub fn with_metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    /// Puts what is said into a record, for stacks in which other wrappers stand outside of the versioned store.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid) if it takes more room than a record has for such facts
    /// ([`Ext::MAX_BYTES`]).
    pub fn attach(&self, record: &mut Record) -> Result<()> {
        let mut ext = record.attributes.ext.clone();
        let facts = [
            (MESSAGE, self.message.as_deref()),
            (AUTHOR, self.author.as_deref()),
            (EXPECTED, self.expected_version.as_deref()),
            (BRANCH, self.branch.as_deref()),
            (BUMP, self.bump.map(Bump::as_str)),
        ];
        for (name, value) in facts.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            ext.set(name, value)?;
        }
        for (name, value) in &self.metadata {
            ext.set(format!("{METADATA}{name}"), value.as_str())?;
        }
        record.attributes.ext = ext;
        Ok(())
    }

    /// Takes what is said out of a record's facts.
    ///
    /// # Errors
    /// `Invalid` for an unknown bump.
    pub(crate) fn take(ext: &mut Ext) -> Result<Self> {
        let metadata: Vec<String> = ext
            .iter()
            .map(|(name, _)| name)
            .filter(|name| name.starts_with(METADATA))
            .map(str::to_owned)
            .collect();
        let mut options = Self {
            message: ext.remove(MESSAGE),
            author: ext.remove(AUTHOR),
            expected_version: ext.remove(EXPECTED),
            branch: ext.remove(BRANCH),
            bump: ext.remove(BUMP).map(|bump| bump.parse()).transpose()?,
            metadata: BTreeMap::new(),
        };
        for name in metadata {
            if let (Some(value), Some(own)) = (ext.remove(&name), name.strip_prefix(METADATA)) {
                options.metadata.insert(own.to_owned(), value);
            }
        }
        Ok(options)
    }

    /// Checks sizes.
    ///
    /// # Errors
    /// `Invalid`, naming what is too long.
    pub(crate) fn validate(&self) -> Result<()> {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let metadata = self.metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
        for (what, bytes, most) in [
            ("message", length(&self.message), Self::MAX_MESSAGE),
            ("author", length(&self.author), Self::MAX_AUTHOR),
            ("metadata", metadata, Self::MAX_METADATA),
        ] {
            if bytes > most {
                return Err(Error::invalid(format!(
                    "the {what} has {bytes} bytes: at most {most} are kept with a version"
                )));
            }
        }
        Ok(())
    }
}
