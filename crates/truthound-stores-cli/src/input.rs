//! Documents from files and pipes, in bounded memory.

mod automaton;
mod reader;
mod source;
mod splitter;

pub(crate) use reader::{Arrival, start};
pub(crate) use source::Source;
pub(crate) use splitter::{Content, Piece};

/// The most bytes that one document may take: what the stores can read back.
pub(crate) const MAX_DOCUMENT_BYTES: usize = 64 << 20;
