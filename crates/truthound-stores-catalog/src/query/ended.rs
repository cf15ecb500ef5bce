//! Which rows of the segments news end: counting and summing up do not meet each row, and must know.

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use truthound_stores_core::{Pattern, Result};

use super::{Index, Snapshot, locked};
use crate::library::Place;
use crate::news::is_above;
use crate::root::Root;
use crate::row::{Change, Row};
use crate::segment::find;

/// So many rows are looked up at once at the most.
const TOGETHER: usize = 8;

/// Positions that are ended, by the number of their segment in the root.
pub(super) type Ended = BTreeMap<usize, Vec<u32>>;

impl Index {
    /// Finds the rows that news end. What was found by a root is remembered as long as it is the current one.
    ///
    /// # Errors
    /// Those of the requests; `Corrupt`, naming the object, for what is not what was written.
    pub(super) async fn ended(&self, snapshot: &Snapshot) -> Result<Ended> {
        let Some(root) = snapshot.root.as_deref() else { return Ok(Ended::new()) };
        let mut ended = Ended::new();
        let mut asked = Vec::new();
        {
            let known = locked(&self.known);
            for row in snapshot.news.all().filter(|row| may_end(row, root)) {
                match known.ended(root, row) {
                    Some(place) => add(&mut ended, place),
                    None => asked.push(row.clone()),
                }
            }
        }
        let ask = |row: Row| async move { self.ended_by(root, &row).await.map(|place| (row, place)) };
        let found: Vec<_> = stream::iter(asked).map(ask).buffered(TOGETHER).try_collect().await?;
        let mut known = locked(&self.known);
        for (row, place) in found {
            add(&mut ended, place);
            known.remember(root, row, place);
        }
        Ok(ended)
    }

    /// Finds the row that another ends: of the same id and incarnation, earlier, and not ended by the root. There is at most one.
    async fn ended_by(&self, root: &Root, row: &Row) -> Result<Option<(usize, u32)>> {
        // What the row says it replaced is most likely the one; what decides is the id.
        if let Some(before) = &row.before {
            let asset = Pattern::exact(&before.data_asset);
            let time = Some(before.run_time);
            for (at, segment) in root.segments.iter().enumerate() {
                if !segment.stats.may_have(&row.id) || !segment.stats.may_match(Some(&asset), time, time) {
                    continue;
                }
                let volume = self.library.volume(segment).await?;
                let place = Some((before.data_asset.as_str(), before.run_time));
                for (position, entry) in find(&volume.opened, &volume.reader, &row.id, place).await? {
                    if row.state.replaces(entry.row.state) && !volume.kills.contains(position) {
                        return Ok(Some((at, position)));
                    }
                }
            }
        }
        let places = self.library.rows_of(root, &row.id).await?;
        let ends = |place: &&Place| !place.ended && row.state.replaces(place.entry.row.state);
        Ok(places.iter().find(ends).map(|place| (place.segment, place.position)))
    }
}

/// Tells whether a row may end one of a segment. One that says it replaced nothing, above all that was folded, does not.
fn may_end(row: &Row, root: &Root) -> bool {
    row.before.is_some() || row.change == Change::Delete || !is_above(row, root.watermark)
}

fn add(ended: &mut Ended, place: Option<(usize, u32)>) {
    if let Some((segment, position)) = place {
        ended.entry(segment).or_default().push(position);
    }
}
