//! The last step of an import: the document, or the end of a deleted history, names its latest version. Only then is a history there.

use truthound_stores_core::{
    CopyProblem, DeleteOptions, Error, ErrorKind, OnConflict, PutMode, PutOptions, Result, Revision, Store,
};

use super::line::{Last, Line, Standing};
use super::options::ImportOptions;
use super::report::{Done, Ending};
use crate::chain::LARGEST_PAGE;
use crate::place::Place;
use crate::store::VersionedStore;

/// How often an item is tried that others write at the same time.
pub(super) const ATTEMPTS: u32 = 5;

impl<S: Store> VersionedStore<S> {
    /// Makes a history that of the item; answers false if somebody else wrote meanwhile. `end` is the end that stood here before all else was looked at.
    pub(super) async fn seal(
        &self,
        place: &Place,
        line: &Line,
        over: Option<Revision>,
        end: Option<Revision>,
    ) -> Result<bool> {
        let answer = match &line.last {
            Last::Document(record) => {
                let mode = over.map_or(PutMode::Create, PutMode::Replace);
                self.put_current(record, &line.head, mode).await.map(drop)
            }
            Last::Deletion(reference) => {
                let opts = end.map_or_else(PutOptions::create, PutOptions::replace);
                match (self.inner.put_opts(reference.to_record(place)?, opts).await, over) {
                    (Ok(_), Some(over)) => {
                        let only = DeleteOptions::if_revision(over);
                        self.inner.delete_opts(&place.item, only).await.map(drop)
                    }
                    (answer, _) => answer.map(drop),
                }
            }
        };
        match answer {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Says what becomes of an item whose main line needs nothing, or cannot be joined.
    pub(super) fn settled(
        place: &Place,
        standing: &Standing,
        options: &ImportOptions,
        done: &mut Done,
    ) -> Result<()> {
        done.ending = match standing {
            Standing::Same => Ending::Equal,
            Standing::Ahead => Ending::Ahead,
            Standing::Apart(_) if options.on_conflict == OnConflict::Keep => Ending::Kept,
            Standing::Apart(why) => {
                let error = Error::new(ErrorKind::Conflict, format!("the history is not imported: {why}"));
                done.tell(CopyProblem::Conflict, error.at(&place.item));
                Ending::Conflict
            }
            Standing::New | Standing::Behind(_) => {
                return Err(Error::invalid("the item is still to be written").at(&place.item));
            }
        };
        Ok(())
    }

    /// Reads the history once more as it stands here, link by link.
    pub(super) async fn look_again(&self, place: &Place, line: &Line, done: &mut Done) -> Result<()> {
        let mut strange = false;
        let walked = self.walk(place, &line.head, LARGEST_PAGE, |facts| {
            strange = !line.ids.contains(&facts.id);
            !strange
        });
        match walked.await {
            Ok(()) if strange => {
                let error = Error::corrupt("the history is another one than was written");
                done.tell(CopyProblem::Differs, error.at(&place.item));
            }
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::Corrupt => done.tell(CopyProblem::Differs, error),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

pub(super) fn busy(place: &Place) -> Error {
    Error::new(ErrorKind::Overloaded, "others write the item again and again: import once more")
        .at(&place.item)
}
