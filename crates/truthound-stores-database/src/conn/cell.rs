//! Rows as they come out of any database.

use truthound_stores_core::{Error, Result};

use crate::escape::unescape;

/// A value of a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Cell {
    #[default]
    Null,
    Int(i64),
    Double(f64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Cell {
    /// Takes a text as it was stored. What is no UTF-8 is left as bytes, for whoever reads the row to name: an error here would end the whole
    /// answer for one row's sake.
    #[cfg(any(feature = "mysql", feature = "sqlite"))]
    pub(crate) fn of_text(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(cause) => Self::Bytes(cause.into_bytes()),
        }
    }
}

/// A row, read from left to right.
#[derive(Debug, Default)]
pub(crate) struct Row {
    cells: Vec<Cell>,
    read: usize,
}

impl Row {
    #[cfg(test)]
    pub(crate) fn new(cells: Vec<Cell>) -> Self {
        Self { cells, read: 0 }
    }

    /// Makes room for the next row's values, in the memory of the last one's.
    pub(super) fn begin(&mut self) -> &mut Vec<Cell> {
        self.cells.clear();
        self.read = 0;
        &mut self.cells
    }

    fn next(&mut self) -> Cell {
        self.read += 1;
        self.cells.get_mut(self.read - 1).map(std::mem::take).unwrap_or_default()
    }

    fn odd(&self, wanted: &str, found: &Cell) -> Error {
        let found = match found {
            Cell::Null => "nothing",
            Cell::Int(_) => "an integer",
            Cell::Double(_) => "a number",
            Cell::Text(_) => "a text",
            Cell::Bytes(_) => "bytes",
        };
        Error::corrupt(format!("column {} of the row holds {found} in place of {wanted}", self.read))
    }

    /// Reads an integer.
    pub(crate) fn int(&mut self) -> Result<i64> {
        match self.next() {
            Cell::Int(number) => Ok(number),
            other => Err(self.odd("an integer", &other)),
        }
    }

    /// Reads an integer that may be missing.
    pub(crate) fn maybe_int(&mut self) -> Result<Option<i64>> {
        match self.next() {
            Cell::Null => Ok(None),
            Cell::Int(number) => Ok(Some(number)),
            other => Err(self.odd("an integer", &other)),
        }
    }

    /// Reads a number; SQLite keeps whole ones as integers.
    pub(crate) fn double(&mut self) -> Result<f64> {
        match self.next() {
            Cell::Double(number) => Ok(number),
            #[allow(clippy::cast_precision_loss, reason = "it was written as a double")]
            Cell::Int(number) => Ok(number as f64),
            other => Err(self.odd("a number", &other)),
        }
    }

    /// Reads a text.
    pub(crate) fn text(&mut self) -> Result<String> {
        let cell = self.next();
        self.as_text(cell)?.ok_or_else(|| self.odd("a text", &Cell::Null))
    }

    /// Reads a text that may be missing.
    pub(crate) fn maybe_text(&mut self) -> Result<Option<String>> {
        let cell = self.next();
        self.as_text(cell)
    }

    fn as_text(&self, cell: Cell) -> Result<Option<String>> {
        match cell {
            Cell::Null => Ok(None),
            Cell::Text(text) => Ok(Some(text)),
            Cell::Bytes(bytes) => {
                match String::from_utf8(bytes) {
                    Ok(text) => Ok(Some(text)),
                    Err(cause) => Err(Error::corrupt(format!("column {} of the row is no UTF-8", self.read))
                        .caused_by(cause)),
                }
            }
            other => Err(self.odd("a text", &other)),
        }
    }

    /// Reads a text that was [escaped](crate::escape).
    pub(crate) fn escaped(&mut self) -> Result<String> {
        let text = self.text()?;
        unescape(text)
            .ok_or_else(|| Error::corrupt(format!("column {} of the row is not as it is written", self.read)))
    }

    /// Reads an escaped text that may be missing.
    pub(crate) fn maybe_escaped(&mut self) -> Result<Option<String>> {
        let Some(text) = self.maybe_text()? else { return Ok(None) };
        unescape(text)
            .map(Some)
            .ok_or_else(|| Error::corrupt(format!("column {} of the row is not as it is written", self.read)))
    }

    /// Reads a value as people are shown it.
    pub(crate) fn as_shown(&mut self) -> Result<String> {
        match self.next() {
            Cell::Int(number) => Ok(number.to_string()),
            Cell::Double(number) => Ok(number.to_string()),
            other => Ok(self.as_text(other)?.unwrap_or_default()),
        }
    }

    /// Reads bytes.
    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>> {
        match self.next() {
            Cell::Bytes(bytes) => Ok(bytes),
            Cell::Text(text) => Ok(text.into_bytes()),
            other => Err(self.odd("bytes", &other)),
        }
    }

    /// Shows all that is left of the row.
    #[cfg(test)]
    pub(crate) fn shown(mut self) -> Vec<String> {
        let mut shown = Vec::new();
        while self.read < self.cells.len() {
            shown.push(self.as_shown().unwrap_or_default());
        }
        shown
    }
}
