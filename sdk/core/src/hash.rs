//! SHA-256 as its caller provides it: the syscall on chain, a library elsewhere.

/// A 32-byte SHA-256 digest.
pub type Digest = [u8; 32];

/// SHA-256 over the concatenation of the given slices.
pub trait Sha256 {
    /// The digest of the slices' concatenation.
    fn hash(parts: &[&[u8]]) -> Digest;
}

/// SHA-256 in software, for everything that does not run on chain.
pub struct SoftwareSha256;

impl Sha256 for SoftwareSha256 {
    fn hash(parts: &[&[u8]]) -> Digest {
        use sha2::Digest as _;
        let mut hasher = sha2::Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        hasher.finalize().into()
    }
}
