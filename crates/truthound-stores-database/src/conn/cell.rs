//! Rows as they come out of any database.

use std::borrow::Cow;

use truthound_stores_core::{Error, Result};

use crate::escape::unescape;

/// A value of a row, as a rule in the driver's own memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Cell<'r> {
    #[default]
    Null,
    Int(i64),
    Double(f64),
    Text(Cow<'r, str>),
    Bytes(Cow<'r, [u8]>),
}

impl<'r> Cell<'r> {
    /// Takes a text as it was stored. What is no UTF-8 is left as bytes, for whoever reads the row to name: an error here would end the whole
    /// answer for one row's sake.
    #[cfg(any(feature = "mysql", feature = "sqlite"))]
    pub(crate) fn of_text(bytes: &'r [u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(Cow::Borrowed(text)),
            Err(_) => Self::Bytes(Cow::Borrowed(bytes)),
        }
    }

    fn into_owned(self) -> Cell<'static> {
        match self {
            Self::Null => Cell::Null,
            Self::Int(number) => Cell::Int(number),
            Self::Double(number) => Cell::Double(number),
            Self::Text(text) => Cell::Text(Cow::Owned(text.into_owned())),
            Self::Bytes(bytes) => Cell::Bytes(Cow::Owned(bytes.into_owned())),
        }
    }
}

/// A row, read from left to right.
#[derive(Debug, Default)]
pub(crate) struct Row<'r> {
    cells: Vec<Cell<'r>>,
    read: usize,
}

impl<'r> Row<'r> {
    pub(crate) fn new(cells: Vec<Cell<'r>>) -> Self {
        Self { cells, read: 0 }
    }

    /// Keeps the row for longer than the driver does.
    pub(crate) fn into_owned(self) -> Row<'static> {
        Row { cells: self.cells.into_iter().map(Cell::into_owned).collect(), read: self.read }
    }

    /// Takes the row's memory for the next one.
    pub(super) fn recycle<'n>(mut self) -> Vec<Cell<'n>> {
        self.cells.clear();
        // Nothing is left to be changed: the empty vector, with its room, gets another type.
        self.cells.into_iter().map(Cell::into_owned).collect()
    }

    fn next(&mut self) -> Cell<'r> {
        self.read += 1;
        self.cells.get_mut(self.read - 1).map(std::mem::take).unwrap_or_default()
    }

    fn odd(&self, wanted: &str, found: &Cell<'_>) -> Error {
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

    /// Reads a text where it stands.
    pub(crate) fn lent_text(&mut self) -> Result<Cow<'r, str>> {
        let cell = self.next();
        self.as_text(cell)?.ok_or_else(|| self.odd("a text", &Cell::Null))
    }

    /// Reads a text.
    pub(crate) fn text(&mut self) -> Result<String> {
        self.lent_text().map(Cow::into_owned)
    }

    /// Reads a text that may be missing, where it stands.
    pub(crate) fn maybe_lent_text(&mut self) -> Result<Option<Cow<'r, str>>> {
        let cell = self.next();
        self.as_text(cell)
    }

    /// Reads a text that may be missing.
    pub(crate) fn maybe_text(&mut self) -> Result<Option<String>> {
        Ok(self.maybe_lent_text()?.map(Cow::into_owned))
    }

    fn as_text(&self, cell: Cell<'r>) -> Result<Option<Cow<'r, str>>> {
        let no_text =
            |cause| Error::corrupt(format!("column {} of the row is no UTF-8", self.read)).caused_by(cause);
        match cell {
            Cell::Null => Ok(None),
            Cell::Text(text) => Ok(Some(text)),
            Cell::Bytes(Cow::Borrowed(bytes)) => {
                std::str::from_utf8(bytes).map(|text| Some(Cow::Borrowed(text))).map_err(no_text)
            }
            Cell::Bytes(Cow::Owned(bytes)) => String::from_utf8(bytes)
                .map(|text| Some(Cow::Owned(text)))
                .map_err(|cause| no_text(cause.utf8_error())),
            other => Err(self.odd("a text", &other)),
        }
    }

    /// Unescapes the text that was just read.
    fn plain<'t>(&self, text: Cow<'t, str>) -> Result<Cow<'t, str>> {
        unescape(text)
            .ok_or_else(|| Error::corrupt(format!("column {} of the row is not as it is written", self.read)))
    }

    /// Reads a text that was [escaped](crate::escape), where it stands.
    pub(crate) fn lent_escaped(&mut self) -> Result<Cow<'r, str>> {
        let text = self.lent_text()?;
        self.plain(text)
    }

    /// Reads a text that was escaped.
    pub(crate) fn escaped(&mut self) -> Result<String> {
        self.lent_escaped().map(Cow::into_owned)
    }

    /// Reads an escaped text that may be missing.
    pub(crate) fn maybe_escaped(&mut self) -> Result<Option<String>> {
        let Some(text) = self.maybe_lent_text()? else { return Ok(None) };
        self.plain(text).map(|text| Some(text.into_owned()))
    }

    /// Reads a value as people are shown it.
    pub(crate) fn as_shown(&mut self) -> Result<String> {
        match self.next() {
            Cell::Int(number) => Ok(number.to_string()),
            Cell::Double(number) => Ok(number.to_string()),
            other => Ok(self.as_text(other)?.unwrap_or_default().into_owned()),
        }
    }

    /// Reads bytes where they stand.
    pub(crate) fn bytes(&mut self) -> Result<Cow<'r, [u8]>> {
        match self.next() {
            Cell::Bytes(bytes) => Ok(bytes),
            Cell::Text(Cow::Borrowed(text)) => Ok(Cow::Borrowed(text.as_bytes())),
            Cell::Text(Cow::Owned(text)) => Ok(Cow::Owned(text.into_bytes())),
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
