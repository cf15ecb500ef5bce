//! The client's side: `object_store`'s trait over a store that is simulated.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::path::Path;
use object_store::{
    CopyMode, CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload,
    ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UpdateVersion,
};
use truthound_stores_core::Clock;

use super::command::{Command, Got, Reply};
use super::faults::ObjectFaults;
use super::options::StoreOptions;
use super::requests::Requests;
use super::shared::Shared;
use super::simulation::{World, exchange};
use super::upload::Upload;

/// Simulates an object store, strongly consistent as S3, GCS and Azure are, with faults on demand. Clones are the same store.
///
/// Made by [`Simulation::store`](super::Simulation::store), each request of a task is a scheduling point. Made by
/// [`new`](Self::new), requests are carried out as they are sent, on any executor.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use object_store::{ObjectStoreExt, PutMode, ObjectStore};
/// use truthound_stores_testkit::ManualClock;
/// use truthound_stores_testkit::object::{ObjectFault, SimulatedStore, StoreOptions, Trouble};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = SimulatedStore::new(StoreOptions::s3(), Arc::new(ManualClock::new(1)), 1);
/// store.faults().force(ObjectFault::new(Trouble::LostReply).named("root"));
/// store.put_opts(&"root".into(), "one".into(), PutMode::Create.into()).await.unwrap_err();
/// assert_eq!(store.names(), ["root"]);
/// assert_eq!(store.requests().to_string(), "1 put");
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct SimulatedStore {
    shared: Arc<Shared>,
    world: Option<Arc<World>>,
    quiet: bool,
}

impl SimulatedStore {
    /// Makes an empty store that carries out requests as they are sent; `clock` gives `Last-Modified`, `seed` the chance.
    pub fn new(options: StoreOptions, clock: Arc<dyn Clock>, seed: u64) -> Self {
        Self { shared: Arc::new(Shared::new(options, clock, seed)), world: None, quiet: false }
    }

    pub(super) fn in_world(
        options: StoreOptions,
        clock: Arc<dyn Clock>,
        seed: u64,
        world: &Arc<World>,
    ) -> Self {
        let shared = Arc::new(Shared::new(options, clock, seed));
        Self { shared, world: Some(Arc::clone(world)), quiet: false }
    }

    /// Returns a handle for the test's own use: its requests are carried out at once, do not count and meet no trouble.
    #[must_use]
    pub fn backdoor(&self) -> Self {
        Self { quiet: true, ..self.clone() }
    }

    /// Returns the script of what goes wrong.
    pub fn faults(&self) -> &ObjectFaults {
        &self.shared.faults
    }

    /// Returns what was asked of the store so far.
    pub fn requests(&self) -> Requests {
        self.shared.requests()
    }

    /// Starts counting anew, and returns what was asked until now.
    pub fn reset_requests(&self) -> Requests {
        let requests = self.shared.requests();
        self.shared.reset_requests();
        requests
    }

    /// Returns all names that are stored, in order.
    pub fn names(&self) -> Vec<String> {
        self.shared.names()
    }

    /// Returns how many requests are still to arrive late; a simulation keeps its own and lands them by itself.
    pub fn late(&self) -> usize {
        self.shared.late()
    }

    /// Lets all requests arrive that are late, in the order in which they were sent, and returns how many these were.
    pub fn land_late(&self) -> usize {
        let late = self.shared.take_late();
        for command in &late {
            self.shared.carry_out_late(command);
        }
        late.len()
    }

    /// Deletes an object if it is still the one that was seen.
    ///
    /// `object_store` has no call for it although all three stores do. What is gone already is treated as by a plain delete.
    ///
    /// # Errors
    /// `Precondition` if another is there now, `NotImplemented` if the store was made without, and whatever a delete meets.
    ///
    /// # Cancel safety
    /// Dropping the future leaves it done or not done, in a simulation also done later.
    pub async fn delete_if(&self, location: &Path, seen: UpdateVersion) -> Result<()> {
        self.call(Command::DeleteIf { location: location.clone(), version: seen }).await.map(drop)
    }

    pub(super) fn options(&self) -> &StoreOptions {
        &self.shared.options
    }

    /// Sends a request and waits for the answer.
    pub(super) async fn call(&self, command: Command) -> Result<Reply> {
        self.shared.refuse(&command)?;
        if self.quiet {
            return self.shared.carry_out_quietly(&command);
        }
        let (number, plan) = self.shared.sent(&command);
        if let Some(gate) = &plan.gate {
            gate.pass().await;
        }
        if let Some(world) = &self.world
            && world.is_polling()
        {
            return exchange(world, &self.shared, command, number, plan).await;
        }
        let carried = self.shared.carry_out(number, &command, &plan);
        if let Some(late) = carried.late {
            self.shared.keep_late(late);
        }
        carried.answer
    }

    /// As [`call`](Self::call), of what answers no more than that it is done or written.
    pub(super) async fn call_put(&self, command: Command) -> Result<PutResult> {
        let reply = self.call(command).await?;
        let Reply::Written { e_tag, version } = reply else { panic!("a put was answered by {reply:?}") };
        Ok(PutResult { e_tag: Some(e_tag), version, extensions: object_store::Extensions::default() })
    }
}

impl fmt::Display for SimulatedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Simulated({})", self.options().vendor.name())
    }
}

#[async_trait::async_trait]
impl ObjectStore for SimulatedStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let PutOptions { mode, attributes, .. } = options;
        let body = Bytes::from(payload);
        self.call_put(Command::Put { location: location.clone(), body, mode, attributes }).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.call(Command::StartUpload { location: location.clone() }).await?;
        Ok(Box::new(Upload::new(self.clone(), location.clone(), options.attributes)))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let reply = self.call(Command::Get { location: location.clone(), options }).await?;
        let Reply::Got(Got { meta, attributes, range, body, cut }) = reply else {
            panic!("a get was answered by {reply:?}")
        };
        let pieces = match cut {
            None => vec![Ok(body)],
            Some((at, true)) => vec![Ok(body.slice(..at)), Err(self.shared.torn())],
            Some((at, false)) => vec![Ok(body.slice(..at))],
        };
        let payload = GetResultPayload::Stream(stream::iter(pieces).boxed());
        Ok(GetResult { payload, meta, range, attributes, extensions: object_store::Extensions::default() })
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        let size = self.options().delete_batch;
        if size == 1 {
            let delete = move |location: Result<Path>| {
                let store = store.clone();
                async move {
                    let location = location?;
                    store.call(Command::Delete { location: location.clone() }).await?;
                    Ok(location)
                }
            };
            // As many at a time as the client of GCS has.
            return locations.map(delete).buffered(10).boxed();
        }
        locations
            .try_chunks(size)
            .map(move |locations| {
                let store = store.clone();
                async move {
                    let locations = locations.map_err(|error| error.1)?;
                    let reply = store.call(Command::DeleteBatch { locations }).await?;
                    let Reply::Batch(outcomes) = reply else { panic!("a batch was answered by {reply:?}") };
                    Ok::<_, Error>(stream::iter(outcomes))
                }
            })
            // As many at a time as the client of S3 has.
            .buffered(20)
            .try_flatten()
            .boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.list_names(prefix, None)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.list_names(prefix, Some(offset))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.list_folder(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let create = options.mode == CopyMode::Create;
        self.call(Command::Copy { from: from.clone(), to: to.clone(), create }).await.map(drop)
    }
}
