//! The pull lexer: bytes to tokens.

use super::nest::Nest;
use super::place::{BOM, not_json};
use super::{MAX_DEPTH, Text, number, scan};
use crate::{Error, Result};

/// Stands for one token of a document. Commas and colons are checked, not reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it is written; also `NaN`, `Infinity` and `-Infinity`.
    Number(&'a str),
    /// A string that is a value.
    String(Text<'a>),
    /// A member's name; its value follows.
    Key(Text<'a>),
    /// `[`.
    BeginArray,
    /// `]`.
    EndArray,
    /// `{`.
    BeginObject,
    /// `}`.
    EndObject,
}

/// Yields the tokens of one whole document, and checks it on the way.
///
/// The grammar is that of RFC 8259 with the tokens `NaN`, `Infinity` and `-Infinity`. A UTF-8 byte
/// order mark at the beginning is skipped. After the first error there is nothing more. Names that
/// occur twice in an object are not noticed.
///
/// # Errors
/// Each item may be [`Invalid`](crate::ErrorKind::Invalid), with line and column: a breach of the
/// grammar, bytes that are not UTF-8, nesting deeper than [`MAX_DEPTH`], text after the document's
/// end.
///
/// # Examples
/// ```
/// use truthound_stores_core::json::{Token, Tokens};
///
/// let mut tokens = Tokens::new(b"[1.50, NaN");
/// assert_eq!(tokens.next().transpose()?, Some(Token::BeginArray));
/// assert_eq!(tokens.next().transpose()?, Some(Token::Number("1.50")));
/// assert_eq!(tokens.offset(), 5);
/// assert_eq!(tokens.next().transpose()?, Some(Token::Number("NaN")));
/// let error = tokens.next().transpose().unwrap_err();
/// assert_eq!(
///     error.message(),
///     "not JSON: expected `,` or `]` but the text ends at line 1, column 11"
/// );
/// assert!(tokens.next().is_none());
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    /// The document, or as much of it as is UTF-8.
    text: &'a str,
    /// Whether bytes follow `text` that are not UTF-8.
    broken: bool,
    offset: usize,
    nest: Nest,
    expect: Expect,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Expect {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    Next,
    Nothing,
}

impl<'a> Tokens<'a> {
    /// Begins to read `text`.
    pub fn new(text: &'a [u8]) -> Self {
        let (valid, broken) = match std::str::from_utf8(text) {
            Ok(valid) => (valid, false),
            Err(_) => (text.utf8_chunks().next().map_or("", |chunk| chunk.valid()), true),
        };
        Self {
            text: valid,
            broken,
            offset: if text.starts_with(BOM) { BOM.len() } else { 0 },
            nest: Nest::default(),
            expect: Expect::Value,
        }
    }

    /// Returns how many bytes were read: where the last token ended.
    pub fn offset(&self) -> usize {
        self.offset
    }

    #[inline]
    fn advance(&mut self) -> Result<Option<Token<'a>>> {
        let Some(mut byte) = self.skip_space() else {
            let done = self.expect == Expect::Next && self.nest.is_closed() && !self.broken;
            return if done { Ok(None) } else { Err(self.unexpected()) };
        };
        if self.expect == Expect::Next {
            byte = match byte {
                b',' if self.nest.in_object() => self.pass(Expect::Key)?,
                b',' if self.nest.in_array() => self.pass(Expect::Value)?,
                b'}' if self.nest.in_object() => return Ok(Some(self.close(Token::EndObject))),
                b']' if self.nest.in_array() => return Ok(Some(self.close(Token::EndArray))),
                _ => return Err(self.unexpected()),
            };
        } else if self.expect == Expect::Colon {
            if byte != b':' {
                return Err(self.unexpected());
            }
            byte = self.pass(Expect::Value)?;
        }
        // Strings, of both kinds, are read in one place: that gets the reading inlined.
        if byte == b'"' {
            let text = self.string()?;
            if matches!(self.expect, Expect::Key | Expect::KeyOrEnd) {
                self.expect = Expect::Colon;
                return Ok(Some(Token::Key(text)));
            }
            self.expect = Expect::Next;
            return Ok(Some(Token::String(text)));
        }
        match (self.expect, byte) {
            (Expect::KeyOrEnd, b'}') => Ok(Some(self.close(Token::EndObject))),
            (Expect::ValueOrEnd, b']') => Ok(Some(self.close(Token::EndArray))),
            (Expect::Value | Expect::ValueOrEnd, _) => self.value(byte).map(Some),
            _ => Err(self.unexpected()),
        }
    }

    /// Steps over a comma or colon, and returns the first byte of what must follow.
    #[inline]
    fn pass(&mut self, expect: Expect) -> Result<u8> {
        self.offset += 1;
        self.expect = expect;
        self.skip_space().ok_or_else(|| self.unexpected())
    }

    #[inline]
    fn value(&mut self, first: u8) -> Result<Token<'a>> {
        let token = match first {
            b'{' => return self.open(Token::BeginObject, true),
            b'[' => return self.open(Token::BeginArray, false),
            b't' => self.word("true", Token::Bool(true))?,
            b'f' => self.word("false", Token::Bool(false))?,
            b'n' => self.word("null", Token::Null)?,
            b'N' => self.word("NaN", Token::Number("NaN"))?,
            b'I' => self.word("Infinity", Token::Number("Infinity"))?,
            b'-' | b'0'..=b'9' => {
                let start = self.offset;
                match number::scan(self.bytes_from(start)) {
                    Ok(length) => self.offset += length,
                    Err((at, problem)) => return Err(self.problem(start + at, problem)),
                }
                Token::Number(self.slice(start, self.offset))
            }
            _ => return Err(self.unexpected()),
        };
        self.expect = Expect::Next;
        Ok(token)
    }

    fn word(&mut self, word: &str, token: Token<'a>) -> Result<Token<'a>> {
        if !self.bytes_from(self.offset).starts_with(word.as_bytes()) {
            return Err(self.unexpected());
        }
        self.offset += word.len();
        Ok(token)
    }

    /// Reads a string whose opening quote is next.
    #[inline]
    fn string(&mut self) -> Result<Text<'a>> {
        let start = self.offset + 1;
        match string_end(self.text.as_bytes(), start) {
            Ok((end, _)) if end == self.text.len() => Err(self.problem(end, "the text ends inside a string")),
            Ok((end, escaped)) => {
                self.offset = end + 1;
                Ok(Text::checked(self.slice(start, end), escaped))
            }
            Err((at, problem)) => Err(self.problem(at, problem)),
        }
    }

    fn open(&mut self, token: Token<'a>, object: bool) -> Result<Token<'a>> {
        if !self.nest.open(object) {
            let problem = format!("nested deeper than {MAX_DEPTH} levels");
            return Err(self.problem(self.offset, &problem));
        }
        self.offset += 1;
        self.expect = if object { Expect::KeyOrEnd } else { Expect::ValueOrEnd };
        Ok(token)
    }

    fn close(&mut self, token: Token<'a>) -> Token<'a> {
        self.nest.close();
        self.offset += 1;
        self.expect = Expect::Next;
        token
    }

    /// Steps to the next byte that is no white space, and returns it.
    #[inline]
    fn skip_space(&mut self) -> Option<u8> {
        if let Some(byte @ 0x21..) = self.text.as_bytes().get(self.offset) {
            return Some(*byte);
        }
        let rest = self.bytes_from(self.offset);
        let space = rest.iter().position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
        self.offset += space.unwrap_or(rest.len());
        self.text.as_bytes().get(self.offset).copied()
    }

    fn bytes_from(&self, start: usize) -> &'a [u8] {
        self.text.as_bytes().get(start..).unwrap_or_default()
    }

    /// Cuts a token out; its ends lie beside ASCII bytes, so that the cut never misses.
    fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    #[cold]
    fn unexpected(&self) -> Error {
        let wanted = match self.expect {
            Expect::Value => "a value",
            Expect::ValueOrEnd => "a value or `]`",
            Expect::Key => "a name in quotes",
            Expect::KeyOrEnd => "a name in quotes or `}`",
            Expect::Colon => "`:`",
            Expect::Next if self.nest.is_closed() => "the end of the document",
            Expect::Next if self.nest.in_object() => "`,` or `}`",
            Expect::Next => "`,` or `]`",
            Expect::Nothing => "nothing more",
        };
        let end = if self.offset == self.text.len() { " but the text ends" } else { "" };
        self.problem(self.offset, &format!("expected {wanted}{end}"))
    }

    #[cold]
    fn problem(&self, offset: usize, problem: &str) -> Error {
        // Where the valid text ends, the bytes after it are what is wrong.
        if self.broken && offset == self.text.len() {
            return not_json(self.text, offset, "bytes that are not UTF-8");
        }
        not_json(self.text, offset, problem)
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Result<Token<'a>>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.expect == Expect::Nothing {
            return None;
        }
        match self.advance() {
            Ok(Some(token)) => Some(Ok(token)),
            Ok(None) => {
                self.expect = Expect::Nothing;
                None
            }
            Err(error) => {
                self.expect = Expect::Nothing;
                Some(Err(error))
            }
        }
    }
}

