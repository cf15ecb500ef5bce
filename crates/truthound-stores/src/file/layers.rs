//! The layers of a configuration file, checked against those that this build has: none yet.

use toml::Value;
use truthound_stores_core::{Error, Result};

/// The layers that the design names: asking for one is no mistake, only early.
const FAMILY: &[&str] =
    &["observability", "backpressure", "caching", "versioning", "retention", "replication"];

/// Refuses every layer, by its place (from 1, the outermost) and type.
pub(super) fn check(layers: &Value) -> Result<()> {
    let Value::Array(layers) = layers else {
        return Err(Error::invalid("layers is a list of tables: write [[layers]] above each"));
    };
    match layers.first() {
        None => Ok(()),
        Some(outermost) => Err(refusal(outermost)),
    }
}

fn refusal(layer: &Value) -> Error {
    let Value::Table(layer) = layer else {
        return Error::invalid("layer 1 is not a table: write [[layers]] above each");
    };
    match layer.get("type") {
        Some(Value::String(kind)) if FAMILY.contains(&kind.as_str()) => Error::unsupported(format!(
            "layer 1: the type {kind:?} is not part of this build; available: none"
        )),
        Some(Value::String(kind)) => {
            Error::invalid(format!("layer 1: unknown type {kind:?}; available: none"))
        }
        Some(_) => Error::invalid("layer 1: type is not a text: write it in quotes"),
        None => Error::invalid("layer 1 has no type"),
    }
}
