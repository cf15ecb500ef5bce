//! Saves that say why they are made, where a store takes none without a reason.

use truthound_stores_core::{Error, ErrorKind, PutOptions, Record, Result, Store};

/// What a store that keeps versions reads as the message of a save, and does not keep with the document.
const MESSAGE: &str = "versioning.message";

/// Writes a record once more that was refused with an `Invalid` error, and says why it is written: a store may take no save without a reason. Others
/// keep a record exactly as it is, and so are told nothing at first.
///
/// # Errors
/// `refusal` if it was not for want of a reason; those of the store.
pub(crate) async fn put_saying_why<S: Store + ?Sized>(
    store: &S,
    record: &Record,
    opts: PutOptions,
    why: &str,
    refusal: Error,
) -> Result<()> {
    let mut telling = record.clone();
    let says_nothing = telling.attributes.ext.get(MESSAGE).is_none();
    if !says_nothing || telling.attributes.ext.set(MESSAGE, why).is_err() {
        return Err(refusal);
    }
    match store.put_opts(telling, opts).await {
        Err(again) if again.kind() == ErrorKind::Invalid => Err(refusal),
        answer => answer.map(|_| ()),
    }
}
