//! Numbers that keep the text they are written as.

use std::fmt;

use crate::{Error, Result};

/// Holds a JSON number, or `NaN`, `Infinity`, `-Infinity`, as it is written.
///
/// Two numbers are equal when they are written alike: `1.0` is not `1`.
///
/// # Examples
/// ```
/// use truthound_stores_core::json::Number;
///
/// let number = Number::parse("1.50")?;
/// assert_eq!(number.to_string(), "1.50");
/// assert_eq!(number.as_f64(), 1.5);
/// assert_eq!(number.as_i64(), None);
/// assert_eq!(Number::parse("1e3")?.as_i64(), Some(1000));
/// assert!(Number::parse("01").is_err());
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number(String);

impl Number {
    /// Takes a number from its text.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if JSON does not write a number so.
    pub fn parse(text: &str) -> Result<Self> {
        check(text)?;
        Ok(Self(text.to_owned()))
    }

    /// Takes what the lexer has checked.
    pub(super) fn checked(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Makes the number for a float, non-finite ones too.
    pub(super) fn from_float(value: f64) -> Self {
        Self(python_float(value))
    }

    /// Returns the number as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the value if it is a whole number that fits, also of `3.0` and `1e3`.
    pub fn as_i64(&self) -> Option<i64> {
        let (negative, magnitude) = whole(&self.0)?;
        if negative { 0_i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
    }

    /// Returns the value if it is a whole number that fits, also of `3.0` and `1e3`.
    pub fn as_u64(&self) -> Option<u64> {
        match whole(&self.0)? {
            (true, 1..) => None,
            (_, magnitude) => Some(magnitude),
        }
    }

    /// Returns the nearest float: infinite for numbers beyond the range of `f64`.
    pub fn as_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// Tells whether this is a number and not `NaN`, `Infinity` or `-Infinity`.
    ///
    /// `1e400` is one, although [`as_f64`](Self::as_f64) has to make it infinite.
    pub fn is_finite(&self) -> bool {
        is_finite(&self.0)
    }

    /// Tells whether it is written as an integer, without a point or an exponent.
    pub(super) fn is_integer(&self) -> bool {
        self.0.bytes().all(|byte| matches!(byte, b'-' | b'0'..=b'9'))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! from_integer {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Number {
            fn from(value: $integer) -> Self {
                Self(value.to_string())
            }
        }
    )*};
}

from_integer!(i32, i64, u32, u64, usize);

impl TryFrom<f64> for Number {
    type Error = Error;

    /// Writes the float as Python does, see [`python_float`]; refuses what is not finite.
    fn try_from(value: f64) -> Result<Self> {
        if value.is_finite() {
            return Ok(Self::from_float(value));
        }
        Err(Error::invalid(format!("{} is not a JSON number: use null, or a string", python_float(value))))
    }
}

/// Writes a float as Python's `repr` and `json.dumps` do: `1.0`, `1e-05`, `1e+16`, `NaN`,
/// `Infinity`.
///
/// The digits are the fewest that give the same float again, and of those the nearest; of two that
/// are equally near the even one (David M. Gay's `dtoa`, mode 0, which Python uses). The exponent
/// form is used below 1e-4 and from 1e16 on, with at least two digits of exponent.
pub fn python_float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let magnitude = value.abs();
    if magnitude.is_infinite() {
        return format!("{sign}Infinity");
    }
    if magnitude == 0.0 || (1e-4..1e16).contains(&magnitude) {
        // Debug writes positional form in this range, with a fraction always.
        let shortest = format!("{magnitude:?}");
        let places = shortest.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let nearest = format!("{magnitude:.places$}");
        return format!("{sign}{}", prefer(magnitude, nearest, shortest));
    }
    let shortest = format!("{magnitude:e}");
    let places = shortest
        .split_once('e')
        .and_then(|(digits, _)| digits.split_once('.'))
        .map_or(0, |(_, fraction)| fraction.len());
    let scientific = prefer(magnitude, format!("{magnitude:.places$e}"), shortest);
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let (exponent_sign, exponent) =
        exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    format!("{sign}{digits}e{exponent_sign}{exponent:0>2}")
}

/// Picks `nearest`, unless it is another float's: Rust's shortest form rounds a tie up, not to
/// even, while beside a power of two the nearest digits may belong to the neighbour.
fn prefer(value: f64, nearest: String, shortest: String) -> String {
    let same = nearest.parse().is_ok_and(|parsed: f64| parsed.to_bits() == value.to_bits());
    if same { nearest } else { shortest }
}

/// Checks that all of `text` is one number.
pub(super) fn check(text: &str) -> Result<()> {
    if scan(text.as_bytes()) == Ok(text.len()) {
        return Ok(());
    }
    let shown: String = text.chars().take(40).collect();
    Err(Error::invalid(format!("{shown:?} is not a JSON number")))
}

pub(super) fn is_finite(text: &str) -> bool {
    !matches!(text, "NaN" | "Infinity" | "-Infinity")
}

/// Finds the length of the number at the beginning of `text`, or a problem and its offset.
pub(super) fn scan(text: &[u8]) -> std::result::Result<usize, (usize, &'static str)> {
    for word in [&b"NaN"[..], b"Infinity", b"-Infinity"] {
        if text.first() == word.first() && text.starts_with(word) {
            return Ok(word.len());
        }
    }
    let mut length = usize::from(text.first() == Some(&b'-'));
    let first = text.get(length);
    let whole = digits(text, length);
    if whole == 0 {
        return Err((length, "expected a digit"));
    }
    if first == Some(&b'0') && whole > 1 {
        return Err((length, "a number must not begin with 0"));
    }
    length += whole;
    if text.get(length) == Some(&b'.') {
        let fraction = digits(text, length + 1);
        if fraction == 0 {
            return Err((length + 1, "expected a digit"));
        }
        length += 1 + fraction;
    }
    if let Some(b'e' | b'E') = text.get(length) {
        length += 1 + usize::from(matches!(text.get(length + 1), Some(b'+' | b'-')));
        let exponent = digits(text, length);
        if exponent == 0 {
            return Err((length, "expected a digit"));
        }
        length += exponent;
    }
    Ok(length)
}

fn digits(text: &[u8], start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len())
}

/// Splits a number that is whole into whether it is negative, and its magnitude.
fn whole(text: &str) -> Option<(bool, u64)> {
    if !is_finite(text) {
        return None;
    }
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (_, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut magnitude = 0_u64;
    let mut zeros = 0_u32;
    // Zeros wait until a digit follows them: those at the end count with the exponent.
    for digit in mantissa.bytes().filter(u8::is_ascii_digit).map(|digit| u64::from(digit - b'0')) {
        if digit == 0 {
            zeros = zeros.saturating_add(1);
        } else {
            magnitude = shift(magnitude, zeros.saturating_add(1))?.checked_add(digit)?;
            zeros = 0;
        }
    }
    if magnitude == 0 {
        return Some((negative, 0));
    }
    let places = i64::from(zeros) - i64::try_from(fraction.len()).ok()?;
    let power = exponent_value(exponent).checked_add(places)?;
    Some((negative, shift(magnitude, u32::try_from(power).ok()?)?))
}

/// Multiplies by a power of ten.
fn shift(magnitude: u64, power: u32) -> Option<u64> {
    if magnitude == 0 {
        return Some(0);
    }
    magnitude.checked_mul(10_u64.checked_pow(power)?)
}

/// Reads an exponent; one that is out of all bounds becomes the nearest bound.
fn exponent_value(text: &str) -> i64 {
    let bound = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    text.parse().unwrap_or(bound)
}

#[cfg(test)]
mod tests;
