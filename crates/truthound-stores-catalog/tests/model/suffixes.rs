//! The scenarios in which the suffix of new documents changes.

use crate::scenario::{Actor, Kind, Op, Scenario};
use crate::scenarios::{delete, merger, reader, save, sweeper, writer};

/// Once, while old documents keep theirs.
const ONCE: &[u8] = &[0, 1];
/// There and back.
const BACK: &[u8] = &[0, 1, 0];
/// To and fro.
const FRO: &[u8] = &[0, 1, 0, 1];

/// Two save one new id while the suffix changes; who gets it knows the old one or the new.
pub(crate) fn suffix_savers() -> Scenario {
    let actors =
        vec![writer(5, &[save()]), writer(2, &[save().content(2)]), Actor::Turner, Actor::Getter, reader(0)];
    Scenario { lost: 1, horizons: 1, suffixes: ONCE, ..Scenario::new("suffix, savers", actors) }
}

/// Two create one id while the suffix changes there and back; requests come late.
pub(crate) fn suffix_creators() -> Scenario {
    let create = Op::new(Kind::Create, 0);
    let actors = vec![writer(4, &[create]), writer(1, &[create.content(2)]), Actor::Turner];
    Scenario {
        lost: 1,
        duplicates: 1,
        horizons: 2,
        suffixes: BACK,
        ..Scenario::new("suffix, creators", actors)
    }
}

/// Three save while the suffix changes to and fro.
pub(crate) fn suffix_back() -> Scenario {
    let actors = vec![
        writer(4, &[save()]),
        writer(1, &[save().content(2)]),
        writer(2, &[save().content(3)]),
        Actor::Turner,
    ];
    Scenario { suffixes: FRO, ..Scenario::new("suffix, back", actors) }
}

/// A document of the old suffix is deleted and saved again; its mark goes when its time has come.
pub(crate) fn suffix_deleted() -> Scenario {
    let actors =
        vec![writer(9, &[delete()]), writer(1, &[save(), save()]), Actor::Turner, merger(2), sweeper()];
    Scenario { preloaded: 1, horizons: 1, suffixes: ONCE, ..Scenario::new("suffix, deleted", actors) }
}

/// A new id is saved, deleted and saved again while the suffix changes there and back.
pub(crate) fn suffix_again() -> Scenario {
    let actors = vec![writer(2, &[save(), delete(), save()]), writer(1, &[save()]), Actor::Turner];
    Scenario { duplicates: 1, horizons: 1, suffixes: BACK, ..Scenario::new("suffix, again", actors) }
}

/// Who gets what others have saved and deleted, by knowledge of any age.
pub(crate) fn suffix_getter() -> Scenario {
    let actors =
        vec![writer(2, &[save(), delete(), save()]), Actor::Turner, merger(1), sweeper(), Actor::Getter];
    Scenario { horizons: 2, suffixes: BACK, ..Scenario::new("suffix, getter", actors) }
}
