//! Opening a collection: nothing is asked for before it is needed, and nothing is made before the first save.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::TryStreamExt;
use futures_util::lock::Mutex as Turn;
use object_store::ObjectStore;
use object_store::memory::InMemory;
use truthound_stores_core::codec::Limits;
use truthound_stores_core::{Collection, Error, ErrorKind, Progress, Result};

use super::Inner;
use crate::abilities::Abilities;
use crate::bucket::Bucket;
use crate::clean_up::Keep;
use crate::conditions::CompareAndDelete;
use crate::config::TailRow;
use crate::document::Form;
use crate::horizon::Moment;
use crate::layout::Place;
use crate::library::Library;
use crate::live::{Found, Live};
use crate::probe::Probe;
use crate::query::{Consistency, Index};
use crate::reindex::Rebuilder;
use crate::reindex::listing::{Named, named};
use crate::root::Root;
use crate::shelf::{Seen, Shelf, Swap};
use crate::suffix::adopt::adopt_suffix;
use crate::suffix::names::Names;
use crate::write::Documents;

/// How long a call goes on trying without an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// The last roots are kept, so many, beside one a day.
const ROOTS: usize = 64;

/// A collection, open or not.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    /// Held by who opens it.
    turn: Turn<()>,
    live: Mutex<Option<Arc<Live>>>,
}

impl Slot {
    pub(crate) fn live(&self) -> Option<Arc<Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, live: Arc<Live>) -> Arc<Live> {
        *self.live.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&live));
        live
    }
}

