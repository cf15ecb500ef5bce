use super::*;
use crate::ErrorKind;

fn utc(text: &str) -> String {
    text.parse::<Timestamp>().unwrap().to_string()
}

/// R-ANY-9: naive and offset-carrying times mix without error and order by instant.
#[test]
fn every_form_that_python_reads() {
    for (text, expected) in [
        ("2026-01-01T00:01:00.123456", "2026-01-01T00:01:00.123456Z"),
        ("2026-01-01T00:08:00", "2026-01-01T00:08:00Z"),
        ("2026-03-01T12:00:00+09:00", "2026-03-01T03:00:00Z"),
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z"),
        ("2026-03-01T12:00:00+0900", "2026-03-01T03:00:00Z"),
        ("2026-03-01T12:00:00+09", "2026-03-01T03:00:00Z"),
        ("2026-03-01T12:00:00-09:30:30", "2026-03-01T21:30:30Z"),
        ("2026-03-01 12:00:00", "2026-03-01T12:00:00Z"),
        ("20240115T103045", "2024-01-15T10:30:45Z"),
        ("20240115", "2024-01-15T00:00:00Z"),
        ("2024-01-15", "2024-01-15T00:00:00Z"),
        ("2024-01-15T10", "2024-01-15T10:00:00Z"),
        ("2024-01-15T10:30", "2024-01-15T10:30:00Z"),
        ("2024-01-15T1030+01", "2024-01-15T09:30:00Z"),
        ("2024-01-15T10:30:45.1", "2024-01-15T10:30:45.100000Z"),
        ("2024-01-15T10:30:45,123", "2024-01-15T10:30:45.123000Z"),
        ("2024-01-15T10:30:45.123456789Z", "2024-01-15T10:30:45.123456Z"),
        ("2026-W05-6", "2026-01-31T00:00:00Z"),
        ("2026W056", "2026-01-31T00:00:00Z"),
        ("2026-W05", "2026-01-26T00:00:00Z"),
        ("0001-01-01", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999Z"),
        ("1969-12-31T23:59:59.999999", "1969-12-31T23:59:59.999999Z"),
    ] {
        assert_eq!(utc(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_time_is_refused_by_name() {
    for text in [
        "",
        "yesterday",
        "2026",
        "2026-01",
        "2026-13-01",
        "2026-02-30",
        "2026-1-1",
        "0000-01-01",
        "2026-01-01T",
        "2026-01-01T24:00:00",
        "2026-01-01T12:60",
        "2026-01-01T12:00:00+24:00",
        "2026-01-01T12:00:00 UTC",
        "2026-01-01T12:00:00Zx",
        "2026-01-01T12:00.5",
        "2026-01-01T12:00:00.",
        "2026-W54-1",
        "2026-W05-8",
        "2026-01-01x12:00",
        "２０２６-01-01",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "20260101T12:00:00:00",
    ] {
        let error = text.parse::<Timestamp>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{text}");
        assert!(error.to_string().contains(text), "{error}");
    }
}

#[test]
fn assumed_zones_apply_to_naive_times_only() {
    let berlin: Zone = "Europe/Berlin".parse().unwrap();
    let at = |text| Timestamp::parse(text, &berlin).unwrap().to_string();
    assert_eq!(at("2026-07-01T12:00:00"), "2026-07-01T10:00:00Z");
    assert_eq!(at("2026-07-01"), "2026-06-30T22:00:00Z");
    assert_eq!(at("2026-07-01T12:00:00Z"), "2026-07-01T12:00:00Z");
    // The hour that the spring change skips.
    assert_eq!(at("2026-03-29T02:30:00"), "2026-03-29T01:30:00Z");
    assert_eq!("-03:30".parse::<Zone>().unwrap(), Zone::Fixed(-12_600));
    assert_eq!(Zone::Fixed(-12_600).to_string(), "-03:30");
    assert_eq!(berlin.to_string(), "Europe/Berlin");
    for bad in ["", "Mars/Olympus", "+25:00", "+", "utc+1"] {
        assert_eq!(bad.parse::<Zone>().unwrap_err().kind(), ErrorKind::Invalid, "{bad}");
    }
}

#[test]
fn arithmetic_stops_at_the_ends() {
    assert_eq!(Timestamp::from_micros(i64::MAX), Timestamp::MAX);
    assert_eq!(Timestamp::MIN.plus_micros(-1), Timestamp::MIN);
    assert_eq!(Timestamp::MAX.to_string(), "9999-12-31T23:59:59.999999Z");
    assert_eq!(Timestamp::MIN.to_string(), "0001-01-01T00:00:00Z");
    assert!(Timestamp::MAX.micros_since(Timestamp::MIN) > 0);
}

proptest::proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,40}") {
        if let Ok(instant) = text.parse::<Timestamp>() {
            proptest::prop_assert_eq!(instant.to_string().parse::<Timestamp>().unwrap(), instant);
        }
    }

    #[test]
    fn printed_instants_read_back(micros in Timestamp::MIN.as_micros()..=Timestamp::MAX.as_micros()) {
        let instant = Timestamp::from_micros(micros);
        proptest::prop_assert_eq!(instant.to_string().parse::<Timestamp>().unwrap(), instant);
        let whole = Timestamp::from_micros(micros.div_euclid(1_000_000) * 1_000_000);
        proptest::prop_assert_eq!(whole.to_string(), whole.strftime("%Y-%m-%dT%H:%M:%SZ"));
        let start = whole.strftime("%Y-%m-%dT%H:%M:%S");
        let fraction = micros.rem_euclid(1_000_000);
        if fraction != 0 {
            proptest::prop_assert_eq!(instant.to_string(), format!("{start}.{fraction:06}Z"));
        }
    }
}
