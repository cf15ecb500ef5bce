//! What changed between two documents.

mod print;
mod validators;
mod values;

use truthound_stores::json::{Json, Object};

pub(crate) use print::print;
pub(crate) use validators::{Change, ValidatorChange};
pub(crate) use values::{ValueChange, same};

/// Fields that have a part of their own, or that differ by nature.
const TREATED: [&str; 5] = ["run_id", "run_time", "status", "results", "statistics"];

/// All that differs between two documents, but for id and time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Difference {
    /// How the status went, where it changed.
    pub(crate) status: Option<(Json, Json)>,
    /// The validators whose outcome or findings changed.
    pub(crate) validators: Vec<ValidatorChange>,
    /// The statistics that changed, by name.
    pub(crate) statistics: Vec<ValueChange>,
    /// Everything else that changed, by path.
    pub(crate) values: Vec<ValueChange>,
}

impl Difference {
    /// Tells whether nothing changed.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Compares two documents.
///
/// Numbers are equal if their values are, objects whatever the order of their names.
pub(crate) fn compare(before: &Json, after: &Json) -> Difference {
    let field = |document: &Json, name: &str| document.get(name).cloned().unwrap_or_default();
    let (old, new) = (field(before, "status"), field(after, "status"));
    let mut statistics = Vec::new();
    values::compare("", &field(before, "statistics"), &field(after, "statistics"), &mut statistics);
    let mut rest = Vec::new();
    values::compare("", &without_treated(before), &without_treated(after), &mut rest);
    Difference {
        status: (!same(&old, &new)).then_some((old, new)),
        validators: validators::compare(before, after),
        statistics,
        values: rest,
    }
}

fn without_treated(document: &Json) -> Json {
    match document.as_object() {
        Some(members) => {
            let rest = members.iter().filter(|(name, _)| !TREATED.contains(name));
            Json::Object(rest.map(|(name, value)| (name.to_owned(), value.clone())).collect::<Object>())
        }
        None => document.clone(),
    }
}

#[cfg(test)]
mod tests;
