//! Documents and their descriptions, row by row, in each format.

use std::io;

use comfy_table::Table;
use truthound_stores::{Body, RecordMeta, Result, json};

use super::table::{self, HEADS};
use super::{Format, Out, csv, meta};
use crate::exit::Failure;
use crate::stderr;

/// A table of more rows is printed in parts, each as wide as its widest row, so that it takes no more memory the longer it is.
const ROWS_OF_A_TABLE: u64 = 5_000;

/// Prints rows as they come; a table waits for the last one of its part.
pub(crate) struct Rows<'a> {
    out: &'a mut Out,
    shape: Shape,
    count: u64,
}

enum Shape {
    Table(Box<Table>),
    Json,
    Jsonl,
    Csv,
    Ids,
}

impl<'a> Rows<'a> {
    pub(crate) fn begin(out: &'a mut Out, format: Format) -> Result<Self, Failure> {
        let shape = match format {
            Format::Table => Shape::Table(Box::new(table::table(out, &HEADS))),
            Format::Json => Shape::Json,
            Format::Jsonl => Shape::Jsonl,
            Format::Csv => {
                out.text(csv::line(meta::NAMES))?;
                Shape::Csv
            }
            Format::Ids => Shape::Ids,
        };
        Ok(Self { out, shape, count: 0 })
    }

    /// Prints what is known of a document.
    pub(crate) fn meta(&mut self, meta: &RecordMeta) -> io::Result<()> {
        self.row(meta, |meta| meta::Columns::of(meta).json().into_bytes())
    }

    /// Prints a document; in formats that have no room for it, what is known of it.
    ///
    /// With `strict`, numbers that are not finite become null.
    pub(crate) fn document(&mut self, meta: &RecordMeta, body: &Body, strict: bool) -> Result<(), Failure> {
        let strict = if strict { Some(json::strict(body.as_bytes())?) } else { None };
        Ok(self.row(meta, |_| strict.unwrap_or_else(|| body.as_bytes().to_vec()))?)
    }

    fn row(&mut self, meta: &RecordMeta, json: impl FnOnce(&RecordMeta) -> Vec<u8>) -> io::Result<()> {
        self.count += 1;
        match &mut self.shape {
            Shape::Table(table) => {
                table.add_row(table::row(self.out, meta));
                if self.count.is_multiple_of(ROWS_OF_A_TABLE) {
                    table::print(self.out, table)?;
                    **table = table::table(self.out, &HEADS);
                }
                Ok(())
            }
            Shape::Json => {
                self.out.text(if self.count == 1 { "[\n" } else { ",\n" })?;
                let json = as_data(self.out, json(meta));
                self.out.text(json)
            }
            Shape::Jsonl => {
                let json = as_data(self.out, json(meta));
                self.out.line(json)
            }
            Shape::Csv => {
                let line = as_data(self.out, csv::line(meta::Columns::of(meta).fields()).into_bytes());
                self.out.text(line)
            }
            Shape::Ids => self.out.line(meta.key.id()),
        }
    }

    /// Prints what is still due.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self.shape {
            Shape::Table(_) if self.count == 0 => {
                stderr::note("no document matches");
                Ok(())
            }
            Shape::Table(table) if table.is_empty() => Ok(()),
            Shape::Table(table) => table::print(self.out, &table),
            Shape::Json if self.count == 0 => self.out.line("[]"),
            Shape::Json => self.out.line("\n]"),
            Shape::Jsonl | Shape::Csv | Shape::Ids => Ok(()),
        }
    }
}

/// Returns data as it is, but harmless to a terminal if that is where it goes.
pub(super) fn as_data(out: &Out, data: Vec<u8>) -> Vec<u8> {
    if !out.is_terminal() {
        return data;
    }
    match String::from_utf8(data) {
        Ok(text) => stderr::harmless(&text).into_bytes(),
        Err(error) => error.into_bytes(),
    }
}
