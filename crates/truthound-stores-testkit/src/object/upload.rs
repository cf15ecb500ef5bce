//! Multipart uploads: parts are seen by nobody until the upload is finished.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use object_store::path::Path;
use object_store::{Attributes, MultipartUpload, PutPayload, PutResult, Result, UploadPart};

use super::command::Command;
use super::store::SimulatedStore;

/// An upload under way.
pub(super) struct Upload {
    store: SimulatedStore,
    location: Path,
    attributes: Attributes,
    /// By number; what has not arrived is missing.
    parts: Arc<Mutex<Vec<Option<PutPayload>>>>,
}

impl Upload {
    pub(super) fn new(store: SimulatedStore, location: Path, attributes: Attributes) -> Self {
        Self { store, location, attributes, parts: Arc::default() }
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("location", &self.location).finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, payload: PutPayload) -> UploadPart {
        let (store, location, parts) = (self.store.clone(), self.location.clone(), Arc::clone(&self.parts));
        let number = {
            let mut parts = parts.lock().unwrap_or_else(PoisonError::into_inner);
            parts.push(None);
            parts.len() - 1
        };
        Box::pin(async move {
            store.call(Command::UploadPart { location }).await?;
            parts.lock().unwrap_or_else(PoisonError::into_inner)[number] = Some(payload);
            Ok(())
        })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let parts = std::mem::take(&mut *self.parts.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(parts) = parts.into_iter().collect::<Option<Vec<_>>>() else {
            return Err(super::failure::generic(self.store.options().vendor, "Missing part"));
        };
        let body: PutPayload = parts.iter().flatten().cloned().collect();
        let (location, attributes) = (self.location.clone(), std::mem::take(&mut self.attributes));
        self.store.call_put(Command::FinishUpload { location, body: body.into(), attributes }).await
    }

    async fn abort(&mut self) -> Result<()> {
        self.store.call(Command::AbortUpload { location: self.location.clone() }).await.map(drop)
    }
}
