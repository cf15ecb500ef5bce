//! The rows of tail objects that have them in their bodies: each is read once, for it never changes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures_util::{StreamExt, TryStreamExt, stream};
use truthound_stores_core::{Error, Result};

use super::locked;
use crate::row::{Lately, Row};
use crate::shelf::{Listed, Shelf};
use crate::tail::{self, Kind, Name};

/// So many bodies are asked for at once at the most.
const TOGETHER: usize = 16;

/// What was read of the bodies that the last listing showed.
#[derive(Debug, Default)]
pub(super) struct Bodies(Mutex<BTreeMap<Name, Arc<Vec<Row>>>>);

impl Bodies {
    /// Reads the rows of each object that was listed, in the order of the listing.
    ///
    /// An object that is gone has none: a fold has taken it, and the root that is read afterwards knows its rows.
    ///
    /// # Errors
    /// Those of the requests; `Corrupt`, naming the object, for one that holds no rows: its rows cannot be left out without a lie.
    pub(super) async fn rows(&self, shelf: &Shelf, listed: &[Listed<Name>]) -> Result<Vec<Arc<Vec<Row>>>> {
        let bodies = || listed.iter().map(|listed| &listed.name).filter(|name| name.kind() == Kind::Body);
        let mut read: BTreeMap<Name, Arc<Vec<Row>>> = {
            let mut kept = locked(&self.0);
            // What is listed no more is not asked for again: memory holds no more than the tail.
            kept.retain(|name, _| listed.binary_search_by(|other| other.name.cmp(name)).is_ok());
            bodies().filter_map(|name| Some((name.clone(), Arc::clone(kept.get(name)?)))).collect()
        };
        let missing: Vec<Name> = bodies().filter(|name| !read.contains_key(*name)).cloned().collect();
        let ask = |name: Name| async move {
            let body = shelf.tail_body(&name).await?;
            let rows = body.map(|body| tail::rows(&name, &body)).transpose()?;
            Ok::<_, Error>((name, rows))
        };
        let asked: Vec<(Name, Option<Vec<Row>>)> =
            stream::iter(missing).map(ask).buffered(TOGETHER).try_collect().await?;
        for (name, rows) in asked {
            if let Some(rows) = rows.map(Arc::new) {
                locked(&self.0).insert(name.clone(), Arc::clone(&rows));
                read.insert(name, rows);
            }
        }
        let mut lately = Lately::default();
        let rows = |listed: &Listed<Name>| match listed.name.kind() {
            Kind::Named => listed.name.row_of(&mut lately).map(|row| Arc::new(vec![row])),
            Kind::Body => Ok(read.get(&listed.name).cloned().unwrap_or_default()),
        };
        listed.iter().map(rows).collect()
    }
}
