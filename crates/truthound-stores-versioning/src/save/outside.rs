//! What was written past the versioned store becomes a version with the next save.

use truthound_stores_core::{ErrorKind, PutMode, Record, Result, Store};

use super::settle::Settled;
use crate::draft::Draft;
use crate::envelope::Sheet;
use crate::find::Current;
use crate::info::Origin;
use crate::number::MAIN;
use crate::place::Place;
use crate::request::SaveOptions;
use crate::store::VersionedStore;

impl<S: Store> VersionedStore<S> {
    /// Decides what becomes of a document that was written from outside: a version, after those of which nobody knows any more which was the latest.
    pub(crate) async fn found(&self, place: &Place, current: &Current) -> Result<Vec<Sheet>> {
        let mut sheets: Vec<Sheet> = Vec::new();
        let Current::Present(present) = current else { return Ok(sheets) };
        let Some(body) = present.body.as_ref().filter(|_| present.outside) else { return Ok(sheets) };
        let mut drafts = Vec::new();
        for rival in present.rivals.iter().rev() {
            match self.content(place, rival).await {
                Ok(record) => {
                    let mut options = SaveOptions::new();
                    options.message.clone_from(&rival.info.message);
                    options.author.clone_from(&rival.info.created_by);
                    options.metadata.clone_from(&rival.info.metadata);
                    drafts.push(Draft::new(rival.info.origin, Some(record), options));
                }
                // It was a deletion, or its writer has lost and taken it back.
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Corrupt) => {}
                Err(error) => return Err(error),
            }
        }
        let record = Record::new(place.item.clone(), present.meta.attributes.clone(), body.clone());
        drafts.push(Draft::new(Origin::Outside, Some(record), SaveOptions::new()));
        for draft in drafts {
            let last = sheets.last().map(|sheet| sheet.facts.head());
            let ground = self.ground(
                place,
                MAIN,
                last.as_ref().or(present.head.as_ref()),
                Some(&present.meta.revision),
            );
            sheets.push(ground.compose(&draft, None)?);
        }
        Ok(sheets)
    }

    /// Reads the document that came from outside, if it was not read yet.
    pub(crate) async fn load_outside(&self, place: &Place, current: &mut Current) -> Result<()> {
        let unread =
            matches!(&*current, Current::Present(present) if present.outside && present.body.is_none());
        if unread && !self.config.track_changes {
            *current = self.current(place, true).await?;
        }
        Ok(())
    }

    /// Makes a version of what came from outside, and lets the document name it.
    pub(crate) async fn adopt(&self, place: &Place, current: &Current) -> Result<()> {
        let Current::Present(present) = current else { return Ok(()) };
        let Some(body) = &present.body else { return Ok(()) };
        let sheets = self.found(place, current).await?;
        let Some(sheet) = sheets.last() else { return Ok(()) };
        let record = Record::new(place.item.clone(), present.meta.attributes.clone(), body.clone());
        self.put_sheets(place, &sheets).await?;
        let mode = PutMode::Replace(present.meta.revision.clone());
        match self.put_current(&record, &sheet.facts.head(), mode).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::Conflict => {
                if let Settled::Lost(head) = self.settle(place, sheet).await? {
                    self.discard(place, &sheets, &head).await;
                }
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}
