//! Numbers and texts.

use super::{Machine, Value, op, shown};
use crate::codec::compress::too_large;
use crate::codec::pickle::number::{self, MAX_DIGITS};
use crate::codec::pickle::text;
use crate::{Error, Result};

impl<'a> Machine<'a, '_> {
    /// Pushes a number, with the text popped right before if that is the same number's.
    pub(super) fn push_number(&mut self, value: Value<'a>, popped_text: Option<&'a [u8]>) -> Result<()> {
        let text = popped_text.and_then(|text| std::str::from_utf8(text).ok());
        let restored = text.filter(|text| match value {
            // The only integer that JSON can write in two ways.
            Value::Int(0) => *text == "-0",
            Value::Float(float) => number::restores_float(text, float),
            _ => false,
        });
        self.push(restored.map_or(value, Value::Number))
    }

    pub(super) fn number(&mut self, opcode: u8, at: usize) -> Result<Value<'a>> {
        match opcode {
            op::BININT => Ok(Value::Int(i64::from(self.input.i32()?))),
            op::BININT1 => Ok(Value::Int(i64::from(self.input.u8()?))),
            op::BININT2 => Ok(Value::Int(i64::from(self.input.u16()?))),
            op::BINFLOAT => Ok(Value::Float(self.input.f64()?)),
            op::LONG1 => {
                let bytes = self.input.short()?;
                self.long(bytes, at)
            }
            op::LONG4 => {
                let bytes = self.input.signed_medium()?;
                self.long(bytes, at)
            }
            op::FLOAT => {
                let line = self.input.ascii_line()?;
                number::python_text(line).map(Value::Float).ok_or_else(|| bad_number(line, at))
            }
            op::INT => match self.input.ascii_line()? {
                "00" => Ok(Value::Bool(false)),
                "01" => Ok(Value::Bool(true)),
                line => integer(line, at),
            },
            _ => {
                let line = self.input.ascii_line()?;
                integer(line.strip_suffix('L').unwrap_or(line), at)
            }
        }
    }

    pub(super) fn long(&mut self, bytes: &[u8], at: usize) -> Result<Value<'a>> {
        if bytes.len() <= 8 {
            let negative = bytes.last().is_some_and(|top| top & 0x80 != 0);
            let mut wide = [if negative { 0xff } else { 0 }; 8];
            for (to, from) in wide.iter_mut().zip(bytes) {
                *to = *from;
            }
            return Ok(Value::Int(i64::from_le_bytes(wide)));
        }
        let text = number::decimal(bytes).ok_or_else(|| too_long(at))?;
        self.own(text.into_bytes()).map(Value::Big)
    }

    pub(super) fn text(&mut self, opcode: u8, at: usize) -> Result<Value<'a>> {
        let bytes = match opcode {
            op::SHORT_BINUNICODE => self.input.short()?,
            op::BINUNICODE => self.input.medium()?,
            op::BINUNICODE8 => {
                let length = self.input.long_length()?;
                self.input.take(length)?
            }
            op::UNICODE => {
                let text = text::raw_unicode_escape(self.input.line()?)
                    .ok_or_else(|| Error::corrupt(format!("broken text in the pickle at byte {at}")))?;
                return self.own(text).map(Value::OwnText);
            }
            _ => return self.byte_string(opcode, at),
        };
        if !text::is_valid(bytes) {
            return Err(Error::corrupt(format!("the pickle has a text at byte {at} that is not UTF-8")));
        }
        Ok(Value::Text(bytes))
    }

    /// Reads a string of Python 2, which is text if it is ASCII.
    pub(super) fn byte_string(&mut self, opcode: u8, at: usize) -> Result<Value<'a>> {
        let bytes = match opcode {
            op::SHORT_BINSTRING => self.input.short()?,
            op::BINSTRING => self.input.signed_medium()?,
            _ => text::unquote(self.input.line()?).ok_or_else(|| {
                Error::corrupt(format!("the pickle has a byte string at byte {at} with escapes"))
            })?,
        };
        if bytes.is_ascii() {
            return Ok(Value::Text(bytes));
        }
        Err(Error::corrupt(format!("the pickle has a byte string at byte {at} that is not ASCII")))
    }

    /// Keeps a text that does not stand in the input as it is.
    pub(super) fn own(&mut self, text: Vec<u8>) -> Result<usize> {
        self.own_bytes = self.own_bytes.saturating_add(text.len());
        if self.own_bytes > self.limits.max_document_bytes {
            return Err(too_large(self.limits.max_document_bytes));
        }
        self.arena.texts.push(text);
        Ok(self.arena.texts.len() - 1)
    }
}

/// Reads a decimal integer.
fn integer(line: &str, at: usize) -> Result<Value<'_>> {
    if !number::is_integer(line) {
        return Err(bad_number(line, at));
    }
    match line.parse() {
        Ok(value) => Ok(Value::Int(value)),
        Err(_) if line.trim_start_matches('-').len() > MAX_DIGITS => Err(too_long(at)),
        Err(_) => Ok(Value::Number(line)),
    }
}

fn bad_number(text: &str, at: usize) -> Error {
    Error::corrupt(format!("the pickle has a number {:?} at byte {at}", shown(text)))
}

fn too_long(at: usize) -> Error {
    Error::corrupt(format!("the pickle has an integer at byte {at} of more than {MAX_DIGITS} digits"))
}
