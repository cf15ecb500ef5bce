//! Closings: objects that keep a name of a document free while another of its names is the one to create under.
//!
//! To everybody but those who create, a closed name is an empty one. It belongs to no incarnation, and has no row.

use bytes::Bytes;
use object_store::{Attribute, Attributes as ObjectAttributes};

use crate::document::Object;

const CLOSED: &str = "thclosed";

/// Makes a closing by knowledge of a turn. The lot makes its bytes unique, where ETags are made of bytes alone.
pub(crate) fn closing(turn: u64, lot: u64) -> Object {
    let mut attributes = ObjectAttributes::new();
    attributes.insert(Attribute::ContentType, "text/plain".into());
    attributes.insert(Attribute::Metadata(CLOSED.into()), turn.to_string().into());
    Object { parts: vec![Bytes::from(format!("closed {turn} {lot:016x}"))], attributes }
}

/// Reads by knowledge of which turn an object closes its name; `None` for any other object.
pub(crate) fn closed_by(attributes: &ObjectAttributes) -> Option<u64> {
    let text = attributes.get(&Attribute::Metadata(CLOSED.into()))?;
    text.as_ref().trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closing_reads_back_and_no_two_are_alike() {
        let (one, other) = (closing(7, 1), closing(7, 2));
        assert_eq!(closed_by(&one.attributes), Some(7));
        assert_ne!(one.parts, other.parts);
        assert_eq!(closed_by(&ObjectAttributes::new()), None);
    }
}
