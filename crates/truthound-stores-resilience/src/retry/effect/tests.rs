//! A repeated write must stay one effect: the table of what may be repeated, and of what is said afterwards.

use truthound_stores_core::{Key, Revision};

use super::*;

fn error(kind: ErrorKind) -> Error {
    Error::new(kind, "injected")
}

#[test]
fn after_an_unknown_outcome_only_writes_of_one_revision_are_repeated() {
    let revision = || Revision::new("r1");
    let keys = ["one", "two"].map(|id| Key::result(id).unwrap());
    let each = || DeleteOptions::if_revisions(keys.clone().map(|key| (key, revision())));
    let first = || DeleteOptions::if_revisions([(keys[0].clone(), revision())]);
    let modes = [
        (Write::put(&PutOptions::default(), RepeatWrites::OneEffect), false),
        (Write::put(&PutOptions::create(), RepeatWrites::OneEffect), false),
        (Write::put(&PutOptions::replace(revision()), RepeatWrites::OneEffect), true),
        (Write::delete(&keys, &DeleteOptions::default(), RepeatWrites::OneEffect), false),
        (Write::delete(&keys, &DeleteOptions::if_revision(revision()), RepeatWrites::OneEffect), true),
        (Write::delete(&keys, &each(), RepeatWrites::OneEffect), true),
        (Write::delete(&keys, &first(), RepeatWrites::OneEffect), false),
        (Write::put(&PutOptions::default(), RepeatWrites::Always), true),
        (Write::delete(&keys, &DeleteOptions::default(), RepeatWrites::Always), true),
    ];
    for (write, after_unknown) in modes {
        assert_eq!(write.may_repeat(&error(ErrorKind::Timeout)), after_unknown, "{write:?}");
        assert!(write.may_repeat(&error(ErrorKind::Unavailable)), "{write:?}");
        assert!(write.may_repeat(&error(ErrorKind::Overloaded)), "{write:?}");
        assert!(!write.may_repeat(&error(ErrorKind::Unavailable).retryable(false)), "{write:?}");
        assert!(!write.may_repeat(&error(ErrorKind::Conflict)), "{write:?}");
    }
}

/// A refusal that followed on a lost acknowledgement was once answered as it was: "not written", of what was written.
#[test]
fn an_unknown_attempt_leaves_the_whole_call_unknown() {
    let mut doubt = Doubt::default();
    assert_eq!(doubt.over(error(ErrorKind::Denied)).kind(), ErrorKind::Denied);
    doubt.note(&error(ErrorKind::Unavailable));
    assert_eq!((doubt, doubt.over(error(ErrorKind::Denied)).kind()), (Doubt::Slight, ErrorKind::Denied));
    doubt.note(&error(ErrorKind::Timeout));
    doubt.note(&error(ErrorKind::Unavailable));
    assert_eq!(doubt, Doubt::Grave);
    let said = doubt.over(error(ErrorKind::Denied));
    assert_eq!((said.kind(), said.is_retryable()), (ErrorKind::Timeout, false));
    assert!(said.report().ends_with("injected"), "{}", said.report());
}
