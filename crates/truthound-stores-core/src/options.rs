//! Options by name: checked, typed, and refused with the culprit's name.
//!
//! Options come from code, configuration files, URLs and command lines. Whatever the source, a name that is not known, a
//! value of the wrong type and a value without effect are errors that name the option and the choices (R-ANY-14).

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{Error, Result};

mod coerce;

/// Holds options by name.
///
/// # Examples
/// ```
/// use serde::Deserialize;
/// use truthound_stores_core::options::Options;
///
/// #[derive(Deserialize)]
/// struct Config { max_items: u64 }
///
/// let options = Options::from_pairs([("max_items", "12")])?;
/// assert_eq!(options.read::<Config>("memory", &["max_items"])?.max_items, 12);
///
/// let error = Options::from_pairs([("max_item", "12")])?.read::<Config>("memory", &["max_items"]);
/// assert_eq!(
///     error.err().map(|error| error.to_string()),
///     Some("unknown option \"max_item\" of memory: did you mean \"max_items\"?".to_owned())
/// );
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Options(Map<String, Value>);

impl Options {
    /// Makes an empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes options from text pairs: a URL's parameters, a command line. Values are converted to the type that the
    /// option has; `a.b=c` sets `b` within the option `a`.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if an option stands twice.
    pub fn from_pairs<N: AsRef<str>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self> {
        let mut map = Map::new();
        for (name, value) in pairs {
            let (name, value) = (name.as_ref(), Value::String(value.into()));
            let twice = || Error::invalid(format!("option {name:?} is given twice"));
            match name.split_once('.') {
                Some((outer, inner)) => match map.entry(outer).or_insert_with(|| Value::Object(Map::new())) {
                    Value::Object(entries) if !entries.contains_key(inner) => {
                        entries.insert(inner.to_owned(), value);
                    }
                    _ => return Err(twice()),
                },
                None if map.contains_key(name) => return Err(twice()),
                None => {
                    map.insert(name.to_owned(), value);
                }
            }
        }
        Ok(Self(map))
    }

    /// Takes options from a JSON object.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if it is something else.
    pub fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Object(map) => Ok(Self(map)),
            Value::Null => Ok(Self::default()),
            other => {
                let kind = match other {
                    Value::Bool(_) => "true or false",
                    Value::Number(_) => "a number",
                    Value::String(_) => "a text",
                    _ => "a list",
                };
                Err(Error::invalid(format!("options are an object of names and values, not {kind}")))
            }
        }
    }

    /// Sets an option, over any value that it has.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// Sets an option that must not be set yet to another value.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid), naming the option, if it has another value.
    pub fn set_once(&mut self, name: &str, value: impl Into<Value>) -> Result<()> {
        let value = value.into();
        match self.0.get(name) {
            Some(present) if *present != value => {
                Err(Error::invalid(format!("option {name:?} is given twice, with different values")))
            }
            _ => {
                self.0.insert(name.to_owned(), value);
                Ok(())
            }
        }
    }

    /// Returns an option's value.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Takes an option out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    /// Lists the names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Reads all options into a typed configuration. `known` lists the names that exist, `whose` says whose options they
    /// are.
    ///
    /// Values given as text are converted (`"12"`, `"true"`); null means that the option is not given.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid), naming the option, for a name that is not in `known` or a value that does
    /// not have the type.
    pub fn read<T: DeserializeOwned>(&self, whose: &str, known: &[&str]) -> Result<T> {
        self.check_names(whose, known)?;
        coerce::read(&self.0).map_err(|error| Error::invalid(format!("{error}, in the options of {whose}")))
    }

    fn check_names(&self, whose: &str, known: &[&str]) -> Result<()> {
        match self.names().find(|name| !known.contains(name)) {
            Some(unknown) => Err(unknown_name("option", unknown, whose, known)),
            None => Ok(()),
        }
    }
}

/// Makes the error for a name that does not exist: with the nearest name if one is near, else with all of them.
pub fn unknown_name(what: &str, name: &str, whose: &str, known: &[&str]) -> Error {
    let nearest = known.iter().map(|choice| (distance(name, choice), choice)).min();
    Error::invalid(match nearest {
        Some((edits, choice)) if edits * 2 <= choice.chars().count() => {
            format!("unknown {what} {name:?} of {whose}: did you mean {choice:?}?")
        }
        _ => format!("unknown {what} {name:?} of {whose}: there are {}", known.join(", ")),
    })
}

/// Counts the edits between two words (Levenshtein's distance).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(64).enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (to, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let change = diagonal + usize::from(from != *to);
            diagonal = *cell;
            *cell = change.min(left + 1).min(diagonal + 1);
            left = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Shows the names only: values may be secret.
impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests;
