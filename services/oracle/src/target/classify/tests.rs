use super::*;
use flashback_core::records::Outcome;

fn answer(status: u16, code: &str) -> Exchange {
    let code = (!code.is_empty()).then(|| code.to_owned());
    Exchange { status: Some(status), code, ..Exchange::begin() }
}

fn broken(transport: Transport, status: Option<u16>) -> Exchange {
    Exchange { status, transport: Some(transport), ..Exchange::begin() }
}

#[test]
fn success_is_ok() {
    for status in [200, 201, 202, 204, 206] {
        assert_eq!(classify(&answer(status, "")), Ok(()));
    }
}

#[test]
fn what_broke_counts_before_the_status() {
    for (transport, why) in [
        (Transport::TimedOut, Why::TimedOut),
        (Transport::Unreachable, Why::Unreachable),
        (Transport::Interrupted, Why::Interrupted),
        (Transport::TooLong, Why::WrongBytes),
    ] {
        assert_eq!(why.outcome(), Outcome::Failed);
        for status in [None, Some(200), Some(403)] {
            assert_eq!(classify(&broken(transport, status)), Err(why));
        }
    }
}

#[test]
fn every_answer_has_its_row() {
    use Outcome::{Failed, Inconclusive};
    let rows = [
        (301, "PermanentRedirect", Why::Redirected, Failed),
        (302, "", Why::Redirected, Failed),
        (307, "TemporaryRedirect", Why::Redirected, Failed),
        (503, "SlowDown", Why::Throttled, Failed),
        (503, "RequestThrottled", Why::Throttled, Failed),
        (400, "ThrottlingException", Why::Throttled, Failed),
        (403, "RequestLimitExceeded", Why::Throttled, Failed),
        (403, "userRateLimitExceeded", Why::Throttled, Failed),
        (403, "rateLimitExceeded", Why::Throttled, Failed),
        (503, "ServerBusy", Why::Throttled, Failed),
        (429, "", Why::Throttled, Failed),
        (429, "AccessDenied", Why::Throttled, Failed),
        (404, "NoSuchBucket", Why::NoBucket, Inconclusive),
        (400, "InvalidBucketName", Why::NoBucket, Inconclusive),
        (404, "ContainerNotFound", Why::NoBucket, Inconclusive),
        (409, "ContainerBeingDeleted", Why::NoBucket, Inconclusive),
        (403, "QuotaExceeded", Why::Quota, Inconclusive),
        (400, "XMinioAdminBucketQuotaExceeded", Why::Quota, Inconclusive),
        (507, "InsufficientStorage", Why::Quota, Inconclusive),
        (507, "", Why::Quota, Inconclusive),
        (402, "", Why::Quota, Inconclusive),
        (403, "quotaExceeded", Why::Quota, Inconclusive),
        (403, "accountDisabled", Why::Quota, Inconclusive),
        (400, "ExpiredToken", Why::Unauthenticated, Inconclusive),
        (400, "AuthorizationHeaderMalformed", Why::Unauthenticated, Inconclusive),
        (400, "InvalidAuthenticationInfo", Why::Unauthenticated, Inconclusive),
        (401, "", Why::Unauthenticated, Inconclusive),
        (401, "AuthenticationRequired", Why::Unauthenticated, Inconclusive),
        (403, "SignatureDoesNotMatch", Why::Unauthenticated, Inconclusive),
        (403, "AuthenticationFailed", Why::Unauthenticated, Inconclusive),
        (403, "AccessDenied", Why::Forbidden, Inconclusive),
        (403, "AuthorizationFailure", Why::Forbidden, Inconclusive),
        (403, "forbidden", Why::Forbidden, Inconclusive),
        (403, "", Why::Forbidden, Inconclusive),
        (404, "NoSuchKey", Why::NotFound, Failed),
        (404, "BlobNotFound", Why::NotFound, Failed),
        (404, "notFound", Why::NotFound, Failed),
        (404, "", Why::NotFound, Failed),
        (408, "", Why::TimedOut, Failed),
        (500, "InternalError", Why::ServerError(500), Failed),
        (502, "", Why::ServerError(502), Failed),
        (503, "ServiceUnavailable", Why::ServerError(503), Failed),
        // A provider's own error stays one, whatever it calls it.
        (500, "NoSuchBucket", Why::ServerError(500), Failed),
        (500, "AccessDenied", Why::ServerError(500), Failed),
        (501, "NotImplemented", Why::ServerError(501), Failed),
        (400, "RequestTimeout", Why::Unexpected(400), Failed),
        (400, "", Why::Unexpected(400), Failed),
        (405, "MethodNotAllowed", Why::Unexpected(405), Failed),
        (409, "OperationAborted", Why::Unexpected(409), Failed),
        (410, "", Why::Unexpected(410), Failed),
        (416, "InvalidRange", Why::Unexpected(416), Failed),
        (100, "", Why::Unexpected(100), Failed),
    ];
    for (status, code, why, outcome) in rows {
        assert_eq!(classify(&answer(status, code)), Err(why), "{status} {code}");
        assert_eq!(why.outcome(), outcome, "{status} {code}");
    }
    for (at, row) in TABLE.iter().enumerate() {
        let first = |status, code: Option<&str>| {
            TABLE.iter().position(|row| {
                row.statuses.contains(&status)
                    && (row.codes.is_empty() || code.is_some_and(|code| row.codes.contains(&code)))
            })
        };
        let tested = rows.iter().any(|(status, code, ..)| first(*status, Some(*code)) == Some(at));
        assert!(tested, "row {at} ({:?} {:?}) has no test", row.statuses, row.codes);
    }
}

#[test]
fn codes_are_found_in_every_providers_errors() {
    let s3 = b"<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>x</Message></Error>";
    assert_eq!(code_in(s3).as_deref(), Some("NoSuchKey"));
    let azure = "\u{feff}<?xml version=\"1.0\"?><Error><Code>ContainerNotFound</Code></Error>";
    assert_eq!(code_in(azure.as_bytes()).as_deref(), Some("ContainerNotFound"));
    let google = br#"{"error":{"code":403,"message":"x","errors":[{"reason":"forbidden"}]}}"#;
    assert_eq!(code_in(google).as_deref(), Some("forbidden"));
    let bucket = br#"{"error":{"code":404,"message":"The specified bucket does not exist.",
        "errors":[{"reason":"notFound"}]}}"#;
    assert_eq!(code_in(bucket).as_deref(), Some("NoSuchBucket"));
    let object = br#"{"error":{"code":404,"message":"No such object: b/o",
        "errors":[{"reason":"notFound"}]}}"#;
    assert_eq!(code_in(object).as_deref(), Some("notFound"));
}

#[test]
fn what_is_no_code_is_not_kept() {
    let long = format!("<Code>{}</Code>", "a".repeat(65));
    for body in [
        "",
        "<Code>",
        "<Code></Code>",
        "<Code>a b</Code>",
        "<Code>\n;rm</Code>",
        "{}",
        "[1]",
        &long,
    ] {
        assert_eq!(code_in(body.as_bytes()), None, "{body}");
    }
    assert_eq!(code_in(&[0xff, 0xfe]), None);
}
