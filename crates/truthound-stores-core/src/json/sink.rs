//! Lays tokens out; trusts that they make a document.

use super::text::Piece;
use super::{Text, Token, scan};

/// Says how a document is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Layout {
    /// `{"a":1}` in raw UTF-8: the canonical form. Default.
    ///
    /// Escaped are only the quote, the backslash, characters below U+0020 (`\b \f \n \r \t`, else
    /// `\u00xx`) and lone surrogates (`\udxxx`), so that documents with the same values, number
    /// texts and order of keys are the same bytes.
    #[default]
    Compact,
    /// As Python's `json.dumps(…, indent=2)` writes: ASCII only, no line break at the end.
    Pretty,
    /// As Python's `json.dumps(…)` writes: `{"a": 1}`, ASCII only.
    Spaced,
}

#[derive(Clone, Debug)]
pub(super) struct Sink {
    out: Vec<u8>,
    layout: Layout,
    depth: usize,
    place: Place,
}

/// What stands before the next item.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// Nothing, or the name of the member.
    Bare,
    /// The bracket that opened the container.
    First,
    /// Another item.
    Next,
}

impl Sink {
    pub(super) fn new(layout: Layout, capacity: usize) -> Self {
        Self { out: Vec::with_capacity(capacity), layout, depth: 0, place: Place::Bare }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.out
    }

    #[inline]
    pub(super) fn token(&mut self, token: Token<'_>) {
        match token {
            Token::Null => self.word("null"),
            Token::Bool(true) => self.word("true"),
            Token::Bool(false) => self.word("false"),
            Token::Number(text) => self.word(text),
            Token::String(text) => {
                self.before_item();
                self.text(text);
            }
            Token::Key(text) => {
                self.before_item();
                self.text(text);
                self.colon();
            }
            Token::BeginArray => self.open(b'['),
            Token::BeginObject => self.open(b'{'),
            Token::EndArray => self.close(b']'),
            Token::EndObject => self.close(b'}'),
        }
    }

    pub(super) fn string(&mut self, value: &str) {
        self.before_item();
        self.quoted(value);
    }

    pub(super) fn key(&mut self, name: &str) {
        self.before_item();
        self.quoted(name);
        self.colon();
    }

    #[inline]
    fn word(&mut self, word: &str) {
        self.before_item();
        self.out.extend_from_slice(word.as_bytes());
    }

    #[inline]
    fn open(&mut self, bracket: u8) {
        self.before_item();
        self.out.push(bracket);
        self.depth += 1;
        self.place = Place::First;
    }

    #[inline]
    fn close(&mut self, bracket: u8) {
        self.depth = self.depth.saturating_sub(1);
        if self.place == Place::Next {
            self.new_line();
        }
        self.out.push(bracket);
        self.place = Place::Next;
    }

    fn colon(&mut self) {
        let colon: &[u8] = if self.layout == Layout::Compact { b":" } else { b": " };
        self.out.extend_from_slice(colon);
        self.place = Place::Bare;
    }

    #[inline]
    fn before_item(&mut self) {
        match self.place {
            Place::Bare => {}
            Place::First => self.new_line(),
            Place::Next if self.layout == Layout::Spaced => self.out.extend_from_slice(b", "),
            Place::Next => {
                self.out.push(b',');
                self.new_line();
            }
        }
        self.place = Place::Next;
    }

    fn new_line(&mut self) {
        if self.layout == Layout::Pretty {
            self.out.push(b'\n');
            self.out.resize(self.out.len() + 2 * self.depth, b' ');
        }
    }

    #[inline]
    fn text(&mut self, text: Text<'_>) {
        self.out.push(b'"');
        if !text.is_escaped() {
            self.checked(text.raw());
            self.out.push(b'"');
            return;
        }
        for piece in text.pieces() {
            match piece {
                Piece::Plain(run) => self.checked(run),
                Piece::Char(char) => self.escaped(char.encode_utf8(&mut [0; 4])),
                Piece::Surrogate(unit) => self.unicode(unit),
            }
        }
        self.out.push(b'"');
    }

    fn quoted(&mut self, value: &str) {
        self.out.push(b'"');
        self.escaped(value);
        self.out.push(b'"');
    }

    /// Writes a run that the lexer found to hold nothing which JSON must escape.
    fn checked(&mut self, run: &str) {
        if self.layout == Layout::Compact {
            self.out.extend_from_slice(run.as_bytes());
        } else {
            self.escaped(run);
        }
    }

    fn escaped(&mut self, value: &str) {
        let mut rest = value;
        loop {
            let run = match self.layout {
                Layout::Compact => scan::plain(rest.as_bytes()),
                Layout::Pretty | Layout::Spaced => scan::plain_ascii(rest.as_bytes()),
            };
            let (plain, other) = rest.split_at_checked(run).unwrap_or((rest, ""));
            self.out.extend_from_slice(plain.as_bytes());
            let mut chars = other.chars();
            let Some(char) = chars.next() else { return };
            self.escape(char);
            rest = chars.as_str();
        }
    }

    fn escape(&mut self, char: char) {
        let short = match char {
            '"' => b'"',
            '\\' => b'\\',
            '\u{8}' => b'b',
            '\u{c}' => b'f',
            '\n' => b'n',
            '\r' => b'r',
            '\t' => b't',
            _ => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    self.unicode(*unit);
                }
                return;
            }
        };
        self.out.extend_from_slice(&[b'\\', short]);
    }

    fn unicode(&mut self, unit: u16) {
        let digit = |shift: u32| match (unit >> shift & 0xf) as u8 {
            value @ 0..10 => b'0' + value,
            value => b'a' + (value - 10),
        };
        self.out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
    }
}
