use truthound_stores_core::Revision;

use super::*;

#[test]
fn a_write_happens_where_its_mode_allows() {
    let replace = |revision: &str| PutMode::Replace(Revision::new(revision));
    assert!(matches!(put(&PutMode::Upsert, None, "new"), Verdict::Insert));
    assert!(matches!(put(&PutMode::Upsert, Some("old"), "new"), Verdict::Overwrite));
    assert!(matches!(put(&PutMode::Create, None, "new"), Verdict::Insert));
    assert!(matches!(put(&replace("old"), Some("old"), "new"), Verdict::Overwrite));
    for (mode, stored) in
        [(PutMode::Create, Some("old")), (replace("old"), None), (replace("old"), Some("other"))]
    {
        let Verdict::Refused(error) = put(&mode, stored, "new") else { panic!("{mode:?} over {stored:?}") };
        assert_eq!(error.kind(), ErrorKind::Conflict);
    }
}

/// A save whose answer was lost with its connection was once made again, and told its caller that somebody else had written first.
#[test]
fn a_write_that_was_carried_out_is_recognised_by_its_revision() {
    for mode in [PutMode::Upsert, PutMode::Create, PutMode::Replace(Revision::new("before"))] {
        assert!(matches!(put(&mode, Some("ours"), "ours"), Verdict::Done), "{mode:?}");
    }
}

#[test]
fn a_delete_happens_to_what_is_there_and_was_meant() {
    assert!(!delete(None, None).unwrap());
    assert!(!delete(Some("old"), None).unwrap());
    assert!(delete(None, Some("old")).unwrap());
    assert!(delete(Some("old"), Some("old")).unwrap());
    assert_eq!(delete(Some("old"), Some("new")).unwrap_err().kind(), ErrorKind::Conflict);
}
