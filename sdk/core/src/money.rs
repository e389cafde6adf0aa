//! Prices, dues, fees, refunds and penalties of an SLA.

use crate::committee::CommitteeSize;
use crate::error::{CoreError, Result};
use crate::math::{mul_div_ceil, mul_div_floor, part};
use crate::units::{Atoms, BPS_ONE, Bps, Gib, MONTH, PPM_ONE, Ppm, PricePerGibMonth, Seconds};

borsh_type! {
    /// How a window's shortfall becomes the part of its due that is refunded: a line from (0, 0) through
    /// (x1, y1) and (x2, y2) to (1, 1), in basis points, without a cliff.
    pub struct RefundCurve {
        /// First knot's shortfall, in bps: 0 < x1 < x2.
        pub x1_bps: u16,
        /// First knot's refund, in bps: at most y2.
        pub y1_bps: u16,
        /// Second knot's shortfall, in bps: x1 < x2 < 10,000.
        pub x2_bps: u16,
        /// Second knot's refund, in bps: at most 10,000.
        pub y2_bps: u16,
    }
}

impl RefundCurve {
    /// Half as steep up to a shortfall of 20 %, where measurement noise lives; exact from 60 %.
    pub const DEFAULT: RefundCurve =
        RefundCurve { x1_bps: 2_000, y1_bps: 1_000, x2_bps: 6_000, y2_bps: 6_000 };

    /// Checks that the curve rises from 0 to 1.
    ///
    /// # Errors
    /// [`CoreError::RefundCurveInvalid`].
    pub fn check(&self) -> Result<()> {
        let rises = 0 < self.x1_bps
            && self.x1_bps < self.x2_bps
            && self.x2_bps < BPS_ONE
            && self.y1_bps <= self.y2_bps
            && self.y2_bps <= BPS_ONE;
        if rises { Ok(()) } else { Err(CoreError::RefundCurveInvalid) }
    }

    /// The part of the due to refund for a shortfall, rounded down to a ppm. Monotone; 0 at 0, one at one.
    ///
    /// # Errors
    /// [`CoreError::RefundCurveInvalid`] if the curve does not pass [`RefundCurve::check`].
    pub fn refund(&self, shortfall: Ppm) -> Result<Ppm> {
        let ppm = |bps: u16| u32::from(bps).saturating_mul(100);
        let (x1, y1, x2, y2) =
            (ppm(self.x1_bps), ppm(self.y1_bps), ppm(self.x2_bps), ppm(self.y2_bps));
        let s = shortfall.0;
        let ((xa, ya), (xb, yb)) = match s {
            0 => return Ok(Ppm::ZERO),
            PPM_ONE.. => return Ok(Ppm::ONE),
            s if s <= x1 => ((0, 0), (x1, y1)),
            s if s <= x2 => ((x1, y1), (x2, y2)),
            _ => ((x2, y2), (PPM_ONE, PPM_ONE)),
        };
        let run = |from: u32, to: u32| to.checked_sub(from).ok_or(CoreError::RefundCurveInvalid);
        let risen = mul_div_floor(
            u64::from(run(ya, yb)?),
            u64::from(run(xa, s)?),
            u64::from(run(xa, xb)?),
        )?;
        let risen = u32::try_from(risen).map_err(|_| CoreError::RefundCurveInvalid)?;
        Ok(Ppm(ya.saturating_add(risen)))
    }
}

/// The price of a reservation, rounded down: `gib · price · windows · window / 2,592,000`.
///
/// # Errors
/// [`CoreError::PriceBelowOneAtomPerWindow`] or [`CoreError::ArithmeticOverflow`].
pub fn price_floor(
    gib: Gib,
    per_gib_month: PricePerGibMonth,
    window: Seconds,
    windows: u16,
) -> Result<Atoms> {
    let price = u128::from(gib.0)
        .checked_mul(u128::from(per_gib_month.0))
        .and_then(|per_month| per_month.checked_mul(u128::from(window.0)))
        .and_then(|product| product.checked_mul(u128::from(windows)))
        .and_then(|product| product.checked_div(u128::from(MONTH)))
        .and_then(|price| u64::try_from(price).ok())
        .ok_or(CoreError::ArithmeticOverflow)?;
    if price < u64::from(windows) || windows == 0 {
        return Err(CoreError::PriceBelowOneAtomPerWindow);
    }
    Ok(Atoms(price))
}

