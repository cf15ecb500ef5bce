//! What the ends of file names say: `.json`, `.yaml`, `.pkl` or an extension of the user's, then `.gz`, `.lz4` or `.zst`.

use std::collections::BTreeSet;

use truthound_stores_core::codec::{Compression, Format};

const FORMATS: [(&str, Format); 5] = [
    (".json", Format::Json),
    (".yaml", Format::Yaml),
    (".yml", Format::Yaml),
    (".pkl", Format::Pickle),
    (".pickle", Format::Pickle),
];

const COMPRESSIONS: [(&str, Compression); 4] = [
    ("", Compression::None),
    (".gz", Compression::Gzip),
    (".lz4", Compression::Lz4),
    (".zst", Compression::Zstd),
];

/// Tells whether a text can be an extension: a dot and 1–16 letters, digits, `-` or `_`. With one dot only, no extension
/// is the end of another, so a name has one meaning.
pub(crate) fn is_extension(text: &str) -> bool {
    text.strip_prefix('.').is_some_and(|rest| {
        (1..=16).contains(&rest.len())
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    })
}

pub(crate) fn extension_of(format: Format) -> &'static str {
    FORMATS.iter().find(|(_, known)| *known == format).map_or(".json", |(extension, _)| extension)
}

pub(crate) fn format_named(extension: &str) -> Option<Format> {
    let found = FORMATS.iter().find(|(known, _)| known.eq_ignore_ascii_case(extension));
    found.map(|(_, format)| *format)
}

pub(crate) fn compression_named(extension: &str) -> Option<Compression> {
    let named = COMPRESSIONS.iter().filter(|(suffix, _)| !suffix.is_empty());
    named
        .copied()
        .find(|(suffix, _)| suffix.eq_ignore_ascii_case(extension))
        .map(|(_, compression)| compression)
}

pub(crate) fn suffix_of(compression: Compression) -> &'static str {
    COMPRESSIONS.iter().find(|(_, known)| *known == compression).map_or("", |(suffix, _)| suffix)
}

/// Takes a suffix such as `.json.gz` apart.
pub(crate) fn parse(suffix: &str) -> Option<(String, Compression)> {
    let (extension, compression) = COMPRESSIONS
        .iter()
        .rev()
        .find_map(|(end, compression)| Some((suffix.strip_suffix(end)?, *compression)))?;
    is_extension(extension).then(|| (extension.to_owned(), compression))
}

/// The end of a document's name, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Suffix {
    pub(crate) extension: String,
    pub(crate) compression: Compression,
}

impl Suffix {
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.extension, suffix_of(self.compression))
    }
}

/// The extensions that mean a document in this store: the known ones, and any that was ever configured.
#[derive(Clone, Debug)]
pub(crate) struct Extensions {
    current: String,
    others: BTreeSet<String>,
}

impl Extensions {
    pub(crate) fn new(current: &str, used_before: &BTreeSet<String>) -> Self {
        let mut others: BTreeSet<String> = FORMATS.iter().map(|(known, _)| (*known).to_owned()).collect();
        others.extend(used_before.iter().filter(|text| is_extension(text)).cloned());
        others.remove(current);
        Self { current: current.to_owned(), others }
    }

    /// Tells whether names with this extension are recognised by any store, without being told.
    pub(crate) fn is_known(extension: &str) -> bool {
        FORMATS.iter().any(|(known, _)| *known == extension)
    }

    /// Lists every suffix that a document may have, the one for new documents first.
    pub(crate) fn suffixes(&self, current: Compression) -> impl Iterator<Item = Suffix> {
        let compressions =
            COMPRESSIONS.into_iter().map(move |(_, other)| other).filter(move |other| *other != current);
        let ordered: Vec<Compression> = std::iter::once(current).chain(compressions).collect();
        std::iter::once(&self.current).chain(&self.others).flat_map(move |extension| {
            let with = |compression| Suffix { extension: extension.clone(), compression };
            ordered.clone().into_iter().map(with).collect::<Vec<_>>()
        })
    }

    /// Splits a document's file name; `None` for a file that is no document.
    pub(crate) fn split<'a>(&self, name: &'a str) -> Option<(&'a str, Suffix)> {
        let (rest, compression) = COMPRESSIONS
            .iter()
            .rev()
            .find_map(|(suffix, compression)| Some((name.strip_suffix(suffix)?, *compression)))?;
        let dot = rest.rfind('.')?;
        let (stem, extension) = rest.split_at_checked(dot)?;
        let known = extension == self.current || self.others.contains(extension);
        (known && !stem.is_empty()).then(|| (stem, Suffix { extension: extension.to_owned(), compression }))
    }
}

#[cfg(test)]
mod tests;
