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
    #[cfg(feature = "versioning")]
    "versioning",
];

/// Describes a layer, as a configuration file does. `Debug` shows no values of options.
#[derive(Clone, Debug)]
pub struct FileLayer {
    kind: String,
    options: Options,
}

impl FileLayer {
    /// Reads a layer as a command line names it: `NAME`, or `NAME:key=value,key=value`. A comma that belongs to a value is written `\\,`.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for an unknown name, an option without `=` and one that is given twice;
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for a layer that is not part of this build. Whether the options are right is found when a store is wrapped.
    ///
    /// # Examples
    /// ```
    /// # #[cfg(feature = "versioning")] {
    /// use truthound_stores::FileLayer;
    ///
    /// let layer = FileLayer::parse("versioning:mode=semantic,max_versions=10")?;
    /// assert_eq!(layer.kind(), "versioning");
    /// assert_eq!(layer.options().names().collect::<Vec<_>>(), ["max_versions", "mode"]);
    /// # }
    /// # Ok::<(), truthound_stores::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        if !AVAILABLE.contains(&kind) {
            return Err(refusal("the layer", kind));
        }
        let pairs = split(rest).into_iter().map(|pair| match pair.split_once('=') {
            Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
            None => Err(Error::invalid(format!(
                "the layer {kind}: {pair:?} is no option: write name=value, with commas between them"
            ))),
        });
        let pairs = pairs.collect::<Result<Vec<_>>>()?;
        Ok(Self { kind: kind.to_owned(), options: Options::from_pairs(pairs)? })
    }

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
    let layers: Vec<FileLayer> = layers
        .into_iter()
        .enumerate()
        .map(|(at, layer)| one(at + 1, layer, lookup))
        .collect::<Result<_>>()?;
    check(&layers)?;
    Ok(layers)
}

/// Refuses a type of layer that stands twice around a store: of two layers of versions the inner one owns the records that the outer one would write, and of two
/// layers of retention only one has a say.
pub(crate) fn check(layers: &[FileLayer]) -> Result<()> {
    for (at, layer) in layers.iter().enumerate() {
        let before = layers.iter().take(at).position(|other| other.kind() == layer.kind());
        if let Some(before) = before {
            return Err(Error::invalid(format!(
                "layers {} and {} are both of the type {:?}, which a store has once: leave one of them out",
                before + 1,
                at + 1,
                layer.kind()
            )));
        }
    }
    Ok(())
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
        return Err(refusal(&format!("layer {place}"), &kind));
    }
    let options = table(&format!("layer {place} ({kind})"), layer, lookup)?;
    Ok(FileLayer { kind, options: Options::from_value(Json::Object(options))? })
}

/// Splits at commas; one behind a backslash is part of the text.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match (char, parts.last_mut()) {
            (',', _) => parts.push(String::new()),
            ('\\', Some(part)) if chars.peek() == Some(&',') => part.extend(chars.next()),
            (char, Some(part)) => part.push(char),
            (_, None) => {}
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn refusal(place: &str, kind: &str) -> Error {
    let available = if AVAILABLE.is_empty() { "none".to_owned() } else { AVAILABLE.join(", ") };
    if FAMILY.contains(&kind) {
        let why = format!("{place}: the type {kind:?} is not part of this build; available: {available}");
        return Error::unsupported(why);
    }
    Error::invalid(format!("{place}: unknown type {kind:?}; available: {available}"))
}
