use proptest::prelude::*;

use super::*;

#[test]
fn what_is_rare_is_doubled_and_all_else_stays() {
    assert_eq!(escape("warehouse.orders"), "warehouse.orders");
    assert_eq!(escape("a\0b\u{1}c"), "a\u{1}\u{1}b\u{1}\u{2}c");
    assert_eq!(unescape("\u{1}\u{3}".into()), None);
    assert_eq!(unescape("a\u{1}".into()), None);
}

proptest! {
    #[test]
    fn texts_come_back_in_the_order_they_had(a in "[\0\u{1}\u{2}aé]{0,6}", b in "[\0\u{1}\u{2}aé]{0,6}") {
        let (left, right) = (escape(&a).into_owned(), escape(&b).into_owned());
        prop_assert_eq!(left.as_bytes().cmp(right.as_bytes()), a.cmp(&b));
        prop_assert_eq!(right.starts_with(&left), b.starts_with(&a));
        prop_assert!(!left.contains('\0'));
        prop_assert_eq!(unescape(left.into()), Some(a.into()));
    }
}