impl Inner {
    pub(crate) fn slot(&self, collection: &Collection) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(collection.clone()).or_default())
    }

    /// Says what is known of the bucket: what was found for the first collection that is open.
    pub(crate) fn found(&self) -> Found {
        let lives = self.slots().into_iter().filter_map(|slot| slot.live());
        lives
            .map(|live| live.found())
            .next()
            .unwrap_or(Found { abilities: Abilities::default(), is_shared: true })
    }

    /// Returns a collection as far as it is known without asking: for reads, whose answers tell the rest.
    pub(crate) fn as_known(&self, collection: &Collection) -> Result<(Arc<Live>, bool)> {
        match self.slot(collection).live() {
            Some(live) => Ok((live, true)),
            None => Ok((Arc::new(self.live(collection, Abilities::default(), None)?), false)),
        }
    }

    /// Goes by the root that a read has got, from now on.
    pub(crate) async fn learn(
        &self,
        collection: &Collection,
        live: Arc<Live>,
        root: &Root,
    ) -> Result<Arc<Live>> {
        let slot = self.slot(collection);
        let _turn = slot.turn.lock().await;
        if let Some(live) = slot.live() {
            return Ok(live);
        }
        let same = live.abilities == root.abilities;
        Ok(slot.keep(if same { live } else { Arc::new(self.live(collection, root.abilities, None)?) }))
    }

    /// Opens a collection to write to; the first one makes its catalog.
    ///
    /// # Errors
    /// Those of the requests; `Unsupported` for a bucket that cannot hold a store, and for a catalog of a later program.
    pub(crate) async fn to_write(&self, collection: &Collection) -> Result<Arc<Live>> {
        let slot = self.slot(collection);
        if let Some(live) = slot.live() {
            return Ok(live);
        }
        let _turn = slot.turn.lock().await;
        if let Some(live) = slot.live() {
            return Ok(live);
        }
        let place = self.layout.collection(collection);
        let shelf = self.shelf(&place, Arc::clone(&self.objects.store))?;
        let mut asked = Moment::now(&*self.wire.clock);
        let mut seen = match shelf.root(None).await? {
            Some(seen) => seen,
            None if self.has_documents(&place).await? => self.build(collection, &place).await?,
            None => self.first_root(&place).await?,
        };
        seen.root.check_writable()?;
        let live = self.live(collection, seen.root.abilities, None)?;
        let suffix = self.codec.extension();
        if seen.root.suffixes.first().is_none_or(|newest| newest != suffix) {
            asked = Moment::now(&*self.wire.clock);
            if let Some(turned) = adopt_suffix(live.index.library().shelf(), &self.wire, suffix).await? {
                seen = turned;
            }
        }
        live.documents.knows(&seen, asked);
        Ok(slot.keep(Arc::new(live)))
    }

    /// Opens a collection that has no root to read from: builds its catalog if there are documents. `None` if there are none.
    pub(crate) async fn to_read_without_root(&self, collection: &Collection) -> Result<Option<Arc<Live>>> {
        let slot = self.slot(collection);
        let _turn = slot.turn.lock().await;
        if let Some(live) = slot.live() {
            return Ok(Some(live));
        }
        let place = self.layout.collection(collection);
        if !self.has_documents(&place).await? {
            return Ok(None);
        }
        let live = match self.build(collection, &place).await {
            Ok(seen) => self.live(collection, seen.root.abilities, None)?,
            Err(error) if error.kind() == ErrorKind::Denied => self.build_in_memory(collection).await?,
            Err(error) => return Err(error),
        };
        Ok(Some(slot.keep(Arc::new(live))))
    }

    /// Makes the first root of a collection, by what the bucket can do.
    async fn first_root(&self, place: &Place) -> Result<Seen> {
        let mut root = Root::first(&*self.wire.clock, self.codec.extension());
        root.abilities = self.probe(place).await?;
        root.metadata = self.config.store.metadata.clone();
        let shelf = self.shelf(place, self.store(root.abilities))?;
        for tries in 1..=3 {
            if let Swap::Unknown(error) = shelf.create_root(&root).await? {
                self.wire.pause(tries, Some(&error)).await;
            }
            // Whoever was first: it is theirs that counts.
            if let Some(seen) = shelf.root(None).await? {
                return Ok(seen);
            }
        }
        Err(Error::new(
            ErrorKind::Unavailable,
            "the catalog's root could not be made: the store gives no clear answer",
        ))
    }

    pub(crate) async fn probe(&self, place: &Place) -> Result<Abilities> {
        let probe = Probe {
            store: &self.objects.store,
            compare_and_delete: self.objects.compare_and_delete.as_ref(),
            place,
            wire: &self.wire,
        };
        probe.run().await
    }

    /// Tells whether a collection has a document, by the first page of its listing.
    pub(crate) async fn has_documents(&self, place: &Place) -> Result<bool> {
        let folder = place.folder_path()?;
        let start = folder.as_ref().len() + 1;
        let found = self
            .wire
            .again("list the documents", folder.as_ref(), || async {
                let mut listed = self.objects.store.list(Some(&folder));
                while let Some(meta) = listed.try_next().await? {
                    let name = meta.location.as_ref().get(start..).unwrap_or_default();
                    if named(name, false) != Named::Other {
                        return Ok(true);
                    }
                }
                Ok(false)
            })
            .await;
        match found {
            // Some stores have folders, and say that there is none.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            found => found,
        }
    }

    /// Builds the catalog of a collection whose documents have none.
    async fn build(&self, collection: &Collection, place: &Place) -> Result<Seen> {
        let abilities = self.probe(place).await?;
        let live = self.live(collection, abilities, None)?;
        self.rebuilder(&live, &()).reindex().await?;
        live.folder.library.shelf().root(None).await?.ok_or_else(|| {
            Error::new(
                ErrorKind::Unavailable,
                "the catalog was built, and is gone again: somebody else removed it",
            )
        })
    }

    /// Builds a catalog in this process's memory, for a bucket that cannot be written: it shows what was there.
    async fn build_in_memory(&self, collection: &Collection) -> Result<Live> {
        let live = self.live(collection, Abilities::default(), Some(Arc::new(InMemory::new())))?;
        self.rebuilder(&live, &()).reindex().await?;
        Ok(live)
    }

    pub(crate) fn rebuilder<'a>(&'a self, live: &'a Live, progress: &'a dyn Progress) -> Rebuilder<'a> {
        Rebuilder {
            documents: &live.documents,
            store: &self.objects.store,
            library: &live.folder.library,
            wire: &self.wire,
            abilities: live.abilities,
            progress,
        }
    }

    fn store(&self, abilities: Abilities) -> Arc<dyn ObjectStore> {
        if abilities.are_enough_to_share() {
            Arc::clone(&self.objects.store)
        } else {
            Arc::new(self.alone.clone())
        }
    }

    fn shelf(&self, place: &Place, store: Arc<dyn ObjectStore>) -> Result<Shelf> {
        Ok(Shelf::new(store, place.catalog_folder()?, self.wire.clone()))
    }

    /// Puts together what works on a collection; with its catalog elsewhere, if the bucket cannot be written.
    pub(crate) fn live(
        &self,
        collection: &Collection,
        abilities: Abilities,
        elsewhere: Option<Arc<dyn ObjectStore>>,
    ) -> Result<Live> {
        let place = self.layout.collection(collection);
        let store = self.store(abilities);
        let found = Found { abilities, is_shared: elsewhere.is_none() };
        let shelf = self.shelf(&place, elsewhere.unwrap_or_else(|| Arc::clone(&store)))?;
        let delete = self.objects.compare_and_delete.clone();
        let delete: Option<Arc<dyn CompareAndDelete>> =
            if abilities.are_enough_to_share() { delete } else { Some(Arc::new(self.alone.clone())) };
        let mut bucket = Bucket::new(store, self.wire.clone());
        if let Some(delete) = delete {
            bucket = bucket.with_compare_and_delete(delete);
        }
        let form = Form {
            collection: collection.clone(),
            codec: self.codec,
            limits: Limits::default(),
            reading: self.config.store.reading(),
            folds_case: abilities.folds_case,
            etag_of_content: abilities.etag_of_content,
            room: self.objects.metadata_room,
        };
        let names = Names::unasked(shelf.clone(), self.codec.extension(), &*self.wire.clock);
        let documents = Documents {
            bucket,
            names,
            place,
            form,
            writer: self.writer,
            rows_in_names: self.config.tail_row == TailRow::Name,
            patience: PATIENCE,
        };
        let consistency = self.staleness.map_or(Consistency::Strong, Consistency::Bounded);
        let (library, clock) = (Arc::new(Library::new(shelf)), Arc::clone(&self.wire.clock));
        let index = Index::new(library, clock, collection.clone(), consistency);
        let keep = Keep { roots: ROOTS, days: self.config.history_days, grace: 0 };
        Ok(Live::new(documents, index, self.wire.clone(), keep, found))
    }
}
