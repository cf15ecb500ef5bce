//! Validators whose outcome changed.

use std::collections::HashMap;

use truthound_stores::json::Json;

use super::values::{self, ValueChange};

/// What happened to a validator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    /// It passed, or was not there, and fails now.
    Broke,
    /// It failed and passes now.
    Fixed,
    /// It has the same outcome with other findings.
    Changed,
    /// It is new, and passes.
    Added,
    /// It is gone.
    Removed,
}

impl Change {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Broke => "broke",
            Self::Fixed => "fixed",
            Self::Changed => "changed",
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }
}

/// A validator that changed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ValidatorChange {
    pub(crate) change: Change,
    pub(crate) name: String,
    pub(crate) column: Option<String>,
    /// The entry as it was, if there was one.
    pub(crate) from: Option<Json>,
    /// The entry as it is, if there is one.
    pub(crate) to: Option<Json>,
    /// The fields that differ; running times do not count.
    pub(crate) fields: Vec<ValueChange>,
}

/// A validator's name, its column, and which one it is of several with both.
type Name = (String, Option<String>, usize);

/// Compares the `results` of two documents: what broke first, then what was fixed, and so on.
///
/// A run names the column of a check that fails, and none for one that passes everywhere. So a failing entry without a
/// counterpart is one that broke or was fixed if the other run has its validator passing without a column.
pub(super) fn compare(before: &Json, after: &Json) -> Vec<ValidatorChange> {
    let (old, new) = (entries(before), entries(after));
    let (old_names, new_names) = (names(&old), names(&new));
    let mut changes = Vec::new();
    for (name, from) in &old {
        let Some(to) = new_names.get(name) else {
            let fixed = !passes(from) && passes_everywhere(&new_names, name);
            if fixed || !is_summary_of(name, from, &new) {
                let change = if fixed { Change::Fixed } else { Change::Removed };
                changes.push(ValidatorChange::new(change, name, Some(from), None));
            }
            continue;
        };
        let mut change = ValidatorChange::new(Change::Changed, name, Some(from), Some(to));
        values::compare("", &without_time(from), &without_time(to), &mut change.fields);
        change.change = match (passes(from), passes(to)) {
            (true, false) => Change::Broke,
            (false, true) => Change::Fixed,
            _ if change.fields.is_empty() => continue,
            _ => Change::Changed,
        };
        changes.push(change);
    }
    for (name, to) in new.iter().filter(|(name, _)| !old_names.contains_key(name)) {
        if !passes(to) {
            changes.push(ValidatorChange::new(Change::Broke, name, None, Some(to)));
        } else if !is_summary_of(name, to, &old) {
            changes.push(ValidatorChange::new(Change::Added, name, None, Some(to)));
        }
    }
    changes.sort_by_key(|change| change.change);
    changes
}

/// Lists the entries of a document under names of their own.
fn entries(document: &Json) -> Vec<(Name, &Json)> {
    let mut seen: HashMap<(String, Option<String>), usize> = HashMap::new();
    let results = document.get("results").and_then(Json::as_array).unwrap_or_default();
    results
        .iter()
        .map(|entry| {
            let text = |field| entry.get(field).and_then(Json::as_str).map(str::to_owned);
            let (validator, column) = (text("validator_name").unwrap_or_default(), text("column"));
            let count = seen.entry((validator.clone(), column.clone())).or_default();
            *count += 1;
            ((validator, column, *count), entry)
        })
        .collect()
}

fn names<'a>(entries: &[(Name, &'a Json)]) -> HashMap<Name, &'a Json> {
    entries.iter().cloned().collect()
}

fn passes(entry: &Json) -> bool {
    entry.get("success").and_then(Json::as_bool).unwrap_or(false)
}

/// Tells whether a run has the validator of `name` passing for all columns at once.
fn passes_everywhere(names: &HashMap<Name, &Json>, name: &Name) -> bool {
    name.1.is_some() && names.get(&(name.0.clone(), None, 1)).is_some_and(|entry| passes(entry))
}

/// Tells whether an entry says that a validator passes everywhere which in the other run fails somewhere: the failing
/// entries tell that story.
fn is_summary_of(name: &Name, entry: &Json, others: &[(Name, &Json)]) -> bool {
    name.1.is_none()
        && passes(entry)
        && others.iter().any(|(other, entry)| other.0 == name.0 && other.1.is_some() && !passes(entry))
}

fn without_time(entry: &Json) -> Json {
    let mut entry = entry.clone();
    if let Some(members) = entry.as_object_mut() {
        members.remove("execution_time_ms");
    }
    entry
}

impl ValidatorChange {
    fn new(change: Change, name: &Name, from: Option<&Json>, to: Option<&Json>) -> Self {
        Self {
            change,
            name: name.0.clone(),
            column: name.1.clone(),
            from: from.cloned(),
            to: to.cloned(),
            fields: Vec::new(),
        }
    }
}
