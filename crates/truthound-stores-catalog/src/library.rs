//! Segments that were opened, kept as long as roots name them: they never change, so what was read of one stays true.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use truthound_stores_core::{Error, ErrorKind, Result};

use crate::root::{Root, Segment};
use crate::row::{Before, Row};
use crate::segment::{Cache, Entry, Kills, Opened, Ranges, Sought, Whole, find, find_states};
use crate::shelf::Shelf;
use crate::state::State;
use crate::workers::Workers;

/// A segment of at most so many bytes is read whole, with one request, and kept; of a larger one what is needed is read in parts.
const SMALL: u64 = 4 << 20;

/// Says that an object which a root names is gone: whoever read that root begins again.
const GONE: &str = "a part of the catalog that its root names is gone: clean-up has removed it meanwhile, or something else did, which `verify --repair` \
     mends";

/// The ended rows of segments, by the segments' names.
type Lists = HashMap<String, Arc<Kills>>;

/// What a process has open of one catalog.
#[derive(Debug)]
pub(crate) struct Library {
    shelf: Shelf,
    open: Mutex<HashMap<String, Arc<Opened>>>,
    small: Mutex<HashMap<String, Arc<Whole>>>,
    /// By the names of kill files.
    kills: Mutex<HashMap<String, Arc<Lists>>>,
    /// What was decoded of segments last.
    cache: Arc<Cache>,
}

/// A segment of one root, with the rows of it that are ended by that root.
#[derive(Clone, Debug)]
pub(crate) struct Volume {
    pub(crate) opened: Arc<Opened>,
    pub(crate) reader: Reader,
    pub(crate) kills: Arc<Kills>,
}

/// Reads a segment: from memory, or in parts.
#[derive(Clone, Debug)]
pub(crate) enum Reader {
    Whole(Arc<Whole>),
    Parts { shelf: Shelf, name: Arc<str> },
}

impl Ranges for Reader {
    async fn ranges(&self, wanted: &[Range<u64>]) -> Result<Vec<Bytes>> {
        match self {
            Self::Whole(whole) => whole.ranges(wanted).await,
            Self::Parts { shelf, name } => shelf.parts(name, wanted).await?.ok_or_else(|| gone(name)),
        }
    }

    fn is_checked(&self) -> bool {
        matches!(self, Self::Whole(_))
    }
}

/// Where a row was found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    /// Which of the root's segments.
    pub(crate) segment: usize,
    pub(crate) position: u32,
    pub(crate) entry: Entry,
    /// Whether the root has ended it.
    pub(crate) ended: bool,
}

impl Library {
    pub(crate) fn new(shelf: Shelf) -> Self {
        Self {
            shelf,
            open: Mutex::default(),
            small: Mutex::default(),
            kills: Mutex::default(),
            cache: Arc::default(),
        }
    }

    pub(crate) fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// Who encodes what is written, and decodes what is read.
    pub(crate) fn workers(&self) -> &Workers {
        self.shelf.workers()
    }

    /// Opens a segment of a root.
    ///
    /// # Errors
    /// [`is_gone`] for one that clean-up has removed; `Corrupt`, naming the object, for one that is not what was written.
    pub(crate) async fn volume(&self, segment: &Segment) -> Result<Volume> {
        let name = &segment.name;
        let reader = self.reader(segment).await?;
        let known = locked(&self.open).get(name).cloned();
        let opened = if let Some(opened) = known {
            opened
        } else {
            let opened = Arc::new(Opened::open(name, &segment.stats, &reader, &self.cache).await?);
            Arc::clone(locked(&self.open).entry(name.clone()).or_insert(opened))
        };
        Ok(Volume { opened, reader, kills: self.kills_of(segment).await? })
    }

    async fn reader(&self, segment: &Segment) -> Result<Reader> {
        let name = &segment.name;
        if segment.stats.length > SMALL {
            return Ok(Reader::Parts { shelf: self.shelf.clone(), name: name.as_str().into() });
        }
        if let Some(whole) = locked(&self.small).get(name) {
            return Ok(Reader::Whole(Arc::clone(whole)));
        }
        let bytes = self.shelf.segment(name).await?.ok_or_else(|| gone(name))?;
        let whole =
            Whole::new(bytes, &segment.stats.hash).map_err(|error| error.with("object", name.clone()))?;
        Ok(Reader::Whole(Arc::clone(locked(&self.small).entry(name.clone()).or_insert(Arc::new(whole)))))
    }

