//! One request and its answer.

use std::future::poll_fn;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::faults::{Draw, Failure, Faults, Outage};
use crate::log::{Fault, Ticket};
use crate::pace::{Answer, Pace};
use crate::request::{Operation, Request};
use crate::server::Shared;

/// The largest body that is taken, in bytes: it is kept in memory.
const LARGEST_BODY: usize = 1 << 30;

/// No answer: the connection is to be reset.
#[derive(Debug, thiserror::Error)]
#[error("the connection is reset")]
pub(crate) struct Reset;

/// Answers a request, or resets the connection, as the faults want it.
pub(crate) async fn answer(
    shared: &Shared,
    request: http::Request<Incoming>,
) -> std::result::Result<Response<Answer>, Reset> {
    let (head, body) = request.into_parts();
    let asked = Request::read(shared.next_serial(), &head);
    let mut ticket = Ticket::new(shared.log.clone(), &asked);
    let faults = shared.faults();
    let draw = faults.draw(shared.seed, asked.serial, asked.operation);
    let fault = fault(&faults, &asked, &draw, shared);
    ticket.entry.injected.delay = draw.delay;
    ticket.entry.injected.fault = fault;

    let bodiless = head.method == Method::HEAD;
    let body = receive(body, faults.upload, &mut ticket).await?;
    wait(draw.delay).await;
    if let Some(Fault::Stall(time)) = fault {
        wait(time).await;
    }
    let (mut head, mut body) = match (body, fault) {
        (_, Some(fault)) => instead(fault, &faults, bodiless).ok_or(Reset)?,
        (None, None) => error(413, "EntityTooLarge", bodiless),
        (Some(body), None) => shared
            .backend
            .answer(head, body)
            .await
            .unwrap_or_else(|| error(500, "InternalError", bodiless)),
    };

    let object =
        matches!(asked.operation, Operation::Get | Operation::RangeGet) && head.status.is_success();
    if let Some(corruption) = draw.corruption.filter(|_| object && fault.is_none()) {
        let mut bytes = body.to_vec();
        if let Some(at) = corruption.apply(&mut bytes) {
            ticket.entry.injected.fault =
                Some(Fault::Corrupted { at: u64::try_from(at).unwrap_or(u64::MAX) });
            body = bytes.into();
        }
    }
    ticket.entry.status = Some(head.status.as_u16());
    if bodiless {
        body = Bytes::new();
    } else {
        // The length is the body's own.
        head.headers.remove(header::CONTENT_LENGTH);
        head.headers.remove(header::TRANSFER_ENCODING);
    }
    Ok(Response::from_parts(head, Answer::new(body, faults.download, ticket)))
}

/// Takes in a body, at most at `rate`; none if it is too large.
async fn receive(
    mut body: Incoming,
    rate: Option<u64>,
    ticket: &mut Ticket,
) -> std::result::Result<Option<Bytes>, Reset> {
    let mut pace = Pace::new(rate);
    pace.start();
    let mut received = BytesMut::new();
    let mut size = 0usize;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Reset)?.into_data() else { continue };
        size = size.saturating_add(data.len());
        ticket.received(data.len());
        if size <= LARGEST_BODY {
            received.extend_from_slice(&data);
        }
        let flowed = u64::try_from(size).unwrap_or(u64::MAX);
        ticket.paced(poll_fn(|context| pace.poll_flowed(flowed, context)).await);
    }
    Ok((size <= LARGEST_BODY).then(|| received.freeze()))
}

async fn wait(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

/// The fault that decides the answer to a request, of all that are set.
fn fault(faults: &Faults, asked: &Request, draw: &Draw, shared: &Shared) -> Option<Fault> {
    if let Some(outage) = faults.outage {
        return Some(Fault::Outage(outage));
    }
    if let Some(throttle) = faults.throttle
        && !shared.tokens().take(throttle.per_second, Instant::now())
    {
        return Some(Fault::Throttled);
    }
    if faults.refused {
        return Some(Fault::Refused);
    }
    if faults.missing_bucket {
        return Some(Fault::MissingBucket);
    }
    if faults.quota && asked.operation == Operation::Put {
        return Some(Fault::Quota);
    }
    match draw.failure {
        Some(Failure::Status(status, code)) => {
            return Some(Fault::Status { status: valid(status).as_u16(), code });
        }
        Some(Failure::Reset) => return Some(Fault::Reset),
        Some(Failure::Stall(time)) => return Some(Fault::Stall(time)),
        None => {}
    }
    let kept_back = asked.operation.is_read()
        && faults.serve_only.as_ref().is_some_and(|serves| !serves(asked));
    kept_back.then_some(Fault::NotServed)
}

/// What is answered instead of the backend's answer; none if nothing is.
fn instead(
    fault: Fault,
    faults: &Faults,
    bodiless: bool,
) -> Option<(http::response::Parts, Bytes)> {
    let (status, code) = match fault {
        Fault::Outage(Outage::Unavailable) => (503, "ServiceUnavailable"),
        Fault::Outage(_) | Fault::Reset | Fault::Stall(_) | Fault::Corrupted { .. } => return None,
        Fault::Throttled => (faults.throttle.map_or(503, |throttle| throttle.status), "SlowDown"),
        Fault::Refused => (403, "AccessDenied"),
        Fault::MissingBucket => (404, "NoSuchBucket"),
        Fault::Quota => (507, "QuotaExceeded"),
        Fault::Status { status, code } => (status, code),
        Fault::NotServed => (404, "NoSuchKey"),
    };
    Some(error(status, code, bodiless))
}

/// A status that an answer can have: 500 for one that it cannot.
fn valid(status: u16) -> StatusCode {
    StatusCode::from_u16(status)
        .ok()
        .filter(|status| (200..600).contains(&status.as_u16()))
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// An error in the way of S3.
fn error(status: u16, code: &str, bodiless: bool) -> (http::response::Parts, Bytes) {
    let status = valid(status);
    let (mut head, ()) = Response::new(()).into_parts();
    head.status = status;
    if bodiless || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED {
        return (head, Bytes::new());
    }
    head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>A fault that was asked for.</Message></Error>"
    );
    (head, body.into())
}
