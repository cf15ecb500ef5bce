//! Parsed documents.

use std::{fmt, slice};

use super::object::Members;
use super::sink::Sink;
use super::{Layout, Number, Object, Token, Tokens};
use crate::{Error, Result};

/// Holds a parsed document, with the texts of its numbers and the order of its keys.
///
/// Two documents are equal when their compact forms are. A parsed document is at most
/// [`MAX_DEPTH`](super::MAX_DEPTH) levels deep. One that is built by hand may be deeper: then
/// [`to_vec`](Self::to_vec) still writes it, but nothing here reads it again, and cloning,
/// comparing, dropping and serializing it take stack in proportion to its depth.
///
/// # Examples
/// ```
/// use truthound_stores_core::json::{Json, Layout};
///
/// let mut run = Json::parse(br#"{"run_id": "run_1", "pass_rate": 1.50, "tags": null}"#)?;
/// assert_eq!(run.get("run_id").and_then(Json::as_str), Some("run_1"));
/// if let Some(object) = run.as_object_mut() {
///     object.set("rows", 3);
///     object.remove("tags");
/// }
/// assert_eq!(run.to_string(), r#"{"run_id":"run_1","pass_rate":1.50,"rows":3}"#);
/// assert_eq!(Json::from(vec![Json::Null]).to_vec(Layout::Pretty), b"[\n  null\n]");
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, or `NaN`, `Infinity`, `-Infinity`.
    Number(Number),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Self>),
    /// An object.
    Object(Object),
}

impl Json {
    /// Reads a document.
    ///
    /// Of a name that occurs twice in an object the last value wins, at the first place. Lone
    /// surrogates become U+FFFD; work on [`Tokens`] where they matter.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) as from [`Tokens`].
    pub fn parse(text: &[u8]) -> Result<Self> {
        let mut open: Vec<Open> = Vec::new();
        let mut document = Self::Null;
        for token in Tokens::new(text) {
            let value = match token? {
                Token::Null => Self::Null,
                Token::Bool(value) => Self::Bool(value),
                Token::Number(text) => Self::Number(Number::checked(text)),
                Token::String(text) => Self::String(text.decode().into_owned()),
                Token::Key(text) => {
                    if let Some(Open::Object(_, name)) = open.last_mut() {
                        *name = text.decode().into_owned();
                    }
                    continue;
                }
                Token::BeginArray => {
                    open.push(Open::Array(Vec::new()));
                    continue;
                }
                Token::BeginObject => {
                    open.push(Open::Object(Object::new(), String::new()));
                    continue;
                }
                Token::EndArray | Token::EndObject => match open.pop() {
                    Some(Open::Array(items)) => Self::Array(items),
                    Some(Open::Object(members, _)) => Self::Object(members),
                    None => Self::Null,
                },
            };
            match open.last_mut() {
                Some(Open::Array(items)) => items.push(value),
                Some(Open::Object(members, name)) => {
                    members.set(std::mem::take(name), value);
                }
                None => document = value,
            }
        }
        Ok(document)
    }

    /// Writes the document.
    pub fn to_vec(&self, layout: Layout) -> Vec<u8> {
        let mut sink = Sink::new(layout, 0);
        // What is left to write of each open container.
        let mut open = Vec::new();
        let mut next = Some(self);
        loop {
            if let Some(value) = next {
                open.extend(value.begin(&mut sink));
            }
            next = match open.last_mut() {
                None => return sink.finish(),
                Some(Rest::Array(items)) => items.next(),
                Some(Rest::Object(members)) => members.next().map(|(name, value)| {
                    sink.key(name);
                    value
                }),
            };
            if next.is_none() {
                match open.pop() {
                    Some(Rest::Object(_)) => sink.token(Token::EndObject),
                    _ => sink.token(Token::EndArray),
                }
            }
        }
    }

    /// Writes a scalar, or the beginning of a container, whose members it returns.
    fn begin(&self, sink: &mut Sink) -> Option<Rest<'_>> {
        match self {
            Self::Null => sink.token(Token::Null),
            Self::Bool(value) => sink.token(Token::Bool(*value)),
            Self::Number(number) => sink.token(Token::Number(number.as_str())),
            Self::String(value) => sink.string(value),
            Self::Array(items) => {
                sink.token(Token::BeginArray);
                return Some(Rest::Array(items.iter()));
            }
            Self::Object(members) => {
                sink.token(Token::BeginObject);
                return Some(Rest::Object(members.iter()));
            }
        }
        None
    }

    /// Returns the value of the member `name`, if this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    /// Returns the string, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(value) => Some(value),
            _ => None,
        }
    }

    /// Returns the boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the number, if this is a whole one that fits, see [`Number::as_i64`].
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// Returns the number as the nearest float, if this is one, see [`Number::as_f64`].
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number.as_f64()),
            _ => None,
        }
    }

    /// Returns the items, if this is an array.
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the members, if this is an object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Returns the members to be changed, if this is an object.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Tells whether this is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// A container whose end is not read yet; an object with the name of the member that is being read.
enum Open {
    Array(Vec<Json>),
    Object(Object, String),
}

/// A container whose end is not written yet.
enum Rest<'a> {
    Array(slice::Iter<'a, Json>),
    Object(Members<'a>),
}

impl fmt::Display for Json {
    /// Writes the compact form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.to_vec(Layout::Compact)))
    }
}

macro_rules! from {
    ($($source:ty => $make:expr),* $(,)?) => {$(
        impl From<$source> for Json {
            fn from(value: $source) -> Self {
                $make(value)
            }
        }
    )*};
}

from! {
    bool => Self::Bool,
    i32 => from_number,
    i64 => from_number,
    u32 => from_number,
    u64 => from_number,
    usize => from_number,
    Number => Self::Number,
    &str => from_string,
    String => Self::String,
    Vec<Self> => Self::Array,
    Object => Self::Object,
}

fn from_number(value: impl Into<Number>) -> Json {
    Json::Number(value.into())
}

fn from_string(value: &str) -> Json {
    Json::String(value.to_owned())
}

impl<T: Into<Self>> From<Option<T>> for Json {
    /// Makes null of nothing.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl TryFrom<f64> for Json {
    type Error = Error;

    /// Writes the float as Python does; refuses what is not finite.
    fn try_from(value: f64) -> Result<Self> {
        Number::try_from(value).map(Self::Number)
    }
}

#[cfg(test)]
mod tests;
