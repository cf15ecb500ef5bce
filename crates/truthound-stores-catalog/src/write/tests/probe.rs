//! A bucket in memory that counts requests, and fails where it is told to.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UpdateVersion,
};
use truthound_stores_testkit::Gate;

/// A request, as a test counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    Create,
    Replace,
    /// An unconditional put: a row.
    Row,
    Head,
    Get,
}

/// What happens to a request.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// Nothing: the next fault of that kind meets the request after it.
    None,
    /// It is carried out, and the answer is lost.
    LostAnswer,
    /// It is carried out and waits, and the answer is lost.
    LostAfter(Gate),
    /// It is not carried out, and there is no answer.
    Broken,
    /// It is answered with these words.
    Says(String),
    /// It waits before it is carried out.
    Before(Gate),
    /// It waits when it has been carried out, before it is answered.
    After(Gate),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Probe {
    inner: Arc<InMemory>,
    log: Arc<Mutex<Vec<(Request, String)>>>,
    faults: Arc<Mutex<VecDeque<(Request, Fault)>>>,
    /// Makes ETags of an object's bytes alone, as S3 does.
    etag_of_content: bool,
    /// One conditional put at a time.
    order: Arc<tokio::sync::Mutex<()>>,
}

impl Probe {
    pub(super) fn with_etag_of_content() -> Self {
        Self { etag_of_content: true, ..Self::default() }
    }

    /// The next request of that kind meets this fault.
    pub(super) fn fail(&self, request: Request, fault: Fault) {
        self.faults.lock().unwrap().push_back((request, fault));
    }

    /// Returns the requests since the last call.
    pub(super) fn requests(&self) -> Vec<Request> {
        self.log.lock().unwrap().drain(..).map(|(request, _)| request).collect()
    }

    pub(super) async fn bytes(&self, name: &str) -> Vec<u8> {
        self.inner.get(&Path::parse(name).unwrap()).await.unwrap().bytes().await.unwrap().to_vec()
    }

    pub(super) async fn attributes(&self, name: &str) -> object_store::Attributes {
        self.inner.get(&Path::parse(name).unwrap()).await.unwrap().attributes
    }

    /// Puts an object as another program does.
    pub(super) async fn put_foreign(&self, name: &str, bytes: &[u8]) {
        self.inner.put(&Path::parse(name).unwrap(), bytes.to_vec().into()).await.unwrap();
    }

    pub(super) async fn remove(&self, name: &str) {
        self.inner.delete(&Path::parse(name).unwrap()).await.unwrap();
    }

    pub(super) fn names(&self, folder: &str) -> Vec<String> {
        use futures_util::{FutureExt, StreamExt};
        let prefix = Path::parse(folder).unwrap();
        let listed: Vec<_> = self.inner.list(Some(&prefix)).collect().now_or_never().unwrap();
        listed.into_iter().map(|meta| meta.unwrap().location.to_string()).collect()
    }

    fn begin(&self, request: Request, location: &Path) -> Option<Fault> {
        self.log.lock().unwrap().push((request, location.to_string()));
        let mut faults = self.faults.lock().unwrap();
        let at = faults.iter().position(|(of, _)| *of == request)?;
        faults.remove(at).map(|(_, fault)| fault)
    }

    async fn put_by_content(
        &self,
        location: &Path,
        payload: PutPayload,
        mut opts: PutOptions,
    ) -> Result<PutResult> {
        if let PutMode::Update(version) = &opts.mode {
            let lost = || Error::Precondition { path: location.to_string(), source: "412".into() };
            let current = self.inner.get(location).await.map_err(|_absent| lost())?;
            let real = current.meta.e_tag.clone();
            if version.e_tag != Some(etag(&current.bytes().await?)) {
                return Err(lost());
            }
            opts.mode = PutMode::Update(UpdateVersion { e_tag: real, version: None });
        }
        self.inner.put_opts(location, payload, opts).await
    }
}

fn etag(bytes: &[u8]) -> String {
    format!("\"{}\"", blake3::hash(bytes).to_hex())
}

fn broken(words: &str) -> Error {
    Error::Generic { store: "Probe", source: words.to_owned().into() }
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Probe")
    }
}

#[async_trait]
impl ObjectStore for Probe {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        let request = match &opts.mode {
            PutMode::Overwrite => Request::Row,
            PutMode::Create => Request::Create,
            PutMode::Update(_) => Request::Replace,
        };
        // Others go on meanwhile: requests of several writers interleave.
        tokio::task::yield_now().await;
        let fault = self.begin(request, location);
        match &fault {
            Some(Fault::Broken) => return Err(broken("HTTP error: connection reset")),
            Some(Fault::Says(words)) => {
                let busy = Error::AlreadyExists { path: location.to_string(), source: words.clone().into() };
                return Err(if words.contains("409") { busy } else { broken(words) });
            }
            Some(Fault::Before(gate)) => gate.pass().await,
            _ => {}
        }
        let put = {
            let _one = self.order.lock().await;
            if self.etag_of_content {
                self.put_by_content(location, payload, opts).await
            } else {
                self.inner.put_opts(location, payload, opts).await
            }
        };
        match fault {
            Some(Fault::LostAnswer) => Err(broken("HTTP error: operation timed out")),
            Some(Fault::LostAfter(gate)) => {
                gate.pass().await;
                Err(broken("HTTP error: operation timed out"))
            }
            Some(Fault::After(gate)) => {
                gate.pass().await;
                put
            }
            _ => put,
        }
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, opts).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let request = if options.head { Request::Head } else { Request::Get };
        tokio::task::yield_now().await;
        match self.begin(request, location) {
            Some(Fault::Before(gate)) => gate.pass().await,
            Some(Fault::Says(words)) => return Err(broken(&words)),
            Some(Fault::None) | None => {}
            Some(_) => return Err(broken("HTTP error: connection reset")),
        }
        let mut found = self.inner.get_opts(location, options).await?;
        if self.etag_of_content {
            found.meta.e_tag = Some(etag(&self.inner.get(location).await?.bytes().await?));
        }
        Ok(found)
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
