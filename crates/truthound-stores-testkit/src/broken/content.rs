//! Bugs that change what is stored.

use truthound_stores_core::json::{Json, Layout, Number, Object};
use truthound_stores_core::{Attributes, Body, Collection, Ext, Record, Timestamp};

use super::behaviour::Behaviour;

/// A bug that rewrites the text.
#[derive(Debug)]
pub(super) struct Rewrites(pub(super) fn(Json) -> Json);

impl Behaviour for Rewrites {
    fn record(&self, record: Record) -> Record {
        let Ok(json) = record.body.to_json() else { return record };
        let body = Body::from_canonical((self.0)(json).to_vec(Layout::Compact));
        Record { body, ..record }
    }
}

/// Goes through a document from the inside out.
fn map(json: Json, change: fn(Json) -> Json) -> Json {
    change(match json {
        Json::Array(items) => Json::Array(items.into_iter().map(|item| map(item, change)).collect()),
        Json::Object(object) => {
            let members = object.iter().map(|(name, value)| (name.to_owned(), map(value.clone(), change)));
            Json::Object(members.collect())
        }
        other => other,
    })
}

/// What a typed model without room for the unknown does.
pub(super) fn without_unknown_fields(json: Json) -> Json {
    const KNOWN: [&str; 10] = [
        "run_id",
        "run_time",
        "data_asset",
        "status",
        "results",
        "statistics",
        "tags",
        "metadata",
        "suite_name",
        "note",
    ];
    let Json::Object(object) = json else { return json };
    let known = object.iter().filter(|(name, _)| KNOWN.contains(name));
    Json::Object(known.map(|(name, value)| (name.to_owned(), value.clone())).collect())
}

/// What a parser does that makes every number a float.
pub(super) fn with_floats(json: Json) -> Json {
    map(json, |value| match value {
        Json::Number(number) if number.is_finite() => {
            Json::try_from(number.as_f64()).unwrap_or(Json::Number(number))
        }
        other => other,
    })
}

/// What a tree that is kept sorted does, such as the `jsonb` of `PostgreSQL`.
pub(super) fn with_sorted_keys(json: Json) -> Json {
    map(json, |value| match value {
        Json::Object(object) => {
            let mut members: Vec<_> =
                object.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            Json::Object(members.into_iter().collect::<Object>())
        }
        other => other,
    })
}

/// What a strict writer does.
pub(super) fn without_nan(json: Json) -> Json {
    map(json, |value| match &value {
        Json::Number(number) if number.as_str().contains(['N', 'I']) => Json::Null,
        _ => value,
    })
}

/// What C does to strings, and `PostgreSQL` refuses.
pub(super) fn without_nul(json: Json) -> Json {
    map(json, |value| match value {
        Json::String(text) => Json::String(text.replace('\0', "")),
        other => other,
    })
}

/// What the `TEXT` of `MySQL` does: 64 KB and no more.
pub(super) fn of_64_kilobytes(json: Json) -> Json {
    if json.to_vec(Layout::Compact).len() > 65_535 { Json::Object(Object::new()) } else { json }
}

/// What a number type with 53 bits does.
pub(super) fn with_53_bits(json: Json) -> Json {
    map(json, |value| match value {
        Json::Number(number) if !number.as_str().contains(['.', 'e', 'E', 'N', 'I']) => {
            let rounded = format!("{:.0}", number.as_f64());
            Json::Number(Number::parse(&rounded).unwrap_or(number))
        }
        other => other,
    })
}

/// A bug that changes the facts about a document.
#[derive(Debug)]
pub(super) struct Misremembers(pub(super) fn(&mut Attributes));

impl Behaviour for Misremembers {
    fn record(&self, mut record: Record) -> Record {
        (self.0)(&mut record.attributes);
        record
    }
}

/// What a column of type `DATETIME(3)` does.
pub(super) fn in_milliseconds(facts: &mut Attributes) {
    facts.run_time = Timestamp::from_micros(facts.run_time.as_micros().div_euclid(1_000) * 1_000);
}

pub(super) fn without_ext(facts: &mut Attributes) {
    facts.ext = Ext::default();
}

/// What headers of HTTP do to metadata.
pub(super) fn in_ascii(facts: &mut Attributes) {
    let ascii =
        |text: &str| text.chars().map(|char| if char.is_ascii() { char } else { '?' }).collect::<String>();
    facts.tags = facts.tags.iter().map(|(name, value)| (ascii(name), ascii(value))).collect();
}

/// What a column of type `INTEGER` does.
pub(super) fn in_32_bits(facts: &mut Attributes) {
    facts.statistics.total_rows &= 0xffff_ffff;
}

/// What a missing `NULL` does.
pub(super) fn without_empty_suites(facts: &mut Attributes) {
    facts.suite_name = facts.suite_name.take().filter(|name| !name.is_empty());
}

/// Reads the attributes from the text even where the text does not say them.
#[derive(Debug)]
pub(super) struct TrustsTheTextAlone;

impl Behaviour for TrustsTheTextAlone {
    fn record(&self, mut record: Record) -> Record {
        if *record.key.collection() != Collection::RESULTS {
            record.attributes.tags.clear();
        }
        record
    }
}
