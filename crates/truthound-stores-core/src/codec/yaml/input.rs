//! Feeds the parser, and stops it where it would hoard.
//!
//! `saphyr-parser` scans a flow collection (`[…]`, `{…}`) to its end before it tells of its beginning, as the
//! whole might still turn out to be a key; each token that it keeps takes a hundred times the room
//! of its text. Between two events, the characters that tokens are made of are counted, and beyond
//! an allowance the text seems to end.

use std::cell::Cell;

use saphyr_parser::Input;

use crate::codec::Limits;

/// Counts the characters taken since the last event that may begin or end a token.
pub(super) struct Gauge {
    allowance: usize,
    left: Cell<usize>,
    exceeded: Cell<bool>,
}

impl Gauge {
    pub(super) fn new(limits: &Limits) -> Self {
        // One character costs up to 340 bytes: in all, less than three times the largest document.
        let allowance = (limits.max_document_bytes / 128).max(1024);
        Self { allowance, left: Cell::new(allowance), exceeded: Cell::new(false) }
    }

    /// Tells whether all of `text` is within the allowance, so that reading it cannot exceed it.
    pub(super) fn allows(&self, text: &str) -> bool {
        text.chars().filter(|char| is_structural(*char)).count() <= self.allowance
    }

    /// Starts counting anew, after an event; `false` if the text was cut before.
    pub(super) fn renew(&self) -> bool {
        self.left.set(self.allowance);
        !self.exceeded.get()
    }

    fn take(&self, char: char) {
        if is_structural(char) {
            match self.left.get().checked_sub(1) {
                Some(left) => self.left.set(left),
                None => self.exceeded.set(true),
            }
        }
    }
}

/// Within a flow collection, every token but a plain scalar has one of these or stands on a line of its own
/// (`---`), and plain scalars have one between them.
fn is_structural(char: char) -> bool {
    matches!(char, '[' | ']' | '{' | '}' | ',' | ':' | '?' | '"' | '\'' | '&' | '*' | '!' | '#' | '\n' | '\r')
}

/// A text that is counted as it is taken.
pub(super) struct Watched<'a> {
    rest: &'a str,
    /// The most characters that the parser asked for in advance.
    lookahead: usize,
    gauge: &'a Gauge,
}

impl<'a> Watched<'a> {
    pub(super) fn new(text: &'a str, gauge: &'a Gauge) -> Self {
        Self { rest: text, lookahead: 0, gauge }
    }

    fn take(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let char = chars.next()?;
        self.gauge.take(char);
        self.rest = if self.gauge.exceeded.get() { "" } else { chars.as_str() };
        Some(char)
    }
}

impl Input for Watched<'_> {
    fn lookahead(&mut self, count: usize) {
        self.lookahead = self.lookahead.max(count);
    }

    fn buflen(&self) -> usize {
        self.lookahead
    }

    fn bufmaxlen(&self) -> usize {
        16
    }

    fn raw_read_ch(&mut self) -> char {
        self.take().unwrap_or('\0')
    }

    fn raw_read_non_breakz_ch(&mut self) -> Option<char> {
        match self.peek_opt() {
            None | Some('\n' | '\r' | '\0') => None,
            Some(_) => self.take(),
        }
    }

    fn skip(&mut self) {
        self.take();
    }

    fn skip_n(&mut self, count: usize) {
        for _ in 0..count {
            self.take();
        }
    }

    fn peek(&self) -> char {
        self.peek_opt().unwrap_or('\0')
    }

    fn peek_nth(&self, n: usize) -> char {
        self.rest.chars().nth(n).unwrap_or('\0')
    }

    fn peek_opt(&self) -> Option<char> {
        self.rest.chars().next()
    }
}
