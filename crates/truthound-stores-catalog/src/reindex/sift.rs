//! Which rows of a root count beside what was read of the documents, and which of those that were read are older than what the root says.

use std::collections::{BTreeMap, BTreeSet};

use truthound_stores_core::{ErrorKind, Result};

use super::held::{Held, Rows};
use crate::library::{Library, Volume, is_gone};
use crate::name;
use crate::root::{Root, Segment};
use crate::segment::{Bounds, Entry, Kills, Scan};

/// What a rebuild knows when it looks at a root.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sieve<'a> {
    /// What was read of the documents.
    pub(crate) rows: &'a Rows,
    /// The generation of the root that was got before they were read; `None` if there was none to rely on.
    pub(crate) base: Option<u64>,
    /// The stems of objects that could not be read: what is known of them stays.
    pub(crate) unreadable: &'a BTreeSet<String>,
    pub(crate) folds_case: bool,
    /// Whether it is asked which of the rows that were read the root holds.
    pub(crate) asks_known: bool,
}

/// What a root adds.
#[derive(Debug, Default)]
pub(crate) struct Sifted {
    /// Rows of the root that count.
    pub(crate) extra: Vec<Held>,
    /// Which of the rows that were read say nothing beside the root's.
    dropped: Vec<bool>,
    /// Which of them the root holds, unended.
    known: Vec<bool>,
    /// When tombstones came that were read as marks, too.
    arrived: BTreeMap<usize, i64>,
    /// What could not be read of the root's files.
    pub(crate) lost: Vec<Lost>,
}

/// A file of the catalog that cannot be read.
#[derive(Debug)]
pub(crate) struct Lost {
    pub(crate) name: String,
    pub(crate) why: String,
    /// The last generation whose rows are lost with it.
    pub(crate) last: u64,
}

/// What a row of the root's segments does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Weight {
    /// It counts, unless something else replaces it.
    pub(crate) counts: bool,
    /// What was read of its document may be older.
    pub(crate) drops: bool,
}

/// Weighs a row by decision 0009, §7.3.
///
/// What was folded since the rebuild began may be newer than what it has read. So may tombstones be that are not ended: the object may have
/// been one that arrived late. All else was folded before anything was read, so the documents have the last word: a row of it that is newer than
/// its document is that of one that somebody has set back.
pub(crate) fn weigh(entry: &Entry, ended: bool, base: Option<u64>, is_unreadable: bool) -> Weight {
    let since = base.is_none_or(|base| entry.generation > base);
    let tombstone = !ended && !entry.is_put();
    Weight { counts: !ended && (since || tombstone || is_unreadable), drops: since || tombstone }
}

/// Goes over all rows of a root's segments; `None` if clean-up has removed one of them: there is a newer root.
///
/// A file that is damaged, or gone while the root still names it, is passed over and reported.
///
/// # Errors
/// Those of the store.
pub(crate) async fn sift(library: &Library, root: &Root, sieve: Sieve<'_>) -> Result<Option<Sifted>> {
    let mut sifted = Sifted::of(sieve.rows);
    for segment in root.segments.iter().filter(|segment| sieve.may_add(segment)) {
        let why = match one(library, segment, sieve, &mut sifted).await {
            Ok(()) => continue,
            Err(error) if is_gone(&error) => {
                let now = library.shelf().root(None).await?;
                if now.is_none_or(|now| now.root.nonce != root.nonce) {
                    return Ok(None);
                }
                "it is gone".to_owned()
            }
            Err(error) if error.kind() == ErrorKind::Corrupt => error.report(),
            Err(error) => return Err(error),
        };
        let last = segment.stats.generations.1;
        sifted.lost.push(Lost { name: segment.name.clone(), why, last });
    }
    sifted.settle();
    Ok(Some(sifted))
}

