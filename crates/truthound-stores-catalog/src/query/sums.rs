//! Counting and summing up documents, without reading what neither takes.

use futures_util::{StreamExt, TryStreamExt, stream};
use truthound_stores_core::{Grouping, Query, Result, Summaries, Summary};

use super::ended::Ended;
use super::meta::meta;
use super::ordered::{Cells, Ordered};
use super::{At, Index, Plan, Snapshot};
use crate::flaw::Flaw;
use crate::library::{Volume, is_gone};
use crate::root::Segment;
use crate::segment::{Bounds, Kills, count, sums};

/// So many segments are opened ahead at the most.
const AHEAD: usize = 4;

impl Index {
    /// Counts the documents that a query would list, `offset` and `limit` included.
    ///
    /// # Errors
    /// As for [`list_page`](Self::list_page).
    pub(crate) async fn count(&self, at: At, query: &Query) -> Result<u64> {
        self.check(query)?;
        if query.limit == Some(0) {
            return Ok(0);
        }
        let mut plan = Plan::default();
        loop {
            let answer = async {
                let snapshot = self.view_of(at, &plan).await?;
                self.counted(&snapshot, query).await
            };
            match Box::pin(answer).await {
                Err(error) if plan.again(&error) => {}
                answer => return answer,
            }
        }
    }

    /// Sums up the documents that a query would list, `offset` and `limit` included.
    ///
    /// # Errors
    /// As for [`list_page`](Self::list_page).
    pub(crate) async fn summarize(&self, at: At, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        self.check(query)?;
        let mut plan = Plan::default();
        loop {
            let answer = async {
                let snapshot = self.view_of(at, &plan).await?;
                if query.limit.is_some() || query.offset > 0 {
                    self.first_summed(&snapshot, query, grouping).await
                } else {
                    self.summed(&snapshot, query, grouping).await
                }
            };
            match Box::pin(answer).await {
                Err(error) if plan.again(&error) => {}
                answer => return answer,
            }
        }
    }

    async fn counted(&self, snapshot: &Snapshot, query: &Query) -> Result<u64> {
        let mut found = 0_u64;
        for (row, facts) in snapshot.news.documents() {
            found += u64::from(query.matches(&meta(&self.collection, row, facts)?));
        }
        let ended = self.ended(snapshot).await?;
        let most = query.limit.map_or(u64::MAX, |limit| limit.saturating_add(query.offset));
        let bounds = Bounds::from(query);
        for (at, segment) in asked(snapshot, query) {
            if found >= most {
                break;
            }
            let also = ended.get(&at).map_or(&[][..], Vec::as_slice);
            if is_whole(segment, query) {
                // All of it counts: the root says how much that is.
                let killed = segment.kill.as_ref().map_or(0, |kill| kill.ended) + also.len() as u64;
                found += u64::from(segment.stats.puts).saturating_sub(killed);
                continue;
            }
            let volume = match self.library.volume(segment).await {
                Err(error) if is_gone(&error) && self.flaws().has(Flaw::GoneTakenForEmpty) => continue,
                volume => volume?,
            };
            let kills = kills(&volume, also);
            found += count(&volume.opened, &volume.reader, &kills, &bounds).await?;
        }
        Ok(found.min(most).saturating_sub(query.offset))
    }

    async fn summed(&self, snapshot: &Snapshot, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        let mut summaries = Summaries::new(grouping);
        for (row, facts) in snapshot.news.documents() {
            if query.matches(&meta(&self.collection, row, facts)?) {
                summaries.add(&facts.attributes, facts.size);
            }
        }
        let ended: Ended = self.ended(snapshot).await?;
        let bounds = Bounds::from(query);
        let opening: Vec<_> = asked(snapshot, query)
            .map(|(at, segment)| async move {
                match self.library.volume(segment).await {
                    Err(error) if is_gone(&error) && self.flaws().has(Flaw::GoneTakenForEmpty) => Ok(None),
                    volume => volume.map(|volume| Some((at, volume))),
                }
            })
            .collect();
        let mut volumes = stream::iter(opening).buffered(AHEAD);
        while let Some(volume) = volumes.try_next().await? {
            let Some((at, volume)) = volume else { continue };
            let kills = kills(&volume, ended.get(&at).map_or(&[][..], Vec::as_slice));
            let add = |facts: &_, bytes| summaries.add(facts, bytes);
            sums(&volume.opened, &volume.reader, &kills, &bounds, add).await?;
        }
        Ok(summaries.finish())
    }

    /// Sums up the first documents of an order: they are looked for one by one.
    async fn first_summed(
        &self,
        snapshot: &Snapshot,
        query: &Query,
        grouping: Grouping,
    ) -> Result<Vec<Summary>> {
        let mut summaries = Summaries::new(grouping);
        let most = query.limit.unwrap_or(u64::MAX);
        let wanted = usize::try_from(query.offset.saturating_add(most)).unwrap_or(usize::MAX);
        let cells = Cells::of(snapshot);
        let mut ordered = Ordered::new(self, snapshot, &cells, query, None, Some(wanted), true)?;
        let (mut skipped, mut taken) = (0, 0);
        while taken < most {
            match ordered.next().await? {
                None => break,
                Some(_) if skipped < query.offset => skipped += 1,
                Some(found) => {
                    let meta = found.into_meta()?;
                    summaries.add(&meta.attributes, meta.size);
                    taken += 1;
                }
            }
        }
        Ok(summaries.finish())
    }
}

/// Lists the segments that may have documents that a query asks for.
fn asked<'s>(snapshot: &'s Snapshot, query: &Query) -> impl Iterator<Item = (usize, &'s Segment)> {
    let asset = query.data_asset.clone();
    let (from, to) = (query.start_time, query.end_time);
    snapshot.segments().iter().enumerate().filter(move |(_, segment)| {
        segment.stats.puts > 0 && segment.stats.may_match(asset.as_ref(), from, to)
    })
}

/// Tells whether all documents of a segment meet the conditions, and whether what is ended in it are documents.
fn is_whole(segment: &Segment, query: &Query) -> bool {
    let (first, last) = segment.stats.run_times;
    segment.stats.deletes == 0
        && query.data_asset.is_none()
        && query.status.is_empty()
        && query.tags.is_empty()
        && query.start_time.is_none_or(|from| from <= first)
        && query.end_time.is_none_or(|to| last <= to)
}

/// The rows of a segment that its root or news end.
fn kills(volume: &Volume, also: &[u32]) -> Kills {
    let mut kills = (*volume.kills).clone();
    kills.extend(also.iter().copied());
    kills
}
