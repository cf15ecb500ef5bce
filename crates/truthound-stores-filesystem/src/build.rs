//! Builds an index from the documents, beside its place, and moves it there when it is whole.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use truthound_stores_core::{Clock, Error, ErrorKind, Progress, Result, random_u64};

use crate::config::Durability;
use crate::describe::{Folder, stem_of};
use crate::files;
use crate::gate::{self, Gate, Standing};
use crate::index::{self, Odd, OddKind, Pending, Profile, Row, Texts, Writer, sql_error};
use crate::lock::LONGEST;
use crate::scan::{self, Name};

/// So many names are read at a time.
const CHUNK: usize = 4096;
const READING: &str = "reading documents";

/// What to build, and where.
pub(crate) struct Plan<'a> {
    pub(crate) folder: &'a Folder,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) progress: &'a dyn Progress,
    /// What an earlier index had acknowledged and not settled.
    pub(crate) rescued: Vec<Rescued>,
    /// What the index is to say of itself, by name.
    pub(crate) remarks: Vec<(&'static str, String)>,
}

/// Work that an earlier index had acknowledged: whose it was, and the row that describes it, if that could be read.
pub(crate) struct Rescued {
    pub(crate) owner: i64,
    pub(crate) pending: Pending,
    pub(crate) row: Option<Row>,
}

/// How many documents an index was built from, and how many files could not be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Built {
    pub(crate) documents: u64,
    pub(crate) damaged: u64,
}

/// Builds the index of a folder at `target`, over whatever is there. The caller holds the turn of writers, or nobody else knows of the
/// place.
///
/// # Errors
/// Among others, what keeps the log of an index that is there, and not damaged, from being moved into it: then that one stays.
pub(crate) fn build(plan: &Plan<'_>, target: &Path) -> Result<Built> {
    build_within(plan, target, LONGEST)
}

/// As [`build`]; readers of an index that is there are waited for no longer than `patience`.
fn build_within(plan: &Plan<'_>, target: &Path, patience: Duration) -> Result<Built> {
    let building = sibling(target, &format!("building-{:016x}", random_u64(plan.clock)));
    let outcome = fill_in(plan, &building).and_then(|built| {
        let has_log = with_end(target, "-wal").exists();
        // An index that was there has a log of its own, which must not be taken for that of the new one.
        if has_log {
            empty_log(target, "move the old index's log into it before it is replaced", patience)?;
        }
        if has_log || files::stamp(target)?.is_some() {
            // From here on the new index counts, whoever puts it in its place: what was taken over from a damaged log is nowhere else.
            files::put_in_place(&building, &heirs(target)[0])?;
            sync_folder(target)?;
        } else {
            files::put_in_place(&building, target)?;
            sync_folder(target)?;
        }
        Ok(built)
    });
    let outcome = outcome.and_then(|built| enthrone(target).map(|()| built));
    if outcome.is_err() {
        for end in ["", "-wal", "-shm", "-journal"] {
            drop(files::remove(&with_end(&building, end)));
        }
    }
    outcome
}

/// Where a whole new index lies while the old one, and its log, are taken away; and where it lies once that log is gone.
fn heirs(target: &Path) -> [PathBuf; 2] {
    ["index.new", "index.next"].map(|name| target.with_file_name(name))
}

/// Tells when the files of an index that waits for its place were written.
pub(crate) fn heir_stamps(target: &Path) -> Result<[Option<files::Stamp>; 2]> {
    let [new, next] = heirs(target);
    Ok([files::stamp(&new)?, files::stamp(&next)?])
}

/// Tells whether a new index waits for its place.
pub(crate) fn has_heir(target: &Path) -> bool {
    heirs(target).iter().any(|heir| std::fs::symlink_metadata(heir).is_ok())
}

/// Returns where a new index waits for its place, if one does, for whoever cannot put it there.
///
/// # Errors
/// `Unavailable` if it has a log, too: that has the name that the index was to get, and did not keep over a power cut.
pub(crate) fn heir(target: &Path) -> Result<Option<PathBuf>> {
    let [new, next] = heirs(target);
    if files::stamp(&new)?.is_some() {
        return Ok(Some(new));
    }
    if files::stamp(&next)?.is_none() {
        return Ok(None);
    }
    if files::stamp(&with_end(target, "-wal"))?.is_some_and(|log| log.size > 0) {
        let why = "a power cut left the index under another name than its log: run `truthound-stores maintain` as somebody who may write";
        return Err(Error::new(ErrorKind::Unavailable, why).with("index", next.display().to_string()));
    }
    Ok(Some(next))
}

