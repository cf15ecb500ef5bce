//! Going over all rows that count in one view of a catalog.

use std::sync::Arc;

use truthound_stores_core::Result;

use super::Rebuilder;
use crate::library::is_gone;
use crate::query::{Consistency, Index, Snapshot};
use crate::row::Row;
use crate::segment::{Bounds, Scan};

/// How often a view is taken anew because clean-up has removed what it needs.
const VIEWS: u32 = 5;

/// A row that counts.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) row: Row,
    /// Of a tombstone in a segment, when it came to the tail, in milliseconds of the store's clock.
    pub(crate) arrived: Option<i64>,
}

impl Rebuilder<'_> {
    /// Takes a view of the catalog as it is now, and goes over its rows, tombstones among them; `begin` makes what they are collected in, once for
    /// each view that has to be begun with.
    ///
    /// # Errors
    /// Those of the requests; `Corrupt`, naming the object, for what is not what was written.
    pub(crate) async fn view<T: Send>(
        &self,
        begin: impl Fn() -> T + Send + Sync,
        mut visit: impl FnMut(&mut T, Seen) + Send,
    ) -> Result<T> {
        let (library, clock) = (Arc::clone(self.library), Arc::clone(&self.wire.clock));
        let collection = self.documents.form.collection.clone();
        let index = Index::new(library, clock, collection, Consistency::Strong);
        let mut tries = 0;
        loop {
            let mut into = begin();
            let went = async {
                let snapshot = index.fresh().await?;
                each(&index, &snapshot, &mut |seen| visit(&mut into, seen)).await
            };
            match Box::pin(went).await {
                Ok(()) => return Ok(into),
                Err(error) if is_gone(&error) && tries < VIEWS => tries += 1,
                Err(error) => return Err(error),
            }
            self.documents.bucket.pause(tries, None).await;
        }
    }
}

async fn each(index: &Index, snapshot: &Snapshot, visit: &mut (impl FnMut(Seen) + Send)) -> Result<()> {
    for row in snapshot.news.all() {
        visit(Seen { row: row.clone(), arrived: None });
    }
    let all = Bounds { ascending: true, deletes: true, ..Bounds::default() };
    for segment in snapshot.segments() {
        let volume = index.library().volume(segment).await?;
        let mut scan = Scan::new(&volume.opened, &volume.reader, &volume.kills, all.clone());
        while let Some((_, entry)) = scan.next().await? {
            if !snapshot.news.covers(&entry.row.id, entry.row.state) {
                let arrived = (!entry.is_put()).then_some(entry.arrived);
                visit(Seen { row: entry.row, arrived });
            }
        }
    }
    Ok(())
}
