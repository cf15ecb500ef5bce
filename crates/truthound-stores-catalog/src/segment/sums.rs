//! Counting and summing up, with the columns that it takes and no others.

use std::collections::HashMap;
use std::sync::Arc;

use truthound_stores_core::{Attributes, Result, Status, Timestamp};

use super::bounds::Bounds;
use super::kills::Kills;
use super::opened::{Opened, strange};
use super::ranges::Ranges;
use super::schema::Column;
use super::sheet::{Sheet, milliseconds, time, utf8};
use super::stats::counts_mut;

/// So many bands are read together.
const TOGETHER: usize = 8;
/// What is counted by is kept for the next who counts, if it lies in no more pages of these bands: those of an asset, two or three of each.
const KEPT: usize = 64;

/// Counts the puts within bounds; order, `after` and `limit` mean nothing here.
///
/// # Errors
/// Those of the reader; `Corrupt`, naming the object, for what is not as it was written.
pub(crate) async fn count(
    opened: &Opened,
    from: &impl Ranges,
    kills: &Kills,
    bounds: &Bounds,
) -> Result<u64> {
    let mut count = 0;
    pages(opened, from, kills, bounds, &[], |_, keep| {
        count += keep.iter().filter(|keep| **keep).count() as u64;
        Ok(())
    })
    .await
    .map_err(|error| error.with("object", opened.name()))?;
    Ok(count)
}

/// Shows the facts of each put within bounds, and the size of its document, as sums need them: without tags, suite and extras. The order
/// is that of the file; `after` and `limit` mean nothing here.
///
/// # Errors
/// Those of the reader; `Corrupt`, naming the object, for what is not as it was written.
pub(crate) async fn sums(
    opened: &Opened,
    from: &impl Ranges,
    kills: &Kills,
    bounds: &Bounds,
    mut each: impl FnMut(&Attributes, u64),
) -> Result<()> {
    let mut columns = vec![
        Column::DataAsset,
        Column::RunTime,
        Column::Status,
        Column::ExecutionTimeMs,
        Column::ExecutionTimeExact,
        Column::Size,
    ];
    columns.extend(Column::COUNTS);
    let mut facts = Attributes::new("", Timestamp::UNIX_EPOCH, Status::NONE);
    let mut words: HashMap<Vec<u8>, Status> = HashMap::new();
    pages(opened, from, kills, bounds, &columns, |sheet, keep| {
        if !keep.contains(&true) {
            return Ok(());
        }
        let column = |column| sheet.column(opened, column);
        let (assets, times, status) =
            (column(Column::DataAsset)?, column(Column::RunTime)?, column(Column::Status)?);
        let (spent, exact) = (column(Column::ExecutionTimeMs)?, column(Column::ExecutionTimeExact)?);
        let sizes = column(Column::Size)?;
        let counts = Column::COUNTS.into_iter().map(column).collect::<Result<Vec<_>>>()?;
        for (at, _) in keep.iter().enumerate().filter(|(_, keep)| **keep) {
            let asset = utf8(assets.bytes(at).ok_or_else(strange)?)?;
            if facts.data_asset != asset {
                asset.clone_into(&mut facts.data_asset);
            }
            facts.run_time = time(times.int(at).ok_or_else(strange)?)?;
            let word = status.bytes(at).ok_or_else(strange)?;
            if facts.status.as_str().as_bytes() != word {
                facts.status = match words.get(word) {
                    Some(status) => status.clone(),
                    None => words.entry(word.to_vec()).or_insert(Status::from(utf8(word)?)).clone(),
                };
            }
            for (count, values) in counts_mut(&mut facts.statistics).into_iter().zip(&counts) {
                *count = values.int(at).ok_or_else(strange)?.cast_unsigned();
            }
            facts.statistics.execution_time_ms = milliseconds(&spent, &exact, at)?;
            each(&facts, sizes.int(at).ok_or_else(strange)?.cast_unsigned());
        }
        Ok(())
    })
    .await
    .map_err(|error| error.with("object", opened.name()))
}

/// Shows each page that may have such rows, and which of them are.
async fn pages(
    opened: &Opened,
    from: &impl Ranges,
    kills: &Kills,
    bounds: &Bounds,
    columns: &[Column],
    mut each: impl FnMut(&Sheet, &[bool]) -> Result<()>,
) -> Result<()> {
    let bounds = Bounds { after: None, deletes: false, ..bounds.clone() };
    let counts = columns.is_empty();
    let mut columns = [columns, &bounds.filters()].concat();
    columns.sort_unstable_by_key(|column| column.index());
    columns.dedup();
    let numbers: Vec<usize> = opened
        .bands()
        .iter()
        .enumerate()
        .filter(|(_, band)| bounds.may_have(band))
        .map(|(number, _)| number)
        .collect();
    for bands in numbers.chunks(TOGETHER) {
        let pages: Vec<(usize, usize)> = bands
            .iter()
            .filter_map(|number| Some((*number, opened.bands().get(*number)?)))
            .flat_map(|(number, band)| {
                let pages = band.pages.iter().enumerate().filter(|(_, page)| bounds.may_have_in(page));
                pages.map(move |(page, _)| (number, page)).collect::<Vec<_>>()
            })
            .collect();
        let keeps = counts && pages.len() <= KEPT;
        let sheets = pages.iter().map(|(band, page)| Sheet::of_page(opened, *band, *page, keeps));
        let sheets = sheets.collect::<Result<Vec<_>>>()?;
        let wanted = sheets.iter().flat_map(|sheet| sheet.wanted(&columns)).collect();
        let parts = Arc::new(opened.fetch(from, wanted).await?);
        for sheet in sheets {
            sheet.give(&parts);
            let keep = bounds.rows(opened, kills, &sheet)?;
            each(&sheet, &keep)?;
        }
    }
    Ok(())
}
