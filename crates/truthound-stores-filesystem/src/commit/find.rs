//! What is stored under an id when its turn has come, and taking up what files say that the index does not know.

use truthound_stores_core::{Collection, ErrorKind, Revision};

use super::apply::{Apply, Fault, Result};
use crate::describe::{Folder, Loaded, stem_of};
use crate::index::{self, Odd, OddKind, Row, Texts, Writer};
use crate::name;
use crate::publish;

/// What is stored under an id now.
pub(super) enum Current {
    Nothing,
    Row(Box<Row>),
    /// A file that cannot be read; it may be overwritten and deleted.
    Unreadable {
        stem: String,
        suffix: String,
        revision: Revision,
        modified: i64,
    },
}

impl Current {
    pub(super) fn revision(&self) -> Option<Revision> {
        match self {
            Self::Nothing => None,
            Self::Row(row) => Some(row.revision()),
            Self::Unreadable { revision, .. } => Some(revision.clone()),
        }
    }

    pub(super) fn modified(&self) -> Option<i64> {
        match self {
            Self::Nothing => None,
            Self::Row(row) => Some(row.modified),
            Self::Unreadable { modified, .. } => Some(*modified),
        }
    }
}

impl Apply<'_> {
    /// Finds what is stored under an id; a file that the index does not know yet is taken up first. Answers, too, whether the name that
    /// the document would have is another document's.
    pub(super) fn current(
        &self,
        writer: &mut Writer<'_>,
        id: &str,
        search: Search<'_>,
    ) -> Result<(Current, bool)> {
        if let Some(row) = index::by_id(writer.index(), id)? {
            return Ok((Current::Row(Box::new(row)), false));
        }
        let mut taken = false;
        for (stem, suffix) in search.names(self.folder, writer, id)? {
            let Some(stamp) = crate::files::stamp(&self.folder.file(&stem, &suffix))? else { continue };
            if publish::is_to_go(self.folder, writer.index(), &stem, &suffix, Some(stamp))? {
                continue;
            }
            if index::by_name(writer.index(), &stem, &suffix)?.is_some() {
                taken |= search.is_first(&stem, &suffix);
                continue;
            }
            let Some(loaded) = self.folder.load(&stem, &suffix)? else { continue };
            match &loaded.document {
                Ok(document) if document.id == id => {
                    self.adopt(writer, &loaded)?;
                    if let Some(row) = index::by_id(writer.index(), id)? {
                        return Ok((Current::Row(Box::new(row)), false));
                    }
                }
                // A file that cannot be read belongs to the id that its name spells. Damage may be overwritten; what may only not be
                // read now must stay.
                Err(error) if self.folder.id_of(&stem, None).is_ok_and(|owner| owner == id) => {
                    if error.kind() != ErrorKind::Corrupt {
                        return Err(Fault::Refused(error.repeat()));
                    }
                    let revision = Revision::new(format!("{:x}-damaged", loaded.stamp.modified));
                    let modified = loaded.stamp.modified;
                    return Ok((Current::Unreadable { stem, suffix, revision, modified }, false));
                }
                Ok(_) | Err(_) => taken |= search.is_first(&stem, &suffix),
            }
        }
        Ok((Current::Nothing, taken))
    }

    /// Takes up what a file says that the index does not know; answers whether that changed anything.
    pub(super) fn adopt(&self, writer: &mut Writer<'_>, loaded: &Loaded) -> Result<bool> {
        let file = loaded.file();
        let (stem, suffix) = (&loaded.stem, &loaded.suffix);
        if publish::is_to_go(self.folder, writer.index(), stem, suffix, Some(loaded.stamp))? {
            return Ok(false);
        }
        let Ok(document) = &loaded.document else {
            let id = self.folder.id_of(&loaded.stem, None).ok();
            let modified = loaded.stamp.modified;
            // A row goes on describing what its file said; whoever reads the document is told.
            let known = match &id {
                Some(id) => index::by_id(writer.index(), id)?.is_some_and(|row| is_file_of(&row, loaded)),
                None => false,
            };
            if !known {
                writer.note_odd(&Odd { file, kind: OddKind::Damaged, id, modified })?;
            }
            return Ok(false);
        };
        let mut row = loaded.row(document);
        let before = index::by_id(writer.index(), &row.id)?;
        if let Some(before) = before {
            if let Some(owner) = index::owner_of(writer.index(), before.seq)?
                && !(is_file_of(&before, loaded)
                    && publish::is_overtaken(self.folder, writer.index(), &before, owner, loaded.stamp)?)
            {
                // What was acknowledged since is on its way to this file.
                return Ok(false);
            }
            if is_file_of(&before, loaded) {
                if before.checksum == row.checksum {
                    return Ok(false);
                }
            } else if before.modified >= row.modified {
                let (id, modified) = (Some(row.id), row.modified);
                writer.note_odd(&Odd { file, kind: OddKind::Shadowed, id, modified })?;
                return Ok(false);
            } else {
                let (id, modified) = (Some(before.id.clone()), before.modified);
                let file = format!("{}{}", stem_of(&before), before.suffix);
                writer.note_odd(&Odd { file, kind: OddKind::Shadowed, id, modified })?;
            }
            writer.supersede(before, &self.folder.collection)??;
        }
        writer.forget_odd(&file)?;
        row.seq = writer.next_seq();
        let texts = Texts::of(&row.attributes)?;
        writer.insert(&row, &texts)?;
        Ok(true)
    }
}

/// Where files are looked for that the index does not know.
#[derive(Clone, Copy)]
pub(super) enum Search<'s> {
    /// Under the name that the document would have, and under those that Truthound would have given it.
    Likely(&'s str, &'s str),
    /// Under every name that it may have.
    Everywhere,
}

impl Search<'_> {
    fn names(
        self,
        folder: &Folder,
        writer: &Writer<'_>,
        id: &str,
    ) -> rusqlite::Result<Vec<(String, String)>> {
        let mut names: Vec<(String, String)> = match self {
            Self::Likely(stem, suffix) => {
                let suffixes = [suffix, ".json", ".json.gz"];
                let suites = folder.collection == Collection::EXPECTATIONS;
                let raw = name::truthound(id, suites).filter(|raw| raw != stem);
                let stems = std::iter::once(stem.to_owned()).chain(raw);
                stems.flat_map(|stem| suffixes.map(|suffix| (stem.clone(), suffix.to_owned()))).collect()
            }
            Self::Everywhere => crate::locate::names(folder, id),
        };
        names.extend(index::odd(writer.index(), Some(id))?.iter().filter_map(|odd| folder.split(&odd.file)));
        let mut unique = Vec::with_capacity(names.len());
        for name in names {
            if !unique.contains(&name) {
                unique.push(name);
            }
        }
        Ok(unique)
    }

    fn is_first(self, stem: &str, suffix: &str) -> bool {
        matches!(self, Self::Likely(first, end) if first == stem && end == suffix)
    }
}

fn is_file_of(row: &Row, loaded: &Loaded) -> bool {
    row.suffix == loaded.suffix && stem_of(row) == loaded.stem
}