/// Puts a new index that is whole in its place; the caller holds the turn of writers. Whoever did not get to the end of it leaves it to
/// the next one.
///
/// A power cut may keep a later change of the folder and not an earlier one. The old log must not come back beside the new index, and the
/// new one's, which is under the same name, must not be taken for it: so its removal is on the disk before the new index has its second
/// name, and that before anybody can write to it.
pub(crate) fn enthrone(target: &Path) -> Result<()> {
    let [new, next] = heirs(target);
    if files::stamp(&new)?.is_some() {
        for end in ["-wal", "-shm"] {
            files::remove(&with_end(target, end))?;
        }
        sync_folder(target)?;
        files::put_in_place(&new, &next)?;
    }
    if files::stamp(&next)?.is_some() {
        sync_folder(target)?;
        files::put_in_place(&next, target)?;
        sync_folder(target)?;
    }
    Ok(())
}

fn sync_folder(target: &Path) -> Result<()> {
    target.parent().map_or(Ok(()), files::sync_dir)
}

/// Moves all of an index's log into it: until the new index is in its place, the old one is all there is. One that is damaged too much for
/// that was copied, with its log, before it was rebuilt.
pub(crate) fn empty_log(target: &Path, doing: &str, patience: Duration) -> Result<()> {
    if files::stamp(target)?.is_none() || index::Health::of(target)?.what().is_some() {
        return Ok(());
    }
    let move_all = || -> Result<()> {
        let index = index::open(target, Profile::Write(Durability::Fsync))?;
        let failed = |cause| sql_error(doing, target, cause);
        index.busy_timeout(patience).map_err(failed)?;
        let is_busy: bool =
            index.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(failed)?;
        if is_busy {
            let why =
                format!("cannot {doing}: another program reads it; end that program, or try again later");
            return Err(Error::new(ErrorKind::Timeout, why).with("index", target.display().to_string()));
        }
        Ok(())
    };
    match move_all() {
        Err(error) if error.kind() != ErrorKind::Corrupt => Err(error),
        _ => Ok(()),
    }
}

fn sibling(target: &Path, name: &str) -> PathBuf {
    target.with_file_name(name)
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn fill_in(plan: &Plan<'_>, path: &Path) -> Result<Built> {
    let index = index::create(path)?;
    let time = gate::time_of(&plan.folder.path)?;
    let hint = hint_of(plan.folder)?;
    let built = fill(plan, &index, path)?;
    let failed = |cause| sql_error("create the index", path, cause);
    let epoch = (random_u64(plan.clock) >> 1).cast_signed();
    let last = index::last_seq(&index).map_err(failed)?;
    // A follower who knew nothing of this folder must look at it, if there is anything to see.
    let facts = [("epoch", epoch), ("floor", last), ("folder", time), ("hint", hint)];
    for (name, value) in facts {
        index::set_meta(&index, name, value).map_err(failed)?;
    }
    for (name, text) in &plan.remarks {
        index::set_meta(&index, name, text).map_err(failed)?;
    }
    index::finish(index, path)?;
    files::sync_path(path)?;
    Ok(built)
}

fn fill(plan: &Plan<'_>, index: &Connection, path: &Path) -> Result<Built> {
    let failed = |cause| sql_error("create the index", path, cause);
    let mut writer = Writer::begin(index).map_err(failed)?;
    let mut built = Built::default();
    let (mut names, mut seen) = (Vec::new(), 0_u64);
    let mut read = |names: &mut Vec<(String, String)>, writer: &mut Writer<'_>| -> Result<()> {
        scan::load_all(plan.folder, names, |loaded| {
            seen += 1;
            plan.progress.advance(READING, seen, None);
            if seen.is_multiple_of(1024) {
                // SQLite writes nothing before its cache is full, and those who wait go by the file's time.
                files::touch(path, plan.clock.now());
            }
            if let Ok(document) = &loaded.document {
                let row = loaded.row(document);
                built.documents += u64::from(insert(writer, plan.folder, row, path)?);
            } else {
                built.damaged += 1;
                let id = plan.folder.id_of(&loaded.stem, None).ok();
                let modified = loaded.stamp.modified;
                let odd = Odd { file: loaded.file(), kind: OddKind::Damaged, id, modified };
                writer.note_odd(&odd).map_err(failed)?;
            }
            Ok(())
        })?;
        names.clear();
        Ok(())
    };
    scan::each_name(plan.folder, |name| {
        match name {
            Name::Document { stem, suffix } => {
                names.push((stem, suffix));
                if names.len() == CHUNK {
                    read(&mut names, &mut writer)?;
                }
            }
            Name::NoText(path) => writer.note_no_text(&path).map_err(failed)?,
        }
        Ok(true)
    })?;
    read(&mut names, &mut writer)?;
    for rescued in &plan.rescued {
        rescue(&mut writer, plan.folder, rescued, path)?;
    }
    Ok(built)
}

