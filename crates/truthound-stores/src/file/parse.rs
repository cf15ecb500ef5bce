//! From TOML to a description of the store.

use serde_json::{Map, Number, Value as Json};
use toml::{Table, Value};
use truthound_stores_core::options::{Options, unknown_name};
use truthound_stores_core::{Error, Result, StoreUrl};

use super::expand::expand;
use super::{StoreFile, layers};

pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

pub(super) fn parse(text: &str, name: &str, lookup: Lookup<'_>) -> Result<StoreFile> {
    let mut file = text.parse::<Table>().map_err(|error| not_toml(text, &error))?;
    let store = file.remove("store");
    let layers = file.remove("layers");
    if let Some(unknown) = file.keys().next() {
        return Err(unknown_name("key", unknown, "the configuration", &["store", "layers"]));
    }
    let mut options = match store {
        Some(Value::Table(store)) => table("store", store, lookup)?,
        Some(_) => return Err(Error::invalid("store is not a table: write [store] above its keys")),
        None => return Err(Error::invalid("the configuration has no table [store]")),
    };
    let url = match take_text(&mut options, "url")? {
        Some(url) => Some(
            url.parse::<StoreUrl>()
                .map_err(|error| Error::new(error.kind(), format!("store.url: {}", error.message())))?,
        ),
        None => None,
    };
    let backend = take_text(&mut options, "backend")?;
    if url.is_none() && backend.is_none() {
        return Err(Error::invalid("[store] names no store: give it a url or a backend"));
    }
    let layers = layers.map(|layers| layers::read(layers, lookup)).transpose()?.unwrap_or_default();
    Ok(StoreFile {
        name: name.to_owned(),
        url,
        backend,
        options: Options::from_value(Json::Object(options))?,
        layers,
    })
}

/// Says where the text stops being TOML. The parser's own rendering quotes the line, which may hold a secret.
pub(super) fn not_toml(text: &str, error: &toml::de::Error) -> Error {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Error::invalid(format!("not TOML, line {line}, column {column}: {}", error.message()))
}

pub(super) fn table(key: &str, table: Table, lookup: Lookup<'_>) -> Result<Map<String, Json>> {
    let entries = table.into_iter().map(|(name, value)| {
        let value = json(&format!("{key}.{name}"), value, lookup)?;
        Ok((name, value))
    });
    entries.collect()
}

fn json(key: &str, value: Value, lookup: Lookup<'_>) -> Result<Json> {
    Ok(match value {
        Value::String(text) => Json::String(expand(key, &text, lookup)?),
        Value::Integer(number) => number.into(),
        Value::Float(number) => match Number::from_f64(number) {
            Some(number) => Json::Number(number),
            None => return Err(Error::invalid(format!("{key} is not a finite number"))),
        },
        Value::Boolean(truth) => truth.into(),
        Value::Datetime(time) => time.to_string().into(),
        Value::Array(items) => {
            let items = items.into_iter().enumerate();
            Json::Array(
                items.map(|(at, item)| json(&format!("{key}[{at}]"), item, lookup)).collect::<Result<_>>()?,
            )
        }
        Value::Table(entries) => Json::Object(table(key, entries, lookup)?),
    })
}

fn take_text(options: &mut Map<String, Json>, name: &str) -> Result<Option<String>> {
    match options.remove(name) {
        None => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(_) => Err(Error::invalid(format!("store.{name} is not a text: write it in quotes"))),
    }
}
