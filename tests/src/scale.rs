//! How many random cases a test tries.

/// `ordinary` cases; ten times as many with `FLASHBACK_FULL=1`.
pub fn cases(ordinary: u32) -> u32 {
    let full = std::env::var("FLASHBACK_FULL").is_ok_and(|value| value == "1");
    if full { ordinary.saturating_mul(10) } else { ordinary }
}
