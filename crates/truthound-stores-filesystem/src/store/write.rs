//! Writes and deletes, under the folder's lock.

use std::fs;
use std::path::{Path, PathBuf};

use truthound_stores_core::codec::Codec;
use truthound_stores_core::{
    Collection, DeleteOptions, Error, ErrorKind, Key, PutMode, PutOptions, Record, RecordMeta, Result,
    Written,
};

use super::Inner;
use super::locate::{Files, Located};
use super::turn::Turn;
use crate::describe::Folder;
use crate::files::{self, Placing, Staged};
use crate::layout::CATALOG;
use crate::lock::WriteLock;
use crate::name;
use crate::row::{Row, Rows};
use crate::settings::Settings;
use crate::suffix::{self, Extensions, Suffix};

/// How the names of files that are still being written begin.
pub(super) const STAGED: &str = "tmp-";

impl Inner {
    /// Writes records in order; one outcome each. Folders are synced once per run of one collection.
    pub(super) fn put_batch(
        &self,
        records: Vec<Record>,
        opts: &PutOptions,
        turn: &Turn,
    ) -> Vec<Result<Written>> {
        let mut outcomes = Vec::with_capacity(records.len());
        let mut records = records.into_iter().peekable();
        while let Some(first) = records.next() {
            let collection = first.key.collection().clone();
            let mut run = vec![first];
            while let Some(next) = records.next_if(|next| *next.key.collection() == collection) {
                run.push(next);
            }
            let put = |folder: &Folder, record: Record| self.put(folder, record, opts);
            outcomes.extend(self.locked(&collection, turn, None, run, put));
        }
        outcomes
    }

    /// Deletes documents in order; one outcome each.
    pub(super) fn delete_batch(&self, keys: &[Key], opts: &DeleteOptions, turn: &Turn) -> Vec<Result<bool>> {
        let mut outcomes = Vec::with_capacity(keys.len());
        for run in keys.chunk_by(|a, b| a.collection() == b.collection()) {
            let Some(collection) = run.first().map(Key::collection) else { continue };
            let delete = |folder: &Folder, key: Key| delete(folder, &key, opts);
            outcomes.extend(self.locked(collection, turn, Some(false), run.to_vec(), delete));
        }
        outcomes
    }

    /// Does `work` for each item under the lock of a collection's folder, then syncs the folder.
    ///
    /// `missing` is the outcome where there is no folder; without one, the folder is made.
    fn locked<I, T: Clone>(
        &self,
        collection: &Collection,
        turn: &Turn,
        missing: Option<T>,
        items: Vec<I>,
        work: impl Fn(&Folder, I) -> Result<(T, Leftovers)>,
    ) -> Vec<Result<T>> {
        let count = items.len();
        let attempt = || -> Result<Vec<Result<T>>> {
            turn.check()?;
            self.check_folder()?;
            let folder = self.folder(collection)?;
            match missing {
                Some(missing) if self.config.create_dirs && !files::is_folder(&folder.path)? => {
                    return Ok((0..count).map(|_| Ok(missing.clone())).collect());
                }
                Some(_) => {}
                None => self.remember_settings(turn)?,
            }
            let lock = self.lock(&folder, turn)?;
            let done: Vec<Result<(T, Leftovers)>> =
                items.into_iter().map(|item| turn.check().and_then(|()| work(&folder, item))).collect();
            if self.syncs() && done.iter().any(Result::is_ok) {
                files::sync_dir(&folder.path)?;
            }
            // Not before: after a power cut, the old state may be back, and needs what belongs to it.
            let settle = |(outcome, leftovers): (T, Leftovers)| {
                leftovers.remove();
                outcome
            };
            let outcomes = done.into_iter().map(|done| done.map(settle)).collect();
            drop(lock);
            Ok(outcomes)
        };
        attempt().unwrap_or_else(|error| for_each(error, count))
    }

