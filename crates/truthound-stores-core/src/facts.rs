//! Facts about documents, lent from where a store keeps them.
//!
//! A description ([`RecordMeta`]) is a value of its own. Whoever looks at millions of documents to keep few of them, as a plan of retention does, would make
//! and drop millions: here no more is made of a document than is asked for.

use std::fmt::Debug;
use std::sync::Arc;

use crate::{Error, Key, Labels, Page, PageToken, RecordMeta, Result, Revision, Status, Timestamp};

/// Lends what is known of one document without reading it.
///
/// # Examples
/// ```
/// use truthound_stores_core::{Facts, RecordMeta, Status};
///
/// fn is_failure(facts: &dyn Facts) -> bool {
///     *facts.status() == Status::FAILURE
/// }
/// # let _: fn(&dyn Facts) -> bool = is_failure;
/// ```
pub trait Facts: Send + Sync {
    /// Returns the id.
    fn id(&self) -> &str;

    /// Returns what was validated.
    fn data_asset(&self) -> &str;

    /// Returns when the run began.
    fn run_time(&self) -> Timestamp;

    /// Returns how the run ended.
    fn status(&self) -> &Status;

    /// Returns the labels.
    fn tags(&self) -> &Labels;

    /// Returns what the document takes in the store, in bytes.
    fn size(&self) -> u64;

    /// Returns when the state was saved.
    fn saved_at(&self) -> Timestamp;

    /// Makes the name.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) for an id that no document can have.
    fn key(&self) -> Result<Key>;

    /// Makes the state's name.
    fn revision(&self) -> Revision;

    /// Makes the whole description.
    ///
    /// # Errors
    /// As for [`key`](Self::key).
    fn describe(&self) -> Result<RecordMeta>;
}

impl Facts for RecordMeta {
    fn id(&self) -> &str {
        self.key.id()
    }

    fn data_asset(&self) -> &str {
        &self.attributes.data_asset
    }

    fn run_time(&self) -> Timestamp {
        self.attributes.run_time
    }

    fn status(&self) -> &Status {
        &self.attributes.status
    }

    fn tags(&self) -> &Labels {
        &self.attributes.tags
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn saved_at(&self) -> Timestamp {
        self.saved_at
    }

    fn key(&self) -> Result<Key> {
        Ok(self.key.clone())
    }

    fn revision(&self) -> Revision {
        self.revision.clone()
    }

    fn describe(&self) -> Result<RecordMeta> {
        Ok(self.clone())
    }
}

impl<F: Facts + ?Sized> Facts for Arc<F> {
    fn id(&self) -> &str {
        (**self).id()
    }

    fn data_asset(&self) -> &str {
        (**self).data_asset()
    }

    fn run_time(&self) -> Timestamp {
        (**self).run_time()
    }

    fn status(&self) -> &Status {
        (**self).status()
    }

    fn tags(&self) -> &Labels {
        (**self).tags()
    }

    fn size(&self) -> u64 {
        (**self).size()
    }

    fn saved_at(&self) -> Timestamp {
        (**self).saved_at()
    }

    fn key(&self) -> Result<Key> {
        (**self).key()
    }

    fn revision(&self) -> Revision {
        (**self).revision()
    }

    fn describe(&self) -> Result<RecordMeta> {
        (**self).describe()
    }
}

/// Holds facts about several documents, as whatever a store makes of them.
pub trait FactsList: Debug + Send + Sync {
    /// Returns of how many documents there are facts.
    fn len(&self) -> usize;

    /// Returns the facts at a place.
    fn get(&self, at: usize) -> Option<&dyn Facts>;

    /// Tells whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<F: Facts + Debug> FactsList for Vec<F> {
    fn len(&self) -> usize {
        self.len()
    }

    fn get(&self, at: usize) -> Option<&dyn Facts> {
        self.as_slice().get(at).map(|facts| facts as &dyn Facts)
    }
}

/// Holds a part of a listing, of which each document lends its facts: what a [`Page`] has, without the descriptions.
#[derive(Debug)]
#[non_exhaustive]
pub struct FactsPage {
    /// The facts, in the query's order.
    pub facts: Box<dyn FactsList>,
    /// Where to go on; `None` at the end.
    pub next: Option<PageToken>,
    /// Documents that could not be read: as in [`Page::damaged`].
    pub damaged: Vec<Error>,
}

impl FactsPage {
    /// Puts a page together; for implementers of stores.
    pub fn new(facts: impl FactsList + 'static, next: Option<PageToken>) -> Self {
        Self { facts: Box::new(facts), next, damaged: Vec::new() }
    }

    /// Adds documents that could not be read.
    #[must_use]
    pub fn with_damaged(mut self, damaged: Vec<Error>) -> Self {
        self.damaged = damaged;
        self
    }

    /// Lends the facts of one document after the other, in the query's order.
    pub fn iter(&self) -> impl Iterator<Item = &dyn Facts> {
        (0..self.facts.len()).filter_map(|at| self.facts.get(at))
    }
}

/// For stores that have nothing quicker than descriptions.
impl From<Page> for FactsPage {
    fn from(page: Page) -> Self {
        Self::new(page.metas, page.next).with_damaged(page.damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Attributes, Checksum};

    fn meta(id: &str, status: Status) -> RecordMeta {
        let attributes =
            Attributes::new("orders", Timestamp::from_micros(7), status).with_tag("team", "data");
        let key = Key::result(id).unwrap();
        RecordMeta::new(key, attributes, Revision::new("r1"), 9, Checksum::of(b""), Timestamp::from_micros(8))
    }

    #[test]
    fn facts_are_those_of_the_description() {
        let (one, other) = (meta("a", Status::FAILURE), meta("b", Status::SUCCESS));
        let error = Error::corrupt("damaged");
        let next = Some(PageToken::from_text("on"));
        let page = Page::new(vec![one.clone(), other.clone()], next.clone()).with_damaged(vec![error]);
        let page = FactsPage::from(page);
        assert_eq!((page.facts.len(), page.next, page.damaged.len()), (2, next, 1));
        let page = FactsPage::new(vec![Arc::new(one.clone()), Arc::new(other.clone())], None);
        let described: Vec<RecordMeta> = page.iter().map(|facts| facts.describe().unwrap()).collect();
        assert_eq!(described, [one.clone(), other]);
        let first = page.facts.get(0).unwrap();
        assert_eq!((first.id(), first.key().unwrap(), first.revision()), ("a", one.key, one.revision));
        assert_eq!((first.data_asset(), first.status(), first.size()), ("orders", &Status::FAILURE, 9));
        assert_eq!((first.run_time().as_micros(), first.saved_at().as_micros()), (7, 8));
        assert_eq!(first.tags()["team"], "data");
        assert!(page.facts.get(2).is_none() && !page.facts.is_empty());
    }
}
