//! The push writer: tokens to a checked document.

use super::nest::Nest;
use super::sink::Sink;
use super::{Layout, MAX_DEPTH, Token, number};
use crate::{Error, Result};

/// Writes one document token by token, and refuses a sequence of tokens that is no document.
///
/// A refused token is not written; another one can be tried in its place.
///
/// # Examples
/// ```
/// use truthound_stores_core::json::{Layout, Token, Writer};
///
/// let mut writer = Writer::new(Layout::Spaced);
/// writer.token(Token::BeginObject)?;
/// writer.key("name")?;
/// writer.string("café")?;
/// writer.key("rows")?;
/// writer.token(Token::Number("1.50"))?;
/// writer.token(Token::EndObject)?;
/// assert_eq!(writer.finish()?, br#"{"name": "caf\u00e9", "rows": 1.50}"#);
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Writer {
    sink: Sink,
    nest: Nest,
    expect: Expect,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Expect {
    /// A value, or the array's end.
    Value,
    /// The value of a member.
    MemberValue,
    /// A member's name, or the object's end.
    Key,
    /// Nothing: the document is complete.
    Nothing,
}

impl Writer {
    /// Begins a document.
    pub fn new(layout: Layout) -> Self {
        Self { sink: Sink::new(layout, 0), nest: Nest::default(), expect: Expect::Value }
    }

    /// Writes the next token.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a token that cannot follow, a number that JSON
    /// does not write so, or nesting deeper than [`MAX_DEPTH`].
    pub fn token(&mut self, token: Token<'_>) -> Result<()> {
        match token {
            Token::Key(_) => self.expect_key()?,
            Token::EndArray => self.expect_end(false, "`]`")?,
            Token::EndObject => self.expect_end(true, "`}`")?,
            Token::BeginArray => self.open(false, "`[`")?,
            Token::BeginObject => self.open(true, "`{`")?,
            Token::Number(text) => {
                number::check(text)?;
                self.expect_value("a number")?;
            }
            Token::String(_) => self.expect_value("a string")?,
            Token::Null | Token::Bool(_) => self.expect_value("a value")?,
        }
        self.sink.token(token);
        Ok(())
    }

    /// Writes a string from its characters.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if no value can follow.
    pub fn string(&mut self, value: &str) -> Result<()> {
        self.expect_value("a string")?;
        self.sink.string(value);
        Ok(())
    }

    /// Writes a member's name from its characters.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if no name can follow.
    pub fn key(&mut self, name: &str) -> Result<()> {
        self.expect_key()?;
        self.sink.key(name);
        Ok(())
    }

    /// Returns the document.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if it is not complete.
    pub fn finish(self) -> Result<Vec<u8>> {
        match self.expect {
            Expect::Nothing => Ok(self.sink.finish()),
            _ => Err(self.refuse("the end")),
        }
    }

    fn expect_value(&mut self, got: &str) -> Result<()> {
        match self.expect {
            Expect::Value | Expect::MemberValue => {
                self.expect_next();
                Ok(())
            }
            Expect::Key | Expect::Nothing => Err(self.refuse(got)),
        }
    }

    fn expect_key(&mut self) -> Result<()> {
        if self.expect != Expect::Key {
            return Err(self.refuse("a name"));
        }
        self.expect = Expect::MemberValue;
        Ok(())
    }

    fn open(&mut self, object: bool, got: &str) -> Result<()> {
        if !matches!(self.expect, Expect::Value | Expect::MemberValue) {
            return Err(self.refuse(got));
        }
        if !self.nest.open(object) {
            return Err(Error::invalid(format!("no JSON document: nested deeper than {MAX_DEPTH} levels")));
        }
        self.expect = if object { Expect::Key } else { Expect::Value };
        Ok(())
    }

    fn expect_end(&mut self, object: bool, got: &str) -> Result<()> {
        let fits = match self.expect {
            Expect::Key => object,
            Expect::Value => !object && !self.nest.is_closed(),
            Expect::MemberValue | Expect::Nothing => false,
        };
        if !fits {
            return Err(self.refuse(got));
        }
        self.nest.close();
        self.expect_next();
        Ok(())
    }

    /// Sets what follows a complete value.
    fn expect_next(&mut self) {
        self.expect = if self.nest.is_closed() {
            Expect::Nothing
        } else if self.nest.in_object() {
            Expect::Key
        } else {
            Expect::Value
        };
    }

    fn refuse(&self, got: &str) -> Error {
        let wanted = match self.expect {
            Expect::Value if self.nest.is_closed() => "a value",
            Expect::Value => "a value or `]`",
            Expect::MemberValue => "a member's value",
            Expect::Key => "a name or `}`",
            Expect::Nothing => "nothing more",
        };
        Error::invalid(format!("no JSON document: expected {wanted}, got {got}"))
    }
}

#[cfg(test)]
mod tests;
