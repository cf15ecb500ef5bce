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

/// An error that stopped many calls was copied for each by making its whole text a sentence, and its facts and operation were said
/// again behind it: `… (put; path: x): Permission denied (put results/a; path: x)`.
#[test]
fn an_error_that_is_repeated_says_each_thing_once() {
    let one = Error::new(ErrorKind::Denied, "cannot write the catalog")
        .during("put")
        .with("path", "x")
        .retryable(true)
        .caused_by(std::io::Error::from(std::io::ErrorKind::PermissionDenied));
    let again = one.repeat().repeat().during("put").at(&Key::result("a").unwrap()).with("path", "x");
    assert_eq!(again.report(), "cannot write the catalog (put results/a; path: x): permission denied");
    assert_eq!((again.kind(), again.is_retryable()), (ErrorKind::Denied, true));
    assert_eq!(Error::closed().repeat().report(), "the store is closed");
    let quoted = Error::new(ErrorKind::Denied, one.report()).with("path", "x").with("file", "y");
    assert_eq!(
        quoted.report(),
        "cannot write the catalog (put; path: x): permission denied (file: y)",
        "what the sentence says is not said again"
    );
}