async fn one(library: &Library, segment: &Segment, sieve: Sieve<'_>, into: &mut Sifted) -> Result<()> {
    let (volume, knows_ended) = open(library, segment, into).await?;
    let none = Kills::default();
    let all = Bounds { ascending: true, deletes: true, ..Bounds::default() };
    let mut scan = Scan::new(&volume.opened, &volume.reader, &none, all);
    while let Some((position, entry)) = scan.next().await? {
        // Without its kill file nothing is known to be held unended; what counts all the same is dropped by what has ended it.
        let ended = knows_ended.then(|| volume.kills.contains(position));
        into.take(entry, ended, sieve);
    }
    Ok(())
}

/// Opens a segment, without its kill file if that cannot be read; tells whether it has been.
async fn open(library: &Library, segment: &Segment, into: &mut Sifted) -> Result<(Volume, bool)> {
    let error = match library.volume(segment).await {
        Ok(volume) => return Ok((volume, true)),
        Err(error) => error,
    };
    let (Some(kill), true) = (&segment.kill, is_gone(&error) || error.kind() == ErrorKind::Corrupt) else {
        return Err(error);
    };
    let bare = Segment { kill: None, ..segment.clone() };
    // If it is the segment that cannot be read, that is what is told.
    let volume = library.volume(&bare).await?;
    if is_gone(&error) {
        return Err(error);
    }
    into.lost.push(Lost { name: kill.name.clone(), why: error.report(), last: 0 });
    Ok((volume, false))
}

impl Sifted {
    pub(crate) fn of(rows: &Rows) -> Self {
        let marks = vec![false; rows.all().len()];
        Self { dropped: marks.clone(), known: marks, ..Self::default() }
    }

    fn take(&mut self, entry: Entry, ended: Option<bool>, sieve: Sieve<'_>) {
        let (id, state) = (&entry.row.id, entry.row.state);
        let is_unreadable = entry.is_put() && sieve.is_unreadable(id);
        let Weight { counts, drops } = weigh(&entry, ended.unwrap_or(false), sieve.base, is_unreadable);
        let mut covered = false;
        for (at, held) in sieve.rows.of(id).filter(|(_, held)| held.state.incarnation == state.incarnation) {
            if ended == Some(false) && held.state == state {
                mark(&mut self.known, at);
                if !held.is_put {
                    self.arrived.insert(at, entry.arrived);
                }
            }
            if drops && state.replaces(held.state) {
                mark(&mut self.dropped, at);
            } else {
                covered = true;
            }
        }
        if counts && !covered {
            let arrived = entry.arrived;
            self.extra.push(Held::of(entry.row, arrived, 0));
        }
    }

    /// Drops what others of the root's own rows replace: where all is well, nothing.
    fn settle(&mut self) {
        let extra = Rows::new(std::mem::take(&mut self.extra));
        let is_replaced = |at: usize, held: &Held| {
            extra.of(held.id()).any(|(other_at, other)| {
                other.state.replaces(held.state) || (other.state == held.state && other_at < at)
            })
        };
        let replaced: Vec<bool> =
            extra.all().iter().enumerate().map(|(at, held)| is_replaced(at, held)).collect();
        let kept = extra.into_vec().into_iter().zip(replaced).filter(|(_, replaced)| !replaced);
        self.extra = kept.map(|(held, _)| held).collect();
    }

    pub(crate) fn is_dropped(&self, at: usize) -> bool {
        self.dropped.get(at).copied().unwrap_or(false)
    }

    pub(crate) fn is_known(&self, at: usize) -> bool {
        self.known.get(at).copied().unwrap_or(false)
    }

    /// Says when the tombstone of a mark came: what the root knows of it, if that is later.
    pub(crate) fn arrived(&self, at: usize, held: &Held) -> i64 {
        self.arrived.get(&at).copied().unwrap_or_default().max(held.arrived)
    }
}

fn mark(marks: &mut [bool], at: usize) {
    if let Some(place) = marks.get_mut(at) {
        *place = true;
    }
}

