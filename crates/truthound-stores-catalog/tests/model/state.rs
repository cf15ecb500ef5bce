//! The whole world in one value: what is on the object store, what is on its way, and what each actor remembers.

use std::hash::{Hash, Hasher};

use crate::scenario::Scenario;

pub(crate) const DOCS: usize = 2;
pub(crate) const REVISIONS: usize = 7;
pub(crate) const SEGMENTS: usize = 8;
pub(crate) const ROOTS: usize = 6;
pub(crate) const ACTORS: usize = 5;
/// The tail object of a batch. The others have the number of the one revision whose row they hold.
pub(crate) const BATCH: u8 = 7;
/// Stands for no revision, no segment, no document.
pub(crate) const NONE: u8 = u8::MAX;
/// What stands under a name that is closed: this, and the number of the turn by whose knowledge it was closed.
pub(crate) const CLOSED: u8 = 200;

/// Tells whether a document or a mark stands under a name that holds this.
pub(crate) const fn holds(held: u8) -> bool {
    held < CLOSED
}

/// Gives the turn by whose knowledge a name was closed, if it is.
pub(crate) const fn closed(held: u8) -> Option<u8> {
    if holds(held) || held == NONE { None } else { Some(held - CLOSED) }
}

/// A set of small numbers.
pub(crate) type Set = u16;

pub(crate) const fn one(number: u8) -> Set {
    if number == NONE { 0 } else { 1 << number }
}

pub(crate) const fn has(set: Set, number: u8) -> bool {
    set & one(number) != 0
}

pub(crate) fn each(set: Set) -> impl Iterator<Item = u8> {
    (0..16).filter(move |&number| set >> number & 1 != 0)
}

/// A state of one document, or the mark of its deletion. Its row and its single tail object have its number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Revision {
    pub(crate) used: bool,
    pub(crate) doc: u8,
    pub(crate) incarnation: u8,
    pub(crate) hlc: u8,
    pub(crate) deleted: bool,
    /// The attribute that queries select and segments keep statistics of.
    pub(crate) class: u8,
    pub(crate) content: u8,
    /// What it replaces; `NONE` if it was put create-only.
    pub(crate) prev: u8,
    /// Its place among the bodies of its document in the order in which the store took them; 0 if it never did.
    pub(crate) order: u8,
    pub(crate) etag: u8,
    /// The name that it is put under.
    pub(crate) name: u8,
    /// What has to stand under its name if it replaces no revision.
    pub(crate) over: u8,
}

/// An immutable segment object, with the file of kills that was written beside it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Segment {
    pub(crate) rows: Set,
    pub(crate) base: u8,
}

/// How a root refers to a segment.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SegmentRef {
    pub(crate) segment: u8,
    pub(crate) kills: Set,
    /// The number of the commit whose kill file holds `kills`; `NONE` if there are none.
    pub(crate) kill_file: u8,
}

/// One version of the root. Its number is its generation.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Root {
    pub(crate) segments: [SegmentRef; 4],
    pub(crate) pending: Set,
    pub(crate) watermark: u8,
    /// The number of the segment that its commit wrote stands for the id of the commit.
    pub(crate) commit: u8,
    /// The generations that `history` keeps.
    pub(crate) kept: Set,
    /// The highest generation of a tombstone that was dropped: tokens from before it are answered with `Reset`.
    pub(crate) feed_floor: u8,
    /// Tombstones whose incarnation was seen gone.
    pub(crate) gone: Set,
    /// In which generation each row was folded.
    pub(crate) row_generation: [u8; REVISIONS],
}

impl Root {
    /// No segment: a tail is all there is.
    pub(crate) const EMPTY: Self = Self {
        segments: [SegmentRef { segment: NONE, kills: 0, kill_file: NONE }; 4],
        pending: 0,
        watermark: 0,
        commit: NONE,
        kept: 0,
        feed_floor: 0,
        gone: 0,
        row_generation: [0; REVISIONS],
    };
}

