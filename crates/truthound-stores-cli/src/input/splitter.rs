//! Finds the documents in a stream of bytes, however it is cut into chunks.
//!
//! A stream holds documents one after another (JSON lines, or laid out in any way), arrays of documents, or both. A broken
//! document is refused, and reading goes on behind it: at its end if its brackets still match, else at the next line
//! that begins with `{`.

use truthound_stores::Body;

use super::automaton::{Automaton, Step};

/// What was found in the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The line on which it begins, from 1.
    pub(crate) line: u64,
    /// How many documents there are up to this one, from 1.
    pub(crate) number: u64,
    pub(crate) content: Content,
}

/// A document, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// The text of an object that is JSON as far as brackets, commas and strings go.
    Document(Vec<u8>),
    /// What is wrong.
    Refused(String),
}

/// Splits a stream into documents.
#[derive(Debug)]
pub(crate) struct Splitter {
    max_bytes: usize,
    state: State,
    in_array: bool,
    /// Where the array's next comma may stand, and its end.
    element: Element,
    /// The document that is being read.
    text: Vec<u8>,
    automaton: Automaton,
    /// The line that is being read, and that on which the document began.
    line: u64,
    begun: u64,
    number: u64,
    /// Bytes since the last document that belong to none.
    idle: usize,
    /// The line of the last refusal, so that one broken line is refused once.
    refused_line: Option<u64>,
}

/// What came last in an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    /// Its beginning: the end may follow, a comma may not.
    None,
    /// A document, or what stood in the place of one.
    Read,
    /// A comma: a document must follow.
    Due,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before a document, an array, or its end.
    Between,
    /// Inside a document.
    Inside,
    /// Behind a broken document, up to where reading can go on.
    Skipping { open: usize, in_string: bool, escaped: bool, at_line_start: bool },
    /// The rest of the stream is not read.
    Abandoned,
}

