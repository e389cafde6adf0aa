//! Prices, dues, fees, refunds, penalties, and the arithmetic below them.

use super::*;
use crate::committee::CommitteeSize;
use crate::math::{mul_div_ceil, mul_div_floor, part, sqrt_ceil};
use crate::money::{self, RefundCurve};
use crate::units::{Bps, Gib, PPM_ONE, Ppm, PricePerGibMonth, Seconds};

#[test]
fn math() {
    for a in U64 {
        let root = wide(sqrt_ceil(a));
        assert!(root * root >= wide(a) && (root == 0 || (root - 1) * (root - 1) < wide(a)));
        for b in U64 {
            for c in U64 {
                let product = wide(a) * wide(b);
                assert_eq!(mul_div_floor(a, b, c), narrow(product.checked_div(wide(c))));
                let up = (c > 0).then(|| product.div_ceil(wide(c)));
                assert_eq!(mul_div_ceil(a, b, c), narrow(up));
                // The k-th part of a, for k = b of n = c: floors of products beyond 128 bits are not needed here.
                let floor = |k: u128| wide(a).checked_mul(k).map(|product| product / wide(c));
                let expected = match (b < c, c > 0) {
                    (true, true) => floor(wide(b) + 1).zip(floor(wide(b))),
                    _ => None,
                };
                match expected {
                    Some((next, before)) => assert_eq!(part(a, b, c), narrow(Some(next - before))),
                    None if b < c => {
                        let _ = part(a, b, c);
                    }
                    None => assert_eq!(part(a, b, c), Err(OVERFLOW)),
                }
            }
        }
    }
}

#[test]
fn prices_and_fees() {
    let three = CommitteeSize::new(3).unwrap();
    for amount in U64 {
        for other in U64 {
            for secs in U32 {
                for windows in U16 {
                    let price = wide(amount)
                        .checked_mul(wide(other))
                        .and_then(|p| p.checked_mul(wide(secs)))
                        .and_then(|p| p.checked_mul(wide(windows)));
                    let said = money::price_floor(
                        Gib(amount),
                        PricePerGibMonth(other),
                        Seconds(secs),
                        windows,
                    );
                    let expected = match atoms(price.map(|price| price / 2_592_000)) {
                        Ok(price) if windows == 0 || price.0 < u64::from(windows) => {
                            Err(CoreError::PriceBelowOneAtomPerWindow)
                        }
                        expected => expected,
                    };
                    assert_eq!(said, expected);
                }
            }
            for rate in U16 {
                let fee = wide(amount) * wide(rate) / 30_000;
                let said = money::oracle_fee_floor(Atoms(amount), Bps(rate), Atoms(other), three);
                assert_eq!(said, atoms(Some(fee)).map(|fee| fee.max(Atoms(other))));
                let floor = |paid: u64| atoms(Some(wide(paid) * wide(rate) / 10_000));
                let said = money::protocol_fee_step(Atoms(amount), Atoms(other), Bps(rate));
                let expected = match (floor(amount), floor(other)) {
                    (Ok(before), Ok(after)) => after.minus(before),
                    _ => Err(OVERFLOW),
                };
                assert_eq!(said, expected);
                assert_eq!(money::cover_floor(Atoms(amount), Bps(rate)), floor(amount));
                for windows in U16 {
                    let said = money::fee_reserve(
                        Atoms(amount),
                        windows,
                        three,
                        Bps(rate),
                        Atoms(other),
                        Bps(rate),
                    );
                    let largest = (windows > 0).then(|| wide(amount).div_ceil(wide(windows)));
                    let fee = largest.map(|due| (due * wide(rate)).div_ceil(30_000));
                    let reserve = fee
                        .filter(|fee| *fee <= wide(u64::MAX))
                        .map(|fee| fee.max(wide(other)) * 3 * wide(windows))
                        .filter(|fees| *fees <= wide(u64::MAX))
                        .zip(floor(amount).ok())
                        .map(|(fees, protocol)| fees + wide(protocol.0));
                    assert_eq!(said, atoms(reserve), "{amount} {windows} {rate} {other}");
                }
            }
        }
        for windows in U16 {
            let largest = (windows > 0).then(|| wide(amount).div_ceil(wide(windows)));
            assert_eq!(money::largest_due(Atoms(amount), windows), atoms(largest));
            for k in U16 {
                let cut = |k: u128| wide(amount) * k / wide(windows);
                let due = (k < windows).then(|| cut(wide(k) + 1) - cut(wide(k)));
                assert_eq!(money::due(Atoms(amount), k, windows), atoms(due));
            }
        }
    }
}

#[test]
fn refunds_and_penalties() {
    for amount in U64 {
        for rate in U16 {
            let share = wide(amount) * wide(rate) / 10_000;
            let expected = match atoms(Some(share)) {
                Ok(consumer) if consumer.0 > amount => Err(CoreError::AmountBelowZero),
                consumer => consumer.map(|consumer| (consumer, Atoms(amount - consumer.0))),
            };
            assert_eq!(money::split_penalty(Atoms(amount), Bps(rate)), expected);
            for j in U8 {
                for shares in U8 {
                    let cut = |k: u128| share * k / wide(shares);
                    let part = (j < shares && share <= wide(u64::MAX))
                        .then(|| cut(wide(j) + 1) - cut(wide(j)));
                    let said = money::absence_share(Atoms(amount), Bps(rate), j, shares);
                    assert_eq!(said, atoms(part));
                }
            }
        }
        for shortfall in U32 {
            // Beyond one counts as one: a submission never says so, but its field could.
            let paid = money::pay_floor(Atoms(amount), Ppm(shortfall), &RefundCurve::DEFAULT);
            let refund = RefundCurve::DEFAULT.refund(Ppm(shortfall)).unwrap();
            let expected = wide(amount) * wide(PPM_ONE - refund.0) / wide(PPM_ONE);
            assert_eq!(paid, atoms(Some(expected)));
            assert_eq!(refund == Ppm::ONE, shortfall >= PPM_ONE);
            for multiple in U8 {
                for left in U64 {
                    let said =
                        money::penalty_floor(Atoms(amount), multiple, Ppm(shortfall), Atoms(left));
                    let weight = wide(multiple) * wide(shortfall);
                    let penalty = wide(amount) * weight / wide(PPM_ONE);
                    assert_eq!(said, atoms(Some(penalty)).map(|p| p.min(Atoms(left))));
                }
            }
        }
    }
}

#[test]
fn refund_curves() {
    let mut valid = 0;
    for x1_bps in U16 {
        for y1_bps in U16 {
            for x2_bps in [0, 1, 2, 9_999, 10_000, u16::MAX] {
                for y2_bps in U16 {
                    let curve = RefundCurve { x1_bps, y1_bps, x2_bps, y2_bps };
                    let ordered = 0 < x1_bps && x1_bps < x2_bps && x2_bps < 10_000;
                    let rises = ordered && y1_bps <= y2_bps && y2_bps <= 10_000;
                    assert_eq!(curve.check().is_ok(), rises);
                    for shortfall in [0, 1, 99, 100, 101, 999_899, 999_900, 999_999, u32::MAX] {
                        let refund = curve.refund(Ppm(shortfall));
                        if rises {
                            assert!(refund.unwrap() <= Ppm::ONE);
                        }
                    }
                    valid += u32::from(rises);
                }
            }
        }
    }
    assert!(valid > 5);
}
