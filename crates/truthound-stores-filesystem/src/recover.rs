//! Finishes what handles left that are gone: puts their documents in their places, and settles them.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use truthound_stores_core::{Body, Clock, Error};
use truthound_stores_core::{Result, random_u64};

use crate::describe::{Folder, stem_of};
use crate::files::{self, Found, Staged};
use crate::gate::{self, Gate, Standing};
use crate::index::{self, Pending, Readers, sql_error};
use crate::owner;
use crate::publish::{self, Disk, STAGED};
use crate::sidecar::Sidecar;
use crate::watch::Watch;

/// So much may wait for somebody who has more to settle: a process that saves one document and ends leaves it in its place, but
/// not settled.
const FEW: u64 = 64;
const LITTLE: u64 = 1 << 20;
/// So many are read from the index at a time: documents are small, but may be large.
const CHUNK: usize = 16;

/// How much was left, by whom.
pub(crate) fn left(
    index: &Connection,
    catalog: &Path,
    own: Option<i64>,
) -> rusqlite::Result<Vec<(i64, u64, u64)>> {
    let all = index::owners(index)?;
    Ok(all
        .into_iter()
        .filter(|(token, ..)| Some(*token) != own && !owner::is_alive(catalog, *token))
        .collect())
}

/// Tells whether somebody should finish what was left now: because there is much of it, or because a file is not in its place.
pub(crate) fn is_due(
    folder: &Folder,
    index: &Connection,
    left: &[(i64, u64, u64)],
) -> rusqlite::Result<bool> {
    let (count, bytes) =
        left.iter().fold((0, 0), |(count, bytes), (_, more, size)| (count + more, bytes + size));
    if count > FEW || bytes > LITTLE {
        return Ok(true);
    }
    let epoch = index::bounds(index)?.epoch;
    for (token, ..) in left {
        let progress = owner::progress(&folder.catalog(), *token, epoch);
        for pending in index::pending(index, *token, 0, usize::MAX)? {
            if publish::is_current(index, &pending)? && !looks_done(folder, &pending, progress) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn looks_done(folder: &Folder, pending: &Pending, progress: owner::Progress) -> bool {
    if publish::is_undone(folder, pending, progress) {
        return true;
    }
    let stamp = files::stamp(&folder.file(&pending.stem, &pending.suffix));
    match (&pending.body, stamp) {
        (Some(body), Ok(Some(stamp))) => stamp.may_be(pending.modified, body.len() as u64),
        (None, Ok(stamp)) => stamp.is_none_or(|stamp| stamp.modified > pending.modified),
        _ => false,
    }
}

/// Finishes the work of owners that are gone. The caller has the turn of writers. Answers how many files it had to write or remove, and
/// how many it settled.
pub(crate) fn finish(
    folder: &Folder,
    index: &Connection,
    path: &Path,
    left: &[(i64, u64, u64)],
    clock: &dyn Clock,
    syncs: bool,
    patience: Duration,
) -> Result<(u64, u64)> {
    let failed = |cause| sql_error("finish what was left", path, cause);
    let mut gate = Gate::new(&folder.catalog());
    let passage = gate.pass_within(patience)?;
    let (watch, mut ours) = (Watch::new(&folder.path), HashSet::new());
    let before = passage.standing();
    let explained =
        before.is_some_and(|standing| gate::time_of(&folder.path).is_ok_and(|time| time == standing.folder));
    let (mut mended, mut settled, mut disk) = (0, 0, Disk::default());
    if syncs {
        disk.watch(&folder.path)?;
    }
    let epoch = index::bounds(index).map_err(failed)?.epoch;
    for (token, ..) in left {
        let progress = owner::progress(&folder.catalog(), *token, epoch);
        let mut after = 0;
        loop {
            let chunk = index::pending(index, *token, after, CHUNK).map_err(failed)?;
            let Some(last) = chunk.last().map(|pending| pending.seq) else { break };
            let mut open = Vec::new();
            for pending in &chunk {
                ours.insert(pending.file());
                if publish::is_current(index, pending).map_err(failed)?
                    && !publish::is_undone(folder, pending, progress)
                {
                    mended += u64::from(carry_out(folder, index, path, pending, clock, syncs, &mut open)?);
                }
            }
            if syncs {
                disk.sync(&folder.path, &open, open.len())?;
            }
            let sql = "DELETE FROM unsettled WHERE owner = ?1 AND seq <= ?2";
            settled += index.execute(sql, [*token, last]).map_err(failed)? as u64;
            after = last;
        }
        owner::forget(&folder.catalog(), *token);
    }
    sweep(&folder.catalog(), index);
    let bounds = index::bounds(index).map_err(failed)?;
    let now = gate::time_of(&folder.path)?;
    let explained = explained && watch.all(|name| publish::is_ours(name, &ours));
    let folder_time = if explained { now } else { gate::UNKNOWN };
    passage.leave(Standing { epoch: bounds.epoch, last: bounds.last, folder: folder_time })?;
    Ok((mended, settled))
}

/// Makes a file what it was acknowledged to be; answers whether it was anything else.
fn carry_out(
    folder: &Folder,
    index: &Connection,
    path: &Path,
    pending: &Pending,
    clock: &dyn Clock,
    syncs: bool,
    open: &mut Vec<File>,
) -> Result<bool> {
    let target = folder.file(&pending.stem, &pending.suffix);
    let Some(body) = &pending.body else {
        Sidecar::remove(&folder.path, &pending.file())?;
        return publish::remove(&target, pending.modified);
    };
    let found = match files::read(&target, folder.limits.max_document_bytes) {
        Ok(Found::File { bytes, stamp }) => Some((bytes, stamp)),
        // Whatever stands there is no document: it is replaced.
        Ok(Found::Nothing) | Err(_) => None,
    };
    let as_it_is =
        || File::open(&target).map_err(|cause| crate::error::io_error("open the file", &target, cause));
    if let Some((bytes, stamp)) = &found
        && stamp.modified > pending.modified
        && folder.text(&target, bytes).is_ok()
    {
        // A later state of ours that the index has lost, or another program's: documents win over the index.
        open.push(as_it_is()?);
        return Ok(false);
    }
    let staging = || folder.catalog().join(format!("{STAGED}{:016x}", random_u64(clock)));
    let row =
        index::by_id(index, &pending.id).map_err(|cause| sql_error("finish what was left", path, cause))?;
    match row.map_or(Ok(None), |row| sidecar_for(folder, &row, body))? {
        Some(sidecar) => open.push(sidecar.write(&folder.path, staging(), pending.modified, syncs)?),
        // That of an earlier state may have come back.
        None => Sidecar::remove(&folder.path, &pending.file())?,
    }
    // Written anew even if it reads as it should: the system may have failed to write it to the disk, and told its writer, who is gone.
    open.push(Staged::write(staging(), body, pending.modified)?.place(&target)?);
    Ok(found.is_none_or(|(bytes, _)| bytes != *body))
}

/// Makes the sidecar of work whose file may not say everything by itself, from its row.
pub(crate) fn sidecar_of(folder: &Folder, readers: &Readers, pending: &Pending) -> Result<Option<Sidecar>> {
    let Some(body) = &pending.body else { return Ok(None) };
    let row = readers.read("read the index", |index| index::by_id(index, &pending.id))?;
    // Of another state nothing is said here: what was overwritten is not published.
    let row = row.filter(|row| row.seq == pending.seq);
    row.map_or(Ok(None), |row| sidecar_for(folder, &row, body))
}

fn sidecar_for(folder: &Folder, row: &index::Row, bytes: &[u8]) -> Result<Option<Sidecar>> {
    let stem = stem_of(row);
    let path = folder.file(&stem, &row.suffix);
    let text: Body = folder.text(&path, bytes).map_err(|error: Error| error.during("recover"))?;
    if folder.speaks_for_itself(&stem, &row.id, &row.attributes, text.as_bytes()) {
        return Ok(None);
    }
    Ok(Some(Sidecar::new(&format!("{stem}{}", row.suffix), row.checksum, &row.id, &row.attributes)))
}

/// Removes what writers that are gone were writing. The caller has the turn of writers, so nobody is making what has no owner.
pub(crate) fn sweep(catalog: &Path, index: &Connection) -> u64 {
    let mut removed = 0;
    for entry in fs::read_dir(catalog).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // How far an owner came is of use as long as something of its work is left.
        if let Some(token) = owner::token_of(&name)
            && !owner::is_alive(catalog, token)
            && !index::has_left(index, token).unwrap_or(true)
        {
            owner::forget(catalog, token);
        }
        let owner = name.strip_prefix(STAGED).and_then(|rest| rest.split_once('-'));
        let owner = owner.and_then(|(token, _)| i64::from_str_radix(token, 16).ok());
        let left_behind = name.starts_with(STAGED) || name.starts_with("building-");
        // Asked when the file is there: an owner has claimed its token before it makes its first one.
        if left_behind && !owner.is_some_and(|token| owner::is_alive(catalog, token)) {
            removed += u64::from(files::remove(&entry.path()).unwrap_or(false));
        }
    }
    removed
}
