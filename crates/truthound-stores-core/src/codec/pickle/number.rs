//! The numbers of pickles.

use crate::codec::integer::Magnitude;
use crate::json::python_float;

/// Most decimal digits of an integer: what Python itself is willing to turn into text.
pub(super) const MAX_DIGITS: usize = 4300;

/// More bytes of two's complement than `MAX_DIGITS` digits can need.
const MAX_BYTES: usize = 1792;

/// Returns the decimal text of an integer in two's complement; `None` if it is too long.
pub(super) fn decimal(bytes: &[u8]) -> Option<String> {
    if bytes.len() > MAX_BYTES {
        return None;
    }
    let (negative, magnitude) = Magnitude::from_twos_complement(bytes);
    let text = magnitude.to_decimal();
    if text.len() > MAX_DIGITS {
        return None;
    }
    Some(if negative { format!("-{text}") } else { text })
}

/// Tells whether `text` is an integer as JSON (and Python) writes it.
pub(super) fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let well_formed = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    well_formed && (digits == "0" || !digits.starts_with('0'))
}

/// Tells whether `text` is a JSON number with a point or an exponent, or one of the three
/// that are not finite.
pub(super) fn is_float(text: &str) -> bool {
    if matches!(text, "NaN" | "Infinity" | "-Infinity") {
        return true;
    }
    let mantissa_end = text.find(['e', 'E']).unwrap_or(text.len());
    let (mantissa, exponent) = text.split_at_checked(mantissa_end).unwrap_or((text, ""));
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_digits = exponent.get(1..).map(|part| part.strip_prefix(['+', '-']).unwrap_or(part));
    is_integer(whole)
        && fraction.is_none_or(digits)
        && exponent_digits.is_none_or(digits)
        && (fraction.is_some() || exponent_digits.is_some())
}

/// Reads the float that a JSON number's text stands for.
pub(super) fn float(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

/// Tells whether `text` stands for `value`, written in another way than Python's.
pub(super) fn restores_float(text: &str, value: f64) -> bool {
    is_float(text) && (float(text).to_bits() == value.to_bits() || (value.is_nan() && text == "NaN"))
}

/// Reads a float of protocol 0: what Python's `repr` writes.
pub(super) fn python_text(text: &str) -> Option<f64> {
    let word = text.strip_prefix(['-', '+']).unwrap_or(text);
    let known = word.eq_ignore_ascii_case("nan")
        || word.eq_ignore_ascii_case("inf")
        || word.bytes().next().is_some_and(|byte| byte.is_ascii_digit() || byte == b'.');
    if known { text.parse().ok() } else { None }
}

/// Writes a float the way `json.dumps` does.
pub(super) fn float_text(value: f64) -> String {
    python_float(value)
}
