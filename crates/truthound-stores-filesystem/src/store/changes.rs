//! The change feed of the whole store: those of its collections side by side, and a token that marks a place in each.

use std::collections::BTreeMap;

use truthound_stores_core::{Change, ChangePage, ChangeToken, Collection, Error, Result};

use super::Inner;
use crate::index::{self, Bounds};

/// A place in each collection's feed: which feed, and how far. Collections that had none are left out.
type Places = BTreeMap<String, (i64, i64)>;

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
            let bounds = live.readers.read("read the change feed", index::bounds)?;
            let name = collection.as_str().to_owned();
            now.insert(name.clone(), (bounds.epoch, bounds.last));
            let Some(places) = &mut places else { continue };
            // A collection that came since begins at its beginning.
            let place = places.entry(name).or_insert((bounds.epoch, 0));
            if !is_good(*place, &bounds) {
                reset = true;
                continue;
            }
            let left = limit - changes.len();
            if left == 0 {
                continue;
            }
            let found = live.readers.read_at_once("read the change feed", |index| {
                index::entries(index, &collection, place.1, left)
            })?;
            if let Some((seq, _)) = found.last() {
                place.1 = *seq;
            }
            changes.extend(found.into_iter().map(|(_, change)| change));
        }
        if reset {
            return Ok(ChangePage::reset(token(&now)?));
        }
        Ok(ChangePage::new(changes, token(&places.unwrap_or_default())?))
    }
}

/// Tells whether a feed can go on from a place.
fn is_good((epoch, seq): (i64, i64), bounds: &Bounds) -> bool {
    epoch == bounds.epoch && seq >= bounds.floor && seq <= bounds.last
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
