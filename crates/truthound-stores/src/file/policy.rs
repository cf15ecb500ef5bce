//! Files of retention policies: TOML, YAML or JSON.

use std::path::Path;

use serde_json::{Map, Value};
use toml::Table;
use truthound_stores_core::codec::{Limits, decode};
use truthound_stores_core::options::Options;
use truthound_stores_core::{Error, Result};

use super::expand::expand;
use super::parse::{Lookup, not_toml, table};
use super::text_of;

/// Holds the settings of retention, as a file of policies gives them.
///
/// The file has the keys of a `[[layers]]` table of the type `retention` at its top, as TOML; as YAML (feature `yaml`) or JSON if its name ends in `.yaml`, `.yml`
/// or `.json`. `${NAME}` in a text value stands for an environment variable, as in [`StoreFile`](crate::StoreFile).
///
/// ```toml
/// grace_days = 7
/// archive = "file:/backup/results"
///
/// [[policies]]
/// type = "time"
/// max_age_days = 90
/// action = "archive"
/// ```
///
/// `Debug` shows no values.
///
/// # Examples
/// ```
/// use truthound_stores::{PolicyFile, RetentionConfig};
///
/// let text = "policies = [{ type = 'count', max_count = 100, per_asset = true }]";
/// let file = PolicyFile::parse(text, "policies.toml", &|_| None)?;
/// assert_eq!(RetentionConfig::from_options(file.options())?.policies.len(), 1);
/// # Ok::<(), truthound_stores::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PolicyFile {
    name: String,
    options: Options,
}

impl PolicyFile {
    /// Parses the text of a file; its `name` says the format and is what errors call it, `lookup` answers the value of an environment variable.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for text that is not of its format, and for a variable that is not set;
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for a format that is not part of this build. Each names the file.
    pub fn parse(text: &str, name: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let read = options(text, name, lookup).map_err(|error| error.with("file", name))?;
        Ok(Self { name: name.to_owned(), options: read })
    }

    /// Reads and parses a file of at most 1 MiB, in the calling thread.
    ///
    /// # Errors
    /// As for [`parse`](Self::parse), and as for [`StoreFile::read`](crate::StoreFile::read).
    pub fn read(path: impl AsRef<Path>, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let text = text_of(path, "file of policies").map_err(|error| error.with("file", &*name))?;
        Self::parse(&text, &name, lookup)
    }

    /// Returns what errors call the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the settings, for [`RetentionConfig::from_options`](crate::RetentionConfig::from_options) and
    /// [`Registry::open_retention`](crate::Registry::open_retention).
    pub fn options(&self) -> &Options {
        &self.options
    }
}

fn options(text: &str, name: &str, lookup: Lookup<'_>) -> Result<Options> {
    let ends_in = |ending: &str| name.len() > ending.len() && name.to_lowercase().ends_with(ending);
    let is_yaml = ends_in(".yaml") || ends_in(".yml");
    if !is_yaml && !ends_in(".json") {
        let toml = text.parse::<Table>().map_err(|error| not_toml(text, &error))?;
        return Options::from_value(Value::Object(table("policies", toml, lookup)?));
    }
    // The reader of documents knows the formats by these names.
    let decoded =
        decode(if is_yaml { "policies.yaml" } else { "policies.json" }, text.as_bytes(), &Limits::default())
            .map_err(|error| Error::new(mistake(&error), error.message().to_owned()))?;
    let value = serde_json::from_slice(&decoded.json)
        .map_err(|cause| Error::invalid("the file holds a number that is none").caused_by(cause))?;
    Options::from_value(expanded("policies", value, lookup)?)
}

/// A file that a person wrote is wrong, and not damaged.
fn mistake(error: &Error) -> crate::ErrorKind {
    match error.kind() {
        crate::ErrorKind::Corrupt => crate::ErrorKind::Invalid,
        other => other,
    }
}

fn expanded(key: &str, value: Value, lookup: Lookup<'_>) -> Result<Value> {
    Ok(match value {
        Value::String(text) => Value::String(expand(key, &text, lookup)?),
        Value::Array(items) => {
            let items = items.into_iter().enumerate();
            let items = items.map(|(at, item)| expanded(&format!("{key}[{at}]"), item, lookup));
            Value::Array(items.collect::<Result<_>>()?)
        }
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| {
                let value = expanded(&format!("{key}.{name}"), value, lookup)?;
                Ok((name, value))
            });
            Value::Object(members.collect::<Result<Map<_, _>>>()?)
        }
        other => other,
    })
}

#[cfg(test)]
mod tests;
