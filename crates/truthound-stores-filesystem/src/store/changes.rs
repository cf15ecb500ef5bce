//! The change feed of the whole store: those of its collections side by side, and a token that marks a place in each.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use truthound_stores_core::{Change, ChangePage, ChangeToken, Collection, Error, Result};

use super::Inner;
use crate::index::{self, Bounds};

/// A place in each collection's feed. Collections that had none are left out.
type Places = BTreeMap<String, Place>;

/// Which feed, how far, and what stands there: places of one feed are given once, unless its index is put back to what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place(i64, i64, Option<String>);

impl Inner {
    pub(super) fn changes(&self, after: Option<&ChangeToken>, limit: usize) -> Result<ChangePage> {
        if limit == 0 {
            return Err(Error::invalid("limit is 0: ask for at least one change"));
        }
        let mut places = after.map(parse).transpose()?;
        let mut changes: Vec<Change> = Vec::new();
        let mut now = Places::new();
        let mut reset = places.is_none();
        for collection in self.collections()? {
            let Some(live) = self.to_read(&collection)? else { continue };
            let name = collection.as_str().to_owned();
            // A collection that came since begins at its beginning.
            let from = places.as_ref().map(|places| places.get(&name).cloned());
            let left = limit - changes.len();
            let (here, found) = live.readers.read_at_once("read the change feed", |index| {
                let bounds = index::bounds(index)?;
                let here = Place(bounds.epoch, bounds.last, index::mark(index, bounds.last)?);
                let Some(from) = from else { return Ok((here, None)) };
                let from = from.unwrap_or(Place(bounds.epoch, 0, None));
                if !is_good(&from, &bounds, index)? {
                    return Ok((here, None));
                }
                let found =
                    if left == 0 { Vec::new() } else { index::entries(index, &collection, from.1, left)? };
                let next = match found.last() {
                    Some((seq, _)) => Place(bounds.epoch, *seq, index::mark(index, *seq)?),
                    None => from,
                };
                Ok((here, Some((next, found))))
            })?;
            now.insert(name.clone(), here);
            let Some(places) = &mut places else { continue };
            let Some((next, found)) = found else {
                reset = true;
                continue;
            };
            places.insert(name, next);
            changes.extend(found.into_iter().map(|(_, change)| change));
        }
        if reset {
            return Ok(ChangePage::reset(token(&now)?));
        }
        Ok(ChangePage::new(changes, token(&places.unwrap_or_default())?))
    }
}

/// Tells whether a feed can go on from a place.
fn is_good(Place(epoch, seq, mark): &Place, bounds: &Bounds, index: &Connection) -> rusqlite::Result<bool> {
    if *epoch != bounds.epoch || *seq < bounds.floor || *seq > bounds.last {
        return Ok(false);
    }
    // At the floor nothing may stand any more, or not yet: what is told begins behind it.
    Ok(match (mark, index::mark(index, *seq)?) {
        (Some(then), Some(now)) => *then == now,
        (Some(_), None) => *seq == bounds.floor,
        (None, _) => true,
    })
}

fn token(places: &Places) -> Result<ChangeToken> {
    let text = serde_json::to_string(places);
    text.map(ChangeToken::new).map_err(|cause| Error::invalid("the token cannot be written").caused_by(cause))
}

fn parse(token: &ChangeToken) -> Result<Places> {
    let places: std::result::Result<Places, _> = serde_json::from_str(token.as_str());
    match places {
        Ok(places) if places.keys().all(|name| is_collection(name)) => Ok(places),
        _ => Err(Error::invalid("the change token is none of this store: begin without one")),
    }
}

fn is_collection(name: &str) -> bool {
    Collection::new(name.strip_prefix('_').unwrap_or(name)).is_ok()
}