    /// Takes a folder's lock, making the folder where allowed, and sweeps what writers that died have left.
    fn lock(&self, folder: &Folder, turn: &Turn) -> Result<WriteLock> {
        if !self.config.create_dirs && !files::is_folder(&folder.path)? {
            return Err(Error::invalid("the collection's folder does not exist, and create_dirs is false")
                .with("path", folder.path.display().to_string()));
        }
        files::make_dirs(&folder.catalog(), self.syncs())?;
        let lock = WriteLock::take(&folder.path, turn.patience(), || turn.is_given_up())?;
        sweep(lock.catalog());
        Ok(lock)
    }

    fn put(&self, folder: &Folder, record: Record, opts: &PutOptions) -> Result<(Written, Leftovers)> {
        record.validate()?;
        let found = Files::locate_to_write(folder, record.key.id())?;
        let current = found.own.first();
        let conflict = |why: &str| Err(Error::new(ErrorKind::Conflict, why.to_owned()));
        match (&opts.mode, current) {
            (PutMode::Create, Some(_)) => return conflict("the id is taken"),
            (PutMode::Replace(_), None) => return conflict("there is no document to replace"),
            (PutMode::Replace(seen), Some(file)) if file.revision() != *seen => {
                return conflict("somebody else has written the document since it was read");
            }
            (PutMode::Upsert | PutMode::Create | PutMode::Replace(_), _) => {}
            (mode, _) => {
                return Err(Error::unsupported(format!("the filesystem store has no put mode {mode:?}")));
            }
        }
        let replaced = current.map(Located::revision);
        let target = self.target(folder, &record.key, &found);
        let bytes = target.codec.encode_within(record.body.as_bytes(), &folder.limits)?;
        let (checksum, catalog) = (record.body.checksum(), folder.catalog());
        let after = found.own.iter().map(|file| file.stamp.modified).max();
        let staged =
            Staged::write(self.staging(&catalog), &bytes, self.next_modified(), after, self.syncs())?;
        let (rows, modified) = (Rows::of(&catalog, &target.path), staged.stamp().modified);
        if rows.exist()? || !folder.speaks_for_itself(&target.stem, &record) {
            let row = Row { id: record.key.id().to_owned(), attributes: record.attributes.clone() };
            rows.write(&row, checksum, modified, self.staging(&catalog), self.syncs())?;
        }
        let placing = if current.is_none() { Placing::Create } else { Placing::Replace };
        let Some(stamp) = staged.place(&target.path, placing)? else {
            // Somebody who does not know our lock, such as Truthound, was a moment faster.
            if opts.mode == PutMode::Create {
                return conflict("the id is taken");
            }
            return self.put(folder, record, opts);
        };
        let others = found.own.into_iter().map(|file| file.path).filter(|path| *path != target.path);
        let mut leftovers = Leftovers { rows: vec![(rows, Some(modified))], files: Vec::new() };
        for path in others {
            leftovers.rows.push((Rows::of(&catalog, &path), None));
            leftovers.files.push(path);
        }
        let (key, attributes) = (record.key, record.attributes);
        let meta = RecordMeta::new(
            key,
            attributes,
            stamp.revision(Some(checksum)),
            stamp.size,
            checksum,
            stamp.saved_at(),
        );
        Ok((Written::new(meta, replaced), leftovers))
    }

    /// Decides where and how a document is written: in the place it has, else under its own name, else, if another document has
    /// taken that, under its shortened one.
    fn target(&self, folder: &Folder, key: &Key, found: &Files) -> Target {
        if let Some(Located { stem, suffix, path, .. }) = found.own.first() {
            let format = suffix::format_named(&suffix.extension).unwrap_or(self.codec.format);
            let codec = Codec::new(format, suffix.compression).with_pretty(self.config.pretty_print);
            // A codec that is not compiled in cannot be kept: the document moves to the one for new documents.
            if codec.check_available().is_ok() {
                return Target { stem: stem.clone(), path: path.clone(), codec };
            }
        }
        let suffix = Suffix { extension: self.extension.clone(), compression: self.codec.compression };
        let mut stem = name::escape(key.id(), folder.folds_case());
        let mut path = folder.file(&stem, &suffix);
        if found.taken.contains(&path) {
            stem = name::shorten(key.id());
            path = folder.file(&stem, &suffix);
        }
        Target { stem, path, codec: self.codec }
    }

