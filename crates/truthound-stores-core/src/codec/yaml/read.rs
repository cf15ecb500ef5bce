//! Reads YAML documents, event by event, into canonical JSON.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::input::{Gauge, Watched};
use super::scalar::Scalar;
use crate::codec::Limits;
use crate::codec::canonical::Canonical;
use crate::json::MAX_DEPTH;
use crate::{Error, Result};

/// Reads the one document in `bytes`.
pub(in crate::codec) fn read(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Error::corrupt(format!("not YAML: not UTF-8 at byte {}", error.valid_up_to())))?;
    // The parser would take NUL for the end.
    if let Some(at) = text.bytes().position(|byte| byte < 0x20 && !b"\t\n\r".contains(&byte)) {
        return Err(Error::corrupt(format!("not YAML: control character at byte {at}")));
    }
    let gauge = Gauge::new(limits);
    let mut parser = Parser::new(Watched::new(text, &gauge));
    let mut reader =
        Reader { out: Canonical::new(limits), open: Vec::new(), anchors: HashMap::new(), documents: 0 };
    while let Some(event) = parser.next_event() {
        if !gauge.renew() {
            return Err(Error::corrupt(
                "the YAML has a collection in brackets, or a text, that is too large: write it as json",
            ));
        }
        let (event, span) = event.map_err(|error| not_yaml(&error))?;
        reader.event(event).map_err(|error| error.with("line", span.start.line().to_string()))?;
    }
    if reader.documents == 0 {
        return Err(Error::corrupt("not YAML: the file holds no document"));
    }
    Ok(reader.out.into_bytes())
}

fn not_yaml(error: &ScanError) -> Error {
    let at = error.marker();
    Error::corrupt(format!("not YAML: {} at line {}, column {}", error.info(), at.line(), at.col() + 1))
}

struct Reader<'l> {
    out: Canonical<'l>,
    open: Vec<Open>,
    anchors: HashMap<usize, Anchored>,
    documents: usize,
}

/// A container whose end has not come.
struct Open {
    /// The keys so far as JSON, for a mapping.
    keys: Option<HashSet<Box<[u8]>>>,
    /// Whether a key has been read and its value has not.
    after_key: bool,
    empty: bool,
    anchor: usize,
    /// Where its JSON begins.
    start: usize,
    /// How many values there were before it.
    values: usize,
    /// Levels of containers within.
    height: usize,
}

/// What an anchor stands for.
#[derive(Clone)]
struct Anchored {
    json: Json,
    values: usize,
    height: usize,
}

