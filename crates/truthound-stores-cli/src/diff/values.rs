//! Values that differ, by path.

use truthound_stores::json::{Json, Number};

/// A value that changed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ValueChange {
    /// Where it is: `metadata.scheduler.try`, `tags["odd.name"]`, `expectations[2].mostly`.
    pub(crate) path: String,
    /// What it was; nothing if it is new.
    pub(crate) from: Option<Json>,
    /// What it is; nothing if it is gone.
    pub(crate) to: Option<Json>,
}

/// Adds what differs between two values that stand at `path`.
pub(super) fn compare(path: &str, from: &Json, to: &Json, changes: &mut Vec<ValueChange>) {
    match (from, to) {
        (Json::Object(old), Json::Object(new)) => {
            for (name, value) in old {
                let path = member(path, name);
                match new.get(name) {
                    Some(other) => compare(&path, value, other, changes),
                    None => changes.push(ValueChange { path, from: Some(value.clone()), to: None }),
                }
            }
            for (name, value) in new.iter().filter(|(name, _)| !old.contains(name)) {
                changes.push(ValueChange { path: member(path, name), from: None, to: Some(value.clone()) });
            }
        }
        (Json::Array(old), Json::Array(new)) => {
            for index in 0..old.len().max(new.len()) {
                let path = format!("{path}[{index}]");
                match (old.get(index), new.get(index)) {
                    (Some(from), Some(to)) => compare(&path, from, to, changes),
                    (from, to) => changes.push(ValueChange { path, from: from.cloned(), to: to.cloned() }),
                }
            }
        }
        _ if same(from, to) => {}
        _ => {
            let path = path.to_owned();
            changes.push(ValueChange { path, from: Some(from.clone()), to: Some(to.clone()) });
        }
    }
}

fn member(path: &str, name: &str) -> String {
    let is_plain =
        !name.is_empty() && name.chars().all(|char| char.is_alphanumeric() || char == '_' || char == '-');
    if !is_plain {
        return format!("{path}[{}]", Json::from(name));
    }
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Tells whether two values mean the same.
pub(crate) fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => same_number(a, b),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| same(value, other)))
        }
        _ => a == b,
    }
}

#[allow(clippy::float_cmp, reason = "equal values are wanted, not near ones")]
fn same_number(a: &Number, b: &Number) -> bool {
    if a == b {
        return true;
    }
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => a == b,
        // Beyond 64 bits floats would call different integers equal.
        (None, None) => a.as_f64().abs() < 2f64.powi(53) && a.as_f64() == b.as_f64(),
        _ => false,
    }
}
