//! Retention whose archive and quarantine are named by URL.

use std::sync::Arc;

use truthound_stores_core::options::Options;
use truthound_stores_core::{Result, StoreUrl, SystemClock};

use super::Registry;
use crate::{Retention, RetentionConfig, RetentionTargets};

impl Registry {
    /// Makes a retention of its settings by name, and opens the stores that it moves records to.
    ///
    /// # Errors
    /// As for [`RetentionConfig::from_options`], [`Retention::new`] and [`open`](Self::open), naming the target.
    ///
    /// # Cancel safety
    /// As for [`get_store`](Self::get_store).
    pub async fn open_retention(&self, options: &Options) -> Result<Retention> {
        let config = RetentionConfig::from_options(options)?;
        let mut targets = RetentionTargets::none();
        if let Some(url) = &config.archive {
            targets = targets.with_archive(self.open_target("archive", url).await?);
        }
        if let Some(url) = &config.quarantine {
            targets = targets.with_quarantine(self.open_target("quarantine", url).await?);
        }
        Retention::new(&config, targets, Arc::new(SystemClock::new()))
    }

    async fn open_target(
        &self,
        name: &'static str,
        url: &StoreUrl,
    ) -> Result<Arc<dyn truthound_stores_core::Store>> {
        self.open_url(url, Options::new()).await.map_err(|error| error.with("target", name))
    }
}
