//! Reads sources on a thread of its own, ahead of the store by a bounded amount.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::splitter::{Content, Piece, Splitter};
use super::{MAX_DOCUMENT_BYTES, Source};

/// How many bytes of documents may be on their way; one document of the largest size always may.
const WAITING_BYTES: u32 = 64 << 20;
const _: () = assert!(WAITING_BYTES as usize >= MAX_DOCUMENT_BYTES, "the largest document must fit");
const WAITING_DOCUMENTS: usize = 256;

/// What comes out of a source.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// A document, or what is wrong with it; the permit returns its room when it is dropped.
    Piece { source: Arc<str>, piece: Piece, room: Option<OwnedSemaphorePermit> },
    /// The source cannot be read, or no further.
    Failed { source: Arc<str>, error: io::Error },
    /// The source ended without a document.
    Empty { source: Arc<str> },
}

/// A reading that is under way.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) arrivals: mpsc::Receiver<Arrival>,
    taken: Arc<AtomicU64>,
}

impl Reading {
    /// Returns how many bytes were read so far, as they lie in the files.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }
}

/// Begins to read; must be called within a runtime.
///
/// The thread ends when all is read or when the reading is dropped. It may hang in a read from a pipe for ever, which is
/// why it is no task of the runtime.
pub(crate) fn start(sources: Vec<Source>) -> io::Result<Reading> {
    let (sender, arrivals) = mpsc::channel(WAITING_DOCUMENTS);
    let taken = Arc::new(AtomicU64::new(0));
    let feeder =
        Feeder { sender, room: Arc::new(Semaphore::new(WAITING_BYTES as usize)), runtime: Handle::current() };
    let counter = Arc::clone(&taken);
    thread::Builder::new().name("input".to_owned()).spawn(move || {
        for source in sources {
            if feeder.read(&source, &counter).is_none() {
                return;
            }
        }
    })?;
    Ok(Reading { arrivals, taken })
}

struct Feeder {
    sender: mpsc::Sender<Arrival>,
    room: Arc<Semaphore>,
    runtime: Handle,
}

impl Feeder {
    /// Reads one source; `None` if nobody listens any more.
    fn read(&self, source: &Source, taken: &Arc<AtomicU64>) -> Option<()> {
        let name = source.name();
        let mut reader = match source.open(Arc::clone(taken)) {
            Ok(reader) => reader,
            Err(error) => return self.send(Arrival::Failed { source: name, error }),
        };
        let mut splitter = Splitter::new(MAX_DOCUMENT_BYTES);
        let mut buffer = vec![0; 64 << 10];
        let mut found = Vec::new();
        let mut is_empty = true;
        let mut failure = None;
        while !splitter.is_abandoned() {
            match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => splitter.feed(buffer.get(..count).unwrap_or_default(), &mut found),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
            is_empty &= found.is_empty();
            self.pass_on(&name, &mut found)?;
        }
        splitter.finish(&mut found);
        is_empty &= found.is_empty();
        self.pass_on(&name, &mut found)?;
        match failure {
            Some(error) => self.send(Arrival::Failed { source: name, error }),
            None if is_empty => self.send(Arrival::Empty { source: name }),
            None => Some(()),
        }
    }

    fn pass_on(&self, source: &Arc<str>, found: &mut Vec<Piece>) -> Option<()> {
        for piece in found.drain(..) {
            let room = match &piece.content {
                Content::Document(text) => {
                    let bytes = u32::try_from(text.len()).unwrap_or(WAITING_BYTES).clamp(1, WAITING_BYTES);
                    let room = Arc::clone(&self.room).acquire_many_owned(bytes);
                    Some(self.runtime.block_on(room).ok()?)
                }
                Content::Refused(_) => None,
            };
            self.send(Arrival::Piece { source: Arc::clone(source), piece, room })?;
        }
        Some(())
    }

    fn send(&self, arrival: Arrival) -> Option<()> {
        self.sender.blocking_send(arrival).ok()
    }
}
