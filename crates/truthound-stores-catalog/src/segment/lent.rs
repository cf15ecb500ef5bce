//! What pages lend of their rows: facts that are made once for all who look at them, and of which no row has copies.

use std::sync::{Arc, LazyLock, OnceLock};

use truthound_stores_core::{Labels, Result, Status, Timestamp};

use super::decode::Decoded;
use super::opened::{Opened, strange};
use super::schema::Column;
use super::sheet::{Columns, Sheet, state, time, utf8};
use crate::row::Facts;
use crate::state::State;

/// The facts that a page lends. What they are made of was checked before.
#[derive(Debug)]
pub(super) struct Lent {
    /// Ids as one text, and where each ends.
    ids: (String, Vec<usize>),
    assets: Words<String>,
    statuses: Words<Status>,
    /// Made for the rows that are shown: there may be as many as there are rows.
    tags: Words<OnceLock<Labels>>,
    times: Vec<Timestamp>,
    sizes: Arc<Decoded>,
    states: Vec<State>,
}

/// What is made of the texts of a column, each once.
#[derive(Debug)]
struct Words<T> {
    made: Vec<T>,
    of: Arc<Decoded>,
}

impl<T> Words<T> {
    fn new(of: &Arc<Decoded>, make: impl Fn(&str) -> T) -> Result<Self> {
        let made = of.words().iter().map(|word| Ok(make(utf8(word.data())?))).collect::<Result<_>>()?;
        Ok(Self { made, of: Arc::clone(of) })
    }

    fn get(&self, at: usize) -> Option<&T> {
        self.made.get(self.of.word(at)?)
    }
}

impl Lent {
    /// Makes the facts of the rows of a page, whose columns these are.
    pub(super) fn of(columns: &Columns, rows: usize) -> Result<Self> {
        let column = |column| columns.get(column).ok_or_else(strange);
        let id = column(Column::Id)?;
        let mut ids = (String::new(), Vec::with_capacity(rows));
        for at in 0..rows {
            ids.0.push_str(utf8(id.bytes(at).ok_or_else(strange)?)?);
            ids.1.push(ids.0.len());
        }
        let run_time = column(Column::RunTime)?;
        let times = (0..rows).map(|at| time(run_time.int(at).ok_or_else(strange)?));
        let (ages, chances, saved) =
            (column(Column::Age)?, column(Column::Chance)?, column(Column::SavedAt)?);
        let states = (0..rows).map(|at| state(ages, chances, saved, at));
        let lent = Self {
            ids,
            assets: Words::new(column(Column::DataAsset)?, str::to_owned)?,
            statuses: Words::new(column(Column::Status)?, |word| Status::from(word))?,
            tags: Words::new(column(Column::Tags)?, |_| OnceLock::new())?,
            times: times.collect::<Result<_>>()?,
            sizes: Arc::clone(column(Column::Size)?),
            states: states.collect::<Result<_>>()?,
        };
        let is_whole = (0..rows).all(|at| {
            lent.assets.get(at).is_some()
                && lent.statuses.get(at).is_some()
                && lent.tags.get(at).is_some()
                && lent.sizes.int(at).is_some()
        });
        if is_whole { Ok(lent) } else { Err(strange()) }
    }

    /// The columns that it takes.
    pub(super) const COLUMNS: [Column; 9] = [
        Column::Id,
        Column::DataAsset,
        Column::RunTime,
        Column::Status,
        Column::Tags,
        Column::Size,
        Column::Age,
        Column::Chance,
        Column::SavedAt,
    ];

    /// About what it takes in memory.
    pub(super) fn memory(&self) -> usize {
        let row = size_of::<usize>() + size_of::<Timestamp>() + size_of::<State>();
        let assets: usize = self.assets.made.iter().map(|asset| size_of::<String>() + asset.len()).sum();
        self.ids.0.len()
            + self.times.len() * row
            + assets
            + self.statuses.made.len() * size_of::<Status>()
            + self.tags.made.len() * size_of::<OnceLock<Labels>>()
    }

    /// Makes the labels of a row; answers about what they take in memory if nobody had made them.
    fn make_labels(&self, at: usize, of: &Opened) -> Result<usize> {
        let place = self.tags.get(at).ok_or_else(strange)?;
        if place.get().is_some() {
            return Ok(0);
        }
        let labels = of.labels(self.tags.of.bytes(at).ok_or_else(strange)?)?;
        let texts = |(name, value): (&String, &String)| name.len() + value.len() + 2 * size_of::<String>();
        let bytes = labels.iter().map(texts).sum();
        // Whoever else has made them meanwhile has made the same.
        Ok(if place.set(labels).is_ok() { bytes } else { 0 })
    }
}

static NO_STATUS: Status = Status::NONE;
static NO_LABELS: LazyLock<Labels> = LazyLock::new(Labels::default);

/// A row of a page, by what it lends.
#[derive(Clone, Debug)]
pub(crate) struct Slip {
    sheet: Arc<Sheet>,
    lent: Arc<Lent>,
    at: usize,
}

impl Slip {
    /// Takes a row, counted from the page's first.
    pub(super) fn new(sheet: &Arc<Sheet>, lent: &Arc<Lent>, at: usize, of: &Opened) -> Result<Self> {
        let made = lent.make_labels(at, of)?;
        if made > 0 {
            sheet.grow(made);
        }
        Ok(Self { sheet: Arc::clone(sheet), lent: Arc::clone(lent), at })
    }

    /// Tells rows of one page from those of others, as long as one of them is there.
    pub(crate) fn page(&self) -> usize {
        Arc::as_ptr(&self.sheet).addr()
    }

    pub(crate) fn id(&self) -> &str {
        let (text, ends) = &self.lent.ids;
        let start = self.at.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
        ends.get(self.at).and_then(|end| text.get(start..*end)).unwrap_or_default()
    }

    pub(crate) fn data_asset(&self) -> &str {
        self.lent.assets.get(self.at).map_or("", String::as_str)
    }

    pub(crate) fn run_time(&self) -> Timestamp {
        self.lent.times.get(self.at).copied().unwrap_or(Timestamp::UNIX_EPOCH)
    }

    pub(crate) fn status(&self) -> &Status {
        self.lent.statuses.get(self.at).unwrap_or(&NO_STATUS)
    }

    pub(crate) fn tags(&self) -> &Labels {
        self.lent.tags.get(self.at).and_then(OnceLock::get).unwrap_or(&NO_LABELS)
    }

    pub(crate) fn size(&self) -> u64 {
        self.lent.sizes.int(self.at).unwrap_or(0).cast_unsigned()
    }

    pub(crate) fn state(&self) -> State {
        self.lent.states.get(self.at).copied().unwrap_or(State { incarnation: 0, hlc: 0 })
    }

    /// Makes all facts of the row; decodes what takes more columns than those that are lent.
    ///
    /// # Errors
    /// `Corrupt`, naming the object, for what is not as it was written.
    pub(crate) fn facts(&self) -> Result<Facts> {
        self.sheet.facts(self.at, self.tags())
    }
}
