//! An outage taken for an absence hides documents; a lost acknowledgement taken for a refusal tells a writer the wrong thing (R-ANY-5).

use super::*;

fn generic(text: &str) -> Cause {
    Cause::Generic { store: "S3", source: text.to_owned().into() }
}

fn status_text(code: &str) -> String {
    format!(
        "Error performing PUT https://host/bucket/key?sig=secret in 3ms - Server returned non-2xx status code: {code}"
    )
}

#[test]
fn answers_have_the_kind_that_tells_what_to_do() {
    for (cause, kind, retryable) in [
        (generic(&status_text("503 Service Unavailable: SlowDown")), ErrorKind::Overloaded, true),
        (generic(&status_text("429 Too Many Requests: ")), ErrorKind::Overloaded, true),
        (generic(&status_text("500 Internal Server Error: ")), ErrorKind::Unavailable, true),
        (generic(&status_text("504 Gateway Timeout: ")), ErrorKind::Timeout, true),
        (generic(&status_text("400 Bad Request: MetadataTooLarge")), ErrorKind::Invalid, false),
        (generic(&status_text("400 Bad Request: ExpiredToken")), ErrorKind::Denied, false),
        (generic(&status_text("301 Moved Permanently: ")), ErrorKind::Invalid, false),
        (generic("HTTP error: operation timed out"), ErrorKind::Timeout, true),
        (generic("HTTP error: connection refused"), ErrorKind::Unavailable, true),
        (Cause::PermissionDenied { path: "k".into(), source: "403".into() }, ErrorKind::Denied, false),
        (
            Cause::NotFound { path: "k".into(), source: status_text("404 Not Found: NoSuchBucket").into() },
            ErrorKind::Unavailable,
            false,
        ),
        (
            Cause::NotFound { path: "k".into(), source: status_text("404 Not Found: NoSuchKey").into() },
            ErrorKind::NotFound,
            false,
        ),
    ] {
        let error = of(&cause, "k");
        assert_eq!((error.kind(), error.is_retryable()), (kind, retryable), "{cause}");
        assert!(!error.report().contains("secret"), "{}", error.report());
    }
}

#[test]
fn a_put_is_lost_only_if_the_store_says_that_its_condition_did_not_hold() {
    let exists = |text: String| Cause::AlreadyExists { path: "k".into(), source: text.into() };
    let lost = |cause: &Cause| matches!(of_put(cause, "k", true), Failed::Lost);
    let unknown = |cause: &Cause| matches!(of_put(cause, "k", true), Failed::Unknown(_));
    assert!(lost(&exists(status_text("412 Precondition Failed: "))));
    assert!(lost(&exists("Object already exists at that location: k".to_owned())));
    assert!(lost(&exists(status_text("409 Conflict: BlobAlreadyExists"))));
    assert!(unknown(&exists(status_text("409 Conflict: ConditionalRequestConflict"))));
    assert!(unknown(&generic(&status_text("500 Internal Server Error: "))));
    assert!(unknown(&generic(&status_text("503 Service Unavailable: "))));
    assert!(unknown(&generic("HTTP error: connection closed before message completed")));
    let absent =
        Cause::Precondition { path: "k".into(), source: status_text("404 Not Found: NoSuchKey").into() };
    assert!(lost(&absent));
    let bucket = Cause::Precondition { path: "k".into(), source: status_text("404: NoSuchBucket").into() };
    assert!(matches!(of_put(&bucket, "k", true), Failed::Refused(_)));
    // Where nothing was to be replaced, only the bucket can be missing.
    let missing = Cause::NotFound { path: "k".into(), source: "404 Not Found".into() };
    assert!(matches!(of_put(&missing, "k", true), Failed::Lost));
    assert!(
        matches!(of_put(&missing, "k", false), Failed::Refused(error) if error.kind() == ErrorKind::Unavailable)
    );
    assert_eq!(of_row(&missing, "k").kind(), ErrorKind::Unavailable);
    let denied = Cause::PermissionDenied { path: "k".into(), source: "403".into() };
    assert!(
        matches!(of_put(&denied, "k", true), Failed::Refused(error) if error.kind() == ErrorKind::Denied)
    );
}

#[test]
fn a_missing_bucket_is_no_missing_object() {
    let absent =
        |text: &str| is_absence(&Cause::NotFound { path: "k".into(), source: text.to_owned().into() });
    assert!(absent("404 Not Found"));
    assert!(!absent("<Code>NoSuchBucket</Code>"));
    assert!(!absent("<Code>ContainerNotFound</Code>"));
}
