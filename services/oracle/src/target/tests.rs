use std::sync::{Arc, Mutex};

use flashback_core::records::Outcome;
use solana_sdk::pubkey::Pubkey;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::credentials::{Keys, Protocol};

fn access(protocol: Protocol, access: Keys) -> Access {
    Access {
        sla: Pubkey::new_from_array([1; 32]),
        sla_start: 0,
        protocol,
        bucket: "bucket".into(),
        prefix: None,
        region: None,
        access,
        canaries: Vec::new(),
    }
}

fn s3() -> Access {
    let keys = Keys::S3 {
        access_key_id: "id".into(),
        secret_access_key: "SECRET".into(),
        session_token: Some("SECRET-token".into()),
    };
    access(Protocol::S3, keys)
}

fn gcs() -> Access {
    let key = r#"{"private_key":"SECRET","private_key_id":"1","client_email":"a@b","disable_oauth":true,
        "gcs_base_url":"http://192.0.2.1"}"#;
    access(Protocol::Gcs, Keys::Gcs { service_account_key: key.into() })
}

fn azure() -> Access {
    let keys = Keys::AzureKey { account: "account".into(), access_key: "U0VDUkVU".into() };
    access(Protocol::Azure, keys)
}

fn azure_sas() -> Access {
    let keys = Keys::AzureSas { account: "account".into(), sas: "?sv=1&sig=SECRET".into() };
    access(Protocol::Azure, keys)
}

/// A server that gives every request the same answer, and keeps their heads.
async fn server(answer: impl Into<Vec<u8>>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let heads = Arc::new(Mutex::new(Vec::new()));
    let (kept, answer) = (Arc::clone(&heads), answer.into());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            while !request.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
                if stream.read_buf(&mut request).await.unwrap() == 0 {
                    break;
                }
            }
            kept.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
            stream.write_all(&answer).await.unwrap();
            // What is left of the body is taken, or the close would reset the answer.
            stream.shutdown().await.unwrap();
            while stream.read_buf(&mut request).await.is_ok_and(|read| read > 0) {}
        }
    });
    (url, heads)
}

