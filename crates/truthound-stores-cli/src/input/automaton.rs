//! The grammar of a JSON object, byte by byte.
//!
//! It finds where a document ends, and notices at once when a document breaks off and another one begins. What words and
//! numbers are made of is left to the parser that reads the whole document.

use truthound_stores::json::MAX_DEPTH;

/// What a byte did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The document goes on.
    More,
    /// The byte was the document's last one.
    Done,
    /// No document has this byte here.
    Wrong,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    Next,
}

/// Reads one document after another; begins anew with each.
#[derive(Clone, Debug)]
pub(super) struct Automaton {
    /// Which containers are open, innermost lowest: a bit for each, set for an object.
    objects: u128,
    depth: usize,
    expect: Expect,
    in_string: bool,
    escaped: bool,
    in_word: bool,
}

impl Automaton {
    /// Stands before a document.
    pub(super) fn new() -> Self {
        Self { objects: 0, depth: 0, expect: Expect::Value, in_string: false, escaped: false, in_word: false }
    }

    /// Tells whether the next bytes are plain text of a string, and how many of them are.
    pub(super) fn plain(&self, bytes: &[u8]) -> usize {
        if !self.in_string || self.escaped {
            return 0;
        }
        let end = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
        end.unwrap_or(bytes.len())
    }

    /// Takes one byte.
    pub(super) fn step(&mut self, byte: u8) -> Step {
        if self.in_string {
            return self.in_string(byte);
        }
        if self.in_word {
            if byte.is_ascii_alphanumeric() || b"+-.".contains(&byte) {
                return Step::More;
            }
            self.in_word = false;
        }
        match (self.expect, byte) {
            (_, b' ' | b'\n' | b'\r' | b'\t') => Step::More,
            (Expect::Value | Expect::ValueOrEnd, b'{') => self.open(true),
            (Expect::Value | Expect::ValueOrEnd, b'[') => self.open(false),
            (Expect::Value | Expect::ValueOrEnd, b'"') => self.begin_string(Expect::Next),
            (Expect::Value | Expect::ValueOrEnd, b'-' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z') => {
                self.in_word = true;
                self.expect = Expect::Next;
                Step::More
            }
            (Expect::Key | Expect::KeyOrEnd, b'"') => self.begin_string(Expect::Colon),
            (Expect::Colon, b':') => self.now(Expect::Value),
            (Expect::Next, b',') => self.now(if self.in_object() { Expect::Key } else { Expect::Value }),
            (Expect::KeyOrEnd, b'}') | (Expect::ValueOrEnd, b']') => self.close(),
            (Expect::Next, b'}') if self.in_object() => self.close(),
            (Expect::Next, b']') if !self.in_object() => self.close(),
            _ => Step::Wrong,
        }
    }

    fn in_string(&mut self, byte: u8) -> Step {
        match byte {
            0..0x20 => return Step::Wrong,
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' => self.in_string = false,
            _ => {}
        }
        Step::More
    }

    fn now(&mut self, expect: Expect) -> Step {
        self.expect = expect;
        Step::More
    }

    fn begin_string(&mut self, then: Expect) -> Step {
        self.in_string = true;
        self.now(then)
    }

    fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }

    fn open(&mut self, object: bool) -> Step {
        if self.depth == MAX_DEPTH {
            return Step::Wrong;
        }
        self.objects = self.objects << 1 | u128::from(object);
        self.depth += 1;
        self.now(if object { Expect::KeyOrEnd } else { Expect::ValueOrEnd })
    }

    fn close(&mut self) -> Step {
        self.objects >>= 1;
        self.depth = self.depth.saturating_sub(1);
        self.expect = Expect::Next;
        if self.depth == 0 { Step::Done } else { Step::More }
    }

    /// Returns how many containers are open.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Tells whether a string is open.
    pub(super) fn is_in_string(&self) -> bool {
        self.in_string
    }
}
