//! Finds a document's id and attributes in its text, in one pass and without building a tree.

use std::collections::BTreeMap;

use crate::json::{Number, Token, Tokens};
use crate::{Attributes, Collection, Error, Result, Statistics, Status, Timestamp, Zone};

mod walk;

use walk::{Value, Walk};

/// Says how documents are read.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Reading {
    /// The zone of times without an offset. Default: UTC.
    pub assume_timezone: Zone,
    /// The time of a document that carries none, in collections that allow that. Default: 1970.
    pub fallback_time: Option<Timestamp>,
}

impl Reading {
    /// Sets the zone of times without an offset.
    #[must_use]
    pub fn with_assume_timezone(mut self, zone: Zone) -> Self {
        self.assume_timezone = zone;
        self
    }

    /// Sets the time of documents that carry none.
    #[must_use]
    pub fn with_fallback_time(mut self, time: Timestamp) -> Self {
        self.fallback_time = Some(time);
        self
    }
}

/// Finds the id and the attributes of a document of `collection`.
///
/// - `results` require `run_id`, `run_time`, `data_asset` and `status`, all strings; `tags`, `suite_name`
///   and `statistics` may be missing or null.
/// - `expectations` require `name` (the id) and `data_asset`; their time is `updated_at`, else `created_at`;
///   they have no status; `tags` may be missing or null.
/// - Any other collection requires `id`, `run_id` or `name` (the first of them is the id); time is `run_time`,
///   `updated_at`, `created_at`, or [`Reading::fallback_time`].
///
/// Half of a surrogate pair, which Python writes and Unicode text cannot hold, makes an id unusable; elsewhere it counts as U+FFFD.
/// Tags whose value is no string count as their JSON text; tags that are null do not count. Counts that are
/// no numbers, or negative, count as 0. Of a name that stands twice the last value holds.
///
/// # Errors
/// [`Invalid`](crate::ErrorKind::Invalid), naming the field, if something required is missing or has the wrong
/// type, or if a time is unreadable.
pub fn describe(collection: &Collection, text: &[u8], reading: &Reading) -> Result<(String, Attributes)> {
    let fields = Fields::find(text)?;
    if *collection == Collection::RESULTS {
        let id = fields.required("run_id")?;
        let run_time = fields.time(&["run_time"], reading)?.ok_or_else(|| missing("run_time"))?;
        let mut attributes = Attributes::new(fields.required("data_asset")?, run_time, Status::NONE);
        attributes.status = Status::from(fields.required("status")?);
        return Ok((id, fields.complete(attributes)));
    }
    let time = |names: &[&'static str]| -> Result<Timestamp> {
        let found = fields.time(names, reading)?;
        Ok(found.or(reading.fallback_time).unwrap_or(Timestamp::UNIX_EPOCH))
    };
    if *collection == Collection::EXPECTATIONS {
        let id = fields.required("name")?;
        let asset = fields.required("data_asset")?;
        let attributes = Attributes::new(asset, time(&["updated_at", "created_at"])?, Status::NONE)
            .with_suite_name(id.clone());
        return Ok((id, fields.complete(attributes)));
    }
    let id = match ["id", "run_id", "name"].into_iter().find(|name| fields.is_set(name)) {
        Some(name) => fields.required(name)?,
        None => {
            return Err(Error::invalid(format!(
                "the document has no id: a document of the collection {collection} carries \"id\", \
                 \"run_id\" or \"name\""
            )));
        }
    };
    let asset = fields.optional("data_asset")?.unwrap_or_default();
    let status = fields.optional("status")?.map_or(Status::NONE, Status::from);
    let run_time = time(&["run_time", "updated_at", "created_at"])?;
    Ok((id, fields.complete(Attributes::new(asset, run_time, status))))
}

fn missing(name: &str) -> Error {
    Error::invalid(format!("the document has no \"{name}\""))
}

/// What stands in the document's outermost object, as far as it matters here.
#[derive(Default)]
struct Fields {
    texts: BTreeMap<&'static str, Value>,
    tags: BTreeMap<String, String>,
    statistics: Statistics,
}

const TEXTS: [&str; 9] =
    ["run_id", "run_time", "data_asset", "status", "suite_name", "name", "id", "updated_at", "created_at"];

