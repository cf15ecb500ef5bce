//! Reading all documents of a collection into rows.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};
use truthound_stores_core::{Error, ErrorKind, Finding, Key, Result};

use super::base::Base;
use super::held::{Held, Rows};
use super::listing::{Named, list, named};
use super::read::{Read, read};
use super::sift::Sifted;
use super::{Rebuilder, found};
use crate::name;

/// So many documents are asked for at a time.
const AT_ONCE: usize = 32;
const READING: &str = "reading documents";

/// What the documents say.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) rows: Rows,
    /// The ends of the objects' names: those that the root knows, then others.
    pub(crate) suffixes: Vec<String>,
    /// The stems of objects that could not be read.
    pub(crate) unreadable: BTreeSet<String>,
    pub(crate) findings: Vec<Finding>,
}

/// An object that is asked for: its stem, and which suffix it has.
type Asked = (Box<str>, u16);

impl Rebuilder<'_> {
    /// Lists and reads all documents and marks.
    ///
    /// # Errors
    /// Those of the listing, and outages.
    pub(crate) async fn gather(&self, base: &Base) -> Result<Gathered> {
        let form = &self.documents.form;
        let items = list(&**self.store, &self.documents.place, self.wire, form.folds_case).await?;
        let known = match base.sound() {
            Some(seen) => seen.root.suffixes.clone(),
            None => vec![form.codec.extension().to_owned()],
        };
        let mut gathered = Gathered { suffixes: self.suffixes(&items, known), ..Gathered::default() };
        let mut asked = Vec::with_capacity(items.len());
        for item in items {
            match named(&item.name, form.folds_case) {
                Named::Document(stem, suffix) => {
                    let suffix = gathered.suffixes.iter().position(|known| known == suffix);
                    asked.push((
                        stem.into(),
                        suffix.and_then(|at| u16::try_from(at).ok()).unwrap_or(u16::MAX),
                    ));
                }
                Named::Odd => gathered.findings.push(found::odd_name(&self.object(&item.name))),
                Named::Other => {}
            }
        }
        let rows = self.read_all(asked, &mut gathered).await?;
        gathered.rows = Rows::new(rows);
        gathered.leave_one_each(self);
        Ok(gathered)
    }

    /// Reads those documents again whose rows a root does not hold (§7.2): their tombstones may have been dropped meanwhile.
    ///
    /// # Errors
    /// Outages.
    pub(crate) async fn read_again(&self, gathered: &mut Gathered, sifted: &Sifted) -> Result<()> {
        let folds_case = self.documents.form.folds_case;
        let (mut kept, mut asked) = (Vec::new(), Vec::new());
        for (at, held) in std::mem::take(&mut gathered.rows).into_vec().into_iter().enumerate() {
            if sifted.is_known(at) {
                kept.push(held);
            } else {
                asked.push((name::stem(held.id(), folds_case).into(), held.suffix));
            }
        }
        kept.extend(self.read_all(asked, gathered).await?);
        gathered.rows = Rows::new(kept);
        gathered.leave_one_each(self);
        Ok(())
    }

    async fn read_all(&self, asked: Vec<Asked>, gathered: &mut Gathered) -> Result<Vec<Held>> {
        let (documents, suffixes) = (self.documents, &gathered.suffixes);
        let total = asked.len() as u64;
        let ask = |(stem, suffix): Asked| async move {
            let end = suffixes.get(usize::from(suffix)).map_or("", String::as_str);
            let read = read(documents, &stem, end).await;
            (stem, suffix, read)
        };
        let mut reading = stream::iter(asked).map(ask).buffer_unordered(AT_ONCE);
        let (mut rows, mut denied, mut done) = (Vec::new(), None::<Error>, 0);
        let (mut unreadable, mut findings) = (BTreeMap::new(), Vec::new());
        while let Some((stem, suffix, outcome)) = reading.next().await {
            done += 1;
            self.progress.advance(READING, done, Some(total));
            match outcome? {
                Read::Object(object) => rows.push(Held::of(object.row, object.modified, suffix)),
                Read::Absent | Read::Closed => {}
                Read::Unreadable(error) => {
                    if error.kind() == ErrorKind::Denied {
                        denied.get_or_insert(error.repeat());
                    }
                    unreadable.insert((stem, suffix), error);
                }
            }
        }
        // Who may read nothing at all must not take it for an empty store.
        if let (Some(error), true) = (denied, rows.is_empty()) {
            return Err(error);
        }
        drop(reading);
        for ((stem, _), error) in unreadable {
            findings.push(found::unreadable(&error));
            gathered.unreadable.insert(stem.into());
        }
        gathered.findings.extend(findings);
        Ok(rows)
    }
}

impl Rebuilder<'_> {
    /// Names an object of the folder, as errors do.
    pub(crate) fn object(&self, name: &str) -> String {
        format!("{}{name}", self.documents.place.folder())
    }

    /// Names the object of a document under a suffix.
    pub(crate) fn object_of(&self, key: Option<&Key>, suffix: &str) -> String {
        let stem = key.map(|key| name::stem(key.id(), self.documents.form.folds_case)).unwrap_or_default();
        self.object(&format!("{stem}{suffix}"))
    }

    fn shadowed(&self, id: &str, suffix: &str) -> Finding {
        let key = Key::new(self.documents.form.collection.clone(), id).ok();
        let object = self.object_of(key.as_ref(), suffix);
        found::shadowed(key, &object, id)
    }
}

impl Gathered {
    /// Leaves of the live objects of one id the one under the newest suffix, and reports the others. Marks stay: each ends an incarnation of its
    /// own.
    fn leave_one_each(&mut self, rebuilder: &Rebuilder<'_>) {
        let rows = std::mem::take(&mut self.rows).into_vec();
        let mut kept: Vec<Held> = Vec::with_capacity(rows.len());
        // Of one id they come by suffix, the newest first.
        let mut last: Option<Box<str>> = None;
        for held in rows {
            let shadowed = held.is_put && last.as_ref().is_some_and(|id| **id == *held.id());
            if shadowed {
                let end = self.suffixes.get(usize::from(held.suffix)).map_or("", String::as_str);
                self.findings.push(rebuilder.shadowed(held.id(), end));
                continue;
            }
            if held.is_put {
                last = Some(held.id().into());
            }
            kept.push(held);
        }
        self.rows = Rows::new(kept);
    }
}
