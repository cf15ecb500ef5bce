//! Looking for the rows of one id.

use std::ops::Range;
use std::sync::Arc;

use parquet::bloom_filter::Sbbf;
use truthound_stores_core::{Result, Timestamp};

use super::entry::Entry;
use super::maps::Maps;
use super::opened::{Opened, strange};
use super::ranges::Ranges;
use super::schema::{Column, PAGE};
use super::sheet::Sheet;

/// With so few pages in question the rows are read at once; else the filters are asked first.
const FEW: usize = 4;

/// Finds all rows of an id, with their positions, those that a kill list ends among them.
///
/// Whoever knows where the row was kept (its asset and time, as `Before` tells) says so, and one request reads the page that it would be on.
/// Without that, ids that begin with a time, as `new_run_id` makes them, leave the pages of that time; for others the filters of the bands
/// leave one band for each row, and one in some twenty beside. That is three requests at the most for ranges that lie together: filters,
/// ids, rows.
///
/// # Errors
/// Those of the reader; `Corrupt`, naming the object, for what is not as it was written.
pub(crate) async fn find(
    opened: &Opened,
    from: &impl Ranges,
    id: &str,
    place: Option<(&str, Timestamp)>,
) -> Result<Vec<(u32, Entry)>> {
    let (asset, time) = (place.map(|(asset, _)| asset), place.map(|(_, time)| time));
    let mut pages = Vec::new();
    for (number, band) in opened.bands().iter().enumerate() {
        let may_have = band.pages.iter().enumerate().filter(|(_, page)| page.may_have(time, asset, Some(id)));
        pages.extend(may_have.map(|(page, _)| (number, page)));
    }
    if pages.len() > FEW && opened.bands().iter().all(|band| !band.filter.is_empty()) {
        pages = filtered(opened, from, id, pages).await?;
    }
    let at_once = pages.len() <= FEW;
    let columns = if at_once { &Column::ALL[..] } else { &[Column::Id] };
    let sheets = pages.iter().map(|(band, page)| Sheet::of_page(opened, *band, *page, true));
    let sheets = sheets.collect::<Result<Vec<_>>>()?;
    let mut parts = Arc::new(opened.fetch(from, places(opened, &pages, columns)).await?);
    let mut hits = Vec::new();
    for sheet in &sheets {
        sheet.give(&parts);
        let ids = sheet.column(opened, Column::Id)?;
        let same = (0..sheet.rows.len()).filter(|at| ids.bytes(*at) == Some(id.as_bytes()));
        hits.extend(same.map(|at| (sheet.band, sheet.rows.start + at)));
    }
    if !at_once {
        let pages: Vec<_> = hits.iter().map(|(band, row)| (*band, row / PAGE)).collect();
        parts = Arc::new(opened.fetch(from, places(opened, &pages, &Column::ALL)).await?);
    }
    let mut maps = Maps::default();
    let mut entries = Vec::with_capacity(hits.len());
    for (number, row) in hits {
        let band = opened.bands().get(number).ok_or_else(strange)?;
        let sheet = Sheet::of_row(opened, &parts, number, row);
        entries.push((band.position(row), sheet.entry(row, &mut maps)?));
    }
    Ok(entries)
}

/// Where the pages of these columns lie, band by band.
fn places(opened: &Opened, pages: &[(usize, usize)], columns: &[Column]) -> Vec<Range<u64>> {
    let bands = pages.chunk_by(|one, other| one.0 == other.0);
    let places = bands.flat_map(|pages| {
        let band = pages.first().map_or(0, |(band, _)| *band);
        columns
            .iter()
            .flat_map(move |column| opened.place(band, *column, pages.iter().map(|(_, page)| *page)))
    });
    places.collect()
}

/// Leaves the pages of bands whose filters know the id.
async fn filtered(
    opened: &Opened,
    from: &impl Ranges,
    id: &str,
    mut pages: Vec<(usize, usize)>,
) -> Result<Vec<(usize, usize)>> {
    let mut bands: Vec<usize> = pages.iter().map(|(band, _)| *band).collect();
    bands.dedup();
    let place = |band: &usize| opened.bands().get(*band).map(|band| band.filter.clone());
    let parts = opened.fetch(from, bands.iter().filter_map(place).collect()).await?;
    for band in bands {
        let bits = place(&band).and_then(|range| parts.bytes(&range)).ok_or_else(strange)?;
        if !Sbbf::new(&bits).check(id) {
            pages.retain(|(other, _)| *other != band);
        }
    }
    Ok(pages)
}
