//! The reference: everything that was done, in one order, and what may be answered because of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use truthound_stores_core::{Attributes, Clock, Key, Query, RecordMeta, Revision, Timestamp};

use super::deed::{Asked, Deed, Of, TAG, What};
use crate::state::State;

/// What all processes of a simulation write into. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Book {
    pages: Arc<Mutex<Pages>>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, Default)]
struct Pages {
    deeds: Vec<Deed>,
    /// What was listed as of generations of the catalog.
    past: BTreeMap<u64, BTreeMap<String, State>>,
    moment: u64,
}

impl Pages {
    fn now(&mut self) -> u64 {
        self.moment += 1;
        self.moment
    }
}

pub(super) fn state_of(revision: &Revision) -> State {
    revision.as_str().parse().expect("a revision of a catalog")
}

impl Book {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { pages: Arc::default(), clock }
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Says which deed the next one is: what is saved carries its number.
    pub(super) fn next(&self) -> usize {
        self.pages().deeds.len()
    }

    /// Somebody begins: whatever becomes of it may be seen from now on.
    pub(super) fn begin(&self, by: usize, id: &str, what: What) -> usize {
        let mut pages = self.pages();
        let (number, begun) = (pages.deeds.len(), pages.now());
        pages.deeds.push(Deed {
            number,
            id: id.to_owned(),
            by,
            what,
            begun,
            until: u64::MAX,
            landed: None,
            listed: None,
            listed_at: Duration::ZERO,
            state: None,
            replaced: None,
            created: false,
            refused: false,
        });
        number
    }

    /// It is acknowledged: a save as `state`.
    pub(super) fn end(&self, deed: usize, state: Option<State>, replaced: Option<State>) {
        let mut pages = self.pages();
        let moment = pages.now();
        let at = self.clock.monotonic();
        let deed = &mut pages.deeds[deed];
        assert!(deed.state.is_none() || deed.state == state, "{deed:?} was read as another than {state:?}");
        deed.landed = deed.landed.or(Some(moment));
        if deed.listed.is_none() {
            (deed.listed, deed.listed_at) = (Some(moment), at);
        }
        (deed.state, deed.replaced) = (state, replaced);
        deed.created = !deed.deletes() && replaced.is_none();
    }

    /// It was refused: that it has changed nothing.
    pub(super) fn refuse(&self, deed: usize) {
        let mut pages = self.pages();
        let deed = &mut pages.deeds[deed];
        assert!(deed.landed.is_none(), "{deed:?} was refused, and read");
        deed.refused = true;
    }

    /// Whatever is on its way has arrived, and nobody is at work.
    pub(super) fn quiet(&self) {
        let mut pages = self.pages();
        let moment = pages.now();
        for deed in &mut pages.deeds {
            deed.until = deed.until.min(moment);
        }
    }

    /// Begins a question; it has to be ended.
    pub(super) fn ask(&self, by: usize, of: Of) -> Asked {
        Asked { begun: self.pages().now(), ended: u64::MAX, by, of }
    }

    pub(super) fn answered(&self, asked: Asked) -> Asked {
        Asked { ended: self.pages().now(), ..asked }
    }

    /// A document was shown: checks it, and keeps in mind that it is there.
    pub(super) fn shown(&self, meta: &RecordMeta, asked: Asked) -> usize {
        let number = deed_of(&meta.attributes).expect("a document of nobody");
        let mut pages = self.pages();
        pages.may_show(meta.key.id(), number, asked).unwrap_or_else(|why| panic!("{why}; asked: {asked:?}"));
        let (moment, at) = (asked.ended, self.clock.monotonic());
        let deed = &mut pages.deeds[number];
        let state = state_of(&meta.revision);
        assert!(deed.state.is_none_or(|known| known == state), "{deed:?} is shown as {state:?}");
        assert_eq!(deed.attributes(), Some(&meta.attributes), "{deed:?}");
        deed.state = Some(state);
        deed.landed = Some(deed.landed.map_or(moment, |landed| landed.min(moment)));
        if asked.of != Of::Documents && deed.listed.is_none() {
            (deed.listed, deed.listed_at) = (Some(moment), at);
        }
        number
    }

    /// A document was not found: checks that it may be so.
    pub(super) fn absent(&self, id: &str, asked: Asked) {
        self.pages().may_be_absent(id, asked).unwrap_or_else(|why| panic!("{why}; asked: {asked:?}"));
    }

    /// A save found the document there, or not as it wanted it.
    pub(super) fn conflict(&self, deed: usize, wanted: Option<State>, asked: Asked) {
        let pages = self.pages();
        let id = &pages.deeds[deed].id;
        let saves = || pages.about(id).filter(|other| !other.deletes() && other.number != deed);
        match wanted {
            None => {
                let there = saves().any(|save| pages.may_show(id, save.number, asked).is_ok());
                assert!(there, "{:?} was refused though nothing was there", pages.deeds[deed]);
            }
            Some(wanted) => {
                let Some(base) = saves().find(|save| save.state == Some(wanted)) else { return };
                let moved = pages
                    .about(id)
                    .filter(|other| other.number != deed && other.number != base.number)
                    .any(|other| other.may_lie_between(base.begun, asked.ended));
                assert!(moved, "{:?} was refused though {base:?} was there", pages.deeds[deed]);
            }
        }
    }