fn answer(head: &str, body: &str) -> String {
    format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn target(url: &str, access: &Access) -> Target {
    Target::new(url, access, &Limits::default()).unwrap()
}

async fn get(access: &Access, answer: impl Into<Vec<u8>>) -> Result<Bytes, Why> {
    let (url, _) = server(answer).await;
    target(&url, access).get("key", 4).await.result
}

#[tokio::test]
async fn requests_go_to_the_endpoint_of_the_chain_and_nowhere_else() {
    let xml = "<Error><Code>NoSuchKey</Code></Error>";
    for (access, path) in [
        (s3(), "/base/bucket/a/b%20c"),
        (gcs(), "/base/bucket/a%2Fb%20c"),
        (azure(), "/base/bucket/a/b%20c"),
        (azure_sas(), "/base/bucket/a/b%20c?"),
    ] {
        let (url, heads) = server(answer("404 Not Found", xml)).await;
        let target = target(&format!("{url}/base/"), &access);
        assert_eq!(target.get("a/b c", 4).await.result, Err(Why::NotFound));
        assert_eq!(target.head("a/b c").await.result, Err(Why::NotFound));
        assert_eq!(target.get_range("a/b c", 0..4).await.result, Err(Why::NotFound));
        let put = target.put("a/b c", Bytes::from_static(b"1234")).await;
        assert_eq!((put.result, put.bytes), (Err(Why::NotFound), 4));
        assert_eq!(target.delete("a/b c").await.result, Err(Why::NotFound));
        let heads = heads.lock().unwrap();
        // One request each: none is repeated.
        assert_eq!(heads.len(), 5);
        for (head, method) in heads.iter().zip(["GET", "HEAD", "GET", "PUT"]) {
            assert!(head.starts_with(&format!("{method} {path}")), "{head}");
            // The bytes that are measured are the object's own.
            assert!(!head.contains("accept-encoding"), "{head}");
        }
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (elsewhere, heads) = server(answer("200 OK", "1234")).await;
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let moved = answer(&format!("{status}\r\nLocation: {elsewhere}/bucket/key"), "");
        for access in [s3(), gcs(), azure()] {
            assert_eq!(get(&access, moved.clone()).await, Err(Why::Redirected));
        }
    }
    assert!(heads.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_no_answer_fails() {
    let object = "200 OK\r\nLast-Modified: Tue, 24 Nov 2026 10:00:00 GMT";
    assert_eq!(get(&s3(), answer(object, "1234")).await.unwrap().as_ref(), b"1234");
    // Shorter than announced, not HTTP, nothing at all.
    let short = format!("HTTP/1.1 {object}\r\nContent-Length: 4\r\n\r\n123");
    assert_eq!(get(&s3(), short).await, Err(Why::Interrupted));
    assert_eq!(get(&s3(), "SSH-2.0-x\r\n").await, Err(Why::Interrupted));
    assert_eq!(get(&s3(), "").await, Err(Why::Interrupted));
    // No length; more than anybody asked for.
    assert_eq!(get(&s3(), answer(object, &"1".repeat(200_000))).await, Err(Why::WrongBytes));
    let (url, _) = server(answer(object, "12345678")).await;
    // The whole where a part was asked for.
    assert_eq!(target(&url, &s3()).get_range("key", 2..4).await.result, Err(Why::Malformed));
}

#[tokio::test]
async fn nobody_there_is_unreachable_and_a_slow_one_times_out() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let limits = Limits { timeout: Duration::from_millis(50), ..Limits::default() };
    let silent = Target::new(&url, &s3(), &limits).unwrap();
    let measured = silent.get("key", 4).await;
    assert_eq!((measured.result, measured.status), (Err(Why::TimedOut), None));
    drop(listener);
    assert_eq!(target(&url, &s3()).get("key", 4).await.result, Err(Why::Unreachable));
}

#[tokio::test]
async fn a_head_takes_its_cause_from_the_get_after_it() {
    for (code, why) in [("NoSuchBucket", Why::NoBucket), ("NoSuchKey", Why::NotFound)] {
        let body = format!("<Error><Code>{code}</Code></Error>");
        let (url, _) = server(answer("404 Not Found", &body)).await;
        let target = target(&url, &s3());
        let mut head = target.head("key").await;
        assert!(head.is_unexplained());
        assert_eq!(head.result, Err(Why::NotFound));
        head.explain(&target.get_range("key", 0..4).await);
        assert_eq!(head.result, Err(why));
    }
    // Another status has another cause.
    let (missing, _) = server(answer("404 Not Found", "")).await;
    let (denied, _) = server(answer("403 No", "<Error><Code>AccessDenied</Code></Error>")).await;
    let mut head = target(&missing, &s3()).head("key").await;
    head.explain(&target(&denied, &s3()).get_range("key", 0..4).await);
    assert_eq!(head.result, Err(Why::NotFound));
}

#[tokio::test]
async fn azure_names_causes_in_a_header_and_deletes_in_batches() {
    let refused = answer("404 x\r\nx-ms-error-code: ContainerNotFound", "");
    let (url, _) = server(refused).await;
    assert_eq!(target(&url, &azure()).head("key").await.result, Err(Why::NoBucket));

    for (inner, expected) in [
        ("202 Accepted", Ok(Bytes::new())),
        ("404 Not Found\r\nx-ms-error-code: BlobNotFound", Err(Why::NotFound)),
        ("403 Forbidden\r\nx-ms-error-code: AuthorizationFailure", Err(Why::Forbidden)),
        ("503 Busy\r\nx-ms-error-code: ServerBusy", Err(Why::Throttled)),
    ] {
        let body = format!(
            "--batch\r\nContent-Type: application/http\r\nContent-ID: 0\r\n\r\nHTTP/1.1 {inner}\r\n\r\n\r\n--batch--\r\n"
        );
        let head = "202 Accepted\r\nContent-Type: multipart/mixed; boundary=batch";
        let (url, _) = server(answer(head, &body)).await;
        assert_eq!(target(&url, &azure()).delete("key").await.result, expected, "{inner}");
    }
}

#[test]
fn endpoints_are_checked() {
    let refused = |endpoint: &str, plain_http| {
        let limits = Limits { plain_http, ..Limits::default() };
        match Target::new(endpoint, &s3(), &limits) {
            Err(TargetError::Endpoint { reason, .. }) => Some(reason),
            Err(error) => panic!("{error}"),
            Ok(_) => None,
        }
    };
    use PlainHttp::{Anywhere, Loopback, Never};
    for (endpoint, plain_http) in [
        ("https://s3.example.com", Never),
        ("https://s3.example.com:9000/base", Never),
        ("http://localhost:9000", Loopback),
        ("http://127.0.0.1:9000", Loopback),
        ("http://[::1]:9000", Loopback),
        ("http://s3.example.com", Anywhere),
    ] {
        assert_eq!(refused(endpoint, plain_http), None, "{endpoint}");
    }
    for (endpoint, plain_http) in [
        ("", Anywhere),
        ("s3.example.com", Anywhere),
        ("ftp://s3.example.com", Anywhere),
        ("https://user@s3.example.com", Anywhere),
        ("https://:password@s3.example.com", Anywhere),
        ("https://s3.example.com/?x", Anywhere),
        ("https://s3.example.com/#x", Anywhere),
        ("http://127.0.0.1:9000", Never),
        ("http://s3.example.com", Loopback),
        ("http://localhost.example.com", Loopback),
        ("http://127.0.0.1.example.com", Loopback),
    ] {
        assert!(refused(endpoint, plain_http).is_some(), "{endpoint}");
    }
}

#[test]
fn credentials_that_a_client_refuses_are_not_quoted() {
    let bad = Keys::Gcs { service_account_key: "{\"SECRET\": 1}".into() };
    let bad_base64 = Keys::AzureKey { account: "account".into(), access_key: "SECRET".into() };
    for access in [access(Protocol::Gcs, bad), access(Protocol::Azure, bad_base64)] {
        let error = Target::new("https://example.com", &access, &Limits::default()).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(matches!(error, TargetError::Credentials(_)));
        assert!(!shown.contains("SECRET"), "{shown}");
    }
    for access in [s3(), gcs(), azure(), azure_sas()] {
        let target = target("https://example.com", &access);
        assert!(!format!("{target:?}").contains("SECRET"));
    }
}

#[tokio::test]
async fn what_cannot_be_asked_for_says_nothing_about_the_provider() {
    let measured = target("https://example.com", &s3()).get("a//b", 4).await;
    let why = measured.result.unwrap_err();
    assert_eq!((why, why.outcome()), (Why::OwnSide(OwnFault::NotSent), Outcome::Inconclusive));
}