    /// Writes the store's metadata and an extension of the user's if they are not on disk yet.
    fn remember_settings(&self, turn: &Turn) -> Result<()> {
        let present = self.settings()?;
        if self.wanted_settings(&present) == present {
            return Ok(());
        }
        let results = self.layout.results();
        files::make_dirs(&results.join(CATALOG), self.syncs())?;
        let lock = WriteLock::take(results, turn.patience(), || turn.is_given_up())?;
        let wanted = self.wanted_settings(&Settings::read(results)?);
        wanted.write(results, self.staging(lock.catalog()), self.next_modified(), self.syncs())
    }

    fn wanted_settings(&self, present: &Settings) -> Settings {
        let mut wanted = present.clone();
        wanted.metadata.extend(self.config.store.metadata.clone());
        if !Extensions::is_known(&self.extension) {
            wanted.extensions.insert(self.extension.clone());
        }
        wanted
    }

    /// Checks that the folder, or the nearest one above it that exists, can be read and written.
    pub(super) fn check_access(&self) -> Result<()> {
        let results = self.layout.results();
        let mut at = results;
        while !at.exists() {
            match at.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => at = parent,
                _ => at = Path::new("."),
            }
        }
        if !at.is_dir() {
            return Err(Error::invalid("the store's folder, or one above it, is a file")
                .with("path", at.display().to_string()));
        }
        access(at)
    }
}

/// Gives each item of a batch the error that stopped the whole.
fn for_each<T>(error: Error, count: usize) -> Vec<Result<T>> {
    let again = |error: &Error| {
        let copy = Error::new(error.kind(), error.message());
        Err(error.context("path").into_iter().fold(copy, |copy, path| copy.with("path", path)))
    };
    let mut all: Vec<Result<T>> = (1..count).map(|_| again(&error)).collect();
    all.push(Err(error));
    all
}

/// What belonged to the state before, to be removed once the new one is on the disk. What cannot be removed does no harm: of several
/// files the newest counts, and a row belongs to one state.
#[derive(Debug, Default)]
struct Leftovers {
    /// Rows, all or those before a time.
    rows: Vec<(Rows, Option<i128>)>,
    files: Vec<PathBuf>,
}

impl Leftovers {
    fn remove(self) {
        for path in &self.files {
            drop(files::remove(path));
        }
        for (rows, before) in &self.rows {
            match before {
                Some(modified) => rows.remove_before(*modified),
                None => rows.remove_all(),
            }
        }
    }
}

/// Where a document goes, and how it is encoded.
struct Target {
    stem: String,
    path: PathBuf,
    codec: Codec,
}

fn delete(folder: &Folder, key: &Key, opts: &DeleteOptions) -> Result<(bool, Leftovers)> {
    let found = Files::locate_to_write(folder, key.id())?;
    let Some(current) = found.own.first() else { return Ok((false, Leftovers::default())) };
    if opts.if_revision.as_ref().is_some_and(|seen| *seen != current.revision()) {
        return Err(Error::new(
            ErrorKind::Conflict,
            "somebody else has written the document since it was read",
        ));
    }
    let mut leftovers = Leftovers::default();
    // The newest goes last: a crash in between leaves the document as it was.
    for file in found.own.iter().rev() {
        files::remove(&file.path)?;
        leftovers.rows.push((Rows::of(&folder.catalog(), &file.path), None));
    }
    Ok((true, leftovers))
}

/// Removes what writers that died were writing. The lock is held, so no writer is at work.
fn sweep(catalog: &Path) {
    let Ok(entries) = fs::read_dir(catalog) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(STAGED) {
            drop(files::remove(&entry.path()));
        }
    }
}

#[cfg(unix)]
fn access(folder: &Path) -> Result<()> {
    use rustix::fs::{Access, access};

    access(folder, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK)
        .map_err(|cause| crate::error::io_error("read and write the store's folder", folder, cause.into()))
}

#[cfg(not(unix))]
fn access(folder: &Path) -> Result<()> {
    let listed = fs::read_dir(folder).map(drop);
    listed.map_err(|cause| crate::error::io_error("read the store's folder", folder, cause))
}
