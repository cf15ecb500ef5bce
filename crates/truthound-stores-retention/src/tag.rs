//! Tags that records are recognised by.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};
use truthound_stores_core::{Error, Result};

/// Recognises records by a tag: written as `name=value`, or as `name` for any value that does not say no.
///
/// A bare name does not match a tag whose value is empty, `false`, `no`, `off` or `0`: `legal_hold: false` holds nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagMatch {
    name: String,
    value: Option<String>,
}

impl TagMatch {
    /// Recognises the tag `name` with any value that does not say no.
    pub fn set(name: impl Into<String>) -> Self {
        Self { name: name.into(), value: None }
    }

    /// Recognises the tag `name` with one value.
    pub fn exact(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: Some(value.into()) }
    }

    /// Tells whether one of the tags is the one.
    pub fn matches(&self, tags: &BTreeMap<String, String>) -> bool {
        let Some(given) = tags.get(&self.name) else { return false };
        match &self.value {
            Some(value) => given == value,
            None => !["", "false", "no", "off", "0"].iter().any(|no| given.eq_ignore_ascii_case(no)),
        }
    }
}

impl fmt::Display for TagMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}={value}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl FromStr for TagMatch {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once('=') {
            Some(("", _)) => Err(Error::invalid(format!("the tag {text:?} has no name: write name=value"))),
            Some((name, value)) => Ok(Self::exact(name, value)),
            None if text.is_empty() => {
                Err(Error::invalid("a tag has no name: write name or name=value".to_owned()))
            }
            None => Ok(Self::set(text)),
        }
    }
}

impl<'de> Deserialize<'de> for TagMatch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error: Error| de::Error::custom(error.message()))
    }
}
