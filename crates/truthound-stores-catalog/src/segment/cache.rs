//! Pages, and single columns of others, kept as long as there is room: who asks for the latest rows asks for them again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use truthound_stores_core::{Labels, Result};

use super::decode::Decoded;
use super::maps::Maps;
use super::schema::Column;
use super::sheet::Sheet;

/// What a process keeps decoded of one catalog, in bytes: some forty pages of 2,048 rows with all columns.
const ROOM: usize = 32 << 20;

/// A column of a page, or all of it: number of the segment, band, page, column.
type Place = (u64, usize, usize, Option<usize>);

/// Pages and decoded columns of the segments that share it. Those that were not used for longest go first.
#[derive(Debug)]
pub(crate) struct Cache {
    room: usize,
    segments: AtomicU64,
    kept: Mutex<Kept>,
    /// How much has been decoded of pages that are kept since they were counted.
    grown: Arc<AtomicUsize>,
    labels: Mutex<Maps>,
}

#[derive(Debug, Default)]
struct Kept {
    all: HashMap<Place, One>,
    bytes: usize,
    /// Rises with each use.
    now: u64,
}

#[derive(Debug)]
struct One {
    what: What,
    bytes: usize,
    used: u64,
}

#[derive(Debug)]
enum What {
    Column(Arc<Decoded>),
    Page(Arc<Sheet>),
}

impl Default for Cache {
    fn default() -> Self {
        Self::with_room(ROOM)
    }
}

impl Cache {
    pub(super) fn with_room(room: usize) -> Self {
        Self {
            room,
            segments: AtomicU64::new(0),
            kept: Mutex::default(),
            grown: Arc::default(),
            labels: Mutex::default(),
        }
    }

    /// Gives a segment a number of its own.
    pub(super) fn number(&self) -> u64 {
        self.segments.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn get(&self, segment: u64, band: usize, page: usize, column: Column) -> Option<Arc<Decoded>> {
        let mut kept = self.kept();
        match &kept.touch((segment, band, page, Some(column.index())))?.what {
            What::Column(values) => Some(Arc::clone(values)),
            What::Page(_) => None,
        }
    }

    pub(super) fn put(&self, segment: u64, band: usize, page: usize, column: Column, values: &Arc<Decoded>) {
        let what = What::Column(Arc::clone(values));
        self.kept().put(self.room, (segment, band, page, Some(column.index())), what, values.memory());
    }

    pub(super) fn page(&self, segment: u64, band: usize, page: usize) -> Option<Arc<Sheet>> {
        let mut kept = self.kept();
        let one = kept.touch((segment, band, page, None))?;
        let What::Page(sheet) = &one.what else { return None };
        Some(Arc::clone(sheet))
    }

    /// Keeps a page, unless there is one already; answers with the one that is kept.
    pub(super) fn put_page(&self, segment: u64, band: usize, page: usize, sheet: Arc<Sheet>) -> Arc<Sheet> {
        let mut kept = self.kept();
        let place = (segment, band, page, None);
        if let Some(One { what: What::Page(other), .. }) = kept.touch(place) {
            return Arc::clone(other);
        }
        sheet.count_by(&self.grown);
        let bytes = sheet.memory();
        kept.put(self.room, place, What::Page(Arc::clone(&sheet)), bytes);
        sheet
    }

    /// Forgets a segment that nobody has open any more.
    pub(super) fn forget(&self, segment: u64) {
        let mut kept = self.kept();
        kept.all.retain(|place, _| place.0 != segment);
        kept.bytes = kept.all.values().map(|one| one.bytes).sum();
    }

    /// Reads labels, each set once as long as few sets are met.
    pub(super) fn labels(&self, text: &[u8]) -> Result<Labels> {
        self.labels.lock().unwrap_or_else(PoisonError::into_inner).read(text)
    }

    /// Lets go of what has no room any more since pages that are kept were decoded.
    pub(super) fn settle(&self) {
        drop(self.kept());
    }

    /// What is kept, within the room: pages are counted anew if any has grown.
    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if self.grown.swap(0, Ordering::Relaxed) > 0 {
            kept.recount(self.room);
        }
        kept
    }
}

impl Kept {
    fn touch(&mut self, place: Place) -> Option<&mut One> {
        self.now += 1;
        let one = self.all.get_mut(&place)?;
        one.used = self.now;
        Some(one)
    }

    fn put(&mut self, room: usize, place: Place, what: What, bytes: usize) {
        if bytes > room / 8 {
            return;
        }
        self.now += 1;
        let one = One { what, bytes, used: self.now };
        if let Some(before) = self.all.insert(place, one) {
            self.bytes = self.bytes.saturating_sub(before.bytes);
        }
        self.bytes += bytes;
        if self.bytes > room {
            self.shrink(room / 4 * 3);
        }
    }

