//! Texts in accounts: fixed-size region names, and bounded URIs.

use crate::error::{CoreError, Result};

/// The longest URI of an account, in bytes; in zero-copy accounts shorter ones are padded with zeros.
pub const URI_MAX: usize = 200;
/// The size of a region name, in bytes; shorter names are padded with zeros.
pub const REGION_SIZE: usize = 16;

/// Checks that a URI is at most [`URI_MAX`] bytes of printable ASCII (empty is allowed).
///
/// # Errors
/// [`CoreError::TextTooLong`].
pub fn check_uri(uri: &str) -> Result<()> {
    let printable = uri.bytes().all(|byte| byte.is_ascii_graphic());
    if uri.len() > URI_MAX || !printable { Err(CoreError::TextTooLong) } else { Ok(()) }
}

/// A URI as fixed bytes, padded with zeros.
///
/// # Errors
/// As [`check_uri`].
pub fn uri_bytes(uri: &str) -> Result<[u8; URI_MAX]> {
    check_uri(uri)?;
    let mut bytes = [0; URI_MAX];
    bytes.get_mut(..uri.len()).ok_or(CoreError::TextTooLong)?.copy_from_slice(uri.as_bytes());
    Ok(bytes)
}

/// Fixed bytes as text, without their padding.
pub fn padded_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned()
}

/// Checks a region: printable ASCII, padded with zeros, not empty.
///
/// # Errors
/// [`CoreError::TextTooLong`].
pub fn check_region(region: &[u8; REGION_SIZE]) -> Result<()> {
    let used = region.iter().position(|byte| *byte == 0).unwrap_or(REGION_SIZE);
    let (name, padding) = region.split_at_checked(used).ok_or(CoreError::TextTooLong)?;
    let valid = !name.is_empty()
        && name.iter().all(u8::is_ascii_graphic)
        && padding.iter().all(|byte| *byte == 0);
    if valid { Ok(()) } else { Err(CoreError::TextTooLong) }
}

/// A region's name as fixed bytes.
///
/// # Errors
/// [`CoreError::TextTooLong`] if it is empty, longer than [`REGION_SIZE`] or not printable ASCII.
pub fn region(name: &str) -> Result<[u8; REGION_SIZE]> {
    let mut bytes = [0; REGION_SIZE];
    bytes.get_mut(..name.len()).ok_or(CoreError::TextTooLong)?.copy_from_slice(name.as_bytes());
    check_region(&bytes)?;
    Ok(bytes)
}

/// A region's fixed bytes as text.
pub fn region_name(region: &[u8; REGION_SIZE]) -> String {
    padded_text(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_round_trip() {
        assert_eq!(region_name(&region("eu-central-1").unwrap()), "eu-central-1");
        assert_eq!(region_name(&region("0123456789abcdef").unwrap()), "0123456789abcdef");
        for bad in ["", "0123456789abcdefg", "eu central", "zürich", "a\0b"] {
            assert_eq!(region(bad), Err(CoreError::TextTooLong), "{bad}");
        }
    }

    #[test]
    fn uris_are_bounded_printable_ascii() {
        assert_eq!(check_uri(""), Ok(()));
        assert_eq!(check_uri(&"a".repeat(URI_MAX)), Ok(()));
        assert_eq!(check_uri(&"a".repeat(URI_MAX + 1)), Err(CoreError::TextTooLong));
        assert_eq!(check_uri("https://a b"), Err(CoreError::TextTooLong));
        assert_eq!(check_uri("https://a\n"), Err(CoreError::TextTooLong));
        assert_eq!(padded_text(&uri_bytes("https://a").unwrap()), "https://a");
        assert_eq!(uri_bytes("a b"), Err(CoreError::TextTooLong));
    }
}
