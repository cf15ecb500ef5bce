//! A head comes back as it was written, and takes the room of others only where it must.
#![allow(clippy::unwrap_used, reason = "a test reports by panicking")]

use super::*;

fn head() -> Head {
    let id = VersionId { ordinal: 12, nonce: 0xfeed };
    Head {
        id,
        holder: VersionId { ordinal: 3, nonce: 7 },
        sum: Checksum::abbreviated(&[7; 16]),
        created_at: Timestamp::from_micros(-5),
        floor: 2,
        semantic: Some(Semantic([1, 0, 99])),
        name: "fix/1.0.99".to_owned(),
    }
}

#[test]
fn a_head_is_read_back() {
    let mut bare = head();
    (bare.sum, bare.semantic, bare.holder) = (None, None, bare.id);
    for head in [head(), bare] {
        assert_eq!(head.to_string().parse::<Head>().unwrap(), head);
    }
    for text in ["", "0000000001-0000000000000001", "x - - 0 1 - v1"] {
        assert!(text.parse::<Head>().is_err(), "{text:?}");
    }
}

#[test]
fn facts_of_others_spill_only_where_there_is_no_room() {
    let mut ext = Ext::default();
    ext.set("x", "y").unwrap();
    assert!(!write(&mut ext, &head()).unwrap());
    assert_eq!(ext.get("x"), Some("y"));
    ext.remove(HEAD);
    ext.set("x", "y".repeat(Ext::MAX_BYTES - 1)).unwrap();
    assert!(write(&mut ext, &head()).unwrap());
    assert_eq!(ext.get("x"), None);
}