    /// Checks a listing of everything that a query finds.
    pub(super) fn listed(&self, query: &Query, metas: &[RecordMeta], asked: Asked) {
        let shown: BTreeSet<&str> = metas.iter().map(|meta| meta.key.id()).collect();
        assert_eq!(shown.len(), metas.len(), "a document is listed twice: {metas:?}");
        for meta in metas {
            assert!(query.matches(meta), "{meta:?} does not match");
            self.shown(meta, asked);
        }
        let pages = self.pages();
        for id in pages.ids().filter(|id| !shown.contains(id.as_str())) {
            pages.may_be_missing(query, &id, asked).unwrap_or_else(|why| panic!("{why}; asked: {asked:?}"));
        }
    }

    /// Checks a listing as of the past: of documents that somebody saved, each once, and the same as whoever listed it before was shown.
    pub(super) fn was(&self, generation: u64, metas: &[RecordMeta]) {
        let mut pages = self.pages();
        let mut listed = BTreeMap::new();
        for meta in metas {
            let id = meta.key.id();
            let deed = &pages.deeds[deed_of(&meta.attributes).expect("a document of nobody")];
            assert!(
                deed.id == id && deed.attributes() == Some(&meta.attributes) && !deed.refused,
                "{deed:?}"
            );
            let state = state_of(&meta.revision);
            assert!(deed.state.is_none_or(|known| known == state), "{deed:?} was listed as {state:?}");
            assert!(listed.insert(id.to_owned(), state).is_none(), "{id} is listed twice: {metas:?}");
        }
        let before = pages.past.entry(generation).or_insert_with(|| listed.clone());
        assert_eq!(*before, listed, "generation {generation} has become another");
    }

    /// Checks how many documents a query is said to find.
    pub(super) fn counted(&self, query: &Query, count: u64, asked: Asked) {
        let pages = self.pages();
        let (mut least, mut most) = (0, 0);
        for id in pages.ids() {
            least += u64::from(pages.may_be_missing(query, &id, asked).is_err());
            most += u64::from(pages.possible(&id, asked).any(|deed| matches(query, deed)));
        }
        assert!((least..=most).contains(&count), "{count} documents counted, not {least} to {most}");
    }

    /// Checks what only the whole can tell: that nobody overwrote what another had overwritten, and who created without a deletion between.
    pub(super) fn close(&self) {
        let pages = self.pages();
        for id in pages.ids() {
            let mut replaced = BTreeSet::new();
            let mut states = BTreeSet::new();
            let (mut created, mut deleted) = (0, 0);
            for deed in pages.about(&id).filter(|deed| !deed.refused) {
                if let Some(base) = deed.replaced {
                    assert!(replaced.insert(base), "{deed:?} replaced what another has replaced");
                }
                if let Some(state) = deed.state {
                    assert!(states.insert(state), "{deed:?} has the revision of another");
                }
                created += usize::from(deed.created);
                deleted += usize::from(deed.deletes());
            }
            assert!(created <= deleted + 1, "{id} was created {created} times, and deleted {deleted} times");
        }
    }

    /// The moment and the time of day by which what a bounded reader is shown was so.
    pub(super) fn time(&self) -> Duration {
        self.clock.monotonic()
    }
}

pub(super) fn deed_of(attributes: &Attributes) -> Option<usize> {
    attributes.tags.get(TAG)?.parse().ok()
}

fn matches(query: &Query, deed: &Deed) -> bool {
    deed.attributes().is_some_and(|attributes| {
        let key = Key::result(&deed.id).unwrap();
        let checksum = truthound_stores_core::Checksum::abbreviated(&[0; crate::row::CHECKSUM]).unwrap();
        let (revision, at) = (Revision::new(""), Timestamp::UNIX_EPOCH);
        query.matches(&RecordMeta::new(key, attributes.clone(), revision, 0, checksum, at))
    })
}

impl Pages {
    fn about(&self, id: &str) -> impl Iterator<Item = &Deed> {
        self.deeds.iter().filter(move |deed| deed.id == id)
    }

    fn ids(&self) -> impl Iterator<Item = String> + use<> {
        let ids: BTreeSet<String> = self.deeds.iter().map(|deed| deed.id.clone()).collect();
        ids.into_iter()
    }

    /// Checks that a document may be shown as a deed has left it.
    fn may_show(&self, id: &str, number: usize, asked: Asked) -> Result<(), String> {
        let deed = self.deeds.get(number).ok_or("a document of nobody")?;
        if deed.id != id || deed.deletes() || deed.refused || deed.begun > asked.ended {
            return Err(format!("{id} cannot be of {deed:?}"));
        }
        match self.about(id).find(|later| asked.must_see(later) && later.follows(deed)) {
            Some(later) => Err(format!("{id} is shown as of {deed:?}, before {later:?}")),
            None => Ok(()),
        }
    }

    /// The deeds as of which a document may be shown.
    fn possible(&self, id: &str, asked: Asked) -> impl Iterator<Item = &Deed> {
        self.about(id).filter(move |deed| self.may_show(&deed.id, deed.number, asked).is_ok())
    }

    fn may_be_absent(&self, id: &str, asked: Asked) -> Result<(), String> {
        for save in self.about(id).filter(|deed| !deed.deletes() && asked.must_see(deed)) {
            let deletes = |other: &Deed| other.deletes() && other.may_lie_between(save.begun, asked.ended);
            if !self.about(id).any(deletes) {
                return Err(format!("{id} is not there, after {save:?}"));
            }
        }
        Ok(())
    }

    /// Checks that a document may be missing in a listing: it may be absent, or not match.
    fn may_be_missing(&self, query: &Query, id: &str, asked: Asked) -> Result<(), String> {
        if self.possible(id, asked).any(|deed| !matches(query, deed)) {
            return Ok(());
        }
        self.may_be_absent(id, asked)
    }
}
