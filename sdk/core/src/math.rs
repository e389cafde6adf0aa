//! Integer arithmetic with named rounding. Everything else in core calls these.

use crate::error::{CoreError, Result};

/// `a · b / c`, rounded down.
///
/// The product is formed in 64 bits where it fits and in 128 bits where it does not, since a 128-bit
/// division costs hundreds of compute units on chain.
///
/// # Errors
/// [`CoreError::ArithmeticOverflow`] if `c` is zero or the quotient exceeds 64 bits.
#[inline]
pub fn mul_div_floor(a: u64, b: u64, c: u64) -> Result<u64> {
    if let Some(product) = small_product(a, b).or_else(|| a.checked_mul(b)) {
        return product.checked_div(c).ok_or(CoreError::ArithmeticOverflow);
    }
    wide_mul_div(a, b, c, 0)
}

/// The product of factors that are small enough for it to fit 64 bits at a glance: most amounts and rates are. Asking
/// the multiplication itself whether it overflows costs far more on chain, where no instruction gives the upper half.
#[inline]
fn small_product(a: u64, b: u64) -> Option<u64> {
    let both_short = (a | b) >> 32 == 0;
    let one_rate = a >> 44 == 0 && b >> 20 == 0;
    (both_short || one_rate).then_some(a.wrapping_mul(b))
}

/// `a · b / c`, rounded up.
///
/// # Errors
/// [`CoreError::ArithmeticOverflow`] if `c` is zero or the quotient exceeds 64 bits.
#[inline]
pub fn mul_div_ceil(a: u64, b: u64, c: u64) -> Result<u64> {
    let round_up = c.checked_sub(1).ok_or(CoreError::ArithmeticOverflow)?;
    if let Some(sum) = a.checked_mul(b).and_then(|product| product.checked_add(round_up)) {
        return sum.checked_div(c).ok_or(CoreError::ArithmeticOverflow);
    }
    wide_mul_div(a, b, c, round_up)
}

#[cold]
fn wide_mul_div(a: u64, b: u64, c: u64, round_up: u64) -> Result<u64> {
    // (2^64 − 1)² + 2^64 − 1 < 2^128: neither step can overflow.
    u128::from(a)
        .checked_mul(u128::from(b))
        .and_then(|product| product.checked_add(u128::from(round_up)))
        .and_then(|sum| sum.checked_div(u128::from(c)))
        .and_then(|quotient| u64::try_from(quotient).ok())
        .ok_or(CoreError::ArithmeticOverflow)
}

/// The square root of `n`, rounded up.
#[inline]
pub fn sqrt_ceil(n: u64) -> u64 {
    let root = n.isqrt();
    // root ≤ 2^32 − 1, so neither the square nor the successor can overflow.
    if root.saturating_mul(root) == n { root } else { root.saturating_add(1) }
}

/// Part `k` of `total` split into `n` by cumulative floors:
/// `floor(total·(k+1)/n) − floor(total·k/n)`. The parts of all `k < n` add up to `total`.
///
/// # Errors
/// [`CoreError::ArithmeticOverflow`] if `n` is zero or `k ≥ n`.
#[inline]
pub fn part(total: u64, k: u64, n: u64) -> Result<u64> {
    if k >= n {
        return Err(CoreError::ArithmeticOverflow);
    }
    // total = q·n + r, so the cumulative floor is q·k + floor(r·k/n), with r < n ≤ 2^32 in every use.
    let quotient = total.checked_div(n).ok_or(CoreError::ArithmeticOverflow)?;
    let remainder = total.checked_rem(n).ok_or(CoreError::ArithmeticOverflow)?;
    let next = k.checked_add(1).ok_or(CoreError::ArithmeticOverflow)?;
    let extra = mul_div_floor(remainder, next, n)?.saturating_sub(mul_div_floor(remainder, k, n)?);
    quotient.checked_add(extra).ok_or(CoreError::ArithmeticOverflow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn mul_div_agrees_with_wide_arithmetic(a: u64, b: u64, c: u64) {
            let wide = |up: u128| (c != 0).then(|| (u128::from(a) * u128::from(b) + up) / u128::from(c))
                .and_then(|q| u64::try_from(q).ok()).ok_or(CoreError::ArithmeticOverflow);
            prop_assert_eq!(mul_div_floor(a, b, c), wide(0));
            prop_assert_eq!(mul_div_ceil(a, b, c), wide(u128::from(c.saturating_sub(1))));
        }

        #[test]
        fn small_products_are_products(a: u64, b: u64, shift_a in 0u32..64, shift_b in 0u32..64) {
            let (a, b) = (a >> shift_a, b >> shift_b);
            if let Some(product) = small_product(a, b) {
                prop_assert_eq!(Some(product), a.checked_mul(b));
            }
        }

        #[test]
        fn sqrt_ceil_is_the_least_root(n: u64) {
            let root = u128::from(sqrt_ceil(n));
            prop_assert!(root * root >= u128::from(n));
            prop_assert!(root == 0 || (root - 1) * (root - 1) < u128::from(n));
        }

        #[test]
        fn part_is_the_cumulative_floor(total: u64, n in 1u64..=u64::from(u32::MAX), k: u64) {
            let k = k % n;
            let floor = |k: u64| u128::from(total) * u128::from(k) / u128::from(n);
            prop_assert_eq!(u128::from(part(total, k, n).unwrap()), floor(k + 1) - floor(k));
        }

        #[test]
        fn parts_add_up(total: u64, n in 1u64..200) {
            let sum: u128 = (0..n).map(|k| u128::from(part(total, k, n).unwrap())).sum();
            prop_assert_eq!(sum, u128::from(total));
        }
    }

    #[test]
    fn bounds() {
        assert_eq!(mul_div_floor(u64::MAX, u64::MAX, u64::MAX), Ok(u64::MAX));
        assert_eq!(mul_div_floor(u64::MAX, 2, 1), Err(CoreError::ArithmeticOverflow));
        assert_eq!(mul_div_ceil(1, 1, 0), Err(CoreError::ArithmeticOverflow));
        for (a, b) in [
            (u64::from(u32::MAX), u64::from(u32::MAX)),
            ((1 << 44) - 1, (1 << 20) - 1),
            ((1 << 20) - 1, (1 << 44) - 1),
        ] {
            let product = u128::from(a) * u128::from(b);
            assert_eq!(small_product(a, b).map(u128::from).unwrap_or(product), product);
        }
        assert_eq!(small_product(1 << 32, 1 << 32), None);
        assert_eq!(small_product(1 << 44, 1 << 20), None);
        assert_eq!(sqrt_ceil(u64::MAX), 1 << 32);
        assert_eq!(sqrt_ceil(0), 0);
        assert_eq!(part(5, 0, 0), Err(CoreError::ArithmeticOverflow));
        assert_eq!(part(5, 3, 3), Err(CoreError::ArithmeticOverflow));
    }
}
