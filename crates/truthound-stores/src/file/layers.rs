//! The layers of a configuration file, checked against those that this build has.

use serde_json::Value as Json;
use toml::Value;
use truthound_stores_core::options::Options;
use truthound_stores_core::{Error, Result};

use super::parse::{Lookup, table};

/// The layers that the design names: asking for one that this build lacks is no mistake, only early.
const FAMILY: &[&str] =
    &["observability", "backpressure", "caching", "versioning", "retention", "replication"];

/// The layers that this build has.
const AVAILABLE: &[&str] = &[
    #[cfg(feature = "retention")]
    "retention",
];

/// Describes a layer, as a configuration file does. `Debug` shows no values of options.
#[derive(Clone, Debug)]
pub struct FileLayer {
    kind: String,
    options: Options,
}

impl FileLayer {
    /// Returns the type.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Returns the options that stand beside the type.
    pub fn options(&self) -> &Options {
        &self.options
    }
}

/// Reads the layers, the outermost first; errors name a layer by its place (from 1, the outermost) and type.
pub(super) fn read(layers: Value, lookup: Lookup<'_>) -> Result<Vec<FileLayer>> {
    let Value::Array(layers) = layers else {
        return Err(Error::invalid("layers is a list of tables: write [[layers]] above each"));
    };
    layers.into_iter().enumerate().map(|(at, layer)| one(at + 1, layer, lookup)).collect()
}

fn one(place: usize, layer: Value, lookup: Lookup<'_>) -> Result<FileLayer> {
    let Value::Table(mut layer) = layer else {
        return Err(Error::invalid(format!("layer {place} is not a table: write [[layers]] above each")));
    };
    let kind = match layer.remove("type") {
        Some(Value::String(kind)) => kind,
        Some(_) => {
            return Err(Error::invalid(format!("layer {place}: type is not a text: write it in quotes")));
        }
        None => return Err(Error::invalid(format!("layer {place} has no type"))),
    };
    if !AVAILABLE.contains(&kind.as_str()) {
        return Err(refusal(place, &kind));
    }
    let options = table(&format!("layer {place} ({kind})"), layer, lookup)?;
    Ok(FileLayer { kind, options: Options::from_value(Json::Object(options))? })
}

fn refusal(place: usize, kind: &str) -> Error {
    let available = if AVAILABLE.is_empty() { "none".to_owned() } else { AVAILABLE.join(", ") };
    if FAMILY.contains(&kind) {
        let why =
            format!("layer {place}: the type {kind:?} is not part of this build; available: {available}");
        return Error::unsupported(why);
    }
    Error::invalid(format!("layer {place}: unknown type {kind:?}; available: {available}"))
}