    /// Reads which rows of a segment are ended: a kill file tells of all segments that its commit has ended rows of.
    async fn kills_of(&self, segment: &Segment) -> Result<Arc<Kills>> {
        let Some(kill) = &segment.kill else { return Ok(Arc::default()) };
        let known = locked(&self.kills).get(&kill.name).cloned();
        let file = if let Some(file) = known {
            file
        } else {
            let bytes = self.shelf.segment(&kill.name).await?.ok_or_else(|| gone(&kill.name))?;
            let lists = crate::kill_file::parse(kill, &bytes)?.into_iter();
            let file = Arc::new(lists.map(|(name, kills)| (name, Arc::new(kills))).collect());
            Arc::clone(locked(&self.kills).entry(kill.name.clone()).or_insert(file))
        };
        file.get(&segment.name).cloned().ok_or_else(|| {
            Error::corrupt("a kill file of the catalog does not tell of the segment that refers to it")
                .with("object", kill.name.clone())
        })
    }

    /// Finds all rows of an id in the segments of a root, ended ones too.
    pub(crate) async fn rows_of(&self, root: &Root, id: &str) -> Result<Vec<Place>> {
        let mut places = Vec::new();
        for (at, segment) in root.segments.iter().enumerate() {
            if !segment.stats.may_have(id) {
                continue;
            }
            let volume = self.volume(segment).await?;
            for (position, entry) in find(&volume.opened, &volume.reader, id, None).await? {
                let ended = volume.kills.contains(position);
                places.push(Place { segment: at, position, entry, ended });
            }
        }
        Ok(places)
    }

    /// Finds many rows, each by its id and state where its asset and time say that it was kept: segment and position of those that a root has
    /// unended.
    pub(crate) async fn rows_at(
        &self,
        root: &Root,
        sought: &[(&str, &Before)],
    ) -> Result<Vec<Option<(usize, u32)>>> {
        let mut found: Vec<Option<(usize, u32)>> = vec![None; sought.len()];
        for (at, segment) in root.segments.iter().enumerate() {
            let (times, assets) = (&segment.stats.run_times, &segment.stats.data_assets);
            let may_have = |(id, before): &(&str, &Before)| {
                segment.stats.may_have(id)
                    && (times.0..=times.1).contains(&before.run_time)
                    && (assets.0.as_str()..=assets.1.as_str()).contains(&before.data_asset.as_str())
            };
            let missing =
                sought.iter().zip(&mut found).filter(|(one, place)| place.is_none() && may_have(one));
            let missing: Vec<_> = missing.collect();
            if missing.is_empty() {
                continue;
            }
            let volume = self.volume(segment).await?;
            let places = missing.iter().map(|((id, before), _)| Sought {
                id,
                data_asset: &before.data_asset,
                run_time: before.run_time,
            });
            let places: Vec<Sought<'_>> = places.collect();
            let rows = find_states(&volume.opened, &volume.reader, &places).await?;
            for (((_, before), place), rows) in missing.into_iter().zip(rows) {
                let is_it = |(position, state): &&(u32, State)| {
                    *state == before.state && !volume.kills.contains(*position)
                };
                *place = rows.iter().find(is_it).map(|(position, _)| (at, *position));
            }
        }
        Ok(found)
    }

    /// Keeps a small segment that was just written: the next fold reads it.
    pub(crate) fn adopt(&self, segment: &Segment, bytes: Bytes) {
        if segment.stats.length <= SMALL
            && let Ok(whole) = Whole::new(bytes, &segment.stats.hash)
        {
            locked(&self.small).insert(segment.name.clone(), Arc::new(whole));
        }
    }

    /// Tells whether a row is in the segments of a root, or what replaces it is, ended or not: `known` of decision 0009. Rows above the
    /// watermark need no look.
    pub(crate) async fn knows(&self, root: &Root, row: &Row) -> Result<bool> {
        if crate::news::is_above(row, root.watermark) {
            return Ok(false);
        }
        let covers = |state: State| state == row.state || state.replaces(row.state);
        Ok(self.rows_of(root, &row.id).await?.iter().any(|place| covers(place.entry.row.state)))
    }

    /// How many segments are kept whole.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        locked(&self.small).len()
    }

    /// Forgets what no root that somebody still reads by names.
    pub(crate) fn keep_only(&self, root: &Root) {
        let names = |name: &String| root.segments.iter().any(|segment| segment.name == *name);
        locked(&self.open).retain(|name, _| names(name));
        locked(&self.small).retain(|name, _| names(name));
        let counts = |name: &String| {
            root.segments.iter().any(|segment| segment.kill.as_ref().is_some_and(|kill| kill.name == *name))
        };
        locked(&self.kills).retain(|name, _| counts(name));
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn gone(name: &str) -> Error {
    Error::new(ErrorKind::Unavailable, GONE).with("object", name.to_owned())
}

/// Tells whether an error says that an older root was read by: then the read begins again with the current one.
pub(crate) fn is_gone(error: &Error) -> bool {
    error.kind() == ErrorKind::Unavailable && error.message() == GONE
}
