//! Writes what a pickle holds as canonical JSON.

use super::machine::{Arena, Container, Value, too_deep};
use super::{number, text};
use crate::codec::Limits;
use crate::codec::canonical::Canonical;
use crate::json::MAX_DEPTH;
use crate::{Error, Result};

/// Writes `top` and all it contains; what is referred to twice is written twice.
pub(super) fn emit(arena: &Arena<'_>, top: Value<'_>, limits: &Limits) -> Result<Vec<u8>> {
    let mut out = Canonical::new(limits);
    let mut open = Vec::new();
    value(arena, top, &mut out, &mut open)?;
    while let Some(cursor) = open.last_mut() {
        let index = cursor.next;
        cursor.next += 1;
        let container = arena.containers.get(cursor.container);
        let next = match container {
            Some(Container::List(items) | Container::Tuple(items)) => {
                items.get(index).map(|item| (None, *item))
            }
            Some(Container::Dict(items)) => items.get(index).map(|(key, item)| (Some(*key), *item)),
            None => None,
        };
        let Some((name, item)) = next else {
            out.raw(if matches!(container, Some(Container::Dict(_))) { b"}" } else { b"]" })?;
            open.pop();
            continue;
        };
        if index > 0 {
            out.raw(b",")?;
        }
        if let Some(name) = name {
            key(arena, name, &mut out)?;
            out.raw(b":")?;
        }
        value(arena, item, &mut out, &mut open)?;
    }
    Ok(out.into_bytes())
}

/// A container that is being written, and the index of its next item.
struct Cursor {
    container: usize,
    next: usize,
}

/// Writes a scalar, or opens a container.
fn value(arena: &Arena<'_>, value: Value<'_>, out: &mut Canonical<'_>, open: &mut Vec<Cursor>) -> Result<()> {
    if let Value::Container(container) = value {
        out.count(1)?;
        if open.len() >= MAX_DEPTH {
            return Err(too_deep());
        }
        open.push(Cursor { container, next: 0 });
        let dict = matches!(arena.containers.get(container), Some(Container::Dict(_)));
        return out.raw(if dict { b"{" } else { b"[" });
    }
    scalar(arena, value, out)
}

fn scalar(arena: &Arena<'_>, value: Value<'_>, out: &mut Canonical<'_>) -> Result<()> {
    out.count(1)?;
    match value {
        Value::None | Value::Container(_) => out.raw(b"null"),
        Value::Bool(true) => out.raw(b"true"),
        Value::Bool(false) => out.raw(b"false"),
        Value::Int(value) => out.raw(value.to_string().as_bytes()),
        Value::Float(value) => out.raw(number::float_text(value).as_bytes()),
        Value::Number(text) => out.raw(text.as_bytes()),
        Value::Big(index) => out.raw(own(arena, index)),
        Value::Text(bytes) => string(bytes, out),
        Value::OwnText(index) => string(own(arena, index), out),
    }
}

/// Writes a key as `json.dumps` does: numbers, booleans and None become text.
fn key(arena: &Arena<'_>, name: Value<'_>, out: &mut Canonical<'_>) -> Result<()> {
    match name {
        Value::Text(_) | Value::OwnText(_) => scalar(arena, name, out),
        Value::Container(_) => {
            Err(Error::corrupt("the pickle has a key that is a tuple, which has no form in JSON"))
        }
        _ => {
            out.raw(b"\"")?;
            scalar(arena, name, out)?;
            out.raw(b"\"")
        }
    }
}

fn own<'t>(arena: &'t Arena<'_>, index: usize) -> &'t [u8] {
    arena.texts.get(index).map(Vec::as_slice).unwrap_or_default()
}

fn string(bytes: &[u8], out: &mut Canonical<'_>) -> Result<()> {
    out.raw(b"\"")?;
    let mut rest = bytes;
    while !rest.is_empty() {
        let (run, surrogate, after) =
            text::split(rest).ok_or_else(|| Error::corrupt("the pickle has a text that is not UTF-8"))?;
        out.escaped(run)?;
        rest = after;
        let Some(high) = surrogate else { break };
        // Two halves that Python kept apart are one character as soon as JSON writes them.
        if let Some(("", Some(low), after)) = after
            .get(..3)
            .and_then(text::split)
            .map(|(run, low, _)| (run, low, after.get(3..).unwrap_or_default()))
            && let Some(Ok(char)) = char::decode_utf16([high, low]).next()
        {
            out.escaped(char.encode_utf8(&mut [0; 4]))?;
            rest = after;
        } else {
            out.raw(format!("\\u{high:04x}").as_bytes())?;
        }
    }
    out.raw(b"\"")
}
