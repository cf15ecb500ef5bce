//! The bytes of a pickle, read from front to back.

use crate::{Error, Result};

pub(super) struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Input<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Returns the offset of the next byte.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Reads `length` bytes; a length beyond the end costs nothing.
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, _) = self.rest().split_at_checked(length).ok_or_else(truncated)?;
        self.at += length;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let array = *self.rest().first_chunk::<N>().ok_or_else(truncated)?;
        self.at += N;
        Ok(array)
    }

    pub(super) fn u8(&mut self) -> Result<u8> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub(super) fn u16(&mut self) -> Result<u16> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(super) fn i32(&mut self) -> Result<i32> {
        Ok(i32::from_le_bytes(self.array()?))
    }

    pub(super) fn f64(&mut self) -> Result<f64> {
        Ok(f64::from_be_bytes(self.array()?))
    }

    /// Reads a length of one byte and as many bytes.
    pub(super) fn short(&mut self) -> Result<&'a [u8]> {
        let length = self.u8()?;
        self.take(usize::from(length))
    }

    /// Reads a length of four bytes and as many bytes.
    pub(super) fn medium(&mut self) -> Result<&'a [u8]> {
        let length = self.u32()?;
        self.take(usize::try_from(length).unwrap_or(usize::MAX))
    }

    /// Reads a signed length of four bytes and as many bytes.
    pub(super) fn signed_medium(&mut self) -> Result<&'a [u8]> {
        let length = self.i32()?;
        let length = usize::try_from(length)
            .map_err(|_negative| Error::corrupt("the pickle has a negative length"))?;
        self.take(length)
    }

    /// Reads a length of eight bytes.
    pub(super) fn long_length(&mut self) -> Result<usize> {
        let length = u64::from_le_bytes(self.array()?);
        Ok(usize::try_from(length).unwrap_or(usize::MAX))
    }

    /// Reads up to a line break, which is consumed and not returned.
    pub(super) fn line(&mut self) -> Result<&'a [u8]> {
        let length = self.rest().iter().position(|byte| *byte == b'\n').ok_or_else(truncated)?;
        let line = self.take(length)?;
        self.at += 1;
        Ok(line)
    }

    /// Reads a line of ASCII.
    pub(super) fn ascii_line(&mut self) -> Result<&'a str> {
        let at = self.at;
        let line = self.line()?;
        std::str::from_utf8(line)
            .ok()
            .filter(|text| text.is_ascii())
            .ok_or_else(|| Error::corrupt(format!("the pickle has a line at byte {at} that is not ASCII")))
    }
}

fn truncated() -> Error {
    Error::corrupt("truncated pickle")
}
