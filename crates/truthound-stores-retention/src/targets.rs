//! The stores that records are moved to.

use std::sync::Arc;

use truthound_stores_core::{
    Attributes, Body, Clock, Collection, Error, ErrorKind, Key, Record, Result, Status, Store, StoreExt as _,
    random_u64,
};

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

    /// Checks that records are not to be moved to where they are: what is written there must not be found here.
    ///
    /// Names do not tell: one place may have two, and two places of one server may be shown by one.
    ///
    /// # Errors
    /// `Invalid` for a target that is the store itself; what writing there or reading here answers.
    pub(crate) async fn check_apart<S: Store + ?Sized>(&self, source: &S, clock: &dyn Clock) -> Result<()> {
        let key = Key::new(Collection::hidden("retention")?, "probe")?;
        for action in [RetentionAction::Archive, RetentionAction::Quarantine] {
            let Some(target) = self.of(action) else { continue };
            let body = Body::parse(format!(r#"{{"probe":"{:016x}"}}"#, random_u64(clock)).as_bytes())?;
            let attributes = Attributes::new("retention.probe", clock.now(), Status::NONE);
            target.put(Record::new(key.clone(), attributes, body.clone())).await?;
            let found = match source.read(&key).await {
                Ok(stored) => stored.into_body()? == body,
                Err(error) if error.kind() == ErrorKind::NotFound => false,
                Err(error) => return Err(error),
            };
            // One that stays is overwritten by the next.
            drop(target.delete(&key).await);
            if found {
                let name = target.info().location;
                return Err(Error::invalid(format!(
                    "{action} names the store itself ({name}): name another place"
                )));
            }
        }
        Ok(())
    }
}
