//! The objects of one catalog: tail, root, segments, kill files, history. The only place that asks the object store for them.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::path::Path;
use object_store::{
    GetOptions, GetResult, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload,
    UpdateVersion,
};
use truthound_stores_core::{Error, ErrorKind, Result};

use crate::error;
use crate::flaw::Flaws;
use crate::root::Root;
use crate::tail::{self, Name};
use crate::wire::Wire;
use crate::workers::Workers;

const ROOT: &str = "root";
/// The folder of segments and kill files, in the catalog.
pub(crate) const SEGMENTS: &str = "segments";
/// The folder of the roots that are kept.
pub(crate) const HISTORY: &str = "history";

/// So many parts of a segment are asked for at once at the most.
const PARTS: usize = 8;
/// So many objects of the tail are removed with one request, where the store has such requests.
const TOGETHER: usize = 1_000;

/// An object that was listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed<N> {
    pub(crate) name: N,
    /// When the store last changed it, in milliseconds since 1970 by the store's clock.
    pub(crate) modified: i64,
}

/// A root, and what a swap of it is conditional on.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) root: Arc<Root>,
    version: UpdateVersion,
    /// As for [`Listed`].
    pub(crate) modified: i64,
}

/// What stands in the root's place.
#[derive(Debug)]
pub(crate) struct Standing {
    /// `Corrupt` or `Unsupported` if it cannot be read.
    pub(crate) root: Result<Arc<Root>>,
    version: UpdateVersion,
    /// As for [`Listed`].
    pub(crate) modified: i64,
}

impl Standing {
    /// Takes it for a root that was seen, if it can be read.
    pub(crate) fn seen(&self) -> Option<Seen> {
        let root = Arc::clone(self.root.as_ref().ok()?);
        Some(Seen { root, version: self.version.clone(), modified: self.modified })
    }
}

/// How a swap of the root ended.
#[derive(Debug)]
pub(crate) enum Swap {
    Taken,
    /// Somebody else has committed.
    Lost,
    /// No clear answer: the current root tells.
    Unknown(Error),
}

/// The objects of one catalog.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    store: Arc<dyn ObjectStore>,
    /// The catalog's folder.
    folder: Path,
    wire: Wire,
}

