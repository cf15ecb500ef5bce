//! Writes JSON documents as pickles of protocol 4.

use super::number::{self, MAX_DIGITS};
use super::{opcode as op, text};
use crate::codec::Limits;
use crate::codec::canonical::check_values;
use crate::codec::integer::Magnitude;
use crate::json::{Text, Token, Tokens};
use crate::{Error, Result};

/// Writes `json` so that `pickle.loads` gives what `json.loads` would.
///
/// A number that Python would write in another way is preceded by its own text, pushed and popped at once:
/// Python passes over it, our reader restores it.
pub(in crate::codec) fn write(json: &[u8], limits: &Limits) -> Result<Vec<u8>> {
    let mut out = vec![op::PROTO, 4];
    out.reserve(json.len());
    let mut values = 0_usize;
    let mut opened = false;
    for token in Tokens::new(json) {
        let token = token?;
        let closes = matches!(token, Token::EndArray | Token::EndObject);
        if opened && !closes {
            out.push(op::MARK);
        }
        values += usize::from(!closes);
        match token {
            Token::Null => out.push(op::NONE),
            Token::Bool(true) => out.push(op::NEWTRUE),
            Token::Bool(false) => out.push(op::NEWFALSE),
            Token::Number(text) => push_number(&mut out, text)?,
            Token::String(text) | Token::Key(text) => push_string(&mut out, text),
            Token::BeginArray => out.push(op::EMPTY_LIST),
            Token::BeginObject => out.push(op::EMPTY_DICT),
            Token::EndArray if !opened => out.push(op::APPENDS),
            Token::EndObject if !opened => out.push(op::SETITEMS),
            Token::EndArray | Token::EndObject => {}
        }
        opened = matches!(token, Token::BeginArray | Token::BeginObject);
    }
    out.push(op::STOP);
    check_values(values, limits)?;
    Ok(out)
}

fn push_string(out: &mut Vec<u8>, string: Text<'_>) {
    if string.has_lone_surrogate() {
        let mut bytes = Vec::with_capacity(string.raw().len());
        for unit in string.chars_or_surrogates() {
            // A surrogate is a code point below U+10FFFF: there is nothing to refuse.
            let _in_range = text::push(&mut bytes, unit.map_or_else(u32::from, u32::from));
        }
        push_text(out, &bytes);
    } else {
        push_text(out, string.decode().as_bytes());
    }
}

fn push_text(out: &mut Vec<u8>, text: &[u8]) {
    if let Ok(length) = u8::try_from(text.len()) {
        out.extend_from_slice(&[op::SHORT_BINUNICODE, length]);
    } else if let Ok(length) = u32::try_from(text.len()) {
        out.push(op::BINUNICODE);
        out.extend_from_slice(&length.to_le_bytes());
    } else {
        out.push(op::BINUNICODE8);
        out.extend_from_slice(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
    }
    out.extend_from_slice(text);
}

fn push_number(out: &mut Vec<u8>, text: &str) -> Result<()> {
    if number::is_integer(text) {
        return push_integer(out, text);
    }
    let value = number::float(text);
    if number::float_text(value) != text {
        push_text(out, text.as_bytes());
        out.push(op::POP);
    }
    out.push(op::BINFLOAT);
    out.extend_from_slice(&value.to_be_bytes());
    Ok(())
}

fn push_integer(out: &mut Vec<u8>, text: &str) -> Result<()> {
    if text == "-0" {
        push_text(out, text.as_bytes());
        out.push(op::POP);
    }
    let Ok(value) = text.parse::<i32>() else { return push_long(out, text) };
    if let Ok(value) = u8::try_from(value) {
        out.extend_from_slice(&[op::BININT1, value]);
    } else if let Ok(value) = u16::try_from(value) {
        out.push(op::BININT2);
        out.extend_from_slice(&value.to_le_bytes());
    } else {
        out.push(op::BININT);
        out.extend_from_slice(&value.to_le_bytes());
    }
    Ok(())
}

fn push_long(out: &mut Vec<u8>, text: &str) -> Result<()> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.len() > MAX_DIGITS {
        return Err(Error::invalid(format!(
            "an integer of {} digits cannot be written as pickle: Python reads at most {MAX_DIGITS}",
            digits.len()
        )));
    }
    let magnitude = Magnitude::from_digits(digits, 10).unwrap_or_default();
    let bytes = magnitude.to_twos_complement(digits.len() < text.len());
    if let Ok(length) = u8::try_from(bytes.len()) {
        out.extend_from_slice(&[op::LONG1, length]);
    } else {
        out.push(op::LONG4);
        out.extend_from_slice(&i32::try_from(bytes.len()).unwrap_or(i32::MAX).to_le_bytes());
    }
    out.extend_from_slice(&bytes);
    Ok(())
}
