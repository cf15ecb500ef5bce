//! Reading: one document, listings, numbers and sums.

use std::sync::Arc;

use truthound_stores_core::{
    Collection, Error, ErrorKind, GetOptions, Grouping, Key, Page, PageToken, Query, Result, Stored, Summary,
};

use super::Inner;
use crate::catch_up::{self, BRIEF};
use crate::commit::Job;
use crate::index::{self, OddKind};
use crate::live::Live;
use crate::locate::{self, Got};
use crate::scan;

/// How often a collection is opened anew in the middle of a call.
const ATTEMPTS: u32 = 5;

impl Inner {
    pub(super) fn get(&self, key: &Key, opts: &GetOptions) -> Result<Stored> {
        for _ in 0..ATTEMPTS {
            let live = match self.to_read(key.collection()) {
                Ok(Some(live)) => live,
                Ok(None) => return Err(Error::not_found(key)),
                // The documents do not need the index.
                Err(error) if error.kind() == ErrorKind::Corrupt => {
                    let folder = self.folder(key.collection())?;
                    return locate::without_index(&folder, key, opts, &*self.clock, error);
                }
                Err(error) => return Err(error),
            };
            match get_from(&live, key, opts) {
                Err(error)
                    if error.kind() == ErrorKind::Unavailable
                        && (live.is_over() || !live.identity.is_current()) => {}
                found => return found,
            }
        }
        Err(Error::new(ErrorKind::Unavailable, "the collection was opened anew again and again: try later"))
    }

    /// Reads from a collection, which may be opened anew in the middle of it; `None` stands for one that is not there.
    fn reading<T>(
        &self,
        collection: &Collection,
        read: impl Fn(Option<&Arc<Live>>) -> Result<T>,
    ) -> Result<T> {
        for _ in 1..ATTEMPTS {
            let live = self.to_read(collection)?;
            match (read(live.as_ref()), &live) {
                (Err(error), Some(live))
                    if error.kind() == ErrorKind::Unavailable
                        && (live.is_over() || !live.identity.is_current()) => {}
                (answer, _) => return answer,
            }
        }
        read(self.to_read(collection)?.as_ref())
    }

    pub(super) fn list(&self, query: &Query, after: Option<&PageToken>) -> Result<Page> {
        query.validate()?;
        self.reading(&query.collection, |live| match live {
            None => Page::evaluate(query, after, []),
            Some(live) => list_from(live, query, after),
        })
    }

    pub(super) fn count(&self, query: &Query) -> Result<u64> {
        query.validate()?;
        self.reading(&query.collection, |live| {
            let Some(live) = live else { return Ok(0) };
            first_of(uncertain(live)?)?;
            live.readers.read("count documents", |index| index::count(index, query))
        })
    }

    pub(super) fn summarize(&self, query: &Query, grouping: Grouping) -> Result<Vec<Summary>> {
        query.validate()?;
        self.reading(&query.collection, |live| {
            let Some(live) = live else { return Ok(Vec::new()) };
            first_of(uncertain(live)?)?;
            live.readers.read("sum documents up", |index| index::summarize(index, query, grouping))
        })
    }
}

/// Lists a page of an open collection.
fn list_from(live: &Arc<Live>, query: &Query, after: Option<&PageToken>) -> Result<Page> {
    // Each is reported once per listing.
    let damaged = if after.is_none() { uncertain(live)? } else { Vec::new() };
    let mut refused = None;
    let page = live.readers.read("list documents", |index| match index::page(index, query, after) {
        Ok(page) => page.map(Some),
        Err(error) => {
            refused = Some(error);
            Ok(None)
        }
    })?;
    match (page, refused) {
        (Some(page), _) => Ok(page.with_damaged(damaged)),
        (None, Some(error)) => Err(error),
        (None, None) => Ok(Page::default()),
    }
}

