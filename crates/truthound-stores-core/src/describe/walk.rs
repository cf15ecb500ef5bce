//! A cursor over tokens that reads the fields of one object and skips the rest.

use std::borrow::Cow;

use super::{Number, Token, Tokens};
use crate::json::{Layout, Writer};
use crate::{Error, Result};

/// A field's value, as far as it matters to attributes.
#[derive(Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool,
    Number(Number),
    Text(String),
    /// A string with half of a surrogate pair; the other half is not there, so it is no Unicode text.
    Half(String),
    Container,
}

impl Value {
    pub(super) fn article(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::Half(_) => "a string with half of a surrogate pair",
            Self::Container => "an object or an array",
        }
    }
}

pub(super) struct Walk<'a> {
    tokens: Tokens<'a>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { tokens: Tokens::new(text) }
    }

    fn next(&mut self) -> Result<Token<'a>> {
        self.tokens.next().unwrap_or_else(|| Err(Error::invalid("the document ends too early")))
    }

    /// Steps into the document, which must be an object.
    pub(super) fn begin_object(&mut self) -> Result<()> {
        match self.next()? {
            Token::BeginObject => Ok(()),
            _ => Err(Error::invalid("the document is not a JSON object")),
        }
    }

    /// Steps into the next value if it is an object; else skips it.
    pub(super) fn enter_object(&mut self) -> Result<bool> {
        let token = self.next()?;
        if token == Token::BeginObject {
            return Ok(true);
        }
        self.rest_of(token)?;
        Ok(false)
    }

    /// Returns the next field's name, or `None` at the end of the object.
    pub(super) fn next_key(&mut self) -> Result<Option<Cow<'a, str>>> {
        match self.next()? {
            Token::Key(name) => Ok(Some(name.decode())),
            _ => Ok(None),
        }
    }

    /// Reads the next value; what a container holds is checked and skipped.
    pub(super) fn value(&mut self) -> Result<Value> {
        let token = self.next()?;
        self.rest_of(token)
    }

    fn rest_of(&mut self, token: Token<'a>) -> Result<Value> {
        Ok(match token {
            Token::Null => Value::Null,
            Token::Bool(_) => Value::Bool,
            Token::Number(text) => Value::Number(Number::parse(text)?),
            Token::String(text) if text.has_lone_surrogate() => Value::Half(text.decode().into_owned()),
            Token::String(text) => Value::Text(text.decode().into_owned()),
            _ => {
                self.copy_container(None)?;
                Value::Container
            }
        })
    }

    /// Reads the next value as text: strings as they are, anything else as compact JSON; null is `None`.
    pub(super) fn value_as_text(&mut self) -> Result<Option<String>> {
        Ok(match self.next()? {
            Token::Null => None,
            Token::Bool(value) => Some(value.to_string()),
            Token::Number(text) => Some(text.to_owned()),
            Token::String(text) => Some(text.decode().into_owned()),
            token => {
                let mut writer = Writer::new(Layout::Compact);
                writer.token(token)?;
                self.copy_container(Some(&mut writer))?;
                Some(String::from_utf8_lossy(&writer.finish()?).into_owned())
            }
        })
    }

    /// Goes on to the end of the container that has just begun.
    fn copy_container(&mut self, mut to: Option<&mut Writer>) -> Result<()> {
        let mut depth = 1_usize;
        while depth > 0 {
            let token = self.next()?;
            match token {
                Token::BeginArray | Token::BeginObject => depth += 1,
                Token::EndArray | Token::EndObject => depth -= 1,
                _ => {}
            }
            if let Some(writer) = to.as_deref_mut() {
                writer.token(token)?;
            }
        }
        Ok(())
    }

    /// Checks that nothing follows the document.
    pub(super) fn end(&mut self) -> Result<()> {
        self.tokens.next().map_or(Ok(()), |extra| extra.map(|_| ()))
    }
}
