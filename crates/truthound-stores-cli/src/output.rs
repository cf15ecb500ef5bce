//! What goes to stdout.

mod csv;
mod meta;
mod objects;
mod pretty;
mod rows;
mod sink;
mod table;

use std::io::{self, BufWriter, IsTerminal, Write};

use clap::ValueEnum;

use sink::Sink;

pub(crate) use meta::object as meta_object;
pub(crate) use objects::{Object, Row, print as print_objects};
pub(crate) use pretty::pretty;
pub(crate) use rows::Rows;
pub(crate) use table::{
    cell, lines_cell, millis, number, percent, print as print_table, size, status_cell, table, width,
};

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// One JSON value
    Json,
    /// A JSON value a line
    Jsonl,
    /// RFC 4180, with a header
    Csv,
    /// An id a line
    Ids,
}

/// Stdout, buffered; on a terminal each line appears at once.
#[derive(Debug)]
pub(crate) struct Out {
    writer: BufWriter<Sink>,
    terminal: bool,
    colored: bool,
}

impl Out {
    pub(crate) fn new() -> Self {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal();
        // https://no-color.org: set to anything but the empty text.
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            writer: BufWriter::with_capacity(64 << 10, Sink::Stdout(stdout)),
            terminal,
            colored: terminal && !refused,
        }
    }

    /// Keeps what is printed, for tests to look at.
    #[cfg(test)]
    pub(crate) fn kept() -> (Self, sink::Kept) {
        let kept = sink::Kept::default();
        let writer = BufWriter::new(Sink::Kept(kept.clone()));
        (Self { writer, terminal: false, colored: false }, kept)
    }

    pub(crate) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Tells whether colours are welcome.
    pub(crate) fn is_colored(&self) -> bool {
        self.colored
    }

    /// Writes a line.
    pub(crate) fn line(&mut self, text: impl AsRef<[u8]>) -> io::Result<()> {
        self.writer.write_all(text.as_ref())?;
        self.writer.write_all(b"\n")?;
        if self.terminal { self.flush() } else { Ok(()) }
    }

    /// Writes a line of data, harmless to a terminal if that is where it goes.
    pub(crate) fn data(&mut self, line: String) -> io::Result<()> {
        let line = rows::as_data(self, line.into_bytes());
        self.line(line)
    }

    /// Writes text as it is.
    pub(crate) fn text(&mut self, text: impl AsRef<[u8]>) -> io::Result<()> {
        self.writer.write_all(text.as_ref())
    }

    /// Hands everything over to the reader.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
