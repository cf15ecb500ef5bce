//! What a store does for its own health: integrity, rebuilding, cleaning up, and saying what it can promise.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use serde::Serialize;

use crate::{Key, Result};

/// Looks after a store that keeps more than documents: an index, a log, a cache of its own.
///
/// Got from [`Store::upkeep`](crate::Store::upkeep). The documents are the truth: whatever else a store keeps can be rebuilt from them.
///
/// # Cancel safety
/// Dropping a future leaves the store whole; what was done is done, and the rest is found again by the next call.
#[async_trait]
pub trait Upkeep: Debug + Send + Sync {
    /// Checks every document, the index, and what is acknowledged but not yet in its place; with `repair`, mends what can be mended.
    ///
    /// Finishes first what an interrupted writer left to be finished. Leftovers of work that was never acknowledged are notes.
    ///
    /// # Errors
    /// What keeps the store from being looked at at all. Damage is no error but a [`Finding`].
    async fn verify(&self, options: VerifyOptions, progress: &dyn Progress) -> Result<Report>;

    /// Rebuilds the index from the documents; with `quick`, compares names only and reads what is new.
    ///
    /// # Errors
    /// What keeps the documents from being read at all. Single documents that cannot be read are findings.
    async fn reindex(&self, options: ReindexOptions, progress: &dyn Progress) -> Result<Report>;

    /// Finds documents that other programs added, finishes what is unfinished, and gives space back: earlier states of the store go, but
    /// for those that the options keep.
    ///
    /// One that meets another at work leaves it to it, and reports so as a note.
    ///
    /// # Errors
    /// What keeps the work from being done; [`Unsupported`](crate::ErrorKind::Unsupported) for a grace, by stores that keep no earlier
    /// states, and [`Invalid`](crate::ErrorKind::Invalid) where the settings say that none may be kept. Nothing is done then.
    async fn maintain(&self, options: MaintainOptions, progress: &dyn Progress) -> Result<Report>;

    /// Says what this store can and cannot promise here, and what its owner should know. Mends nothing, and tries nothing out.
    ///
    /// A store that was not used before is opened for it: what an interrupted writer left acknowledged may be put in its place then, as
    /// by any other call. What is not allowed, but keeps nobody from reading, is a finding.
    ///
    /// # Errors
    /// What keeps the store from being looked at at all.
    async fn diagnose(&self) -> Result<Report>;
}

/// Holds the choices of [`Upkeep::verify`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifyOptions {
    /// Mend what can be mended: rebuild a damaged index, drop entries whose documents are gone. Default: false.
    pub repair: bool,
}

impl VerifyOptions {
    /// Sets whether to mend what can be mended.
    #[must_use]
    pub fn with_repair(mut self, repair: bool) -> Self {
        self.repair = repair;
        self
    }
}

/// Holds the choices of [`Upkeep::reindex`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReindexOptions {
    /// Compare names only, and read what is new. Default: false.
    pub quick: bool,
}

impl ReindexOptions {
    /// Sets whether to compare names only.
    #[must_use]
    pub fn with_quick(mut self, quick: bool) -> Self {
        self.quick = quick;
        self
    }
}

/// Holds the choices of [`Upkeep::maintain`].
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use truthound_stores_core::MaintainOptions;
///
/// let options = MaintainOptions::default().with_grace(Duration::from_hours(24));
/// assert_eq!(options.grace.as_secs(), 86_400);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MaintainOptions {
    /// How long what was replaced stays readable: earlier states of the store that were current less than this ago are kept, by the
    /// clock of where it is stored. Default: 0, none is kept.
    pub grace: Duration,
}

impl MaintainOptions {
    /// Sets how long what was replaced stays readable.
    #[must_use]
    pub fn with_grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }
}

/// Watches long work; called often, from any thread.
pub trait Progress: Send + Sync {
    /// Hears that `done` of `total` (unknown at times) are done in the stage that `doing` names, such as "reading documents".
    fn advance(&self, doing: &'static str, done: u64, total: Option<u64>);
}

/// Lets nobody watch.
impl Progress for () {
    fn advance(&self, _: &'static str, _: u64, _: Option<u64>) {}
}

/// Says what upkeep found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// How many documents were looked at.
    pub documents: u64,
    /// What was found, in the order in which it was found.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Begins with nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a finding.
    pub fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Tells whether something that was acknowledged is damaged or missing, and was not mended.
    pub fn is_damaged(&self) -> bool {
        self.findings.iter().any(|finding| finding.level == Level::Damage && !finding.repaired)
    }

    /// Adds what another part of the store reports.
    pub fn merge(&mut self, other: Self) {
        self.documents += other.documents;
        self.findings.extend(other.findings);
    }
}

/// Says how much a [`Finding`] matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// It is as it should be: something the store can promise, or did.
    Good,
    /// Worth knowing; nothing has to be done.
    Note,
    /// Something that the store cannot promise here, or that its owner should change.
    Warning,
    /// What was acknowledged is damaged or missing.
    Damage,
}

/// Says one thing that upkeep found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// What it is about, in a word or two that scripts may match: `document`, `index`, `file system`.
    pub subject: &'static str,
    /// The document, if it is about one, as `collection/id`.
    #[serde(serialize_with = "as_text")]
    pub key: Option<Key>,
    /// What was found, naming the culprit.
    pub message: String,
    /// What to do about it, where there is something.
    pub remedy: Option<String>,
    /// Whether it was mended.
    pub repaired: bool,
}

impl Finding {
    /// Says what was found.
    pub fn new(level: Level, subject: &'static str, message: impl Into<String>) -> Self {
        Self { level, subject, key: None, message: message.into(), remedy: None, repaired: false }
    }

    /// Names the document that it is about.
    #[must_use]
    pub fn at(mut self, key: Key) -> Self {
        self.key = Some(key);
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Says whether it was mended; what would have helped is dropped then, since nobody needs it any more.
    #[must_use]
    pub fn with_repaired(mut self, repaired: bool) -> Self {
        self.repaired = repaired;
        if repaired {
            self.remedy = None;
        }
        self
    }
}

#[allow(clippy::ref_option, reason = "the form that serde asks for")]
fn as_text<S: serde::Serializer>(key: &Option<Key>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    match key {
        Some(key) => serializer.collect_str(key),
        None => serializer.serialize_none(),
    }
}