/// What window `k` of `windows` costs: the k-th part of the price by cumulative floors.
///
/// # Errors
/// [`CoreError::ArithmeticOverflow`] if `k ≥ windows`.
#[inline]
pub fn due(price: Atoms, k: u16, windows: u16) -> Result<Atoms> {
    part(price.0, u64::from(k), u64::from(windows)).map(Atoms)
}

/// The largest due of any window: the price over the windows, rounded up.
///
/// # Errors
/// [`CoreError::ArithmeticOverflow`] for zero windows.
pub fn largest_due(price: Atoms, windows: u16) -> Result<Atoms> {
    mul_div_ceil(price.0, 1, u64::from(windows)).map(Atoms)
}

/// The largest sum of penalties of an SLA, rounded down: what its provider must cover.
///
/// # Errors
/// [`CoreError::ArithmeticOverflow`].
pub fn cover_floor(price: Atoms, cover: Bps) -> Result<Atoms> {
    cover.of_floor(price)
}

/// What one on-time measuring submission earns, rounded down: `max(due · rate / seats, minimum)`.
///
/// # Errors
/// [`CoreError::ArithmeticOverflow`].
#[inline]
pub fn oracle_fee_floor(
    due: Atoms,
    rate: Bps,
    minimum: Atoms,
    seats: CommitteeSize,
) -> Result<Atoms> {
    let divisor = u64::from(BPS_ONE).saturating_mul(u64::from(seats.get()));
    mul_div_floor(due.0, u64::from(rate.0), divisor).map(|fee| Atoms(fee).max(minimum))
}

/// The protocol fee that falls due as the total paid out rises, by cumulative floors:
/// `⌊after · rate⌋ − ⌊before · rate⌋`, so that no dust escapes it.
///
/// # Errors
/// [`CoreError::ArithmeticOverflow`] or, if the total falls, [`CoreError::AmountBelowZero`].
#[inline]
pub fn protocol_fee_step(paid_before: Atoms, paid_after: Atoms, rate: Bps) -> Result<Atoms> {
    rate.of_floor(paid_after)?.minus(rate.of_floor(paid_before)?)
}

/// The largest fees an SLA can cost on top of its price:
/// `windows · seats · max(⌈⌈price/windows⌉ · rate / seats⌉, minimum) + ⌊price · protocol rate⌋`.
///
/// # Errors
/// [`CoreError::ArithmeticOverflow`].
pub fn fee_reserve(
    price: Atoms,
    windows: u16,
    seats: CommitteeSize,
    oracle_rate: Bps,
    oracle_minimum: Atoms,
    protocol_rate: Bps,
) -> Result<Atoms> {
    let divisor = u64::from(BPS_ONE).saturating_mul(u64::from(seats.get()));
    let largest = largest_due(price, windows)?;
    let fee = mul_div_ceil(largest.0, u64::from(oracle_rate.0), divisor)?.max(oracle_minimum.0);
    let submissions = u64::from(windows).saturating_mul(u64::from(seats.get()));
    Atoms(fee).times(submissions)?.plus(protocol_rate.of_floor(price)?)
}

/// What is paid of a due for a shortfall, rounded down; the rest of the due is refunded.
///
/// # Errors
/// [`CoreError::RefundCurveInvalid`] or [`CoreError::ArithmeticOverflow`].
#[inline]
pub fn pay_floor(due: Atoms, shortfall: Ppm, curve: &RefundCurve) -> Result<Atoms> {
    if shortfall == Ppm::ZERO {
        return Ok(due);
    }
    curve.refund(shortfall)?.complement().of_floor(due)
}

