//! Bugs of claims.

use async_trait::async_trait;
use truthound_stores_core::{
    Capabilities, ChangePage, ChangeToken, DeleteOptions, Key, PutMode, PutOptions, Record, Result, Store,
    StoreInfo, Written,
};

use super::behaviour::Behaviour;

/// Does not claim what it does badly.
#[derive(Debug)]
pub(super) struct DoesWhatItDoesNotClaim(pub(super) fn(Capabilities) -> Capabilities);

#[async_trait]
impl Behaviour for DoesWhatItDoesNotClaim {
    fn info(&self, inner: &dyn Store) -> StoreInfo {
        let info = inner.info();
        let claimed = (self.0)(info.capabilities);
        info.with_capabilities(claimed)
    }

    async fn put(&self, inner: &dyn Store, record: Record, opts: PutOptions) -> Result<Written> {
        let claimed = self.info(inner).capabilities;
        let unclaimed = match opts.mode {
            PutMode::Create => !claimed.create_only,
            PutMode::Replace(_) => !claimed.compare_and_swap,
            _ => false,
        };
        inner.put_opts(record, if unclaimed { PutOptions::default() } else { opts }).await
    }

    async fn delete(&self, inner: &dyn Store, key: &Key, opts: DeleteOptions) -> Result<bool> {
        let claimed = self.info(inner).capabilities.compare_and_swap;
        inner.delete_opts(key, if claimed { opts } else { DeleteOptions::default() }).await
    }
}

/// Claims a feed and has none that ever says anything.
#[derive(Debug)]
pub(super) struct FeedIsEmpty;

#[async_trait]
impl Behaviour for FeedIsEmpty {
    async fn changes(
        &self,
        inner: &dyn Store,
        after: Option<ChangeToken>,
        limit: usize,
    ) -> Result<ChangePage> {
        let mut page = inner.changes(after, limit).await?;
        page.changes.clear();
        Ok(page)
    }
}

/// Shows its parts on a line each.
#[derive(Debug)]
pub(super) struct ShowsTwoLines;

impl Behaviour for ShowsTwoLines {
    fn display(&self, inner: &dyn Store) -> String {
        format!("Broken over\n{inner}")
    }
}
