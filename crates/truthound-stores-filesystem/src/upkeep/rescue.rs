//! Reads what an index had acknowledged and not settled, however damaged it is.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::Connection;
use truthound_stores_core::{Clock, random_u64};

use crate::build::Rescued;
use crate::describe::{Folder, stem_of};
use crate::files;
use crate::index::{self, Given, Health, Log, Part, Pending, Profile};
use crate::{owner, publish};

/// What could be read of an index.
#[derive(Default)]
pub(crate) struct Rescue {
    /// What it had acknowledged and not settled, oldest first.
    pub(crate) rescued: Vec<Rescued>,
    /// Whether that was all, for certain.
    pub(crate) complete: bool,
    /// Where in the feed that stands which is there and cannot be read.
    pub(crate) missing: BTreeSet<i64>,
    /// What its files show to be wrong.
    pub(crate) wrong: Option<String>,
    /// How it stands to what was acknowledged before.
    held: Held,
    /// Of which feed it was, and what it was in doubt of itself.
    pub(crate) doubt: Option<String>,
}

/// Reads what an index had acknowledged and not settled. The caller has the turn of writers, or a folder of its own for `scratch`.
pub(crate) fn rescue(folder: &Folder, target: &Path, scratch: &Path, clock: &dyn Clock) -> Rescue {
    let Ok(health) = Health::of(target) else { return Rescue::default() };
    if health == Health::Nothing {
        return Rescue { complete: true, ..Rescue::default() };
    }
    let mut found = Rescue::default();
    if matches!(health, Health::Well(_)) {
        found = read(folder, target, false);
        if found.complete {
            return found;
        }
    }
    found.complete = false;
    let (start, _) = read_copy(folder, target, Part::Start, scratch, clock, &[]);
    let (mut all, has_all) = read_copy(folder, target, Part::All, scratch, clock, &start.rescued);
    // What was repaired may lack what it had, also if all that is there can be read. A whole log alone has all that was not settled, unless
    // it was begun anew since: then it must have every page, or nobody have left work.
    let is_whole = matches!(health, Health::Headless(Log::Whole | Log::Torn { .. }));
    let complete =
        is_whole && all.complete && all.held == Held::Together && (has_all || !owner::any(&folder.catalog()));
    if all.held == Held::Apart {
        // What lies behind the break is older than what is before it: two processes were killed while they committed.
        found.add(start);
    } else {
        let (is_readable, held) = (all.complete, std::mem::take(&mut all.held));
        found.add(all);
        // One damaged page may hide all that lies behind it: as the page was before, or up to the damage, more may be there. Which state of
        // a document is its last only all of the log says: if that can be read, nothing is taken from what was before.
        if !is_readable {
            found.add(read_copy(folder, target, Part::Sound, scratch, clock, &[]).0);
            found.add(start);
        } else if let Held::Lacking(places) = held {
            let mut start = start;
            start.rescued.retain(|rescued| places.contains(&rescued.pending.seq));
            found.add(start);
        }
    }
    found.complete = complete;
    found.wrong = health.what();
    found
}

/// Reads a copy of an index and of a part of its log; answers, too, whether that part alone has every page. What was acknowledged `before`
/// must be known to it.
fn read_copy(
    folder: &Folder,
    target: &Path,
    part: Part,
    scratch: &Path,
    clock: &dyn Clock,
    before: &[Rescued],
) -> (Rescue, bool) {
    // Named as what is being built: whoever sweeps removes it if this process is killed.
    let copy = scratch.join(format!("building-{:016x}", random_u64(clock)));
    let found = index::copy_readable(target, part, &copy).map(|has_all| {
        let mut found = read(folder, &copy, true);
        found.held = held_against(&copy, before);
        (found, has_all)
    });
    for end in ["", "-wal", "-shm", "-journal"] {
        let mut path = copy.as_os_str().to_owned();
        path.push(end);
        drop(files::remove(Path::new(&path)));
    }
    found.unwrap_or_default()
}

/// How an index stands to what was acknowledged before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Held {
    /// It came after that, as far as it can be seen.
    #[default]
    Together,
    /// It did not: the places in the feed are others', or, though every page is as it should be, nobody's.
    Apart,
    /// It has damaged pages, and knows nothing of these places.
    Lacking(BTreeSet<i64>),
}

/// Holds an index against what was acknowledged before it.
pub(crate) fn held_against(path: &Path, before: &[Rescued]) -> Held {
    let Ok(index) = index::open(path, Profile::Read) else { return Held::Together };
    let mut places = BTreeSet::new();
    // A removal has a place of its own, which no row tells of.
    for Rescued { pending, .. } in before.iter().filter(|rescued| rescued.pending.body.is_some()) {
        match index::given(&index, pending.seq, &pending.id) {
            Ok(Given::Another) => return Held::Apart,
            Ok(Given::Nobody) => drop(places.insert(pending.seq)),
            Ok(Given::Fits) | Err(_) => {}
        }
    }
    if places.is_empty() {
        Held::Together
    } else if index::integrity(&index).is_ok_and(|wrong| wrong.is_empty()) {
        Held::Apart
    } else {
        Held::Lacking(places)
    }
}