impl Shelf {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, folder: Path, wire: Wire) -> Self {
        Self { store, folder, wire }
    }

    /// What tests have put back.
    pub(crate) fn flaws(&self) -> Flaws {
        self.wire.flaws
    }

    /// Who encodes and decodes.
    pub(crate) fn workers(&self) -> &Workers {
        &self.wire.workers
    }

    /// How many bytes stand before the name of a tail object.
    #[cfg(test)]
    pub(crate) fn tail_prefix(&self) -> usize {
        self.start_of(tail::FOLDER)
    }

    fn path(&self, folder: &str, name: &str) -> Path {
        let parent = self.folder.clone().join(folder);
        // As they are: `join` would write `~`, which names of the tail have, with an escape, and then not find it in what is listed.
        Path::parse(format!("{parent}/{name}"))
            .unwrap_or_else(|_unusual| name.split('/').fold(parent, Path::join))
    }

    // ---- The tail. ----

    /// Lists the whole tail, by name. What is no object of the tail is passed over: it may be a later program's, and hides nothing.
    pub(crate) async fn tail(&self) -> Result<Vec<Listed<Name>>> {
        let folder = self.start_of(tail::FOLDER);
        let listed = self.list(tail::FOLDER).await?.into_iter().filter_map(|meta| {
            let modified = modified(&meta);
            Some(Listed { name: Name::listed(meta.location, folder)?, modified })
        });
        let mut names: Vec<Listed<Name>> = listed.collect();
        names.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(names)
    }

    /// Reads the body of a tail object; `None` if it is gone, because a fold has taken it.
    pub(crate) async fn tail_body(&self, name: &Name) -> Result<Option<Bytes>> {
        match name.path() {
            Some(path) => self.get(path).await,
            None => self.get(&self.path(tail::FOLDER, name.as_str())).await,
        }
    }

    /// Removes objects of the tail, as long as `may` says so, which is asked before each request; tells whether all are gone.
    pub(crate) async fn remove_tail(
        &self,
        names: &Arc<[Name]>,
        may: impl Fn() -> bool + Sync,
    ) -> Result<bool> {
        for start in (0..names.len()).step_by(TOGETHER) {
            let (names, shelf) = (Arc::clone(names), self.clone());
            let path = move |at| {
                let name: &Name = names.get(at)?;
                Some(name.path().cloned().unwrap_or_else(|| shelf.path(tail::FOLDER, name.as_str())))
            };
            if !self.remove_while((start..start + TOGETHER).map_while(path), &may).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    // ---- The root. ----

    /// Gets the root, or the one that was seen, if it is still the same; `None` if there is none.
    ///
    /// # Errors
    /// `Corrupt` for one that cannot be read.
    pub(crate) async fn root(&self, seen: Option<&Seen>) -> Result<Option<Seen>> {
        let path = self.folder.clone().join(ROOT);
        let options = GetOptions {
            if_none_match: seen.and_then(|seen| seen.version.e_tag.clone()),
            ..GetOptions::default()
        };
        let got = self
            .wire
            .again("get the catalog's root", path.as_ref(), || async {
                match self.store.get_opts(&path, options.clone()).await {
                    Ok(got) => Ok(Some((got.meta.clone(), body(got).await?))),
                    Err(object_store::Error::NotModified { .. }) => Ok(None),
                    Err(error) => Err(error),
                }
            })
            .await;
        match got {
            Ok(Some((meta, bytes))) => {
                let root = Root::parse(&bytes).map_err(|error| error.with("object", path.to_string()))?;
                let modified = modified(&meta);
                let version = UpdateVersion { e_tag: meta.e_tag, version: meta.version };
                Ok(Some(Seen { root: Arc::new(root), version, modified }))
            }
            Ok(None) => Ok(seen.cloned()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gets whatever stands in the root's place, readable or not, and what replacing it is conditional on.
    pub(crate) async fn standing(&self) -> Result<Option<Standing>> {
        let path = self.folder.clone().join(ROOT);
        let get = || async {
            let got = self.store.get_opts(&path, GetOptions::default()).await?;
            Ok((got.meta.clone(), body(got).await?))
        };
        let (meta, bytes) = match self.wire.again("get the catalog's root", path.as_ref(), get).await {
            Ok(got) => got,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let modified = modified(&meta);
        let version = UpdateVersion { e_tag: meta.e_tag, version: meta.version };
        let root = Root::parse(&bytes).map_err(|error| error.with("object", path.to_string()));
        Ok(Some(Standing { root: root.map(Arc::new), version, modified }))
    }

    /// Puts a root in the place of whatever stood there, or of nothing, if that is still so. Asked once, as a swap is.
    pub(crate) async fn replace_root(&self, over: Option<&Standing>, root: &Root) -> Result<Swap> {
        let mode = over.map_or(PutMode::Create, |over| PutMode::Update(over.version.clone()));
        self.put_root(root, mode).await
    }

    /// Puts the first root of a catalog, if there is none.
    pub(crate) async fn create_root(&self, root: &Root) -> Result<Swap> {
        self.put_root(root, PutMode::Create).await
    }

    /// Puts a root in the place of the one that was seen, if that is still the current one. Asked once: whoever gets no clear answer looks.
    pub(crate) async fn swap_root(&self, seen: &Seen, root: &Root) -> Result<Swap> {
        self.put_root(root, PutMode::Update(seen.version.clone())).await
    }

    async fn put_root(&self, root: &Root, mode: PutMode) -> Result<Swap> {
        let path = self.folder.clone().join(ROOT);
        let payload = PutPayload::from(root.to_bytes()?);
        let put = self.store.put_opts(&path, payload, PutOptions::from(mode)).await;
        Ok(match put {
            Ok(_) => Swap::Taken,
            // Even a clear refusal may be one of a repetition that met its own first attempt.
            Err(object_store::Error::Precondition { .. } | object_store::Error::AlreadyExists { .. }) => {
                Swap::Lost
            }
            Err(cause) => {
                let error = error::of_row(&cause, path.as_ref()).with("doing", "change the catalog's root");
                match error.kind() {
                    ErrorKind::Denied | ErrorKind::Unsupported | ErrorKind::Invalid => return Err(error),
                    _ => Swap::Unknown(error),
                }
            }
        })
    }

    // ---- Segments, kill files, history. ----

    /// Puts a segment or a kill file. Its name never comes again, so repeating it is harmless.
    pub(crate) async fn put_segment(&self, name: &str, bytes: Bytes) -> Result<()> {
        self.put(self.path(SEGMENTS, name), bytes).await
    }

    /// Reads the whole of a segment or a kill file; `None` if clean-up has removed it.
    pub(crate) async fn segment(&self, name: &str) -> Result<Option<Bytes>> {
        self.get(&self.path(SEGMENTS, name)).await
    }

    /// Reads parts of a segment, each with a request; `None` if clean-up has removed it.
    pub(crate) async fn parts(&self, name: &str, ranges: &[Range<u64>]) -> Result<Option<Vec<Bytes>>> {
        let path = self.path(SEGMENTS, name);
        let read = |range: Range<u64>| {
            let path = &path;
            async move {
                self.wire
                    .again("read a segment of the catalog", path.as_ref(), || async {
                        let bytes = self.store.get_range(path, range.clone()).await?;
                        whole(bytes, range.end.saturating_sub(range.start))
                    })
                    .await
            }
        };
        let parts: Result<Vec<Bytes>> =
            stream::iter(ranges.to_vec()).map(read).buffered(PARTS).try_collect().await;
        match parts {
            Ok(parts) => Ok(Some(parts)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lists segments and kill files.
    pub(crate) async fn segments(&self) -> Result<Vec<Listed<String>>> {
        self.list_names(SEGMENTS).await
    }

    pub(crate) async fn remove_segments(&self, names: &[String]) -> Result<()> {
        self.remove(names.iter().map(|name| self.path(SEGMENTS, name)).collect()).await
    }

    /// Keeps a copy of a root.
    pub(crate) async fn keep(&self, root: &Root) -> Result<()> {
        self.put(self.path(HISTORY, &generation_name(root.generation)), Bytes::from(root.to_bytes()?)).await
    }

    /// Reads a root that was kept; `None` if it is not there.
    pub(crate) async fn kept(&self, generation: u64) -> Result<Option<Root>> {
        let path = self.path(HISTORY, &generation_name(generation));
        let bytes = self.get(&path).await?;
        bytes
            .map(|bytes| Root::parse(&bytes).map_err(|error| error.with("object", path.to_string())))
            .transpose()
    }

    /// Lists the generations of roots that were copied. When a copy was put says about when its root was replaced.
    pub(crate) async fn history(&self) -> Result<Vec<Listed<u64>>> {
        let listed = self.list_names(HISTORY).await?;
        let generation = |listed: &Listed<String>| {
            Some(Listed { name: generation_of(&listed.name)?, modified: listed.modified })
        };
        Ok(listed.iter().filter_map(generation).collect())
    }

    pub(crate) async fn remove_history(&self, generations: &[u64]) -> Result<()> {
        self.remove(generations.iter().map(|at| self.path(HISTORY, &generation_name(*at))).collect()).await
    }

    // ---- Requests. ----

    async fn list(&self, folder: &str) -> Result<Vec<ObjectMeta>> {
        let path = self.folder.clone().join(folder);
        self.wire
            // From its beginning each time: what a listing that broke off has shown is not all there was.
            .again("list the catalog", path.as_ref(), || self.store.list(Some(&path)).try_collect())
            .await
    }

    async fn list_names(&self, folder: &str) -> Result<Vec<Listed<String>>> {
        let start = self.start_of(folder);
        let listed = self.list(folder).await?;
        let name = |meta: &ObjectMeta| meta.location.as_ref().get(start..).map(str::to_owned);
        Ok(listed
            .iter()
            .filter_map(|meta| Some(Listed { name: name(meta)?, modified: modified(meta) }))
            .collect())
    }

    /// Where the names of a folder's objects begin in their paths.
    fn start_of(&self, folder: &str) -> usize {
        self.folder.as_ref().len() + 1 + folder.len() + 1
    }

    async fn get(&self, path: &Path) -> Result<Option<Bytes>> {
        let read = || async { body(self.store.get(path).await?).await };
        match self.wire.again("read the catalog", path.as_ref(), read).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn put(&self, path: Path, bytes: Bytes) -> Result<()> {
        let put = || self.store.put(&path, PutPayload::from_bytes(bytes.clone()));
        self.wire.again("write the catalog", path.as_ref(), put).await.map(drop)
    }

    /// Removes objects; one that is gone already is no error.
    async fn remove(&self, paths: Vec<Path>) -> Result<()> {
        if paths.is_empty() {
            return Ok(());
        }
        self.remove_while(paths.into_iter(), &|| true).await.map(drop)
    }

    async fn remove_while(
        &self,
        paths: impl Iterator<Item = Path> + Clone + Send + Sync + 'static,
        may: &(impl Fn() -> bool + Sync),
    ) -> Result<bool> {
        let remove = || {
            let all = stream::iter(paths.clone().map(Ok));
            // Asked at each attempt, for pauses lie between them.
            let removed = may().then(|| self.store.delete_stream(Box::pin(all)));
            async move {
                let Some(mut removed) = removed else { return Ok(false) };
                loop {
                    match removed.try_next().await {
                        Ok(Some(_)) | Err(object_store::Error::NotFound { .. }) => {}
                        Ok(None) => return Ok(true),
                        Err(error) => return Err(error),
                    }
                }
            }
        };
        self.wire.again("clean up the catalog", self.folder.as_ref(), remove).await
    }
}

/// Reads a body to its end.
async fn body(got: GetResult) -> object_store::Result<Bytes> {
    let size = got.meta.size;
    whole(got.bytes().await?, size)
}

/// Checks that a body did not break off without a word: then it is asked for again, in place of being taken for damage.
fn whole(bytes: Bytes, size: u64) -> object_store::Result<Bytes> {
    let there = bytes.len() as u64;
    if there >= size {
        return Ok(bytes);
    }
    let source = format!("the answer ended after {there} of {size} bytes").into();
    Err(object_store::Error::Generic { store: "catalog", source })
}

fn modified(meta: &ObjectMeta) -> i64 {
    meta.last_modified.timestamp_millis()
}

fn generation_name(generation: u64) -> String {
    format!("{generation:016x}")
}

/// Names a segment of a commit; all but the first of one commit have a number behind them.
pub(crate) fn segment_name(base: u64, commit: &str, number: usize) -> String {
    let base = generation_name(base);
    if number == 0 { format!("{base}-{commit}.parquet") } else { format!("{base}-{commit}-{number}.parquet") }
}

/// Names the kill file of a commit.
pub(crate) fn kill_name(base: u64, commit: &str) -> String {
    format!("{}-{commit}.kill", generation_name(base))
}

/// Reads the generation that a name of history, or the beginning of a segment's, says.
pub(crate) fn generation_of(name: &str) -> Option<u64> {
    let digits = name.get(..16)?;
    let generation = u64::from_str_radix(digits, 16).ok()?;
    (generation_name(generation) == digits).then_some(generation)
}
