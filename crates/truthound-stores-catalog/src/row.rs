//! A row: one change of one document, as the catalog keeps it in its tail and in its segments.

mod lately;

use truthound_stores_core::{Attributes, Checksum, Error, Result, Statistics, Status, Timestamp};

use crate::pack::{Pack, Unpack};
use crate::state::State;
pub(crate) use lately::Lately;

/// The layout of packed rows. A reader refuses others.
const VERSION: u8 = 1;

/// So many bytes of a checksum are kept in rows; the document's own metadata have all of it.
pub(crate) const CHECKSUM: usize = 8;

/// One change of one document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) id: String,
    /// The state that the change made: that of the document, or that of the mark which ended it.
    pub(crate) state: State,
    /// What it replaced; `None` for a document that was not there, and for one whose state nobody has named.
    pub(crate) before: Option<Before>,
    pub(crate) change: Change,
}

/// What a change replaced: enough to find its row in the segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Before {
    pub(crate) state: State,
    pub(crate) data_asset: String,
    pub(crate) run_time: Timestamp,
}

/// What became of the document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    Put(Box<Facts>),
    Delete,
}

/// What is known of a document without reading it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Facts {
    pub(crate) attributes: Attributes,
    /// The end of the object's name, which says format and compression.
    pub(crate) suffix: String,
    pub(crate) size: u64,
    pub(crate) checksum: Checksum,
}

/// The words that take no room.
const STATUSES: [Status; 5] =
    [Status::NONE, Status::SUCCESS, Status::FAILURE, Status::ERROR, Status::WARNING];
const OTHER: u8 = 0xff;

// What a row has beside what every row has.
const HAS_BEFORE: u8 = 1;
const SAME_PLACE: u8 = 1 << 1;
const HAS_SUITE: u8 = 1 << 2;
const HAS_TAGS: u8 = 1 << 3;
const HAS_EXT: u8 = 1 << 4;
const IS_DELETE: u8 = 1 << 5;

impl Row {
    /// Writes the row as few bytes.
    pub(crate) fn pack(&self) -> Vec<u8> {
        let mut pack = Pack::default();
        pack.byte(VERSION);
        pack.byte(self.flags());
        pack.text(&self.id);
        put_state(&mut pack, self.state);
        if let Some(before) = &self.before {
            put_before(&mut pack, before.state, self.state);
            if !self.is_in_place(before) {
                pack.text(&before.data_asset);
                pack.signed(before.run_time.as_micros());
            }
        }
        if let Change::Put(facts) = &self.change {
            facts.pack(&mut pack);
        }
        pack.into_bytes()
    }

    /// Reads a packed row, with what rows before it have in common with it.
    ///
    /// # Errors
    /// `Corrupt` for bytes that are none; `Unsupported` for the layout of a later program.
    pub(crate) fn unpack(bytes: &[u8], lately: &mut Lately) -> Result<Self> {
        let mut unpack = Unpack::new(bytes);
        let row = Self::take(&mut unpack, lately)?;
        if unpack.is_empty() { Ok(row) } else { Err(Error::corrupt("a packed row goes on after its end")) }
    }

    fn take(unpack: &mut Unpack<'_>, lately: &mut Lately) -> Result<Self> {
        let version = unpack.byte()?;
        if version != VERSION {
            return Err(Error::unsupported(format!(
                "the catalog has a row of layout {version}, which this program does not know: use a later one"
            )));
        }
        let flags = unpack.byte()?;
        let id = unpack.text()?.to_owned();
        let state = take_state(unpack)?;
        let before = if flags & HAS_BEFORE == 0 {
            None
        } else {
            let replaced = take_before(unpack, state)?;
            let place = if flags & SAME_PLACE == 0 {
                Some((unpack.text()?.to_owned(), take_time(unpack)?))
            } else {
                None
            };
            Some((replaced, place))
        };
        let change = if flags & IS_DELETE == 0 {
            Change::Put(Box::new(Facts::take(unpack, flags, lately)?))
        } else {
            Change::Delete
        };
        let before = match (before, &change) {
            (None, _) => None,
            (Some((state, Some((data_asset, run_time)))), _) => Some(Before { state, data_asset, run_time }),
            (Some((state, None)), Change::Put(facts)) => Some(Before {
                state,
                data_asset: facts.attributes.data_asset.clone(),
                run_time: facts.attributes.run_time,
            }),
            (Some((_, None)), Change::Delete) => {
                return Err(Error::corrupt("a packed deletion does not say what it deletes"));
            }
        };
        Ok(Self { id, state, before, change })
    }

    /// Tells whether the change left the document at its asset and time, as corrections do.
    fn is_in_place(&self, before: &Before) -> bool {
        match &self.change {
            Change::Put(facts) => {
                facts.attributes.data_asset == before.data_asset
                    && facts.attributes.run_time == before.run_time
            }
            Change::Delete => false,
        }
    }

    fn flags(&self) -> u8 {
        let flag = |flag, set: bool| if set { flag } else { 0 };
        let mut flags = flag(HAS_BEFORE, self.before.is_some())
            | flag(SAME_PLACE, self.before.as_ref().is_some_and(|before| self.is_in_place(before)));
        match &self.change {
            Change::Put(facts) => {
                let Attributes { suite_name, tags, ext, .. } = &facts.attributes;
                flags |= flag(HAS_SUITE, suite_name.is_some())
                    | flag(HAS_TAGS, !tags.is_empty())
                    | flag(HAS_EXT, !ext.is_empty());
            }
            Change::Delete => flags |= IS_DELETE,
        }
        flags
    }
}

fn put_state(pack: &mut Pack, state: State) {
    let (age, chance) = state.parts();
    pack.number(state.hlc);
    pack.signed(age);
    pack.raw(&chance.to_be_bytes());
}

