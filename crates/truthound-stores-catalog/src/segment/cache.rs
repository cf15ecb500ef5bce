//! Decoded columns of pages, kept as long as there is room: who asks for the latest rows asks for them again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::decode::Decoded;
use super::schema::Column;

/// What a process keeps decoded of one catalog, in bytes: some forty pages of 2,048 rows with all columns.
const ROOM: usize = 32 << 20;

/// A column of a page: number of the segment, band, page.
type Place = (u64, usize, usize, usize);

/// Decoded columns of the segments that share it. Those that were not used for longest go first.
#[derive(Debug)]
pub(crate) struct Cache {
    room: usize,
    segments: AtomicU64,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    columns: HashMap<Place, One>,
    bytes: usize,
    /// Rises with each use.
    now: u64,
}

#[derive(Debug)]
struct One {
    values: Arc<Decoded>,
    bytes: usize,
    used: u64,
}

impl Default for Cache {
    fn default() -> Self {
        Self::with_room(ROOM)
    }
}

impl Cache {
    pub(super) fn with_room(room: usize) -> Self {
        Self { room, segments: AtomicU64::new(0), kept: Mutex::default() }
    }

    /// Gives a segment a number of its own.
    pub(super) fn number(&self) -> u64 {
        self.segments.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn get(&self, segment: u64, band: usize, page: usize, column: Column) -> Option<Arc<Decoded>> {
        let mut kept = self.kept();
        kept.now += 1;
        let now = kept.now;
        let one = kept.columns.get_mut(&(segment, band, page, column.index()))?;
        one.used = now;
        Some(Arc::clone(&one.values))
    }

    pub(super) fn put(&self, segment: u64, band: usize, page: usize, column: Column, values: &Arc<Decoded>) {
        let bytes = values.memory();
        if bytes > self.room / 8 {
            return;
        }
        let mut kept = self.kept();
        kept.now += 1;
        let one = One { values: Arc::clone(values), bytes, used: kept.now };
        if let Some(before) = kept.columns.insert((segment, band, page, column.index()), one) {
            kept.bytes = kept.bytes.saturating_sub(before.bytes);
        }
        kept.bytes += bytes;
        if kept.bytes > self.room {
            kept.shrink(self.room / 4 * 3);
        }
    }

    /// Forgets a segment that nobody has open any more.
    pub(super) fn forget(&self, segment: u64) {
        let mut kept = self.kept();
        kept.columns.retain(|place, _| place.0 != segment);
        kept.bytes = kept.columns.values().map(|one| one.bytes).sum();
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Drops what was not used for longest. A quarter goes at a time, so that looking for it is rare.
    fn shrink(&mut self, room: usize) {
        let mut uses: Vec<(u64, usize)> = self.columns.values().map(|one| (one.used, one.bytes)).collect();
        uses.sort_unstable_by_key(|(used, _)| std::cmp::Reverse(*used));
        let mut bytes = 0;
        let last = uses.iter().find(|(_, more)| {
            bytes += more;
            bytes > room
        });
        let last = last.map_or(0, |(used, _)| *used);
        self.columns.retain(|_, one| one.used > last);
        self.bytes = self.columns.values().map(|one| one.bytes).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_last_is_kept_within_the_room() {
        let cache = Cache::with_room(100_000);
        let values = Arc::new(Decoded::Ints(vec![0; 1_000]));
        for page in 0..50 {
            cache.put(1, 0, page, Column::RunTime, &values);
            assert!(cache.get(1, 0, 0, Column::RunTime).is_some(), "page 0 is used all the time");
            let kept = cache.kept();
            assert!(kept.bytes <= 100_000 && kept.columns.len() <= 12);
        }
        assert!(
            cache.get(1, 0, 49, Column::RunTime).is_some() && cache.get(1, 0, 1, Column::RunTime).is_none()
        );
        cache.put(2, 0, 0, Column::RunTime, &Arc::new(Decoded::Ints(vec![0; 10_000])));
        assert!(cache.get(2, 0, 0, Column::RunTime).is_none(), "more than an eighth of the room");
        cache.forget(1);
        let kept = cache.kept();
        assert_eq!((kept.bytes, kept.columns.len()), (0, 0));
    }
}
