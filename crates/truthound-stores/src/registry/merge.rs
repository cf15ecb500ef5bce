//! Joins the options of two places.

use serde_json::Value;
use serde_json::map::Entry;
use truthound_stores_core::options::Options;
use truthound_stores_core::{Error, Result};

/// Adds the options `beside` to those of `place`, entry by entry where both are tables.
///
/// # Errors
/// Names the option that has another value in each. Numbers and truth values equal the text that says the same, because
/// a URL has text only.
pub(super) fn merge(mut options: Options, place: &str, beside: &Options) -> Result<Options> {
    for name in beside.names() {
        let Some(value) = beside.get(name).filter(|value| !value.is_null()) else { continue };
        let joined = match options.remove(name) {
            None | Some(Value::Null) => value.clone(),
            Some(present) => join(name, place, present, value)?,
        };
        options = options.with(name, joined);
    }
    Ok(options)
}

fn join(name: &str, place: &str, present: Value, beside: &Value) -> Result<Value> {
    match (present, beside) {
        (Value::Object(mut table), Value::Object(more)) => {
            for (inner, value) in more {
                match table.entry(inner) {
                    Entry::Vacant(free) => {
                        free.insert(value.clone());
                    }
                    Entry::Occupied(mut taken) => {
                        let present = taken.get_mut().take();
                        taken.insert(join(&format!("{name}.{inner}"), place, present, value)?);
                    }
                }
            }
            Ok(Value::Object(table))
        }
        (present, beside) if present == *beside || same_text(&present, beside) => Ok(present),
        _ => Err(Error::invalid(format!(
            "option {name:?} is given twice, with different values: in {place} and beside it"
        ))),
    }
}

/// Tells whether one is text that says what the other is.
fn same_text(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(text), other) | (other, Value::String(text)) => match other {
            Value::Bool(truth) => text == if *truth { "true" } else { "false" },
            Value::Number(number) => number.to_string().as_str() == text,
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests;