#[derive(Clone)]
enum Json {
    /// It stands there in the output.
    At(Range<usize>),
    /// It was a key, and stands in the output as text whatever it is.
    Own(Vec<u8>),
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>) -> Result<()> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(Error::corrupt("the file holds more than one YAML document"));
                }
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = resolve(text, style, tag.as_deref())?;
                self.scalar(&scalar, anchor)
            }
            Event::Alias(anchor) => self.alias(anchor),
            Event::SequenceStart(anchor, tag) => {
                check_tag(tag.as_deref(), "seq")?;
                self.begin(b"[", None, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                check_tag(tag.as_deref(), "map")?;
                self.begin(b"{", Some(HashSet::new()), anchor)
            }
            Event::SequenceEnd => self.end(b"]"),
            Event::MappingEnd => self.end(b"}"),
        }
    }

    fn scalar(&mut self, scalar: &Scalar<'_>, anchor: usize) -> Result<()> {
        self.out.count(1)?;
        self.separate()?;
        let start = self.out.bytes().len();
        let is_key = self.expects_key();
        if is_key {
            self.out.string(scalar.as_key())?;
        } else {
            write_scalar(&mut self.out, scalar)?;
        }
        if anchor > 0 {
            let range = start..self.out.bytes().len();
            let json = if is_key && !matches!(scalar, Scalar::String(_)) {
                Json::Own(scalar.as_key().as_bytes().to_vec())
            } else {
                Json::At(range)
            };
            self.anchors.insert(anchor, Anchored { json, values: 1, height: 0 });
        }
        self.finish_node(is_key, start)
    }

    fn alias(&mut self, anchor: usize) -> Result<()> {
        // An anchor is known from the end of its node on.
        let Some(anchored) = self.anchors.get(&anchor).cloned() else {
            return Err(Error::corrupt("a YAML alias stands within what it refers to"));
        };
        self.out.count(anchored.values)?;
        if self.open.len() + anchored.height > MAX_DEPTH {
            return Err(too_deep());
        }
        self.separate()?;
        let is_key = self.expects_key();
        if is_key && anchored.height > 0 {
            return Err(no_scalar_key());
        }
        let start = self.out.bytes().len();
        let quoted = match &anchored.json {
            Json::At(range) => self.out.bytes().get(range.start) == Some(&b'"'),
            Json::Own(_) => false,
        };
        let quote: &[u8] = if is_key && !quoted { b"\"" } else { b"" };
        self.out.raw(quote)?;
        match anchored.json {
            Json::At(range) => self.out.repeat(range)?,
            Json::Own(json) => self.out.raw(&json)?,
        }
        self.out.raw(quote)?;
        if let Some(parent) = self.open.last_mut() {
            parent.height = parent.height.max(anchored.height);
        }
        self.finish_node(is_key, start)
    }

    fn begin(&mut self, bracket: &[u8], keys: Option<HashSet<Box<[u8]>>>, anchor: usize) -> Result<()> {
        if self.expects_key() {
            return Err(no_scalar_key());
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep());
        }
        let values = self.out.values();
        self.out.count(1)?;
        self.separate()?;
        let start = self.out.bytes().len();
        self.open.push(Open { keys, after_key: false, empty: true, anchor, start, values, height: 0 });
        self.out.raw(bracket)
    }

    fn end(&mut self, bracket: &[u8]) -> Result<()> {
        self.out.raw(bracket)?;
        let Some(open) = self.open.pop() else { return Ok(()) };
        let height = open.height + 1;
        if open.anchor > 0 {
            let json = Json::At(open.start..self.out.bytes().len());
            let values = self.out.values() - open.values;
            self.anchors.insert(open.anchor, Anchored { json, values, height });
        }
        if let Some(parent) = self.open.last_mut() {
            parent.height = parent.height.max(height);
        }
        self.finish_node(false, open.start)
    }

    fn expects_key(&self) -> bool {
        self.open.last().is_some_and(|open| open.keys.is_some() && !open.after_key)
    }

    /// Writes the comma before an item, but the first.
    fn separate(&mut self) -> Result<()> {
        match self.open.last_mut() {
            Some(open) if !open.after_key => {
                let first = std::mem::replace(&mut open.empty, false);
                if first { Ok(()) } else { self.out.raw(b",") }
            }
            _ => Ok(()),
        }
    }

    /// Notes that a node, which begins at `start`, is complete.
    fn finish_node(&mut self, is_key: bool, start: usize) -> Result<()> {
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        open.after_key = is_key;
        let (true, Some(keys)) = (is_key, &mut open.keys) else { return Ok(()) };
        let key = self.out.bytes().get(start..).unwrap_or_default();
        if !keys.insert(key.into()) {
            let shown: String = String::from_utf8_lossy(key).chars().take(80).collect();
            return Err(Error::corrupt(format!("the key {shown} occurs twice in a YAML mapping")));
        }
        self.out.raw(b":")
    }
}

fn write_scalar(out: &mut Canonical<'_>, scalar: &Scalar<'_>) -> Result<()> {
    match scalar {
        Scalar::String(text) => out.string(text),
        other => out.raw(other.as_key().as_bytes()),
    }
}

fn resolve<'a>(text: Cow<'a, str>, style: ScalarStyle, tag: Option<&Tag>) -> Result<Scalar<'a>> {
    match tag {
        None if style == ScalarStyle::Plain => Ok(Scalar::plain(text)),
        None => Ok(Scalar::String(text)),
        // The tag `!` says that it is a string, however it looks.
        Some(tag) if is_non_specific(tag) => Ok(Scalar::String(text)),
        Some(tag) => {
            let shown: String = text.chars().take(40).collect();
            core_tag(tag)
                .and_then(|tag| Scalar::tagged(tag, text))
                .ok_or_else(|| Error::corrupt(format!("the YAML tag {} on {shown:?} is refused", name(tag))))
        }
    }
}

fn check_tag(tag: Option<&Tag>, expected: &str) -> Result<()> {
    match tag {
        Some(tag) if !is_non_specific(tag) && core_tag(tag) != Some(expected) => {
            Err(Error::corrupt(format!("the YAML tag {} on a collection is refused", name(tag))))
        }
        _ => Ok(()),
    }
}

const CORE: &str = "tag:yaml.org,2002:";

fn is_non_specific(tag: &Tag) -> bool {
    matches!((tag.handle.as_str(), tag.suffix.as_str()), ("", "!") | ("!", ""))
}

fn core_tag(tag: &Tag) -> Option<&str> {
    match tag.handle.as_str() {
        CORE => Some(&tag.suffix),
        "" => tag.suffix.strip_prefix(CORE),
        _ => None,
    }
}

/// Writes a tag as it stands in a file.
fn name(tag: &Tag) -> String {
    let name = match core_tag(tag) {
        Some(suffix) => format!("!!{suffix}"),
        None => format!("{}{}", tag.handle, tag.suffix),
    };
    name.escape_debug().take(80).collect()
}

fn no_scalar_key() -> Error {
    Error::corrupt("a key of a YAML mapping is a collection, which has no form in JSON")
}

fn too_deep() -> Error {
    Error::corrupt(format!("the YAML is nested deeper than {MAX_DEPTH} levels"))
}
