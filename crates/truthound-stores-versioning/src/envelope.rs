//! The record of a version: its facts, what it changed, and the document.
//!
//! `{"id":…,"data_asset":…,"run_time":…,"status":"version","tags":{…},"attributes":…,"changes":…,"document":…}`. The document stands last
//! and in its own canonical text, so that it is cut out as it was put in. One that is as deep as documents may be would be too deep here:
//! it stands as a string under `text`.

use truthound_stores_core::json::{Json, Layout, MAX_DEPTH, Object, Token, Tokens};
use truthound_stores_core::{Attributes, Body, Error, Record, Result, Status, Stored};

use crate::checksum::hex;
use crate::diff::{ChangeKind, ChangedPath};
use crate::facts::{FACTS, Facts};
use crate::place::{Place, ordinal_time};

/// The most paths that are kept with a version.
pub(crate) const MAX_PATHS: usize = 500;

/// What a version's record holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sheet {
    pub(crate) facts: Facts,
    /// What is known of the document beside what its text says; none if the text says it all.
    pub(crate) attributes: Option<Attributes>,
    /// Which paths changed against the parent; none if that was not kept.
    pub(crate) changes: Option<Vec<ChangedPath>>,
    /// The content; none if another version's record has it, or if there is none.
    pub(crate) document: Option<Body>,
}

impl Sheet {
    /// Writes the record, sealed.
    ///
    /// # Errors
    /// `Internal` if the attributes cannot be written.
    pub(crate) fn to_record(&self, place: &Place) -> Result<Record> {
        let key = place.version(self.facts.id)?;
        let mut beside = Object::new();
        if let Some(attributes) = &self.attributes {
            let text = serde_json::to_vec(attributes).map_err(|cause| {
                Error::invalid("the attributes of the document cannot be written")
                    .at(&place.item)
                    .caused_by(cause)
            })?;
            beside.set("attributes", Json::parse(&text)?);
        }
        if let Some(changes) = &self.changes {
            beside.set("changes", Json::Array(changes.iter().take(MAX_PATHS).map(path_json).collect()));
        }
        let mut facts = self.facts.clone();
        facts.extra = extra(&beside);
        let tags = facts.to_tags(key.id());
        let mut attributes =
            Attributes::new(place.digest.clone(), ordinal_time(facts.id.ordinal), Status::from(STATUS));
        attributes.tags = tags.into();
        let mut header = Object::new();
        header.set("id", key.id());
        header.set("data_asset", attributes.data_asset.as_str());
        header.set("run_time", attributes.run_time.to_string());
        header.set("status", STATUS);
        let mut tags = Object::new();
        for (name, value) in &attributes.tags {
            let value =
                if name == FACTS { Json::parse(value.as_bytes())? } else { Json::from(value.as_str()) };
            tags.set(name.as_str(), value);
        }
        header.set("tags", Json::Object(tags));
        for (name, value) in &beside {
            header.set(name, value.clone());
        }
        let mut text = Json::Object(header).to_vec(Layout::Compact);
        if let Some(document) = &self.document {
            text.pop();
            if depth(document.as_bytes()) < MAX_DEPTH {
                text.extend_from_slice(b",\"document\":");
                text.extend_from_slice(document.as_bytes());
            } else {
                text.extend_from_slice(b",\"text\":");
                text.extend_from_slice(&Json::from(document.as_str()).to_vec(Layout::Compact));
            }
            text.push(b'}');
        }
        Ok(Record::new(key, attributes, Body::from_canonical(text)))
    }

    /// Reads a record, and checks its seals. The content is not checked against its checksum: that is the reader's, who may have it from elsewhere.
    ///
    /// # Errors
    /// `Corrupt` if anything was altered.
    pub(crate) fn of(place: &Place, stored: Stored) -> Result<Self> {
        let facts = Facts::of(place, &stored.meta)?;
        let record = stored.meta.key.to_string();
        let body = stored.into_body()?;
        let damaged = |cause: Error| {
            Error::corrupt("the record of a version is damaged")
                .at(&place.item)
                .with("record", record.clone())
                .caused_by(cause)
        };
        let (header, document) = split(body.as_bytes()).map_err(&damaged)?;
        let mut beside = Object::new();
        for name in ["attributes", "changes"] {
            if let Some(value) = header.get(name) {
                beside.set(name, value.clone());
            }
        }
        if extra(&beside) != facts.extra {
            return Err(damaged(Error::corrupt("what it keeps beside the document was altered")));
        }
        let attributes = beside.get("attributes").map(|json| {
            serde_json::from_slice(&json.to_vec(Layout::Compact))
                .map_err(|cause| damaged(Error::corrupt("its attributes cannot be read").caused_by(cause)))
        });
        let changes = beside
            .get("changes")
            .and_then(Json::as_array)
            .map(|paths| paths.iter().filter_map(path_of).collect());
        Ok(Self { attributes: attributes.transpose()?, facts, changes, document })
    }
}

const STATUS: &str = "version";

fn path_json(change: &ChangedPath) -> Json {
    Json::Array(vec![Json::from(change.kind.as_str()), Json::from(change.path.as_str())])
}

fn path_of(json: &Json) -> Option<ChangedPath> {
    let [kind, path] = json.as_array()? else { return None };
    Some(ChangedPath { kind: ChangeKind::of(kind.as_str()?)?, path: path.as_str()?.to_owned() })
}

/// Hashes what stands beside facts and content.
fn extra(beside: &Object) -> Option<String> {
    if beside.is_empty() {
        return None;
    }
    let hash = blake3::hash(&Json::Object(beside.clone()).to_vec(Layout::Compact));
    Some(hex(hash.as_bytes().get(..16).unwrap_or_default()))
}

/// Cuts the document out of a record.
fn split(text: &[u8]) -> Result<(Json, Option<Body>)> {
    let mut tokens = Tokens::new(text);
    let mut depth = 0_usize;
    while let Some(token) = tokens.next() {
        match token? {
            Token::BeginArray | Token::BeginObject => depth += 1,
            Token::EndArray | Token::EndObject => depth = depth.saturating_sub(1),
            Token::Key(name) if depth == 1 && matches!(name.raw(), "document" | "text") => {
                let whole = name.raw() == "document";
                // The comma before the name's opening quote, and the colon after its closing one.
                let cut = tokens.offset().checked_sub(name.raw().len() + 3);
                let header = cut.and_then(|cut| text.get(..cut)).unwrap_or_default();
                let content = text.get(tokens.offset() + 1..text.len().saturating_sub(1)).unwrap_or_default();
                let header = Json::parse(&[header, b"}"].concat())?;
                let document = if whole {
                    Body::from_canonical(content.to_vec())
                } else {
                    let text = Json::parse(content)?;
                    Body::from_canonical(text.as_str().unwrap_or_default().to_owned())
                };
                return Ok((header, Some(document)));
            }
            _ => {}
        }
    }
    Ok((Json::parse(text)?, None))
}

/// Measures how deep a canonical text nests.
fn depth(text: &[u8]) -> usize {
    let (mut now, mut most, mut quoted, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                now += 1;
                most = most.max(now);
            }
            b']' | b'}' if !quoted => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}

#[cfg(test)]
mod tests;
