//! The settings that all stores with a catalog share.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use truthound_stores_core::codec::Codec;
use truthound_stores_core::options::Options;
use truthound_stores_core::{Error, Result, StoreConfig};

/// Says how old what a query answers may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consistency {
    /// As of a moment after the query began.
    #[default]
    Strong,
    /// As of a moment at most [`staleness_ms`](CatalogConfig::staleness_ms) before: queries that follow each other share their requests. What
    /// was written through the same handle is seen all the same.
    Bounded,
}

/// Says where the row of a save stands until it is folded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TailRow {
    /// In the name of its object where it fits: readers get it with the listing.
    #[default]
    Name,
    /// In the object: nothing of a document shows in names (access logs hold them), and each costs its readers a request.
    Body,
}

/// Holds the settings of a [`CatalogStore`](crate::CatalogStore).
///
/// # Examples
/// ```
/// use truthound_stores_catalog::{CatalogConfig, Consistency};
/// use truthound_stores_core::options::Options;
///
/// let options = Options::from_pairs([("namespace", "prod"), ("consistency", "bounded"), ("staleness_ms", "500")])?;
/// let config = CatalogConfig::from_options(&options)?;
/// assert_eq!((config.store.namespace.as_str(), config.consistency), ("prod", Consistency::Bounded));
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CatalogConfig {
    /// The settings that all stores share. The prefix is `truthound/` unless given.
    #[serde(flatten)]
    pub store: StoreConfig,
    /// Compress new documents with gzip, unless `compression` says otherwise. Default: true.
    pub use_compression: Option<bool>,
    /// How old what a query answers may be: `strong` or `bounded`. Default: `strong`.
    pub consistency: Consistency,
    /// With `bounded`, how old, in milliseconds. Default: 1,000.
    pub staleness_ms: Option<u64>,
    /// Where the row of a save stands until it is folded: `name` or `body`. Default: `name`.
    pub tail_row: TailRow,
    /// For how many days queries can be asked as of the past, a state a day; the last 64 states besides. 0 keeps none at all, where what is
    /// deleted has to be gone from the catalog soon. Default: 7.
    pub history_days: u64,
    /// How often documents that other programs added, changed or removed are looked for by this handle, in seconds, as `reindex --quick`
    /// does, beginning with its first call; 0 is never: then [`maintain`](truthound_stores_core::Upkeep::maintain) finds them. Default: 0.
    pub adopt_interval: u64,
}

impl Default for CatalogConfig {
    fn default() -> Self {
        Self {
            store: StoreConfig::default(),
            use_compression: None,
            consistency: Consistency::Strong,
            staleness_ms: None,
            tail_row: TailRow::Name,
            history_days: 7,
            adopt_interval: 0,
        }
    }
}

/// The settings beside those of [`StoreConfig`], as they stand in options.
#[derive(Deserialize)]
#[serde(default)]
struct Own {
    use_compression: Option<bool>,
    consistency: Consistency,
    staleness_ms: Option<u64>,
    tail_row: TailRow,
    history_days: u64,
    adopt_interval: u64,
}

impl Default for Own {
    fn default() -> Self {
        let config = CatalogConfig::default();
        Self {
            use_compression: config.use_compression,
            consistency: config.consistency,
            staleness_ms: config.staleness_ms,
            tail_row: config.tail_row,
            history_days: config.history_days,
            adopt_interval: config.adopt_interval,
        }
    }
}

impl CatalogConfig {
    /// The prefix unless another is given.
    pub const DEFAULT_PREFIX: &'static str = crate::layout::DEFAULT_PREFIX;
    /// The names of these settings beside [`StoreConfig::NAMES`].
    pub const OWN_NAMES: &'static [&'static str] =
        &["use_compression", "consistency", "staleness_ms", "tail_row", "history_days", "adopt_interval"];

    const DEFAULT_STALENESS: u64 = 1_000;

    /// Makes the default settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the settings by name.
    ///
    /// # Errors
    /// [`Invalid`](truthound_stores_core::ErrorKind::Invalid), naming the option, for one that does not exist or has the wrong type.
    /// Combinations are checked when a store is opened.
    pub fn from_options(options: &Options) -> Result<Self> {
        let names = [StoreConfig::NAMES, Self::OWN_NAMES].concat();
        let mut shared = options.clone();
        let mut own = Options::new();
        for name in Self::OWN_NAMES {
            if let Some(value) = shared.remove(name) {
                own = own.with(*name, value);
            }
        }
        // Checks the names of both parts against all that exist.
        options.read::<serde::de::IgnoredAny>("catalog", &names)?;
        let own: Own = own.read("catalog", &names)?;
        Ok(Self {
            store: shared.read("catalog", &names)?,
            use_compression: own.use_compression,
            consistency: own.consistency,
            staleness_ms: own.staleness_ms,
            tail_row: own.tail_row,
            history_days: own.history_days,
            adopt_interval: own.adopt_interval,
        })
    }

    /// Sets the settings that all stores share.
    #[must_use]
    pub fn with_store(mut self, store: StoreConfig) -> Self {
        self.store = store;
        self
    }

    /// Sets whether new documents are compressed with gzip.
    #[must_use]
    pub fn with_use_compression(mut self, yes: bool) -> Self {
        self.use_compression = Some(yes);
        self
    }

    /// Lets queries answer what was so at most `staleness_ms` milliseconds before.
    #[must_use]
    pub fn with_bounded(mut self, staleness_ms: u64) -> Self {
        self.consistency = Consistency::Bounded;
        self.staleness_ms = Some(staleness_ms);
        self
    }

    /// Sets where the row of a save stands until it is folded.
    #[must_use]
    pub fn with_tail_row(mut self, tail_row: TailRow) -> Self {
        self.tail_row = tail_row;
        self
    }

    /// Sets for how many days queries can be asked as of the past.
    #[must_use]
    pub fn with_history_days(mut self, days: u64) -> Self {
        self.history_days = days;
        self
    }

    /// Sets how often documents of other programs are looked for, in seconds; 0 is never.
    #[must_use]
    pub fn with_adopt_interval(mut self, seconds: u64) -> Self {
        self.adopt_interval = seconds;
        self
    }

    /// Decides how new documents are written.
    ///
    /// # Errors
    /// `Invalid` for contradicting settings of compression; `Unsupported` for a codec that is not compiled in.
    pub(crate) fn codec(&self) -> Result<Codec> {
        let compression = self.store.effective_compression(self.use_compression, true)?;
        let codec = Codec::new(self.store.serialization_format, compression);
        codec.check_available()?;
        Ok(codec)
    }

    /// Says for how long queries use a view again; `None` if they never do.
    ///
    /// # Errors
    /// `Invalid` for a staleness without effect.
    pub(crate) fn staleness(&self) -> Result<Option<Duration>> {
        match (self.consistency, self.staleness_ms) {
            (Consistency::Strong, Some(_)) => Err(Error::invalid(
                "staleness_ms has no effect with consistency = \"strong\": leave it out, or set consistency = \"bounded\"",
            )),
            (Consistency::Strong, None) => Ok(None),
            (Consistency::Bounded, age) => {
                Ok(Some(Duration::from_millis(age.unwrap_or(Self::DEFAULT_STALENESS))))
            }
        }
    }
}

#[cfg(test)]
mod tests;