/// Reads a document of an open collection.
fn get_from(live: &Arc<Live>, key: &Key, opts: &GetOptions) -> Result<Stored> {
    match locate::get(live, key, opts)? {
        Got::Stored(stored) => Ok(*stored),
        Got::Learn(loaded) => {
            // Another program wrote it: the index learns of it, and it is read like any other.
            let seen = loaded.iter().find_map(|loaded| {
                Some((
                    loaded.row(loaded.document.as_ref().ok()?),
                    loaded.document.as_ref().ok()?.body.clone(),
                ))
            });
            match catch_up::take_up(live, loaded, BRIEF) {
                Ok(_) => {}
                // What cannot be written, or not now, can be read all the same.
                Err(error) if matches!(error.kind(), ErrorKind::Denied | ErrorKind::Timeout) => {
                    let Some((row, body)) = seen else { return Err(error) };
                    let meta = row.into_meta(key.collection())?;
                    return Ok(Stored::new(meta, (!opts.meta_only).then_some(body)));
                }
                Err(error) => return Err(error),
            }
            match locate::get(live, key, opts)? {
                Got::Stored(stored) => Ok(*stored),
                Got::Learn(_) => Err(Error::new(
                    ErrorKind::Unavailable,
                    "another program rewrites the document's file each time it is looked at",
                )),
            }
        }
    }
}

/// Names what makes an answer uncertain: files that cannot be read, and an index that may lack what was acknowledged.
fn uncertain(live: &Arc<Live>) -> Result<Vec<Error>> {
    let mut all = damaged(live)?;
    let doubt: Option<String> =
        live.readers.read("read the index", |index| index::meta(index, crate::upkeep::DOUBT))?;
    all.extend(doubt.map(|text| {
        let cure = "see which documents are missing, save them once more, and let `truthound-stores verify --repair` forget this";
        Error::corrupt(format!("{text}: {cure}")).with("index", live.readers.path().display().to_string())
    }));
    Ok(all)
}

/// Files that cannot be read make a number uncertain.
fn first_of(damaged: Vec<Error>) -> Result<()> {
    damaged.into_iter().next().map_or(Ok(()), Err)
}

/// Names the files that cannot be read. Damage is not believed without a look: what kept a file from being read may have passed.
pub(crate) fn damaged(live: &Arc<Live>) -> Result<Vec<Error>> {
    let odd = live.readers.read("read the index", |index| index::odd(index, None))?;
    let mut damaged = Vec::new();
    let (mut mended, mut gone) = (Vec::new(), Vec::new());
    for odd in odd {
        match odd.kind {
            OddKind::Shadowed => {}
            OddKind::NoText => damaged.push(scan::no_text(&live.folder.path.join(&odd.file))),
            OddKind::Damaged => {
                let Some((stem, suffix)) = live.folder.split(&odd.file) else { continue };
                match live.folder.load(&stem, &suffix)? {
                    None => gone.push(odd.file),
                    Some(loaded) => match &loaded.document {
                        Ok(_) => mended.push(loaded),
                        Err(error) if error.kind() == ErrorKind::Overloaded => return Err(error.repeat()),
                        Err(error) => {
                            let key =
                                odd.id.and_then(|id| Key::new(live.folder.collection.clone(), &id).ok());
                            let error = error.repeat();
                            damaged.push(key.iter().fold(error, Error::at));
                        }
                    },
                }
            }
        }
    }
    if !mended.is_empty() || !gone.is_empty() {
        // A store that cannot be written, or not now, goes on without.
        drop(catch_up::take_up(live, mended, BRIEF));
        let forget = move |index: Result<&rusqlite::Connection>| {
            let Ok(index) = index else { return };
            // What fails is found gone once more.
            for file in &gone {
                drop(index.execute("DELETE FROM odd WHERE file = ?1", [file]));
            }
        };
        drop(live.send(Job::Run(BRIEF, Box::new(forget))));
    }
    damaged.sort_by_cached_key(ToString::to_string);
    Ok(damaged)
}
