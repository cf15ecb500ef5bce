//! The lines of `watch`. Names and order are an interface.

use serde_json::Value;
use truthound_stores::{Change, ChangeOp, Revision};

use crate::output::{Object, meta_object};

/// Says what happened to a document.
pub(super) fn change(change: &Change) -> String {
    let begin = |op: &str, revision: Option<&Revision>| {
        Object::default()
            .with("op", op)
            .with("collection", change.key.collection().as_str())
            .with("id", change.key.id())
            .with("revision", revision.map(Revision::as_str))
    };
    match &change.op {
        ChangeOp::Put(meta) => {
            let object = begin("put", Some(&meta.revision));
            meta_object(meta)
                .into_iter()
                .fold(object, |object, (name, value)| object.with(name, value))
                .finish()
        }
        ChangeOp::Delete { revision } => begin("delete", revision.as_ref()).finish(),
        // A kind of change that this program does not know yet: its reader must not miss that there was one.
        _ => begin("other", None).finish(),
    }
}

/// Says that changes may be missing before this place.
pub(super) fn reset(token: &str) -> String {
    Object::default().with("op", "reset").with("token", token).finish()
}

/// Says where to go on.
pub(super) fn token(token: &str) -> String {
    Object::default().with("op", "token").with("token", Value::from(token)).finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truthound_stores::Key;

    #[test]
    fn a_delete_whose_revision_is_not_known_says_so() {
        let delete = Change { key: Key::result("a\"b").unwrap(), op: ChangeOp::Delete { revision: None } };
        assert_eq!(change(&delete), r#"{"op":"delete","collection":"results","id":"a\"b","revision":null}"#);
    }

    #[test]
    fn tokens_and_resets_tell_where_to_go_on() {
        assert_eq!(token("7-1"), r#"{"op":"token","token":"7-1"}"#);
        assert_eq!(reset("7-1"), r#"{"op":"reset","token":"7-1"}"#);
    }
}
