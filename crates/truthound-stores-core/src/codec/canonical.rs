//! Canonical JSON under construction, bounded in bytes and in values.

use super::Limits;
use super::compress::too_large;
use crate::{Error, Result};

/// Collects canonical JSON. The caller sees to it that brackets, commas and colons make sense.
pub(super) struct Canonical<'l> {
    bytes: Vec<u8>,
    values: usize,
    limits: &'l Limits,
}

impl<'l> Canonical<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        Self { bytes: Vec::new(), values: 0, limits }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    #[cfg(feature = "yaml")]
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    #[cfg(feature = "yaml")]
    pub(super) fn values(&self) -> usize {
        self.values
    }

    /// Counts keys and values about to be written.
    pub(super) fn count(&mut self, values: usize) -> Result<()> {
        self.values = self.values.saturating_add(values);
        if self.values > self.limits.max_values {
            return Err(Error::corrupt(too_many(self.limits)));
        }
        Ok(())
    }

    pub(super) fn raw(&mut self, json: &[u8]) -> Result<()> {
        if json.len() > self.limits.max_document_bytes.saturating_sub(self.bytes.len()) {
            return Err(too_large(self.limits.max_document_bytes));
        }
        self.bytes.extend_from_slice(json);
        Ok(())
    }

    /// Writes again what already stands at `range`.
    #[cfg(feature = "yaml")]
    pub(super) fn repeat(&mut self, range: std::ops::Range<usize>) -> Result<()> {
        if range.len() > self.limits.max_document_bytes.saturating_sub(self.bytes.len()) {
            return Err(too_large(self.limits.max_document_bytes));
        }
        if range.end <= self.bytes.len() {
            self.bytes.extend_from_within(range);
        }
        Ok(())
    }

    #[cfg(feature = "yaml")]
    pub(super) fn string(&mut self, text: &str) -> Result<()> {
        self.raw(b"\"")?;
        self.escaped(text)?;
        self.raw(b"\"")
    }

    /// Writes part of a string, between its quotes.
    pub(super) fn escaped(&mut self, text: &str) -> Result<()> {
        let mut rest = text.as_bytes();
        loop {
            let plain = rest.iter().take_while(|byte| !needs_escape(**byte)).count();
            let (run, after) = rest.split_at_checked(plain).unwrap_or((rest, &[]));
            self.raw(run)?;
            let Some((byte, after)) = after.split_first() else { return Ok(()) };
            rest = after;
            match byte {
                b'"' => self.raw(b"\\\""),
                b'\\' => self.raw(b"\\\\"),
                0x08 => self.raw(b"\\b"),
                0x0c => self.raw(b"\\f"),
                b'\n' => self.raw(b"\\n"),
                b'\r' => self.raw(b"\\r"),
                b'\t' => self.raw(b"\\t"),
                other => self.raw(format!("\\u{other:04x}").as_bytes()),
            }?;
        }
    }
}

fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Says that a document has more keys and values than allowed.
pub(super) fn too_many(limits: &Limits) -> String {
    format!("the document has more than {} keys and values", limits.max_values)
}

/// Checks, before writing, that a document with `values` keys and values can be read back.
pub(super) fn check_values(values: usize, limits: &Limits) -> Result<()> {
    if values > limits.max_values {
        return Err(Error::invalid(format!(
            "{}, and could not be read back: write it as json",
            too_many(limits)
        )));
    }
    Ok(())
}