impl Splitter {
    /// Begins a stream whose documents have at most `max_bytes` bytes.
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            state: State::Between,
            in_array: false,
            element: Element::None,
            text: Vec::new(),
            automaton: Automaton::new(),
            line: 1,
            begun: 1,
            number: 0,
            idle: 0,
            refused_line: None,
        }
    }

    /// Tells whether the rest of the stream need not be read.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.state == State::Abandoned
    }

    /// Takes the next bytes, and adds what they complete to `found`.
    pub(crate) fn feed(&mut self, chunk: &[u8], found: &mut Vec<Piece>) {
        let mut used = 0;
        // Parts of broken documents that are read once more, before the rest of the chunk.
        let mut again: Vec<(Vec<u8>, usize)> = Vec::new();
        loop {
            let stopped = match again.last() {
                Some((bytes, used)) => self.run(bytes.get(*used..).unwrap_or_default(), found),
                None => self.run(chunk.get(used..).unwrap_or_default(), found),
            };
            let Some((part, more)) = stopped else {
                if again.pop().is_none() {
                    return;
                }
                continue;
            };
            match again.last_mut() {
                Some((_, used)) => *used += more,
                None => used += more,
            }
            again.retain(|(bytes, used)| *used < bytes.len());
            again.push((part, 0));
        }
    }

    /// Says that there are no more bytes.
    pub(crate) fn finish(&mut self, found: &mut Vec<Piece>) {
        while self.state == State::Inside {
            let reason = self.not_json();
            let again = self.refuse(reason, found);
            self.feed(&again, found);
        }
        if self.in_array && self.state == State::Between {
            self.number += 1;
            self.begun = self.line;
            self.push_refused("not JSON: the array does not end".to_owned(), found);
        }
    }

    /// Takes bytes up to the end, or up to where a document breaks: then answers what is to be read again instead of the
    /// bytes that were used.
    fn run(&mut self, bytes: &[u8], found: &mut Vec<Piece>) -> Option<(Vec<u8>, usize)> {
        let mut at = 0;
        while let Some(byte) = bytes.get(at).copied() {
            match self.state {
                State::Abandoned => return None,
                State::Inside => {
                    let rest = bytes.get(at..).unwrap_or_default();
                    let plain = self.automaton.plain(rest);
                    if plain > 0 {
                        self.text.extend_from_slice(rest.get(..plain).unwrap_or_default());
                        at += plain;
                    } else {
                        at += 1;
                        self.text.push(byte);
                        match self.automaton.step(byte) {
                            Step::More => self.line += u64::from(byte == b'\n'),
                            Step::Done => self.complete(found),
                            Step::Wrong => {
                                let reason = self.not_json();
                                return Some((self.refuse(reason, found), at));
                            }
                        }
                    }
                    if self.text.len() > self.max_bytes {
                        self.abandon("the document", found);
                    }
                }
                State::Between => {
                    at += 1;
                    self.between(byte, found);
                }
                State::Skipping { .. } => {
                    if self.skip(byte) {
                        at += 1;
                    }
                    if self.idle > self.max_bytes {
                        self.abandon("what follows a broken document", found);
                    }
                }
            }
        }
        None
    }

    fn between(&mut self, byte: u8, found: &mut Vec<Piece>) {
        match byte {
            b'{' => {
                if self.in_array && self.element == Element::Read {
                    self.refuse_comma("not JSON: no comma between two documents of the array", found);
                }
                self.element = Element::Read;
                self.number += 1;
                self.begun = self.line;
                self.idle = 0;
                self.text.clear();
                self.text.push(byte);
                self.automaton = Automaton::new();
                self.automaton.step(byte);
                self.state = State::Inside;
            }
            b'[' if !self.in_array => (self.in_array, self.element) = (true, Element::None),
            b']' if self.in_array => {
                if self.element == Element::Due {
                    self.refuse_comma("not JSON: a comma before the end of the array", found);
                }
                self.in_array = false;
            }
            b',' if self.in_array => {
                if self.element != Element::Read {
                    self.refuse_comma("not JSON: a comma with no document before it", found);
                }
                self.element = Element::Due;
            }
            b' ' | b'\t' | b'\r' | b'\n' | 0xef | 0xbb | 0xbf => {
                // The last three are a byte order mark.
                self.line += u64::from(byte == b'\n');
                self.idle += 1;
                if self.idle > self.max_bytes {
                    self.number += 1;
                    self.begun = self.line;
                    self.abandon("the space between documents", found);
                }
            }
            _ => {
                self.element = Element::Read;
                self.begun = self.line;
                if self.refused_line != Some(self.line) {
                    self.number += 1;
                    let shown = char::from(byte).escape_default();
                    let reason = if byte == b'[' {
                        "an array within an array: a document is an object, `{…}`".to_owned()
                    } else if byte.is_ascii_graphic() {
                        format!("not JSON: a document begins with `{{`, not with `{shown}`")
                    } else {
                        format!("not JSON: a document begins with `{{`, not with the byte 0x{byte:02x}")
                    };
                    self.push_refused(reason, found);
                }
                self.state =
                    State::Skipping { open: 0, in_string: false, escaped: false, at_line_start: false };
                self.skip(byte);
            }
        }
    }

    /// Steps over a byte behind a broken document; tells whether the byte is used up.
    fn skip(&mut self, byte: u8) -> bool {
        let State::Skipping { mut open, mut in_string, mut escaped, at_line_start } = self.state else {
            return false;
        };
        if at_line_start && (byte == b'{' || (byte == b'[' && open == 0 && !self.in_array)) {
            // Whether the broken document had a comma behind it is not known.
            (self.state, self.element) = (State::Between, Element::None);
            return false;
        }
        if open == 0 && self.in_array && !in_string && matches!(byte, b',' | b']') {
            self.state = State::Between;
            return false;
        }
        let before = open;
        if byte == b'\n' {
            // No string goes on in the next line.
            (in_string, escaped) = (false, false);
            self.line += 1;
        } else if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else {
            match byte {
                b'"' => in_string = true,
                b'{' | b'[' => open += 1,
                b'}' | b']' => open = open.saturating_sub(1),
                _ => {}
            }
        }
        self.idle += 1;
        self.state = if before > 0 && open == 0 {
            State::Between
        } else {
            State::Skipping { open, in_string, escaped, at_line_start: byte == b'\n' }
        };
        true
    }

    fn refuse_comma(&mut self, reason: &str, found: &mut Vec<Piece>) {
        self.begun = self.line;
        self.number += 1;
        self.push_refused(reason.to_owned(), found);
    }

    fn complete(&mut self, found: &mut Vec<Piece>) {
        let text = std::mem::take(&mut self.text);
        found.push(Piece { line: self.begun, number: self.number, content: Content::Document(text) });
        self.state = State::Between;
    }

    /// Says what is wrong with the document so far, in the parser's words.
    fn not_json(&self) -> String {
        match Body::parse(&self.text) {
            Err(error) => format!("{} of the document", error.message()),
            Ok(_) => "not JSON".to_owned(),
        }
    }

    /// Refuses the document; answers the bytes to be read again.
    fn refuse(&mut self, reason: String, found: &mut Vec<Piece>) -> Vec<u8> {
        self.push_refused(reason, found);
        let text = std::mem::take(&mut self.text);
        // A document that broke off at the end of a line has taken the next one for a part of itself.
        if let Some(end) = text.windows(2).position(|pair| pair == b"\n{") {
            let (before, after) = text.split_at(end + 1);
            self.line = self.begun + count_lines(before);
            (self.state, self.element) = (State::Between, Element::None);
            return after.to_vec();
        }
        let last = text.last().copied();
        self.state = State::Skipping {
            open: self.automaton.depth(),
            in_string: self.automaton.is_in_string(),
            escaped: false,
            at_line_start: false,
        };
        last.into_iter().collect()
    }

    fn abandon(&mut self, what: &str, found: &mut Vec<Piece>) {
        let mib = self.max_bytes >> 20;
        let limit = if mib > 0 { format!("{mib} MiB") } else { format!("{} bytes", self.max_bytes) };
        self.text = Vec::new();
        self.push_refused(format!("{what} has more than {limit}: the rest of the input is not read"), found);
        self.state = State::Abandoned;
    }

    fn push_refused(&mut self, reason: String, found: &mut Vec<Piece>) {
        self.refused_line = Some(self.line);
        found.push(Piece { line: self.begun, number: self.number, content: Content::Refused(reason) });
    }
}

#[allow(clippy::naive_bytecount, reason = "only broken documents are counted")]
fn count_lines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests;
