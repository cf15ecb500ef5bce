//! Writes JSON documents as YAML in block style.

use std::collections::HashSet;

use super::input::Gauge;
use super::scalar;
use crate::codec::Limits;
use crate::codec::canonical::check_values;
use crate::json::{Text, Token, Tokens};
use crate::{Error, Result};

/// A key may be written before a colon up to 1,024 characters (YAML 1.2.2, §7.4); longer ones
/// need the form with a question mark.
const MAX_SIMPLE_KEY: usize = 1000;

/// Writes `json` as one YAML document.
pub(in crate::codec) fn write(json: &[u8], limits: &Limits) -> Result<Vec<u8>> {
    let mut writer =
        Writer { out: String::with_capacity(json.len()), open: Vec::new(), place: Place::Line, values: 0 };
    for token in Tokens::new(json) {
        writer.token(&token?)?;
    }
    check_values(writer.values, limits)?;
    let text = writer.out;
    // Whether very large texts are within the reader's allowance, the reader knows best.
    if !Gauge::new(limits).allows(&text) {
        super::read(text.as_bytes(), limits)
            .map_err(|error| Error::invalid(format!("it could not be read back: {}", error.message())))?;
    }
    Ok(text.into_bytes())
}

struct Writer {
    out: String,
    open: Vec<Open>,
    place: Place,
    values: usize,
}

/// A container whose end has not come.
struct Open {
    /// Columns before its items.
    indent: usize,
    kind: Kind,
    empty: bool,
    /// Where it begins: what stands before its first item depends on it.
    place: Place,
}

enum Kind {
    Array,
    Object(HashSet<String>),
}

/// What stands before the next node on its line.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Nothing.
    Line,
    /// A dash.
    Dash,
    /// A key and its colon.
    Colon,
}

impl Writer {
    fn token(&mut self, token: &Token<'_>) -> Result<()> {
        match token {
            Token::Null => self.scalar(|out| out.push_str("null")),
            Token::Bool(true) => self.scalar(|out| out.push_str("true")),
            Token::Bool(false) => self.scalar(|out| out.push_str("false")),
            Token::Number(text) => self.scalar(|out| scalar::push_number(out, text)),
            Token::String(text) => {
                refuse_surrogate(*text)?;
                self.scalar(|out| scalar::push_string(out, &text.decode()));
            }
            Token::Key(text) => self.key(*text)?,
            Token::BeginArray => self.begin(Kind::Array),
            Token::BeginObject => self.begin(Kind::Object(HashSet::new())),
            Token::EndArray => self.end("[]"),
            Token::EndObject => self.end("{}"),
        }
        Ok(())
    }

    /// Writes a scalar and ends the line.
    fn scalar(&mut self, write: impl FnOnce(&mut String)) {
        self.before_node();
        self.separate();
        write(&mut self.out);
        self.out.push('\n');
    }

    fn begin(&mut self, kind: Kind) {
        self.before_node();
        let indent = self.open.last().map_or(0, |parent| parent.indent + 2);
        self.open.push(Open { indent, kind, empty: true, place: self.place });
    }

    fn end(&mut self, empty: &str) {
        if let Some(open) = self.open.pop()
            && open.empty
        {
            self.place = open.place;
            self.separate();
            self.out.push_str(empty);
            self.out.push('\n');
        }
    }

    /// Writes what stands before a value: in an array a dash.
    fn before_node(&mut self) {
        self.values += 1;
        match self.open.last().map(|open| &open.kind) {
            None => self.place = Place::Line,
            // The key has been written.
            Some(Kind::Object(_)) => self.place = Place::Colon,
            Some(Kind::Array) => {
                self.before_item();
                self.out.push('-');
                self.place = Place::Dash;
            }
        }
    }

    /// Begins an item of the innermost container, on a new line unless it may follow its parent's dash.
    fn before_item(&mut self) {
        let Some(open) = self.open.last_mut() else { return };
        let first = std::mem::replace(&mut open.empty, false);
        match open.place {
            Place::Dash if first => return self.out.push(' '),
            Place::Colon if first => self.out.push('\n'),
            _ => {}
        }
        let indent = open.indent;
        self.indent(indent);
    }

    fn key(&mut self, key: Text<'_>) -> Result<()> {
        refuse_surrogate(key)?;
        self.values += 1;
        self.before_item();
        let Some(Open { indent, kind: Kind::Object(keys), .. }) = self.open.last_mut() else {
            return Ok(());
        };
        let indent = *indent;
        let mut written = String::new();
        scalar::push_string(&mut written, &key.decode());
        if written.len() > MAX_SIMPLE_KEY {
            self.out.push_str("? ");
            self.out.push_str(&written);
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', indent));
        } else {
            self.out.push_str(&written);
        }
        self.out.push(':');
        if keys.contains(&written) {
            return Err(Error::invalid(format!(
                "the key {:?} occurs twice in an object, which YAML cannot hold",
                key.decode().chars().take(80).collect::<String>()
            )));
        }
        keys.insert(written);
        Ok(())
    }

    fn indent(&mut self, columns: usize) {
        self.out.extend(std::iter::repeat_n(' ', columns));
    }

    fn separate(&mut self) {
        if self.place != Place::Line {
            self.out.push(' ');
        }
    }
}

fn refuse_surrogate(text: Text<'_>) -> Result<()> {
    if text.has_lone_surrogate() {
        return Err(Error::invalid(
            "the document has a text with half of a surrogate pair, which YAML cannot hold",
        ));
    }
    Ok(())
}
