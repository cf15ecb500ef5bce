//! Integers of any size between their decimal text and other notations.

use std::fmt::Write;

/// Holds the absolute value of an integer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Magnitude {
    /// Digits in base 2³², the lowest first, without zeros at the top.
    limbs: Vec<u32>,
}

/// As many decimal digits as one limb holds for sure.
const CHUNK_DIGITS: usize = 9;
const CHUNK: u32 = 1_000_000_000;

impl Magnitude {
    /// Reads digits of a base from 2 to 16; `None` for anything else. Takes time quadratic in the length.
    pub(super) fn from_digits(digits: &str, radix: u32) -> Option<Self> {
        let mut value = Self::default();
        if digits.is_empty() {
            return None;
        }
        if radix == 10 {
            for chunk in chunks_from_right(digits.as_bytes()) {
                let chunk = std::str::from_utf8(chunk).ok()?;
                if !chunk.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                value.multiply_add(CHUNK, chunk.parse().ok()?);
            }
        } else {
            for digit in digits.chars() {
                value.multiply_add(radix, digit.to_digit(radix)?);
            }
        }
        Some(value)
    }

    /// Writes the decimal text. Takes time quadratic in the length.
    pub(super) fn to_decimal(&self) -> String {
        let mut rest = self.clone();
        let mut chunks = Vec::new();
        while !rest.limbs.is_empty() {
            chunks.push(rest.divide(CHUNK));
        }
        let mut text = chunks.pop().unwrap_or_default().to_string();
        for chunk in chunks.iter().rev() {
            // Writing to a string does not fail.
            let _written = write!(text, "{chunk:0CHUNK_DIGITS$}");
        }
        text
    }

    fn multiply_add(&mut self, factor: u32, addend: u32) {
        let mut carry = u64::from(addend);
        for limb in &mut self.limbs {
            carry += u64::from(*limb) * u64::from(factor);
            *limb = low(carry);
            carry >>= 32;
        }
        if carry > 0 {
            self.limbs.push(low(carry));
        }
    }

    /// Divides by a small number and returns the remainder.
    fn divide(&mut self, divisor: u32) -> u32 {
        let mut remainder = 0_u64;
        for limb in self.limbs.iter_mut().rev() {
            let value = remainder << 32 | u64::from(*limb);
            *limb = low(value / u64::from(divisor));
            remainder = value % u64::from(divisor);
        }
        self.trim();
        low(remainder)
    }

    fn trim(&mut self) {
        while self.limbs.last() == Some(&0) {
            self.limbs.pop();
        }
    }
}

#[cfg(feature = "pickle")]
impl Magnitude {
    /// Reads an integer in two's complement, lowest byte first; tells also whether it is negative.
    pub(super) fn from_twos_complement(bytes: &[u8]) -> (bool, Self) {
        let negative = bytes.last().is_some_and(|top| top & 0x80 != 0);
        let flip = if negative { 0xff } else { 0 };
        let limbs = bytes
            .chunks(4)
            .map(|chunk| chunk.iter().rev().fold(0, |limb, byte| limb << 8 | u32::from(byte ^ flip)))
            .collect();
        let mut value = Self { limbs };
        if negative {
            value.multiply_add(1, 1);
        }
        value.trim();
        (negative, value)
    }

    /// Writes the integer in as few bytes of two's complement as there are, lowest byte first.
    pub(super) fn to_twos_complement(&self, negative: bool) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect();
        bytes.push(0);
        if negative {
            let mut carry = true;
            for byte in &mut bytes {
                (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
            }
        }
        // The top byte goes while the one below still shows the same sign.
        while let [.., below, top] = bytes.as_slice()
            && matches!((top, below & 0x80), (0, 0) | (0xff, 0x80))
        {
            bytes.pop();
        }
        bytes
    }
}

fn low(value: u64) -> u32 {
    u32::try_from(value & u64::from(u32::MAX)).unwrap_or(u32::MAX)
}

/// Splits so that every piece but the first has `CHUNK_DIGITS` bytes.
fn chunks_from_right(digits: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (first, rest) = digits.split_at(digits.len() % CHUNK_DIGITS);
    Some(first).filter(|first| !first.is_empty()).into_iter().chain(rest.chunks(CHUNK_DIGITS))
}

#[cfg(test)]
mod tests;
