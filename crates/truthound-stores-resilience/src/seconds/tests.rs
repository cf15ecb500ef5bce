//! R-ANY-14: a span that no clock can measure is refused by name.

use truthound_stores_core::ErrorKind;

use super::*;

#[test]
fn spans_are_read_to_the_microsecond() {
    assert_eq!(span("base_delay", 0.1).unwrap(), Duration::from_millis(100));
    assert_eq!(span("base_delay", 0.0).unwrap(), Duration::ZERO);
    assert_eq!(some_time("timeout", 0.000_001).unwrap(), Duration::from_micros(1));
}

#[test]
fn what_is_no_span_is_refused_by_name() {
    for seconds in [-1.0, f64::NAN, f64::INFINITY, 1e300] {
        let error = span("max_delay", seconds).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains("max_delay"), "{error}");
        assert!(some_time("max_delay", seconds).is_err());
    }
    assert!(some_time("interval", 0.0).unwrap_err().to_string().contains("interval"));
    assert!(some_calls("failure_threshold", 0).unwrap_err().to_string().contains("failure_threshold"));
    assert_eq!(some_calls("failure_threshold", 1).unwrap(), 1);
}
