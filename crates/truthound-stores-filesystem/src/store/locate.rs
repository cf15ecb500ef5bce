//! Finds the files of a document.

use std::path::PathBuf;

use truthound_stores_core::{Error, ErrorKind, GetOptions, Key, Result, Revision, Stored};

use super::Inner;
use crate::describe::{Document, Folder, Loaded};
use crate::files::{self, Stamp};
use crate::suffix::Suffix;

/// One file that holds, or should hold, a document.
#[derive(Debug)]
pub(super) struct Located {
    pub(super) stem: String,
    pub(super) suffix: Suffix,
    pub(super) path: PathBuf,
    pub(super) stamp: Stamp,
    /// What it holds, or why it cannot be read.
    pub(super) document: Result<Document>,
}

/// The files that hold one document, newest first, and the names that other documents have taken.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) own: Vec<Located>,
    pub(super) taken: Vec<PathBuf>,
}

impl Located {
    pub(super) fn revision(&self) -> Revision {
        match &self.document {
            Ok(document) => document.meta.revision.clone(),
            Err(_) => self.stamp.revision(None),
        }
    }
}

impl Files {
    /// Finds the files of a document that is to be written or deleted.
    ///
    /// # Errors
    /// Besides those of [`locate`](Self::locate), what keeps one of the files from being read, unless it is damage: whose document it is
    /// cannot be known, so it must stay.
    pub(super) fn locate_to_write(folder: &Folder, id: &str) -> Result<Self> {
        let mut files = Self::locate(folder, id)?;
        let is_kept_out =
            |file: &Located| file.document.as_ref().is_err_and(|error| error.kind() != ErrorKind::Corrupt);
        if let Some(at) = files.own.iter().position(is_kept_out)
            && let Err(error) = files.own.swap_remove(at).document
        {
            return Err(error);
        }
        Ok(files)
    }

    /// Finds all files of the document `id`.
    ///
    /// There is more than one only if Truthound, with other settings, wrote the same id beside ours.
    pub(super) fn locate(folder: &Folder, id: &str) -> Result<Self> {
        let mut files = Self::default();
        for stem in folder.stems(id) {
            for suffix in folder.extensions.suffixes(folder.codec.compression) {
                let path = folder.file(&stem, &suffix);
                if files::stamp(&path)?.is_none() {
                    continue;
                }
                let Some(Loaded { stamp, document }) = folder.load(&stem, &path)? else { continue };
                // A file that cannot be read belongs to the id that its name spells.
                let owner = match &document {
                    Ok(document) => Some(document.meta.key.id().to_owned()),
                    Err(_) => folder.id_of(&stem, None).ok(),
                };
                if owner.is_none_or(|owner| owner == id) {
                    files.own.push(Located { stem: stem.clone(), suffix, path, stamp, document });
                } else {
                    files.taken.push(path);
                }
            }
        }
        files.own.sort_by_key(|file| std::cmp::Reverse(file.stamp.modified));
        Ok(files)
    }
}

impl Inner {
    pub(super) fn get(&self, key: &Key, opts: &GetOptions) -> Result<Stored> {
        self.check_folder()?;
        let folder = self.folder(key.collection())?;
        match Files::locate(&folder, key.id())?.own.into_iter().next() {
            None => Err(Error::not_found(key)),
            Some(Located { document, .. }) => {
                let Document { meta, body } = document?;
                Ok(Stored::new(meta, (!opts.meta_only).then_some(body)))
            }
        }
    }
}
