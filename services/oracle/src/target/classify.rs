//! What an exchange says about the provider: one table.

use std::ops::RangeInclusive;

use super::exchange::{Exchange, Transport};
use super::why::Why;

/// Which answers a row is about, and what they mean. Without codes, whatever the code.
struct Row {
    statuses: RangeInclusive<u16>,
    codes: &'static [&'static str],
    means: fn(u16) -> Why,
}

const fn row(
    statuses: RangeInclusive<u16>,
    codes: &'static [&'static str],
    means: fn(u16) -> Why,
) -> Row {
    Row { statuses, codes, means }
}

/// The first row that fits counts. Codes are S3's and those of servers that speak it, then Google's, then Azure's.
const TABLE: &[Row] = &[
    row(300..=399, &[], |_| Why::Redirected),
    // Slowed down, whatever the status: Google says it with 403.
    row(
        400..=599,
        &[
            "SlowDown",
            "Throttling",
            "ThrottlingException",
            "RequestLimitExceeded",
            "RequestThrottled",
            "TooManyRequests",
            "BandwidthLimitExceeded",
            "rateLimitExceeded",
            "userRateLimitExceeded",
            "ServerBusy",
        ],
        |_| Why::Throttled,
    ),
    row(
        400..=499,
        &[
            "NoSuchBucket",
            "InvalidBucketName",
            "ContainerNotFound",
            "ContainerBeingDeleted",
            "ContainerDisabled",
        ],
        |_| Why::NoBucket,
    ),
    row(
        400..=507,
        &[
            "QuotaExceeded",
            "ServiceQuotaExceeded",
            "StorageQuotaExceeded",
            "XMinioAdminBucketQuotaExceeded",
            "InsufficientStorage",
            "quotaExceeded",
            "billingNotEnabled",
            "accountDisabled",
            "AccountIsDisabled",
        ],
        |_| Why::Quota,
    ),
    // Signatures and tokens that are refused with 400.
    row(
        400..=400,
        &[
            "AuthorizationHeaderMalformed",
            "AuthorizationQueryParametersError",
            "ExpiredToken",
            "InvalidToken",
            "TokenRefreshRequired",
            "InvalidAccessKeyId",
            "InvalidAuthenticationInfo",
            "AuthenticationFailed",
        ],
        |_| Why::Unauthenticated,
    ),
    row(401..=401, &[], |_| Why::Unauthenticated),
    row(402..=402, &[], |_| Why::Quota),
    row(
        403..=403,
        &["AuthenticationFailed", "InvalidAccessKeyId", "SignatureDoesNotMatch"],
        |_| Why::Unauthenticated,
    ),
    row(403..=403, &[], |_| Why::Forbidden),
    row(404..=404, &[], |_| Why::NotFound),
    row(408..=408, &[], |_| Why::TimedOut),
    row(429..=429, &[], |_| Why::Throttled),
    row(507..=507, &[], |_| Why::Quota),
    row(500..=599, &[], Why::ServerError),
];

/// What the exchange says: that it was ok, or why it was not.
///
/// # Errors
/// Why it was not: of what broke, the connection before the status, and the status with the provider's code as
/// the table has them. A status that no row has is unexpected.
pub fn classify(exchange: &Exchange) -> Result<(), Why> {
    let status = exchange.status.unwrap_or(0);
    match exchange.transport {
        Some(Transport::TimedOut) => return Err(Why::TimedOut),
        Some(Transport::Unreachable) => return Err(Why::Unreachable),
        Some(Transport::Interrupted) => return Err(Why::Interrupted),
        Some(Transport::TooLong) => return Err(Why::WrongBytes),
        None if (200..300).contains(&status) => return Ok(()),
        None => {}
    }
    let code = exchange.code.as_deref();
    let fits = |row: &&Row| {
        row.statuses.contains(&status)
            && (row.codes.is_empty() || code.is_some_and(|code| row.codes.contains(&code)))
    };
    Err(TABLE.iter().find(fits).map_or(Why::Unexpected(status), |row| (row.means)(status)))
}

/// The most bytes of a provider's code that are kept.
const CODE_BYTES_MAX: usize = 64;

/// The provider's code in the body of an error: XML's `Code` (S3, Google, Azure), or the reason in Google's JSON.
pub fn code_in(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    if let Some((_, rest)) = text.split_once("<Code>") {
        return code(rest.split_once("</Code>")?.0);
    }
    let json: serde_json::Value = serde_json::from_str(&text).ok()?;
    let error = json.get("error")?;
    let reason = error.pointer("/errors/0/reason").and_then(serde_json::Value::as_str)?;
    let message = error.get("message").and_then(serde_json::Value::as_str).unwrap_or_default();
    // Google's JSON has one reason for both things that can be missing.
    if reason == "notFound" && message.contains("bucket does not exist") {
        return Some("NoSuchBucket".to_owned());
    }
    code(reason)
}

/// A code as it may be kept: a word, never text of the provider's making.
pub fn code(text: &str) -> Option<String> {
    let text = text.trim();
    let word = !text.is_empty()
        && text.len() <= CODE_BYTES_MAX
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    word.then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
