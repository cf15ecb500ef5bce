//! Looking for the rows of one id.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use parquet::bloom_filter::Sbbf;
use truthound_stores_core::{Result, Timestamp};

use super::entry::Entry;
use super::maps::Maps;
use super::opened::{Opened, strange};
use super::ranges::Ranges;
use super::schema::{Column, PAGE};
use super::sheet::{Sheet, state};
use crate::state::State;

/// With so few pages in question the rows are read at once; else the filters are asked first.
const FEW: usize = 4;
/// So many pages are read together at the most.
const TOGETHER: usize = 64;

/// What is looked for where it was kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sought<'r> {
    pub(crate) id: &'r str,
    pub(crate) data_asset: &'r str,
    pub(crate) run_time: Timestamp,
}

/// Finds for many ids at once, each with the asset and the time that its row was kept with, the positions and states of their rows. A page
/// that several lie in is read once, and pages that lie together with one request.
///
/// # Errors
/// Those of the reader; `Corrupt`, naming the object, for what is not as it was written.
pub(crate) async fn find_states(
    opened: &Opened,
    from: &impl Ranges,
    sought: &[Sought<'_>],
) -> Result<Vec<Vec<(u32, State)>>> {
    const COLUMNS: [Column; 4] = [Column::Id, Column::Age, Column::Chance, Column::SavedAt];
    // Pages, and which of those that are sought each may have.
    let mut pages: Vec<((usize, usize), Vec<usize>)> = Vec::new();
    for (number, band) in opened.bands().iter().enumerate() {
        for (at, page) in band.pages.iter().enumerate() {
            let may_have =
                |one: &Sought<'_>| page.may_have(Some(one.run_time), Some(one.data_asset), Some(one.id));
            let asked = sought.iter().enumerate().filter(|(_, one)| may_have(one));
            let asked: Vec<usize> = asked.map(|(which, _)| which).collect();
            if !asked.is_empty() {
                pages.push(((number, at), asked));
            }
        }
    }
    let mut found = vec![Vec::new(); sought.len()];
    for pages in pages.chunks(TOGETHER) {
        let sheets = pages.iter().map(|((band, page), _)| Sheet::of_page(opened, *band, *page, false));
        let sheets = sheets.collect::<Result<Vec<_>>>()?;
        let wanted = sheets.iter().flat_map(|sheet| sheet.wanted(&COLUMNS)).collect();
        let parts = Arc::new(opened.fetch(from, wanted).await?);
        for (sheet, (_, asked)) in sheets.iter().zip(pages) {
            sheet.give(&parts);
            look_into(opened, sheet, sought, asked, &mut found)
                .map_err(|error| error.with("object", opened.name()))?;
        }
    }
    Ok(found)
}

/// Finds the rows of a page that are asked for in it.
fn look_into(
    opened: &Opened,
    sheet: &Sheet,
    sought: &[Sought<'_>],
    asked: &[usize],
    found: &mut [Vec<(u32, State)>],
) -> Result<()> {
    let mut by_id: HashMap<&[u8], Vec<usize>> = HashMap::with_capacity(asked.len());
    for which in asked {
        if let Some(one) = sought.get(*which) {
            by_id.entry(one.id.as_bytes()).or_default().push(*which);
        }
    }
    let ids = sheet.column(opened, Column::Id)?;
    let hits = (0..sheet.rows.len()).filter_map(|at| Some((at, by_id.get(ids.bytes(at)?)?)));
    let hits: Vec<(usize, &Vec<usize>)> = hits.collect();
    if hits.is_empty() {
        return Ok(());
    }
    let column = |column| sheet.column(opened, column);
    let (ages, chances, saved) = (column(Column::Age)?, column(Column::Chance)?, column(Column::SavedAt)?);
    let band = opened.bands().get(sheet.band).ok_or_else(strange)?;
    for (at, asked) in hits {
        let row = (band.position(sheet.rows.start + at), state(&ages, &chances, &saved, at)?);
        for which in asked {
            if let Some(found) = found.get_mut(*which) {
                found.push(row);
            }
        }
    }
    Ok(())
}

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
    // What is kept of others' reading is not asked for.
    let mut kept = sheets.iter().map(|sheet| sheet.is_complete());
    pages.retain(|_| !kept.next().unwrap_or(false));
    let mut parts = Arc::new(opened.fetch(from, places(opened, &pages, columns)).await?);
    let mut hits = Vec::new();
    for sheet in &sheets {
        sheet.give(&parts);
        let ids = sheet.column(opened, Column::Id)?;
        let same = (0..sheet.rows.len()).filter(|at| ids.bytes(*at) == Some(id.as_bytes()));
        hits.extend(same.map(|at| (sheet, sheet.rows.start + at)));
    }
    if !at_once {
        let others = hits.iter().filter(|(sheet, _)| !sheet.is_complete());
        let pages: Vec<_> = others.map(|(sheet, row)| (sheet.band, row / PAGE)).collect();
        parts = Arc::new(opened.fetch(from, places(opened, &pages, &Column::ALL)).await?);
    }
    let mut maps = Maps::default();
    let mut entries = Vec::with_capacity(hits.len());
    for (sheet, row) in hits {
        let band = opened.bands().get(sheet.band).ok_or_else(strange)?;
        let entry = if sheet.is_complete() {
            sheet.entry(row, &mut maps)?
        } else {
            Sheet::of_row(opened, &parts, sheet.band, row).entry(row, &mut maps)?
        };
        entries.push((band.position(row), entry));
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
