use super::*;

#[test]
fn innermost_context_wins() {
    let inner = Key::result("a").unwrap();
    let outer = Key::result("b").unwrap();
    let error = Error::closed()
        .during("get")
        .during("query")
        .at(&inner)
        .at(&outer)
        .with("file", "x")
        .with("file", "y");
    assert_eq!(error.to_string(), "the store is closed (get results/a; file: x)");
}

#[test]
fn only_outages_are_worth_a_retry() {
    for (kind, retryable) in [
        (ErrorKind::NotFound, false),
        (ErrorKind::Conflict, false),
        (ErrorKind::Invalid, false),
        (ErrorKind::Unsupported, false),
        (ErrorKind::Denied, false),
        (ErrorKind::Unavailable, true),
        (ErrorKind::Timeout, true),
        (ErrorKind::Overloaded, true),
        (ErrorKind::Corrupt, false),
        (ErrorKind::Closed, false),
        (ErrorKind::Internal, false),
    ] {
        assert_eq!(Error::new(kind, "x").is_retryable(), retryable, "{kind}");
    }
    assert!(!Error::new(ErrorKind::Unavailable, "disk full").retryable(false).is_retryable());
}
