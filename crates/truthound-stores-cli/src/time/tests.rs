use super::*;

#[test]
fn an_age_is_counted_back_from_now() {
    let now: Timestamp = "2026-03-15T12:00:00Z".parse().unwrap();
    for (text, instant) in [
        ("90s", "2026-03-15T11:58:30Z"),
        ("30m", "2026-03-15T11:30:00Z"),
        ("12h", "2026-03-15T00:00:00Z"),
        ("7d", "2026-03-08T12:00:00Z"),
        ("2w", "2026-03-01T12:00:00Z"),
        ("0s", "2026-03-15T12:00:00Z"),
        ("2026-01-31", "2026-01-31T00:00:00Z"),
        ("2026-01-31T12:00:00+09:00", "2026-01-31T03:00:00Z"),
    ] {
        assert_eq!(text.parse::<When>().unwrap().resolve(now).to_string(), instant, "{text}");
    }
}

#[test]
fn what_is_neither_age_nor_time_is_refused() {
    for text in ["", "d", "7", "7x", "-7d", "7 d", "1.5h", "+7d", "7dd", "٧d", "yesterday", "2026-02-30"] {
        assert!(text.parse::<When>().unwrap_err().contains("7d"), "{text}");
    }
    for text in ["99999999999d", "99999999999999999999s"] {
        assert!(text.parse::<When>().unwrap_err().contains("smaller"), "{text}");
    }
}

#[test]
fn an_age_beyond_the_first_year_ends_there() {
    let long = "4000000d".parse::<When>().unwrap();
    assert_eq!(long.resolve(Timestamp::UNIX_EPOCH), Timestamp::MIN);
}