    /// Counts pages as they are by now, and makes room if they take more than there is.
    fn recount(&mut self, room: usize) {
        for one in self.all.values_mut() {
            if let What::Page(sheet) = &one.what {
                one.bytes = sheet.memory();
            }
        }
        self.bytes = self.all.values().map(|one| one.bytes).sum();
        if self.bytes > room {
            self.shrink(room / 4 * 3);
        }
    }

    /// Drops what was not used for longest. A quarter goes at a time, so that looking for it is rare.
    fn shrink(&mut self, room: usize) {
        let mut uses: Vec<(u64, usize)> = self.all.values().map(|one| (one.used, one.bytes)).collect();
        uses.sort_unstable_by_key(|(used, _)| std::cmp::Reverse(*used));
        let mut bytes = 0;
        let last = uses.iter().find(|(_, more)| {
            bytes += more;
            bytes > room
        });
        let last = last.map_or(0, |(used, _)| *used);
        self.all.retain(|_, one| one.used > last);
        self.bytes = self.all.values().map(|one| one.bytes).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Change;
    use crate::segment::schema::{BAND, PAGE};
    use crate::segment::tests::data::{rows_of_days, write};
    use crate::segment::{Opened, Slip, Whole};

    /// A page was counted before any of it was decoded, and again when it was asked for once more: those of a scan that nobody repeats took
    /// twice the room.
    #[tokio::test]
    async fn pages_stay_within_the_room_when_they_grow_after_they_were_put() {
        let mut entries = rows_of_days(BAND / 2, 29, 0, 3);
        for (at, entry) in entries.iter_mut().enumerate() {
            let lot = blake3::hash(&at.to_be_bytes()).to_hex().repeat(4);
            if let Change::Put(facts) = &mut entry.row.change {
                facts.attributes.tags = [("lot", lot.as_str())].into();
            }
        }
        let (bytes, stats) = write(entries);
        let room = 6 << 20;
        let cache = Arc::new(Cache::with_room(room));
        let whole = Whole::new(bytes, &stats.hash).unwrap();
        let opened = Opened::open("a.parquet", &stats, &whole, &cache).await.unwrap();
        let sheets: Vec<Arc<Sheet>> =
            (0..BAND / 2 / PAGE).map(|page| Sheet::of_page(&opened, 0, page, true).unwrap()).collect();
        let wanted = sheets.iter().flat_map(|sheet| sheet.wanted(&Column::ALL)).collect();
        let parts = Arc::new(opened.fetch(&whole, wanted).await.unwrap());
        for sheet in &sheets {
            sheet.give(&parts);
            Arc::clone(sheet).keep(&opened);
        }
        assert_eq!(cache.kept().all.len(), sheets.len(), "all have room before they are decoded");
        for sheet in &sheets {
            sheet.prepare(&Column::ALL).unwrap();
            let lent = sheet.lent().unwrap();
            let before = sheet.memory();
            Slip::new(sheet, &lent, 0, &opened).unwrap();
            assert!(sheet.memory() > before, "labels are counted once they are made");
        }
        let taken: usize = sheets.iter().map(|sheet| sheet.memory()).sum();
        assert!(taken > room, "{taken} bytes are not too many");
        cache.settle();
        let kept = cache.kept();
        let bytes: usize = kept.all.values().map(|one| one.bytes).sum();
        assert!(bytes == kept.bytes && bytes <= room && !kept.all.is_empty(), "{bytes} bytes are kept");
        for (place, one) in &kept.all {
            assert_eq!(one.bytes, sheets[place.2].memory());
        }
    }

    #[test]
    fn what_was_used_last_is_kept_within_the_room() {
        let cache = Cache::with_room(100_000);
        let values = Arc::new(Decoded::Ints(vec![0; 1_000]));
        for page in 0..50 {
            cache.put(1, 0, page, Column::RunTime, &values);
            assert!(cache.get(1, 0, 0, Column::RunTime).is_some(), "page 0 is used all the time");
            let kept = cache.kept();
            assert!(kept.bytes <= 100_000 && kept.all.len() <= 12);
        }
        assert!(
            cache.get(1, 0, 49, Column::RunTime).is_some() && cache.get(1, 0, 1, Column::RunTime).is_none()
        );
        cache.put(2, 0, 0, Column::RunTime, &Arc::new(Decoded::Ints(vec![0; 10_000])));
        assert!(cache.get(2, 0, 0, Column::RunTime).is_none(), "more than an eighth of the room");
        cache.forget(1);
        let kept = cache.kept();
        assert_eq!((kept.bytes, kept.all.len()), (0, 0));
    }
}
