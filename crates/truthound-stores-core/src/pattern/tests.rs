use super::*;

#[test]
fn wildcards_stand_for_what_they_say() {
    for (pattern, text, expected) in [
        ("", "", true),
        ("", "a", false),
        ("*", "", true),
        ("*", "anything.at/all", true),
        ("a*c", "abbbc", true),
        ("a*c", "abbb", false),
        ("*.orders", "sales.orders", true),
        ("*.orders", "orders", false),
        ("a?c", "aéc", true),
        ("a?c", "ac", false),
        ("*a*b*", "xxaxxbxx", true),
        ("*a*b*", "xxbxxaxx", false),
        ("a**b", "ab", true),
        (r"\*", "*", true),
        (r"\*", "x", false),
        (r"a\", r"a\", true),
        ("[ab]", "[ab]", true),
        ("[ab]", "a", false),
        ("%_", "%_", true),
        ("*ab", "aab", true),
        ("*?", "", false),
        ("??*", "é😀", true),
    ] {
        assert_eq!(Pattern::new(pattern).matches(text), expected, "{pattern} / {text}");
    }
}

#[test]
fn a_hostile_pattern_takes_no_exponential_time() {
    let pattern = Pattern::new(&"a*".repeat(200));
    assert!(!pattern.matches(&format!("{}b", "a".repeat(199))));
}

#[test]
fn prefixes_end_at_the_first_wildcard() {
    assert_eq!(Pattern::new(r"a\*b?c").prefix(), "a*b");
    assert_eq!(Pattern::new("*a").prefix(), "");
    assert_eq!(Pattern::new("ab").prefix(), "ab");
}

proptest::proptest! {
    /// The recursive definition, slow and plain, is what the loop must agree with.
    #[test]
    fn the_loop_agrees_with_the_definition(pattern in "[ab*?]{0,8}", text in "[ab]{0,8}") {
        fn means(pattern: &[char], text: &[char]) -> bool {
            match pattern {
                [] => text.is_empty(),
                ['*', rest @ ..] => (0..=text.len()).any(|n| means(rest, &text[n..])),
                ['?', rest @ ..] => !text.is_empty() && means(rest, &text[1..]),
                [c, rest @ ..] => text.first() == Some(c) && means(rest, &text[1..]),
            }
        }
        let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
        proptest::prop_assert_eq!(Pattern::new(&pattern).matches(&text), means(&p, &t));
    }

    #[test]
    fn printed_patterns_read_back(pattern in "\\PC{0,20}") {
        let pattern = Pattern::new(&pattern);
        proptest::prop_assert_eq!(&Pattern::new(&pattern.to_string()), &pattern);
    }
}
