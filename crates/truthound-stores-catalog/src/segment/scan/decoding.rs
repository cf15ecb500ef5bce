//! What workers decode of pages before they are read.

use std::sync::Arc;

use truthound_stores_core::Result;

use super::{Held, Place, Scan};
use crate::segment::ranges::Ranges;
use crate::segment::schema::{BAND, Column, PAGE};
use crate::segment::sheet::Sheet;
use crate::workers::Workers;

/// What workers decode of pages, side by side, before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decodes {
    /// What pages lend.
    Lent,
    /// What they lend, and what it takes to describe the documents.
    Described,
    /// All of their rows.
    Rows,
}

impl Decodes {
    fn is_done(self, sheet: &Sheet) -> bool {
        match self {
            Self::Lent => sheet.is_prepared(false),
            Self::Described => sheet.is_prepared(true),
            Self::Rows => sheet.is_decoded(),
        }
    }
}

/// Says who decodes pages ahead of the reader, where many will be read.
#[derive(Clone, Debug)]
pub(super) struct Decoding {
    workers: Workers,
    what: Decodes,
}

impl<R: Ranges> Scan<'_, R> {
    /// Has pages decoded by workers, if many rows are asked for.
    pub(crate) fn decoded_by(mut self, workers: &Workers, what: Decodes) -> Self {
        if self.bounds.limit.is_none_or(|limit| limit > PAGE) {
            self.decoding = Some(Decoding { workers: workers.clone(), what });
        }
        self
    }

    /// Decodes what will be asked of the next pages that are at hand, as many as a band has, if that is wanted and was not done of the first.
    /// More of them would fill the memory; and where conditions leave rows of few pages, no more of the others is decoded than tells that.
    pub(super) async fn decode_next(&mut self) -> Result<()> {
        let Some(decoding) = self.decoding.clone() else { return Ok(()) };
        let is_new = |place: &Place| self.sheets.get(place).is_some_and(|held| !held.is_ready);
        let mut next: Vec<Place> = self.units.iter().take(BAND / PAGE).map(|unit| unit.place).collect();
        if !next.first().is_some_and(is_new) {
            return Ok(());
        }
        next.retain(is_new);
        if self.bounds.is_selective() {
            let columns = self.bounds.filters();
            let sheets = next.iter().filter_map(|place| Some(Arc::clone(&self.sheets.get(place)?.sheet)));
            let work = move |sheet: Arc<Sheet>| sheet.prepare(&columns);
            decoding.workers.all(sheets.collect(), work).await?.into_iter().collect::<Result<()>>()?;
            for place in &next {
                let Some(held) = self.sheets.get_mut(place) else { continue };
                held.rows = Some(
                    self.bounds
                        .rows(self.opened, self.kills, &held.sheet)
                        .map_err(|error| error.with("object", self.opened.name()))?,
                );
            }
        }
        let has_rows = |held: &Held| held.rows.as_ref().is_none_or(|rows| rows.contains(&true));
        let wanted = next.iter().filter(|place| self.sheets.get(place).is_some_and(has_rows));
        let wanted: Vec<Place> = wanted.copied().collect();
        self.decode(&decoding, &wanted).await?;
        for place in &next {
            if let Some(held) = self.sheets.get_mut(place) {
                held.is_ready = true;
            }
        }
        Ok(())
    }

    /// Has pages decoded that are at hand.
    pub(super) async fn decode(&self, decoding: &Decoding, places: &[Place]) -> Result<()> {
        let (what, columns) = (decoding.what, self.bounds.columns());
        let work = move |sheet: Arc<Sheet>| {
            sheet.prepare(if what == Decodes::Lent { &columns } else { &Column::ALL })?;
            if what == Decodes::Rows { Ok(()) } else { sheet.lent().map(drop) }
        };
        let sheets = places.iter().filter_map(|place| Some(Arc::clone(&self.sheets.get(place)?.sheet)));
        let sheets: Vec<_> = sheets.filter(|sheet| !what.is_done(sheet)).collect();
        decoding.workers.all(sheets, work).await?.into_iter().collect::<Result<()>>()?;
        self.opened.settle();
        Ok(())
    }
}
