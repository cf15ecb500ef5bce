use std::fs;

use super::*;

#[test]
fn a_seal_speaks_of_its_own_state_only() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x");
    fs::write(&path, "abc").unwrap();
    let stamp = Stamp::of(&fs::metadata(&path).unwrap());
    let carried = seal(&stamp, b"abc");
    let verdict = |stamp: &Stamp, bytes: &[u8]| verify(Some(carried.as_bytes()), stamp, bytes);
    assert_eq!(verdict(&stamp, b"abc"), Verdict::Whole);
    assert_eq!(verdict(&stamp, b"abd"), Verdict::Broken);
    let (mut later, mut longer) = (stamp, stamp);
    later.modified += 1;
    longer.size += 1;
    assert_eq!(verdict(&later, b"abd"), Verdict::Unknown);
    assert_eq!(verdict(&longer, b"abcd"), Verdict::Unknown);
    assert_eq!(verify(None, &stamp, b"abc"), Verdict::Unknown);
    assert_eq!(verify(Some(b"\xff"), &stamp, b"abc"), Verdict::Unknown);
    assert_eq!(verify(Some(b"2 future"), &stamp, b"abc"), Verdict::Unknown);
}