/// Reads an index; one that is doubtful is held against the files, however well it can be read.
fn read(folder: &Folder, path: &Path, is_doubtful: bool) -> Rescue {
    let Ok(index) = index::open(path, Profile::Read) else { return Rescue::default() };
    let mut found = Rescue { complete: true, ..Rescue::default() };
    // A page that is gone hides what lies behind it, from either side.
    let last = walk(folder, &index, &mut found, "seq > ?1 ORDER BY seq", i64::MIN, |_| false);
    if let Err(last) = last {
        found.complete = false;
        let _nearest =
            walk(folder, &index, &mut found, "seq < ?1 ORDER BY seq DESC", i64::MAX, |seq| seq <= last);
    }
    found.rescued.sort_by_key(|rescued| rescued.pending.seq);
    if is_doubtful || !found.complete {
        outdated(folder, &index, &mut found);
    }
    found.doubt = index::meta(&index, super::rebuild::DOUBT).ok().flatten();
    found
}

/// Reads what is not settled in one direction until there is no more, or `is_known` says so; answers how far it came if that failed.
fn walk(
    folder: &Folder,
    index: &Connection,
    found: &mut Rescue,
    order: &str,
    from: i64,
    is_known: impl Fn(i64) -> bool,
) -> Result<(), i64> {
    // Which feed it is says the page of facts, which may be gone: then nobody is known to have come anywhere, and times decide.
    let epoch = index::bounds(index).ok().map(|bounds| bounds.epoch);
    let sql =
        format!("SELECT seq, owner, id, stem, suffix, modified, body FROM unsettled WHERE {order} LIMIT 1");
    let mut at = from;
    loop {
        let next = index.prepare_cached(&sql).and_then(|mut statement| {
            let mut rows = statement.query([at])?;
            let read =
                |row: &rusqlite::Row<'_>| -> rusqlite::Result<(i64, rusqlite::Result<(i64, Pending)>)> {
                    let seq = row.get(0)?;
                    let pending = || {
                        Ok((
                            row.get(1)?,
                            Pending {
                                seq,
                                id: row.get(2)?,
                                stem: row.get(3)?,
                                suffix: row.get(4)?,
                                modified: row.get(5)?,
                                body: row.get(6)?,
                            },
                        ))
                    };
                    Ok((seq, pending()))
                };
            rows.next()?.map(read).transpose()
        });
        match next {
            // Pages that stand in each other's places may lead back.
            Ok(Some((seq, _))) if at != from && (seq > at) != (from == i64::MIN) => return Err(at),
            Ok(Some((seq, _))) if seq == at || is_known(seq) => return Ok(()),
            Ok(Some((seq, pending))) => {
                at = seq;
                match pending {
                    Ok((owner, pending)) => take(folder, index, found, owner, pending, epoch),
                    // The row is there, and cannot be read: that much is known of it.
                    Err(_) => found.lose(seq),
                }
            }
            Ok(None) => return Ok(()),
            Err(_) => return Err(at),
        }
    }
}

/// Notes rows that tell of later states than the files have: what they tell of was acknowledged, and is nowhere.
fn outdated(folder: &Folder, index: &Connection, found: &mut Rescue) {
    let known: BTreeSet<&str> = found.rescued.iter().map(|rescued| rescued.pending.id.as_str()).collect();
    let mut lost = Vec::new();
    let mut after = 0;
    // A page that is gone ends it: the rest nobody can know. So does one in another's place, which may lead back.
    while let Ok(rows) = index::after(index, after, 1024) {
        let before = after;
        for row in &rows {
            if row.seq <= after {
                break;
            }
            after = row.seq;
            if known.contains(row.id.as_str()) {
                continue;
            }
            let stamp = files::stamp(&folder.file(&stem_of(row), &row.suffix));
            let is_older =
                |stamp: files::Stamp| stamp.modified < row.modified && !stamp.may_be(row.modified, row.size);
            // A file that is later was rewritten by somebody else; one that is gone is told of as such.
            if stamp.is_ok_and(|stamp| stamp.is_some_and(is_older)) {
                lost.push(row.seq);
            }
        }
        if after == before {
            break;
        }
    }
    found.missing.extend(lost);
}

impl Rescue {
    fn lose(&mut self, seq: i64) {
        self.complete = false;
        self.missing.insert(seq);
    }

    /// Adds what another reading of the same index shows, and this one does not.
    fn add(&mut self, other: Self) {
        // Two states that did not come after each other may have given one place to two documents.
        let place = |rescued: &Rescued| (rescued.pending.seq, rescued.pending.id.clone());
        let known: BTreeSet<(i64, String)> = self.rescued.iter().map(place).collect();
        self.rescued.extend(other.rescued.into_iter().filter(|rescued| !known.contains(&place(rescued))));
        self.rescued.sort_by_key(|rescued| rescued.pending.seq);
        self.missing.extend(other.missing);
        for rescued in &self.rescued {
            self.missing.remove(&rescued.pending.seq);
        }
        self.doubt = self.doubt.take().or(other.doubt);
    }
}

/// Takes one over, if it is what was acknowledged.
fn take(
    folder: &Folder,
    index: &Connection,
    found: &mut Rescue,
    owner: i64,
    pending: Pending,
    epoch: Option<i64>,
) {
    let progress = epoch.map(|epoch| owner::progress(&folder.catalog(), owner, epoch)).unwrap_or_default();
    // It is found in the folder, as what it is now.
    if publish::is_undone(folder, &pending, progress) {
        return;
    }
    let row = index::by_id(index, &pending.id).ok().flatten().filter(|row| row.seq == pending.seq);
    if let Some(bytes) = &pending.body {
        let is_sound = if let Some(row) = &row {
            folder.text_of(row, bytes.clone()).is_ok_and(|text| text.checksum() == row.checksum)
        } else {
            // A row that cannot be read can be made anew from the document, which may say less.
            found.complete = false;
            folder.row_of(&pending, bytes).is_some()
        };
        if !is_sound {
            return found.lose(pending.seq);
        }
    }
    found.rescued.push(Rescued { owner, pending, row });
}
