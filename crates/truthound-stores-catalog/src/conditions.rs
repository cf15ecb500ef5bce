//! What the client library has no call for, although the stores offer it.

use std::fmt::Debug;

use async_trait::async_trait;
use object_store::path::Path;
use object_store::{Result, UpdateVersion};

/// Deletes an object if it is still the one that was seen.
///
/// [`object_store`] has no call for it. S3 and Azure take `If-Match`, GCS takes a generation; whoever knows the vendor hands it in. A store
/// without it keeps the marks of deleted documents for ever: between a look and a delete somebody may have saved.
#[async_trait]
pub trait CompareAndDelete: Debug + Send + Sync + 'static {
    /// Deletes the object at `location` if it is still as it was seen.
    ///
    /// # Errors
    /// [`Precondition`](object_store::Error::Precondition) or [`NotFound`](object_store::Error::NotFound) if it is another by now, or gone;
    /// what the request met.
    ///
    /// # Cancel safety
    /// Dropping the future leaves it done or not done.
    async fn delete_if(&self, location: &Path, seen: UpdateVersion) -> Result<()>;
}
