//! What a process does for the health of the store: folding, cleaning up, adopting, rebuilding.

use std::time::Duration;

use truthound_stores_core::{
    Collection, MaintainOptions, ReindexOptions, Store as _, Timer, Upkeep, VerifyOptions,
};

use super::process::{Process, passes};
use crate::clean_up::{Cleaner, Keep};

impl Process {
    /// Does one thing.
    pub(super) async fn tend(&self) {
        let done = match self.chance(14) {
            0..5 => {
                self.fold_soon();
                return;
            }
            5..7 => return self.clean_up().await,
            7..11 => self.store.maintain(self.grace(), &()).await,
            11 => self.store.reindex(ReindexOptions::default().with_quick(true), &()).await,
            12 => self.store.reindex(ReindexOptions::default(), &()).await,
            _ => self.store.verify(VerifyOptions::default().with_repair(self.chance(2) == 0), &()).await,
        };
        if let Err(error) = done {
            passes(&error);
        }
    }

    /// Does nothing else, as what cron starts.
    pub(super) async fn keep(self, things: u64) {
        for _ in 0..things {
            self.timer.sleep(Duration::from_millis(self.chance(6_000))).await;
            // It is the first call of a handle that learns of the catalog.
            self.count().await;
            match self.chance(3) {
                0 => self.fold_soon(),
                1 => self.clean_up().await,
                _ => match self.store.maintain(self.grace(), &()).await {
                    Ok(report) => assert!(!report.is_damaged(), "{report:?}"),
                    Err(error) => passes(&error),
                },
            }
        }
        self.store.close().await.unwrap();
    }

    fn grace(&self) -> MaintainOptions {
        let minutes = if self.settings.history_days == 0 { 0 } else { self.pick(&[0, 10, 180]) };
        MaintainOptions::default().with_grace(Duration::from_mins(minutes))
    }

    /// Begins a fold in the background, as one save in a thousand does.
    fn fold_soon(&self) {
        let inner = &self.store.inner;
        if let Some(live) = inner.slot(&Collection::RESULTS).live() {
            live.fold_soon(&*inner.runtime);
        }
    }

    /// Cleans up, as every 64th generation does.
    async fn clean_up(&self) {
        let Some(live) = self.store.inner.slot(&Collection::RESULTS).live() else { return };
        let keep = Keep { roots: self.chance(3) as usize, days: self.settings.history_days, grace: 0 };
        let cleaner = Cleaner::of(&live.folder);
        let removed = cleaner.remove_marks().await.map(drop);
        if let Err(error) = removed.and(cleaner.clean_up(keep).await.map(drop)) {
            passes(&error);
        }
    }
}