/// The penalty for a shortfall, rounded down: `due · multiple · shortfall`, at most the cover left.
///
/// # Errors
/// [`CoreError::ArithmeticOverflow`].
#[inline]
pub fn penalty_floor(due: Atoms, multiple: u8, shortfall: Ppm, cover_left: Atoms) -> Result<Atoms> {
    if shortfall == Ppm::ZERO {
        return Ok(Atoms::ZERO);
    }
    let weight = u64::from(multiple).saturating_mul(u64::from(shortfall.0));
    mul_div_floor(due.0, weight, u64::from(PPM_ONE)).map(|penalty| Atoms(penalty).min(cover_left))
}

/// What the `j`-th of `shares` absent seats owes for an unmeasured window: the j-th part, by cumulative
/// floors, of `⌊due · rate⌋`.
///
/// # Errors
/// [`CoreError::ArithmeticOverflow`] if `j ≥ shares`.
pub fn absence_share(due: Atoms, rate: Bps, j: u8, shares: u8) -> Result<Atoms> {
    part(rate.of_floor(due)?.0, u64::from(j), u64::from(shares)).map(Atoms)
}

/// A collected penalty, split: the consumer's share rounded down, the rest to burn.
///
/// # Errors
/// [`CoreError::ArithmeticOverflow`].
pub fn split_penalty(penalty: Atoms, consumer_share: Bps) -> Result<(Atoms, Atoms)> {
    let consumer = consumer_share.of_floor(penalty)?;
    Ok((consumer, penalty.minus(consumer)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn curves() -> impl Strategy<Value = RefundCurve> {
        (1u16..9_999, 0u16..=10_000, 1u16..9_999, 0u16..=10_000).prop_filter_map(
            "two knots",
            |(xa, ya, xb, yb)| {
                let curve = RefundCurve {
                    x1_bps: xa.min(xb),
                    y1_bps: ya.min(yb),
                    x2_bps: xa.max(xb),
                    y2_bps: ya.max(yb),
                };
                curve.check().is_ok().then_some(curve)
            },
        )
    }

    proptest! {
        #[test]
        fn refund_rises_from_zero_to_one(curve in curves(), a in 0u32..=PPM_ONE, b in 0u32..=PPM_ONE) {
            let (low, high) = (a.min(b), a.max(b));
            let refund = |s| curve.refund(Ppm(s)).unwrap();
            prop_assert!(refund(low) <= refund(high));
            prop_assert!(refund(high) <= Ppm::ONE);
            prop_assert_eq!(refund(0), Ppm::ZERO);
            prop_assert_eq!(refund(PPM_ONE), Ppm::ONE);
        }

        #[test]
        fn the_curve_has_no_cliff(s in 0u32..PPM_ONE) {
            // The default's steepest part rises 1.25 ppm per ppm.
            let step = RefundCurve::DEFAULT.refund(Ppm(s + 1)).unwrap().0 - RefundCurve::DEFAULT.refund(Ppm(s)).unwrap().0;
            prop_assert!(step <= 2);
        }

        #[test]
        fn pay_and_refund_are_the_due(due: u64, s in 0u32..=PPM_ONE, curve in curves()) {
            let paid = pay_floor(Atoms(due), Ppm(s), &curve).unwrap();
            let refund = curve.refund(Ppm(s)).unwrap();
            let exact = u128::from(due) * u128::from(PPM_ONE - refund.0) / u128::from(PPM_ONE);
            prop_assert_eq!(u128::from(paid.0), exact);
            prop_assert_eq!(pay_floor(Atoms(due), Ppm::ZERO, &curve), Ok(Atoms(due)));
            prop_assert_eq!(pay_floor(Atoms(due), Ppm::ONE, &curve), Ok(Atoms::ZERO));
            if s > 0 {
                let more = pay_floor(Atoms(due), Ppm(s - 1), &curve).unwrap();
                prop_assert!(more >= paid);
            }
        }

        #[test]
        fn penalties_rise_with_the_shortfall_up_to_the_cover(due in 0u64..1 << 50, m in 1u8..=10, s in 1u32..=PPM_ONE, cover: u64) {
            let penalty = |s| penalty_floor(Atoms(due), m, Ppm(s), Atoms(cover)).unwrap();
            prop_assert!(penalty(s - 1) <= penalty(s));
            prop_assert!(penalty(s).0 <= cover);
            prop_assert!(penalty(s).0 <= due * u64::from(m));
        }

        #[test]
        fn the_fee_reserve_covers_every_course(price in 1u64..1 << 50, windows in 1u16..500, seats in prop_oneof![Just(3u8), Just(5)], rate in 0u16..=500, min in 0u64..10_000, protocol in 0u16..=500) {
            prop_assume!(price >= u64::from(windows));
            let seats = CommitteeSize::new(seats).unwrap();
            let reserve = fee_reserve(Atoms(price), windows, seats, Bps(rate), Atoms(min), Bps(protocol)).unwrap();
            let mut spent = 0;
            let mut paid = Atoms::ZERO;
            for k in 0..windows {
                let due = due(Atoms(price), k, windows).unwrap();
                let fee = oracle_fee_floor(due, Bps(rate), Atoms(min), seats).unwrap();
                spent += fee.0 * u64::from(seats.get());
                let after = paid.plus(due).unwrap();
                spent += protocol_fee_step(paid, after, Bps(protocol)).unwrap().0;
                paid = after;
            }
            prop_assert_eq!(paid.0, price);
            prop_assert!(spent <= reserve.0, "{} > {}", spent, reserve.0);
        }

        #[test]
        fn splitting_payments_gains_no_fee(a in 0u64..1 << 60, b in 0u64..1 << 60, rate in 0u16..=500) {
            let whole = protocol_fee_step(Atoms(0), Atoms(a + b), Bps(rate)).unwrap().0;
            let first = protocol_fee_step(Atoms(0), Atoms(a), Bps(rate)).unwrap().0;
            let second = protocol_fee_step(Atoms(a), Atoms(a + b), Bps(rate)).unwrap().0;
            prop_assert_eq!(first + second, whole);
        }

        #[test]
        fn penalty_split_conserves(penalty: u64, share in 0u16..=10_000) {
            let (consumer, burnt) = split_penalty(Atoms(penalty), Bps(share)).unwrap();
            prop_assert_eq!(consumer.0 + burnt.0, penalty);
            let exact = u128::from(penalty) * u128::from(share) / 10_000;
            prop_assert_eq!(u128::from(consumer.0), exact);
        }
    }

    #[test]
    fn price_by_hand() {
        // 1 TiB for 30 daily windows at 0.02 FLASH per GiB-month: 1024 · 0.02 = 20.48 FLASH.
        let price = price_floor(Gib(1024), PricePerGibMonth(20_000), Seconds(86_400), 30);
        assert_eq!(price, Ok(Atoms(20_480_000)));
        assert_eq!(
            price_floor(Gib(1), PricePerGibMonth(1), Seconds(86_400), 30),
            Err(CoreError::PriceBelowOneAtomPerWindow)
        );
        assert_eq!(
            price_floor(Gib(u64::MAX), PricePerGibMonth(2), Seconds(86_400), 30),
            Err(CoreError::ArithmeticOverflow)
        );
        // A product beyond 64 bits whose price fits.
        assert_eq!(
            price_floor(Gib(u64::MAX), PricePerGibMonth(2), Seconds(86_400), 1),
            Ok(Atoms(1_229_782_938_247_303_441))
        );
        assert_eq!(
            price_floor(Gib(u64::MAX), PricePerGibMonth(u64::MAX), Seconds(86_400), 30),
            Err(CoreError::ArithmeticOverflow)
        );
        assert_eq!(
            price_floor(Gib(1), PricePerGibMonth(1), Seconds(86_400), 0),
            Err(CoreError::PriceBelowOneAtomPerWindow)
        );
    }

    #[test]
    fn default_curve_by_hand() {
        let refund = |s| RefundCurve::DEFAULT.refund(Ppm(s)).unwrap().0;
        assert_eq!(refund(100_000), 50_000);
        assert_eq!(refund(200_000), 100_000);
        assert_eq!(refund(400_000), 350_000);
        assert_eq!(refund(600_000), 600_000);
        assert_eq!(refund(800_000), 800_000);
    }
}