/// Adds a document's row, unless another file of the same document is newer; answers whether the document is new.
fn insert(writer: &mut Writer<'_>, folder: &Folder, mut row: Row, path: &Path) -> Result<bool> {
    let failed = |cause| sql_error("create the index", path, cause);
    let other = index::by_id(writer.index(), &row.id).map_err(failed)?;
    let is_new = other.is_none();
    if let Some(other) = other {
        let rank = |row: &Row| folder.suffixes().position(|suffix| suffix.text() == row.suffix);
        // Of one time, the one whose suffix is tried first counts.
        let older =
            (row.modified, std::cmp::Reverse(rank(&row))) < (other.modified, std::cmp::Reverse(rank(&other)));
        let loser = if older { &row } else { &other };
        let file = format!("{}{}", stem_of(loser), loser.suffix);
        let odd = Odd { file, kind: OddKind::Shadowed, id: Some(loser.id.clone()), modified: loser.modified };
        writer.note_odd(&odd).map_err(failed)?;
        if older {
            return Ok(false);
        }
        writer.drop_row(other.seq).map_err(failed)?;
    }
    row.seq = writer.next_seq();
    writer.insert(&row, &Texts::of(&row.attributes)?).map_err(failed)?;
    Ok(is_new)
}

/// Takes over what an earlier index had acknowledged: the document is as it says, whatever its file says yet.
fn rescue(writer: &mut Writer<'_>, folder: &Folder, rescued: &Rescued, path: &Path) -> Result<()> {
    let failed = |cause| sql_error("create the index", path, cause);
    let Rescued { owner, pending, row } = rescued;
    let old = index::by_id(writer.index(), &pending.id).map_err(failed)?;
    if old.as_ref().is_some_and(|old| old.modified > pending.modified) {
        // The earlier index had lost what came after it, or another program has written since.
        return Ok(());
    }
    let described = match (&pending.body, row) {
        (None, _) => None,
        (Some(_), Some(row)) => Some(row.clone()),
        (Some(bytes), None) => match folder.row_of(pending, bytes) {
            Some(row) => Some(row),
            // What it was cannot be told without its row: the state before it stays, and the old index is kept.
            None => return Ok(()),
        },
    };
    if let Some(old) = old
        && (pending.body.is_some() || stem_of(&old) == pending.stem && old.suffix == pending.suffix)
    {
        writer.drop_row(old.seq).map_err(failed)?;
    }
    let seq = writer.next_seq();
    if let Some(row) = described {
        let row = Row { seq, ..row };
        writer.insert(&row, &Texts::of(&row.attributes)?).map_err(failed)?;
    }
    writer.keep(*owner, &Pending { seq, ..pending.clone() }).map_err(failed)
}

/// Identifies the state of the index that Truthound keeps, as a number; 0 if there is none.
pub(crate) fn hint_of(folder: &Folder) -> Result<i64> {
    let stamp = files::stamp(&folder.path.join("_index.json"))?;
    Ok(stamp.map_or(0, |stamp| stamp.modified ^ stamp.size.cast_signed()))
}

/// Leaves word that all names of the folder are known to the new index.
pub(crate) fn leave_standing(catalog: &Path, index: &Connection, path: &Path) -> Result<()> {
    let failed = |cause| sql_error("read the index", path, cause);
    let bounds = index::bounds(index).map_err(failed)?;
    let folder = index::meta(index, "folder").map_err(failed)?.unwrap_or(0);
    Gate::new(catalog).pass()?.leave(Standing { epoch: bounds.epoch, last: bounds.last, folder })
}

#[cfg(test)]
mod tests;