/// Finds where the string that begins at `start` ends, and whether it holds escapes.
///
/// The end is the closing quote, or the end of `text`. A problem comes with its offset.
#[inline]
pub(super) fn string_end(
    text: &[u8],
    start: usize,
) -> std::result::Result<(usize, bool), (usize, &'static str)> {
    let mut at = start;
    let mut escaped = false;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let plain = scan::plain(rest);
        at += plain;
        match rest.get(plain..) {
            None | Some([]) => return Ok((text.len(), escaped)),
            Some([b'"', ..]) => return Ok((at, escaped)),
            Some([b'\\', kind, rest @ ..]) => {
                at += match kind {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
                    b'u' => match rest.iter().take(4).position(|digit| !digit.is_ascii_hexdigit()) {
                        Some(wrong) => {
                            return Err((at + 2 + wrong, "expected four hexadecimal digits"));
                        }
                        None if rest.len() < 4 => {
                            return Err((text.len(), "the text ends inside a string"));
                        }
                        None => 6,
                    },
                    _ => return Err((at, "a backslash begins no escape that JSON has")),
                };
                escaped = true;
            }
            Some([b'\\']) => return Err((text.len(), "the text ends inside a string")),
            _ => return Err((at, "a control character in a string must be escaped")),
        }
    }
}

#[cfg(test)]
mod tests;
