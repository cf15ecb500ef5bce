//! Typed documents over the untyped store.

use crate::json::Json;
use crate::{Collection, Result};

/// Gives a Rust type a place in a store.
///
/// Implemented by [`ValidationResult`](crate::ValidationResult) and
/// [`ExpectationSuite`](crate::ExpectationSuite). The JSON form must carry what
/// [`describe()`](crate::describe()) looks for in the type's collection; fields that the type does not know
/// should survive reading and writing.
pub trait Document: Clone + Send + Sync + 'static {
    /// Where documents of this type are kept.
    const COLLECTION: Collection;

    /// Reads the type from a parsed document.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid), naming the field that is missing or has the wrong form.
    fn from_json(json: Json) -> Result<Self>;

    /// Writes the document, fields in their fixed order.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid), naming the field, for a number that is not finite.
    fn to_json(&self) -> Result<Json>;
}

/// Any JSON document of the `results` collection, untyped.
///
/// For callers who pass documents on without looking into them.
impl Document for Json {
    const COLLECTION: Collection = Collection::RESULTS;

    fn from_json(json: Json) -> Result<Self> {
        Ok(json)
    }

    fn to_json(&self) -> Result<Json> {
        Ok(self.clone())
    }
}
