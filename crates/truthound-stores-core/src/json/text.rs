//! Strings as they stand between their quotes.

use std::borrow::Cow;

use super::lexer::string_end;
use super::place::not_json;
use crate::Result;

/// Holds a string as it stands between its quotes, escapes included.
///
/// The escapes are valid. Two texts are equal when they are written alike.
///
/// # Examples
/// ```
/// use truthound_stores_core::json::Text;
///
/// let text = Text::new(r"caf\u00e9 \/ \ud800")?;
/// assert_eq!(text.decode(), "café / \u{fffd}");
/// assert!(text.has_lone_surrogate());
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    raw: &'a str,
    escaped: bool,
}

impl<'a> Text<'a> {
    /// Checks `raw`, what stands between two quotes.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a quote or a control character that is not
    /// escaped, and for an escape that JSON does not have.
    pub fn new(raw: &'a str) -> Result<Self> {
        match string_end(raw.as_bytes(), 0) {
            Ok((end, escaped)) if end == raw.len() => Ok(Self { raw, escaped }),
            Ok((quote, _)) => Err(not_json(raw, quote, "a quote in a string must be escaped")),
            Err((at, problem)) => Err(not_json(raw, at, problem)),
        }
    }

    /// Takes what the lexer has checked; `escaped` says whether it holds a backslash.
    pub(super) fn checked(raw: &'a str, escaped: bool) -> Self {
        Self { raw, escaped }
    }

    /// Returns the string as it is written, without its quotes.
    pub fn raw(&self) -> &'a str {
        self.raw
    }

    /// Returns the string that is meant; lone surrogates become U+FFFD.
    pub fn decode(&self) -> Cow<'a, str> {
        if !self.escaped {
            return Cow::Borrowed(self.raw);
        }
        let mut decoded = String::with_capacity(self.raw.len());
        for piece in self.pieces() {
            match piece {
                Piece::Plain(run) => decoded.push_str(run),
                Piece::Char(char) => decoded.push(char),
                Piece::Surrogate(_) => decoded.push(char::REPLACEMENT_CHARACTER),
            }
        }
        Cow::Owned(decoded)
    }

    /// Returns the characters that are meant; a lone surrogate comes as `Err`.
    pub fn chars_or_surrogates(&self) -> CharsOrSurrogates<'a> {
        CharsOrSurrogates { run: "".chars(), pieces: self.pieces() }
    }

    /// Tells whether the string holds half of a surrogate pair, which no Rust string can.
    pub fn has_lone_surrogate(&self) -> bool {
        self.escaped && self.pieces().any(|piece| matches!(piece, Piece::Surrogate(_)))
    }

    pub(super) fn is_escaped(&self) -> bool {
        self.escaped
    }

    pub(super) fn pieces(&self) -> Pieces<'a> {
        Pieces { rest: self.raw }
    }
}

/// Yields the characters of a [`Text`], and its lone surrogates as `Err`.
#[derive(Clone, Debug)]
pub struct CharsOrSurrogates<'a> {
    run: std::str::Chars<'a>,
    pieces: Pieces<'a>,
}

impl Iterator for CharsOrSurrogates<'_> {
    type Item = Result<char, u16>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(char) = self.run.next() {
                return Some(Ok(char));
            }
            match self.pieces.next()? {
                Piece::Plain(run) => self.run = run.chars(),
                Piece::Char(char) => return Some(Ok(char)),
                Piece::Surrogate(unit) => return Some(Err(unit)),
            }
        }
    }
}

/// A run without escapes, or what one escape (or a pair of them) stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece<'a> {
    Plain(&'a str),
    Char(char),
    Surrogate(u16),
}

/// Splits a checked text at its escapes.
#[derive(Clone, Debug)]
pub(super) struct Pieces<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        if let Some((piece, length)) = escape(self.rest.as_bytes()) {
            self.rest = self.rest.get(length..).unwrap_or_default();
            return Some(piece);
        }
        // A byte that begins no escape is plain, even where a broken text has a backslash.
        let end = self
            .rest
            .as_bytes()
            .iter()
            .skip(1)
            .position(|byte| *byte == b'\\')
            .map_or(self.rest.len(), |at| at + 1);
        let (run, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        Some(Piece::Plain(run))
    }
}

/// Reads the escape at the beginning of `text`, if there is one, and its length.
fn escape(text: &[u8]) -> Option<(Piece<'static>, usize)> {
    let [b'\\', kind, rest @ ..] = text else { return None };
    let char = match kind {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return Some(unicode(hex(rest)?, rest.get(4..)?)),
        other => char::from(*other),
    };
    Some((Piece::Char(char), 2))
}

/// Joins `\uXXXX` with a following low surrogate, if the two make a pair.
fn unicode(unit: u16, rest: &[u8]) -> (Piece<'static>, usize) {
    if let Some(char) = char::from_u32(u32::from(unit)) {
        return (Piece::Char(char), 6);
    }
    if let [b'\\', b'u', low @ ..] = rest
        && let Some(low) = hex(low)
        && let Some(Ok(char)) = char::decode_utf16([unit, low]).next()
    {
        return (Piece::Char(char), 12);
    }
    (Piece::Surrogate(unit), 6)
}

fn hex(text: &[u8]) -> Option<u16> {
    let digits = text.first_chunk::<4>()?;
    digits.iter().try_fold(0, |value: u16, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(value << 4 | u16::try_from(digit).ok()?)
    })
}

#[cfg(test)]
mod tests;