/// What an actor remembers between two requests. Which fields mean what is said where the actor is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Local {
    pub(crate) at: u8,
    pub(crate) run: u8,
    pub(crate) mine: u8,
    pub(crate) base: u8,
    pub(crate) other: u8,
    pub(crate) count: u8,
    pub(crate) list: Set,
    pub(crate) names: Set,
    pub(crate) stale: bool,
    pub(crate) seen: [u8; DOCS],
}

/// What an actor knows of the names that a document may have.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Knows {
    /// The last turn that it has heard of.
    pub(crate) turn: u8,
    /// Whether it has to read the root before it relies on that.
    pub(crate) aged: bool,
    /// The name that it reads.
    pub(crate) name: u8,
    /// What it found under the name of new documents, which its put has to find there.
    pub(crate) over: u8,
    /// The names that it has dealt with in this operation.
    pub(crate) cleared: Set,
}

/// `Local::at` of an actor that has nothing left to do, or crashed.
pub(crate) const DONE: u8 = 100;

#[derive(Clone)]
pub(crate) struct State {
    pub(crate) revisions: [Revision; REVISIONS],
    /// What stands under each name: that of a document, or, where the suffix changes, one of the names of the only one.
    pub(crate) docs: [u8; DOCS],
    /// How many turns there may be: how often the suffix may change. Without any, each document has one name.
    pub(crate) turns: u8,
    /// How often it has changed.
    pub(crate) turn: u8,
    /// The last turn that is so long ago that nobody relies on what was before it.
    pub(crate) settled: u8,
    /// By what knowledge a name may yet be closed, by a request that is on its way.
    pub(crate) late_closings: [u8; DOCS],
    pub(crate) knows: [Knows; ACTORS],
    pub(crate) tail: Set,
    /// The rows of the tail object `BATCH`.
    pub(crate) batch: Set,
    pub(crate) segments: [Segment; SEGMENTS],
    pub(crate) segment_count: u8,
    pub(crate) segment_files: Set,
    pub(crate) kill_files: Set,
    pub(crate) roots: [Root; ROOTS],
    pub(crate) generation: u8,
    /// Which roots have a copy under `history/`.
    pub(crate) history: Set,

    /// Duplicates of requests that may still land: of documents by revision, of tail objects, of segments.
    pub(crate) late_docs: Set,
    pub(crate) late_rows: Set,
    pub(crate) late_segments: Set,
    /// A root whose folder gave up on it while it was on its way, and the generation that it replaces; `NONE` if there is none.
    pub(crate) late_root: Root,
    pub(crate) late_base: u8,
    /// Marks whose row reached the tail more than a horizon ago.
    pub(crate) old: Set,
    /// Tombstones that were recorded as gone more than a horizon ago.
    pub(crate) gone_long: Set,
    /// Revisions whose row somebody has put.
    pub(crate) rowed: Set,
    /// The newest revision of each document that was acknowledged or shown: no answer may be older.
    pub(crate) floor: [u8; DOCS],
    pub(crate) last_order: [u8; DOCS],

    pub(crate) crashes: u8,
    pub(crate) lost: u8,
    pub(crate) duplicates: u8,
    pub(crate) horizons: u8,
    pub(crate) actors: [Local; ACTORS],
}

impl Hash for State {
    /// Leaves out the numbers that nothing has yet.
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let used = self.revisions.iter().filter(|revision| revision.used);
        hasher.write_u8(self.generation);
        hasher.write_u8(self.segment_count);
        used.for_each(|revision| revision.hash(hasher));
        self.segments[..usize::from(self.segment_count)].hash(hasher);
        self.roots[..=usize::from(self.generation)].hash(hasher);
        if self.late_base != NONE {
            self.late_root.hash(hasher);
        }
        self.actors.hash(hasher);
        (self.docs, self.floor, self.last_order).hash(hasher);
        let sets = [
            self.tail,
            self.batch,
            self.segment_files | self.kill_files << 8,
            self.history,
            self.late_docs | self.late_rows << 8,
            self.late_segments,
            self.old,
            self.gone_long,
            self.rowed,
        ];
        for set in sets {
            hasher.write_u16(set);
        }
        [self.late_base, self.crashes, self.lost, self.duplicates, self.horizons].hash(hasher);
        if self.turns > 0 {
            (self.turn, self.settled, self.late_closings, self.knows).hash(hasher);
        }
    }
}