const IDS: [&str; 3] = ["run_id", "name", "id"];

impl Fields {
    fn find(text: &[u8]) -> Result<Self> {
        let mut walk = Walk::new(text);
        let mut fields = Self::default();
        walk.begin_object()?;
        while let Some(name) = walk.next_key()? {
            if let Some(known) = TEXTS.into_iter().find(|known| *known == name) {
                fields.texts.insert(known, walk.value()?);
            } else if name == "tags" {
                fields.tags = Self::read_tags(&mut walk)?;
            } else if name == "statistics" {
                fields.statistics = Self::read_statistics(&mut walk)?;
            } else {
                walk.value()?;
            }
        }
        walk.end()?;
        Ok(fields)
    }

    fn read_tags(walk: &mut Walk<'_>) -> Result<BTreeMap<String, String>> {
        let mut tags = BTreeMap::new();
        if walk.enter_object()? {
            while let Some(name) = walk.next_key()? {
                match walk.value_as_text()? {
                    Some(text) => tags.insert(name.into_owned(), text),
                    None => tags.remove(&*name),
                };
            }
        }
        Ok(tags)
    }

    fn read_statistics(walk: &mut Walk<'_>) -> Result<Statistics> {
        let mut counts = Statistics::default();
        if !walk.enter_object()? {
            return Ok(counts);
        }
        while let Some(name) = walk.next_key()? {
            let value = walk.value()?;
            let count = match &value {
                Value::Number(number) => whole(number),
                _ => 0,
            };
            match &*name {
                "total_validators" => counts.total_validators = count,
                "passed_validators" => counts.passed_validators = count,
                "failed_validators" => counts.failed_validators = count,
                "error_validators" => counts.error_validators = count,
                "total_rows" => counts.total_rows = count,
                "total_columns" => counts.total_columns = count,
                "total_issues" => counts.total_issues = count,
                "critical_issues" => counts.critical_issues = count,
                "high_issues" => counts.high_issues = count,
                "medium_issues" => counts.medium_issues = count,
                "low_issues" => counts.low_issues = count,
                "execution_time_ms" => {
                    if let Value::Number(number) = &value {
                        let time = number.as_f64();
                        counts.execution_time_ms = if time.is_finite() { time } else { 0.0 };
                    }
                }
                _ => {}
            }
        }
        Ok(counts)
    }

    fn is_set(&self, name: &str) -> bool {
        self.texts.get(name).is_some_and(|value| *value != Value::Null)
    }

    fn optional(&self, name: &'static str) -> Result<Option<String>> {
        match self.texts.get(name) {
            None | Some(Value::Null) => Ok(None),
            // Two ids must not become one by losing what they differ in.
            Some(Value::Half(_)) if IDS.contains(&name) => Err(Error::invalid(format!(
                "\"{name}\" holds half of a surrogate pair: an id is Unicode text"
            ))),
            Some(Value::Text(text) | Value::Half(text)) => Ok(Some(text.clone())),
            Some(other) => {
                Err(Error::invalid(format!("\"{name}\" is {}: it must be a string", other.article())))
            }
        }
    }

    fn required(&self, name: &'static str) -> Result<String> {
        self.optional(name)?.ok_or_else(|| missing(name))
    }

    fn time(&self, names: &[&'static str], reading: &Reading) -> Result<Option<Timestamp>> {
        for name in names {
            if let Some(text) = self.optional(name)? {
                let parsed = Timestamp::parse(&text, &reading.assume_timezone);
                return parsed.map(Some).map_err(|error| error.with("field", *name));
            }
        }
        Ok(None)
    }

    fn complete(self, mut attributes: Attributes) -> Attributes {
        // Truthound checks no types: a suite's name that is no string is as good as none.
        if let Some(Value::Text(name)) = self.texts.get("suite_name") {
            attributes.suite_name = Some(name.clone());
        }
        attributes.tags = self.tags.into();
        attributes.statistics = self.statistics;
        attributes
    }
}

/// Reads a count: real documents hold `3.0` where a whole number is meant.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, and 0 stands for NaN"
)]
fn whole(number: &Number) -> u64 {
    number.as_u64().unwrap_or_else(|| number.as_f64() as u64)
}

#[cfg(test)]
mod tests;
