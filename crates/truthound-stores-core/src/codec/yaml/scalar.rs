//! What scalars mean, and how to write them so that no reader takes them for something else.

use std::borrow::Cow;
use std::fmt::Write;

use crate::codec::integer::Magnitude;

/// Holds what a scalar stands for.
#[derive(Debug, PartialEq)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    /// A number as JSON writes it; also `NaN`, `Infinity` and `-Infinity`.
    Number(Cow<'a, str>),
    String(Cow<'a, str>),
}

impl<'a> Scalar<'a> {
    /// Resolves a plain scalar without a tag.
    pub(super) fn plain(text: Cow<'a, str>) -> Self {
        if is_null(&text) {
            return Self::Null;
        }
        if let Some(value) = boolean(&text) {
            return Self::Bool(value);
        }
        match integer(&text).or_else(|| float(&text)).map(Cow::into_owned) {
            // The common case: the text is a JSON number already.
            Some(number) if number == text => Self::Number(text),
            Some(number) => Self::Number(Cow::Owned(number)),
            None => Self::String(text),
        }
    }

    /// Resolves a scalar with a tag of the core schema; `None` if the tag is unknown or contradicts the text.
    pub(super) fn tagged(tag: &str, text: Cow<'a, str>) -> Option<Self> {
        match tag {
            "str" => Some(Self::String(text)),
            "null" => is_null(&text).then_some(Self::Null),
            "bool" => boolean(&text).map(Self::Bool),
            "int" => Some(Self::Number(Cow::Owned(integer(&text)?.into_owned()))),
            "float" => {
                let number = match decimal_integer(&text) {
                    Some(whole) => format!("{whole}.0"),
                    None => float(&text)?.into_owned(),
                };
                Some(Self::Number(Cow::Owned(number)))
            }
            _ => None,
        }
    }

    /// Returns the text of a key, as `json.dumps` makes it of a number, a boolean or None.
    pub(super) fn as_key(&self) -> &str {
        match self {
            Self::Null => "null",
            Self::Bool(true) => "true",
            Self::Bool(false) => "false",
            Self::Number(text) | Self::String(text) => text,
        }
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// More digits than this are read in decimal notation only.
const MAX_RADIX_DIGITS: usize = 4300;

fn integer(text: &str) -> Option<Cow<'_, str>> {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix)
            && digits.len() <= MAX_RADIX_DIGITS
        {
            return Some(Cow::Owned(Magnitude::from_digits(digits, radix)?.to_decimal()));
        }
    }
    decimal_integer(text)
}

fn decimal_integer(text: &str) -> Option<Cow<'_, str>> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !is_digits(unsigned) {
        return None;
    }
    let digits = without_zeros(unsigned);
    if digits.len() == unsigned.len() && !text.starts_with('+') {
        return Some(Cow::Borrowed(text));
    }
    Some(Cow::Owned(format!("{}{digits}", minus(text))))
}

fn float(text: &str) -> Option<Cow<'_, str>> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Some(Cow::Borrowed("NaN"));
    }
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Some(Cow::Owned(format!("{}Infinity", minus(text))));
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let exponent_is_good =
        exponent.is_none_or(|exponent| is_digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)));
    let all_digits = [whole, fraction.unwrap_or_default()]
        .iter()
        .all(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let some_digits = !whole.is_empty() || fraction.is_some_and(|fraction| !fraction.is_empty());
    if !(exponent_is_good && all_digits && some_digits) {
        return None;
    }
    // JSON wants a digit on either side of the point, no zeros in front, and no plus.
    let digits = if whole.is_empty() { "0" } else { without_zeros(whole) };
    if digits == whole && fraction != Some("") && !text.starts_with('+') {
        return Some(Cow::Borrowed(text));
    }
    let mut number = format!("{}{digits}", minus(text));
    if let Some(fraction) = fraction {
        number.push('.');
        number.push_str(if fraction.is_empty() { "0" } else { fraction });
    }
    if exponent.is_some() {
        number.push_str(unsigned.get(mantissa.len()..).unwrap_or_default());
    }
    Some(Cow::Owned(number))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Cuts zeros in front, but for the last digit.
fn without_zeros(digits: &str) -> &str {
    match digits.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    }
}

fn minus(text: &str) -> &'static str {
    if text.starts_with('-') { "-" } else { "" }
}

/// Writes a JSON number.
pub(super) fn push_number(out: &mut String, text: &str) {
    match text {
        "NaN" => out.push_str(".nan"),
        "Infinity" => out.push_str(".inf"),
        "-Infinity" => out.push_str("-.inf"),
        _ => {
            if !is_number_in_yaml_1_1(text) {
                out.push_str("!!float ");
            }
            out.push_str(text);
        }
    }
}

/// Tells whether YAML 1.1 reads a JSON number as one: a float needs a point, an exponent a sign
/// (`!!float` in the type repository of YAML 1.1, and the resolver of `PyYAML`).
fn is_number_in_yaml_1_1(text: &str) -> bool {
    match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => mantissa.contains('.') && exponent.starts_with(['-', '+']),
        None => true,
    }
}

/// Writes a string: plain if no reader can take it for anything else, else between double quotes.
pub(super) fn push_string(out: &mut String, text: &str) {
    if is_unmistakable(text) {
        return out.push_str(text);
    }
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(char),
            '\0'..='\u{ff}' if char < '\u{a0}' => push_escape(out, 'x', 2, char),
            // Line breaks of YAML 1.1, the byte order mark, and what YAML calls not printable.
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                push_escape(out, 'u', 4, char);
            }
            _ => out.push(char),
        }
    }
    out.push('"');
}

fn push_escape(out: &mut String, kind: char, width: usize, char: char) {
    // Writing to a string does not fail.
    let _written = write!(out, "\\{kind}{:0width$x}", u32::from(char));
}

fn is_unmistakable(text: &str) -> bool {
    const WORDS: [&str; 11] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"];
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./-".contains(&byte))
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests;
