use super::*;
use crate::ErrorKind;

#[test]
fn ids_at_and_beyond_the_limits() {
    assert!(Key::result(&"x".repeat(512)).is_ok());
    assert_eq!(Key::result(&"x".repeat(513)).unwrap_err().kind(), ErrorKind::Invalid);
    assert!(Key::result(&"é".repeat(256)).is_ok());
    assert!(Key::result(&"é".repeat(257)).is_err());
    for control in ["\0", "\u{1b}[31m", "a\r\n", "\u{7f}", "\u{85}"] {
        assert_eq!(Key::result(control).unwrap_err().kind(), ErrorKind::Invalid, "{control:?}");
    }
    for fine in ["../x", ".", "con", "_catalog", "a b", "😀", "x#12", "é\u{301}", "\u{2028}"] {
        assert_eq!(Key::result(fine).unwrap().id(), fine);
    }
}

#[test]
fn collections_never_leave_their_alphabet() {
    for bad in ["", "A", "a/b", "..", "_x", "1a", "é", &"a".repeat(65)] {
        assert_eq!(Collection::new(bad).unwrap_err().kind(), ErrorKind::Invalid, "{bad:?}");
    }
    assert_eq!(Collection::new("results").unwrap(), Collection::RESULTS);
    assert!(Collection::hidden("versions").unwrap().is_hidden());
    assert!(!Collection::EXPECTATIONS.is_hidden());
}
