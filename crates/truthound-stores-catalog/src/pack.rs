//! Values as few bytes: numbers in seven-bit groups (LEB128, <https://dwarfstd.org/doc/DWARF5.pdf>, 7.6), texts after their length.

use truthound_stores_core::{Error, Result};

/// Puts values one after the other.
#[derive(Debug, Default)]
pub(crate) struct Pack(Vec<u8>);

impl Pack {
    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(crate) fn number(&mut self, mut number: u64) {
        while number > 0x7f {
            self.0.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.0.push((number & 0x7f) as u8);
    }

    /// Small numbers of either sign take few bytes: 0, −1, 1, −2, … are kept as 0, 1, 2, 3, …
    pub(crate) fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)).cast_unsigned());
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.raw(text.as_bytes());
    }

    pub(crate) fn float(&mut self, number: f64) {
        self.raw(&number.to_bits().to_be_bytes());
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Takes values out again in their order.
#[derive(Debug)]
pub(crate) struct Unpack<'b>(&'b [u8]);

impl<'b> Unpack<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self.0.split_first().ok_or_else(cut)?;
        self.0 = rest;
        Ok(*first)
    }

    pub(crate) fn number(&mut self) -> Result<u64> {
        let mut number = 0_u64;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            // One way to write each number: no bits beyond the last, no empty group at the end.
            if shift == 63 && part > 1 || shift > 0 && byte == 0 {
                break;
            }
            number |= part << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Error::corrupt("a number in a packed row is none"))
    }

    pub(crate) fn signed(&mut self) -> Result<i64> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    pub(crate) fn raw(&mut self, length: usize) -> Result<&'b [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length).ok_or_else(cut)?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.raw(N)?);
        Ok(array)
    }

    pub(crate) fn text(&mut self) -> Result<&'b str> {
        let length = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        let bytes = self.raw(length)?;
        std::str::from_utf8(bytes)
            .map_err(|cause| Error::corrupt("a text in a packed row is not UTF-8").caused_by(cause))
    }

    /// Gives the bytes of what is taken meanwhile.
    pub(crate) fn since(&mut self, take: impl FnOnce(&mut Self) -> Result<()>) -> Result<&'b [u8]> {
        let before = self.0;
        take(self)?;
        Ok(before.get(..before.len() - self.0.len()).unwrap_or_default())
    }

    pub(crate) fn float(&mut self) -> Result<f64> {
        Ok(f64::from_bits(u64::from_be_bytes(self.array()?)))
    }
}

fn cut() -> Error {
    Error::corrupt("a packed row ends too early")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use truthound_stores_core::ErrorKind;

    use super::*;

    proptest! {
        #[test]
        fn values_come_back_in_their_order(number: u64, signed: i64, text in "\\PC{0,40}", float: f64, few: [u8; 6]) {
            let mut pack = Pack::default();
            pack.number(number);
            pack.signed(signed);
            pack.text(&text);
            pack.float(float);
            pack.raw(&few);
            let bytes = pack.into_bytes();
            let mut unpack = Unpack::new(&bytes);
            prop_assert_eq!(unpack.number().unwrap(), number);
            prop_assert_eq!(unpack.signed().unwrap(), signed);
            prop_assert_eq!(unpack.text().unwrap(), text);
            prop_assert_eq!(unpack.float().unwrap().to_bits(), float.to_bits());
            prop_assert_eq!(unpack.array::<6>().unwrap(), few);
            prop_assert!(unpack.is_empty());
        }

        #[test]
        fn any_bytes_are_values_or_corrupt(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut unpack = Unpack::new(&bytes);
            let outcome = unpack.number().and_then(|_| unpack.text().map(drop));
            prop_assert!(outcome.is_ok() || outcome.is_err_and(|error| error.kind() == ErrorKind::Corrupt));
        }
    }

    #[test]
    fn a_number_has_one_form() {
        for bytes in [
            &[0x80, 0x00][..],
            &[0xff; 11],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
            &[0x80],
        ] {
            assert!(Unpack::new(bytes).number().is_err(), "{bytes:x?}");
        }
        assert_eq!(
            Unpack::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]).number().unwrap(),
            u64::MAX
        );
    }
}