impl Sieve<'_> {
    /// Tells whether a segment may have rows that do anything. Most have not: so little lies between looking at a root and replacing it.
    fn may_add(&self, segment: &Segment) -> bool {
        let since = self.base.is_none_or(|base| segment.stats.generations.1 > base);
        since || segment.stats.deletes > 0 || !self.unreadable.is_empty() || self.asks_known
    }

    /// Tells whether the only object of an id could not be read.
    fn is_unreadable(&self, id: &str) -> bool {
        !self.unreadable.is_empty()
            && self.unreadable.contains(&name::stem(id, self.folds_case))
            && !self.rows.of(id).any(|(_, held)| held.is_put)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::tests::Hub;
    use crate::row::{Change, Row};
    use crate::state::State;

    fn entry(id: &str, state: (u64, u64), generation: u64, puts: bool) -> Entry {
        let change = if puts { Change::Put(Box::new(Hub::new(1).facts())) } else { Change::Delete };
        let state = State { incarnation: state.0, hlc: state.1 };
        Entry::new(generation, Row { id: id.to_owned(), state, before: None, change }).arrived_at(9)
    }

    #[test]
    fn what_was_folded_since_and_tombstones_count_and_all_else_is_left_to_the_documents() {
        for (puts, ended, base, unreadable, counts, drops) in [
            // Folded before documents were read.
            (true, false, Some(5), false, false, false),
            (true, true, Some(5), false, false, false),
            (true, false, Some(5), true, true, false),
            (true, true, Some(5), true, false, false),
            (false, false, Some(5), false, true, true),
            (false, true, Some(5), false, false, false),
            // Folded since.
            (true, false, Some(4), false, true, true),
            (true, true, Some(4), false, false, true),
            (false, true, Some(4), false, false, true),
            (true, false, None, false, true, true),
        ] {
            let weight = weigh(&entry("a", (1, 1), 5, puts), ended, base, unreadable);
            assert_eq!(weight, Weight { counts, drops }, "{puts} {ended} {base:?} {unreadable}");
        }
    }

    #[test]
    fn rows_that_were_read_are_known_dropped_or_joined_by_others() {
        let read = |id: &str, state| Held::of(entry(id, state, 0, true).row, 0, 0);
        let mark = Held::of(entry("d", (4, 6), 0, false).row, 3, 0);
        let rows = Rows::new(vec![read("a", (1, 5)), read("b", (2, 5)), read("c", (3, 5)), mark]);
        let unreadable = BTreeSet::from(["u".to_owned()]);
        let sieve = Sieve {
            rows: &rows,
            base: Some(7),
            unreadable: &unreadable,
            folds_case: false,
            asks_known: true,
        };
        let mut sifted = Sifted::of(&rows);
        for (id, state, generation, puts, ended) in [
            // The same; an older one; one that was set back; a newer one; its tombstone; another incarnation.
            ("a", (1, 5), 3, true, false),
            ("a", (1, 4), 3, true, true),
            ("a", (1, 9), 3, true, true),
            ("b", (2, 6), 8, true, false),
            ("c", (3, 6), 2, false, false),
            ("c", (9, 1), 8, true, false),
            ("d", (4, 6), 2, false, false),
            ("u", (5, 1), 2, true, false),
            ("gone", (6, 1), 2, true, false),
        ] {
            sifted.take(entry(id, state, generation, puts), Some(ended), sieve);
        }
        sifted.settle();
        let extra: Vec<_> = sifted.extra.iter().map(|held| (held.id(), held.state.hlc)).collect();
        assert_eq!(extra, [("b", 6), ("c", 6), ("c", 1), ("u", 1)]);
        let of = |is: &dyn Fn(usize) -> bool| (0..4).filter(|at| is(*at)).collect::<Vec<_>>();
        assert_eq!(of(&|at| sifted.is_known(at)), [0, 3]);
        assert_eq!(of(&|at| sifted.is_dropped(at)), [1, 2]);
        // Of a mark and its tombstone the later time counts.
        assert_eq!(sifted.arrived(3, &rows.all()[3]), 9);
    }
}
