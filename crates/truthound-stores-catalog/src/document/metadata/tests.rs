//! Metadata travel as headers: what is not ASCII is lost or refused on the way, and stores count every byte (R-OBJ-2).

use proptest::prelude::*;

use super::*;
use crate::row::tests::{state, time};

fn stamp() -> impl Strategy<Value = Stamp> {
    (state(), any::<u32>()).prop_map(|(state, nonce)| state.by(nonce))
}

fn metadata() -> impl Strategy<Value = Metadata> {
    let before = proptest::collection::vec((any::<u64>(), any::<u32>()), 0..=BEFORE);
    let place = proptest::option::of(("\\PC{0,30}", time()));
    let facts = proptest::option::of(proptest::collection::vec(any::<u8>(), 1..40));
    let rest = (any::<bool>(), any::<Option<[u8; 32]>>(), any::<Option<u64>>(), 0..20_000_usize);
    (stamp(), before, proptest::option::of("\\PC{1,40}"), place, facts, rest).prop_map(
        |(stamp, before, id, place, facts, (deleted, checksum, digest, trailer))| Metadata {
            stamp,
            before: before.into_iter().map(|(hlc, nonce)| Identity { hlc, nonce }).collect(),
            deleted,
            checksum: checksum.map(Checksum::from_bytes),
            digest,
            id,
            place,
            facts,
            trailer,
        },
    )
}

proptest! {
    #[test]
    fn metadata_come_back_and_are_visible_ascii(metadata in metadata()) {
        let mut attributes = ObjectAttributes::new();
        metadata.write(&mut attributes);
        for (name, value) in &attributes {
            let Attribute::Metadata(name) = name else { panic!("{name:?}") };
            prop_assert!(name.bytes().all(|b| b.is_ascii_lowercase()));
            prop_assert!(value.bytes().all(|b| b.is_ascii_graphic()), "{value:?}");
        }
        prop_assert_eq!(Metadata::read(&attributes).unwrap(), Some(metadata));
    }
}

#[test]
fn the_most_that_must_be_said_fits_into_what_s3_takes() {
    let longest = State { incarnation: u64::MAX, hlc: u64::MAX }.by(u32::MAX);
    let mut most = Metadata::new(longest, vec![Identity::of(longest); BEFORE]);
    most.checksum = Some(Checksum::of(b""));
    most.digest = Some(u64::MAX);
    most.trailer = 16_000;
    most.id = Some("é".repeat(256));
    assert!(most.size() <= 2048, "{}", most.size());
}

#[test]
fn damaged_metadata_are_reported_and_a_damaged_hint_is_none() {
    let mut attributes = ObjectAttributes::new();
    let mut metadata = Metadata::new(State { incarnation: 1, hlc: 2 }.by(3), Vec::new());
    metadata.place = Some(("a".to_owned(), Timestamp::UNIX_EPOCH));
    metadata.write(&mut attributes);
    attributes.insert(Attribute::Metadata(PLACE.into()), "x".into());
    assert_eq!(Metadata::read(&attributes).unwrap().unwrap().place, None);
    for name in [REVISION, PREDECESSORS, CHECKSUM, DIGEST, FACTS, TRAILER] {
        let mut attributes = attributes.clone();
        attributes.insert(Attribute::Metadata(name.into()), "!".into());
        assert!(Metadata::read(&attributes).is_err(), "{name}");
    }
    assert_eq!(Metadata::read(&ObjectAttributes::new()).unwrap(), None);
}