impl State {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let mut state = Self {
            revisions: [Revision { prev: NONE, over: NONE, ..Revision::default() }; REVISIONS],
            docs: [NONE; DOCS],
            turns: u8::try_from(scenario.suffixes.len()).unwrap_or(0).saturating_sub(1),
            turn: 0,
            settled: 0,
            late_closings: [NONE; DOCS],
            knows: [Knows { over: NONE, ..Knows::default() }; ACTORS],
            tail: 0,
            batch: 0,
            segments: [Segment::default(); SEGMENTS],
            segment_count: 0,
            segment_files: 0,
            kill_files: 0,
            roots: [Root::EMPTY; ROOTS],
            generation: 0,
            history: 0,
            late_docs: 0,
            late_rows: 0,
            late_segments: 0,
            late_root: Root::EMPTY,
            late_base: NONE,
            old: 0,
            gone_long: 0,
            rowed: 0,
            floor: [NONE; DOCS],
            last_order: [0; DOCS],
            crashes: scenario.crashes,
            lost: scenario.lost,
            duplicates: scenario.duplicates,
            horizons: scenario.horizons,
            actors: [Local { at: DONE, ..Self::nobody() }; ACTORS],
        };
        for actor in 0..scenario.actors.len() {
            state.actors[actor].at = 0;
        }
        state.preload(scenario.preloaded);
        state
    }

    /// Begins with documents that were saved and folded long ago: class 0, content 0, hlc 1, each in a segment of its own.
    fn preload(&mut self, docs: u8) {
        for doc in 0..docs {
            self.revisions[usize::from(doc)] = Revision {
                used: true,
                doc,
                incarnation: doc,
                hlc: 1,
                order: 1,
                etag: doc,
                name: doc,
                prev: NONE,
                over: NONE,
                ..Revision::default()
            };
            self.docs[usize::from(doc)] = doc;
            self.floor[usize::from(doc)] = doc;
            self.last_order[usize::from(doc)] = 1;
            self.segments[usize::from(doc)] = Segment { rows: one(doc), base: 0 };
            self.roots[0].segments[usize::from(doc)].segment = doc;
            self.roots[0].watermark = 1;
            self.segment_files |= one(doc);
            self.rowed |= one(doc);
            self.segment_count += 1;
        }
    }

    /// What an actor remembers that has just begun.
    pub(crate) fn nobody() -> Local {
        Local { mine: NONE, base: NONE, other: NONE, seen: [NONE; DOCS], ..Local::default() }
    }

    pub(crate) fn forget_late_root(&mut self) {
        self.late_root = Root::EMPTY;
        self.late_base = NONE;
    }

    pub(crate) fn root(&self) -> &Root {
        &self.roots[usize::from(self.generation)]
    }

    pub(crate) fn revision(&self, number: u8) -> &Revision {
        &self.revisions[usize::from(number)]
    }

    /// Gives what stands under the names of a document.
    pub(crate) fn held(&self, doc: usize) -> impl Iterator<Item = u8> {
        let names = if self.turns == 0 { doc..doc + 1 } else { 0..DOCS * usize::from(doc == 0) };
        self.docs[names].iter().copied()
    }

    /// Gives the revision of a document that is there.
    pub(crate) fn current(&self, doc: usize) -> u8 {
        self.held(doc).find(|&held| holds(held)).unwrap_or(NONE)
    }

    /// Where a revision stands among the bodies of its document; 0 for none.
    pub(crate) fn order(&self, number: u8) -> u8 {
        if number == NONE { 0 } else { self.revision(number).order }
    }

    /// Remembers that somebody was told of a revision.
    pub(crate) fn told(&mut self, number: u8) {
        let doc = usize::from(self.revision(number).doc);
        if self.order(number) > self.order(self.floor[doc]) {
            self.floor[doc] = number;
        }
    }
}
