//! Printing what a query finds, and naming what it cannot read.

use futures_util::StreamExt;
use truthound_stores::json;
use truthound_stores::{Body, Error, ErrorKind, GetOptions, Query, RecordMeta, Store, StoreExt};

use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::output::{Format, Out, Rows, pretty};
use crate::stderr;

/// How many documents are read from the store at once.
const READ_AHEAD: usize = 8;

/// Sets documents aside that cannot be read: named, and remembered for the exit code.
#[derive(Debug, Default)]
pub(super) struct Damage {
    damaged: bool,
    denied: bool,
}

impl Damage {
    /// Passes on what is good; names what cannot be read by itself, for damage or want of permission.
    ///
    /// # Errors
    /// Whatever stops the whole, such as an outage.
    pub(super) fn sift<T>(&mut self, outcome: Result<T, Error>) -> Result<Option<T>, Failure> {
        match outcome {
            Ok(good) => Ok(Some(good)),
            Err(error) if error.kind() == ErrorKind::Corrupt => {
                self.damaged = true;
                stderr::error(&error.report());
                Ok(None)
            }
            Err(error) if is_of_one_document(&error) => {
                self.denied = true;
                stderr::error(&error.report());
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Says how the command ends that met no other trouble.
    pub(super) fn code(&self) -> Code {
        match (self.damaged, self.denied) {
            (true, _) => Code::Integrity,
            (false, true) => Code::Error,
            (false, false) => Code::Done,
        }
    }
}

/// Tells whether an error that is no damage concerns one document: its own permissions, or a bad block of the disk.
pub(super) fn is_of_one_document(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Denied | ErrorKind::Unavailable) && error.key().is_some()
}

/// Asks for pages as large as they may be: a store without an index looks at everything for each.
fn in_large_pages(query: &Query) -> Query {
    query.clone().with_page_size(10_000)
}

/// Prints what is known of the documents that `query` finds.
pub(super) async fn print_metas(
    out: &mut Out,
    format: Format,
    store: &dyn Store,
    query: &Query,
) -> Result<Code, Failure> {
    let mut damage = Damage::default();
    let mut rows = Rows::begin(out, format)?;
    let mut metas = store.list(&in_large_pages(query));
    while let Some(meta) = metas.next().await {
        if let Some(meta) = damage.sift(meta)? {
            rows.meta(&meta)?;
        }
    }
    rows.finish()?;
    Ok(damage.code())
}

/// Prints the documents that `query` finds.
pub(super) async fn print_documents(
    context: &mut Context,
    store: &dyn Store,
    query: &Query,
    strict: bool,
) -> Result<Code, Failure> {
    let format = context.format();
    let mut damage = Damage::default();
    let mut rows = Rows::begin(&mut context.out, format)?;
    let read = |listed: Result<RecordMeta, Error>| async move {
        let key = listed?.key;
        match store.get_opts(&key, GetOptions::default()).await {
            Ok(stored) => Ok(Some((stored.meta.clone(), stored.into_body()?))),
            // Deleted since it was listed.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    };
    let mut documents = Box::pin(store.list(&in_large_pages(query)).map(read).buffered(READ_AHEAD));
    while let Some(document) = documents.next().await {
        if let Some(Some((meta, body))) = damage.sift(document)? {
            rows.document(&meta, &body, strict)?;
        }
    }
    rows.finish()?;
    Ok(damage.code())
}

/// Prints one document by itself: laid out for people unless another format was asked for.
pub(super) fn print_document(
    context: &mut Context,
    meta: &RecordMeta,
    body: &Body,
    strict: bool,
) -> Result<(), Failure> {
    match context.asked_format() {
        None | Some(Format::Json) if strict => {
            let text = json::strict(body.as_bytes())?;
            context.out.line(pretty(&String::from_utf8_lossy(&text)))?;
        }
        None | Some(Format::Json) => context.out.line(pretty(body.as_str()))?,
        Some(format) => {
            let mut rows = Rows::begin(&mut context.out, format)?;
            rows.document(meta, body, strict)?;
            rows.finish()?;
        }
    }
    Ok(())
}