fn take_state(unpack: &mut Unpack<'_>) -> Result<State> {
    let (hlc, age) = (unpack.number()?, unpack.signed()?);
    let state = State::of_parts(hlc, age, u16::from_be_bytes(unpack.array()?));
    // One way to write each state.
    if state.parts().0 == age { Ok(state) } else { Err(Error::corrupt("a packed state is none")) }
}

/// Writes what a state replaced: within an incarnation only the time is another.
pub(crate) fn put_before(pack: &mut Pack, before: State, now: State) {
    pack.number(now.incarnation ^ before.incarnation);
    pack.signed(now.hlc.wrapping_sub(before.hlc).cast_signed());
}

/// Reads what a state replaced.
pub(crate) fn take_before(unpack: &mut Unpack<'_>, now: State) -> Result<State> {
    let incarnation = now.incarnation ^ unpack.number()?;
    Ok(State { incarnation, hlc: now.hlc.wrapping_sub(unpack.signed()?.cast_unsigned()) })
}

fn take_time(unpack: &mut Unpack<'_>) -> Result<Timestamp> {
    let micros = unpack.signed()?;
    let time = Timestamp::from_micros(micros);
    if time.as_micros() == micros {
        Ok(time)
    } else {
        Err(Error::corrupt("a time in a packed row lies outside of all years"))
    }
}

impl Facts {
    fn pack(&self, pack: &mut Pack) {
        let facts = &self.attributes;
        pack.text(&facts.data_asset);
        pack.signed(facts.run_time.as_micros());
        if let Some((code, _)) = (0..).zip(&STATUSES).find(|(_, known)| **known == facts.status) {
            pack.byte(code);
        } else {
            pack.byte(OTHER);
            pack.text(facts.status.as_str());
        }
        if let Some(suite) = &facts.suite_name {
            pack.text(suite);
        }
        put_map(pack, facts.tags.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        put_map(pack, facts.ext.iter());
        pack_statistics(pack, &facts.statistics);
        pack.text(&self.suffix);
        pack.number(self.size);
        pack.raw(self.checksum.as_bytes().get(..CHECKSUM).unwrap_or_default());
    }

    fn take(unpack: &mut Unpack<'_>, flags: u8, lately: &mut Lately) -> Result<Self> {
        let asset = unpack.text()?;
        let run_time = take_time(unpack)?;
        let status = match unpack.byte()? {
            OTHER => Status::from(unpack.text()?),
            code => STATUSES
                .get(usize::from(code))
                .cloned()
                .ok_or_else(|| Error::corrupt("a packed row has a status without a word"))?,
        };
        let mut attributes = Attributes::new(asset, run_time, status);
        if flags & HAS_SUITE != 0 {
            attributes.suite_name = Some(unpack.text()?.to_owned());
        }
        if flags & HAS_TAGS != 0 {
            attributes.tags = lately.labels(unpack)?;
        }
        if flags & HAS_EXT != 0 {
            for _ in 0..unpack.number()? {
                let name = unpack.text()?.to_owned();
                attributes.ext.set(name, unpack.text()?)?;
            }
        }
        attributes.statistics = take_statistics(unpack)?;
        let (suffix, size) = (unpack.text()?.to_owned(), unpack.number()?);
        let checksum = Checksum::abbreviated(unpack.raw(CHECKSUM)?)
            .ok_or_else(|| Error::corrupt("a packed row has a checksum that is none"))?;
        Ok(Self { attributes, suffix, size, checksum })
    }
}

/// One without entries is not there: the row's flags say so.
fn put_map<'m>(pack: &mut Pack, map: impl Iterator<Item = (&'m str, &'m str)>) {
    let entries: Vec<_> = map.collect();
    if entries.is_empty() {
        return;
    }
    pack.number(entries.len() as u64);
    for (name, value) in entries {
        pack.text(name);
        pack.text(value);
    }
}

/// Most counts are nought: two bytes say which are not.
fn pack_statistics(pack: &mut Pack, statistics: &Statistics) {
    let counts = counts_of(statistics);
    let present =
        counts.iter().enumerate().fold(0, |bits, (at, count)| bits | (u64::from(*count != 0) << at));
    let timed = statistics.execution_time_ms.to_bits() != 0;
    pack.number(present | u64::from(timed) << counts.len());
    counts.iter().filter(|count| **count != 0).for_each(|count| pack.number(*count));
    if timed {
        pack.float(statistics.execution_time_ms);
    }
}

fn take_statistics(unpack: &mut Unpack<'_>) -> Result<Statistics> {
    let present = unpack.number()?;
    let mut next = |at: u32| if present >> at & 1 == 1 { unpack.number() } else { Ok(0) };
    let mut statistics = Statistics {
        total_validators: next(0)?,
        passed_validators: next(1)?,
        failed_validators: next(2)?,
        error_validators: next(3)?,
        total_rows: next(4)?,
        total_columns: next(5)?,
        total_issues: next(6)?,
        critical_issues: next(7)?,
        high_issues: next(8)?,
        medium_issues: next(9)?,
        low_issues: next(10)?,
        execution_time_ms: 0.0,
    };
    if present >> 11 & 1 == 1 {
        statistics.execution_time_ms = unpack.float()?;
    }
    Ok(statistics)
}

fn counts_of(statistics: &Statistics) -> [u64; 11] {
    [
        statistics.total_validators,
        statistics.passed_validators,
        statistics.failed_validators,
        statistics.error_validators,
        statistics.total_rows,
        statistics.total_columns,
        statistics.total_issues,
        statistics.critical_issues,
        statistics.high_issues,
        statistics.medium_issues,
        statistics.low_issues,
    ]
}

#[cfg(test)]
pub(crate) mod tests;
