//! The hash that a document is served with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The `Content-Digest` of a body (RFC 9530): `sha-256=:…:`, in base64.
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

/// Whether a body is the one that a `Content-Digest` header tells. A header may list several; one that has no SHA-256
/// tells nothing.
pub(super) fn agrees(header: &str, body: &[u8]) -> bool {
    let own = content_digest(body);
    let mut told =
        header.split(',').map(str::trim).filter(|entry| entry.starts_with("sha-256=")).peekable();
    told.peek().is_none() || told.all(|entry| entry == own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_as_the_standard_has_it() {
        // The example of RFC 9530, appendix D.
        let body = b"{\"hello\": \"world\"}\n";
        let digest = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
        assert_eq!(content_digest(body), digest);
        assert!(agrees(digest, body));
        assert!(agrees(&format!("sha-512=:AA==:, {digest}"), body));
        assert!(agrees("sha-512=:AA==:", body));
        assert!(!agrees(digest, b"{}"));
    }
}
