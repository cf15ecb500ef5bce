//! What stores refuse of names and user metadata: limits that a store in memory does not have and real ones do.

use object_store::{Attribute, Attributes, Error, Result};

use super::command::Command;
use super::failure;
use super::options::{StoreOptions, Vendor};

/// The most bytes of a name, on all three.
const NAME: usize = 1_024;

impl Vendor {
    /// Returns how many bytes the user metadata of an object may have, keys and values together.
    const fn metadata(self) -> usize {
        match self {
            Self::S3 => 2_048,
            Self::Gcs | Self::Azure => 8_192,
        }
    }
}

/// Refuses a write that goes beyond a limit.
pub(super) fn check(options: &StoreOptions, command: &Command) -> Result<()> {
    let refuse = |what: &str| Err(refused(options.vendor, what));
    let (location, attributes) = match command {
        Command::Put { location, attributes, .. } | Command::FinishUpload { location, attributes, .. } => {
            (location, Some(attributes))
        }
        Command::Copy { to, .. } => (to, None),
        _ => return Ok(()),
    };
    if location.as_ref().len() > NAME {
        return refuse("KeyTooLongError");
    }
    let mut size = 0;
    for (attribute, value) in attributes.into_iter().flatten() {
        // Values travel as HTTP headers: visible ASCII and spaces.
        if !value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
            return refuse("InvalidHeader");
        }
        if let Attribute::Metadata(key) = attribute {
            size += key.len() + value.len();
            if !is_key(options.vendor, key) {
                return refuse("InvalidMetadata");
            }
        }
    }
    if size > options.vendor.metadata() { refuse("MetadataTooLarge") } else { Ok(()) }
}

/// Returns attributes as they come back: metadata travels as headers, whose names have no case.
pub(super) fn as_headers(attributes: &Attributes) -> Attributes {
    attributes
        .iter()
        .map(|(attribute, value)| match attribute {
            Attribute::Metadata(key) => (Attribute::Metadata(key.to_ascii_lowercase().into()), value.clone()),
            other => (other.clone(), value.clone()),
        })
        .collect()
}

fn is_key(vendor: Vendor, key: &str) -> bool {
    match vendor {
        // The identifiers of C#, of which only ASCII is a header's name.
        Vendor::Azure => {
            key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && key.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
        }
        // A token of HTTP (RFC 9110, section 5.6.2).
        Vendor::S3 | Vendor::Gcs => {
            !key.is_empty()
                && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
        }
    }
}

fn refused(vendor: Vendor, code: &str) -> Error {
    failure::generic(
        vendor,
        format!("Server returned non-2xx status code: 400 Bad Request: <Error><Code>{code}</Code></Error>"),
    )
}
