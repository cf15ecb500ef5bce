//! The stores that records are moved to.

use std::sync::Arc;

use truthound_stores_core::{Error, Result, Store, StoreInfo};

use crate::{RetentionAction, RetentionConfig};

/// Holds the stores that records are moved to, by what is done with them.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RetentionTargets {
    /// Takes what is archived.
    pub archive: Option<Arc<dyn Store>>,
    /// Takes what is put in quarantine.
    pub quarantine: Option<Arc<dyn Store>>,
}

impl RetentionTargets {
    /// Names no stores: for policies that only delete.
    pub fn none() -> Self {
        Self::default()
    }

    /// Sets the archive: any store, in its own layout. One that has tiers or storage classes is opened with that option.
    #[must_use]
    pub fn with_archive(mut self, store: Arc<dyn Store>) -> Self {
        self.archive = Some(store);
        self
    }

    /// Sets the quarantine.
    #[must_use]
    pub fn with_quarantine(mut self, store: Arc<dyn Store>) -> Self {
        self.quarantine = Some(store);
        self
    }

    pub(crate) fn of(&self, action: RetentionAction) -> Option<&Arc<dyn Store>> {
        match action {
            RetentionAction::Archive => self.archive.as_ref(),
            RetentionAction::Quarantine => self.quarantine.as_ref(),
            RetentionAction::Delete => None,
        }
    }

    /// Checks that there is a store for each action that a policy may want.
    pub(crate) fn check(&self, config: &RetentionConfig) -> Result<()> {
        let mut actions = Vec::new();
        config.policies.iter().for_each(|policy| policy.actions(&mut actions));
        for action in [RetentionAction::Archive, RetentionAction::Quarantine] {
            if actions.contains(&action) && self.of(action).is_none() {
                return Err(Error::invalid(format!(
                    "a policy has the action {action}, and no store is named that takes the records: set {action}, or choose another \
                     action; nothing is ever deleted instead"
                )));
            }
        }
        Ok(())
    }

    /// Checks that records are not to be moved to where they are.
    pub(crate) fn check_apart(&self, source: &StoreInfo) -> Result<()> {
        for action in [RetentionAction::Archive, RetentionAction::Quarantine] {
            let Some(target) = self.of(action) else { continue };
            let info = target.info();
            // Stores of one process may share a name; their copies are told apart by what is written on them.
            let named = info.capabilities.durable;
            if named && info.backend == source.backend && info.location == source.location {
                return Err(Error::invalid(format!(
                    "{action} names the store itself, {}: name another place",
                    info.location
                )));
            }
        }
        Ok(())
    }
}
