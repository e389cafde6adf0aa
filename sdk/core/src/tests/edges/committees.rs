//! Sizes, covers and draws.

use super::*;
use crate::committee::{
    Candidate, CommitteeSize, DrawHash, Eligibility, SEATS_MAX, SeatCover, check_enough, draw,
    find_draw_hash, ticket,
};
use crate::hash::SoftwareSha256;
use crate::units::{Bps, Timestamp};

#[test]
fn seat_covers() {
    for seats in U8.into_iter().chain([3, 4, 5, 6]) {
        let Ok(size) = CommitteeSize::new(seats) else {
            assert!(seats != 3 && seats != 5);
            continue;
        };
        assert_eq!(size.get(), seats);
        assert!(2 * size.majority() > seats && 2 * (size.majority() - 1) < seats);
        assert_eq!(size.majority() + size.blocking(), seats + 1);
        for price in U64 {
            for windows in U16 {
                for absence in U16 {
                    for multiple in U8 {
                        for fraud_min in U64 {
                            let cover = SeatCover::new(
                                Atoms(price),
                                windows,
                                size,
                                Bps(absence),
                                multiple,
                                Atoms(fraud_min),
                            );
                            let largest =
                                (windows > 0).then(|| wide(price).div_ceil(wide(windows)));
                            let owed = largest.map(|due| (due * wide(absence)).div_ceil(10_000));
                            let owed = owed.filter(|owed| *owed <= wide(u64::MAX));
                            let share = owed.map(|owed| owed.div_ceil(wide(size.blocking())));
                            let fraud = largest.map(|due| due * (wide(multiple) + 1));
                            let expected = atoms(share).and_then(|absence_share| {
                                let fraud = atoms(fraud)?.max(Atoms(fraud_min));
                                Ok(SeatCover { absence_share, fraud })
                            });
                            assert_eq!(cover, expected);
                            let Ok(cover) = cover else { continue };
                            let total = |shares: u128, fraud: u128| {
                                atoms(Some(wide(cover.absence_share.0) * shares + fraud))
                            };
                            let fraud = wide(cover.fraud.0);
                            assert_eq!(cover.total(), total(3, fraud));
                            for used in U8 {
                                let left = 3u128.saturating_sub(wide(used));
                                assert_eq!(cover.left_after(used), total(left, fraud));
                                assert_eq!(cover.absences_left(used), total(left, 0));
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn draws() {
    let keys = [[0; 32], [1; 32], [255; 32]];
    let size = CommitteeSize::new(3).unwrap();
    for joined_slot in U64 {
        for joined_before in U64 {
            for free_stake in U64 {
                for now in TIMES {
                    let candidates = keys.iter().map(|oracle| Candidate {
                        oracle,
                        joined_slot,
                        out_slot: u64::MAX,
                        free_stake: Atoms(free_stake),
                        certified_until: Timestamp(1),
                    });
                    let eligibility =
                        Eligibility { joined_before, now: Timestamp(now), excluded: &keys[..1] };
                    let ranks = joined_slot < joined_before && joined_before < u64::MAX && now < 1;
                    let too_few = Err(CoreError::OraclesTooFew);
                    assert_eq!(
                        check_enough(candidates.clone(), &eligibility, Atoms(2), size),
                        too_few
                    );
                    for count in U8.into_iter().chain([5, 6]) {
                        let all = candidates.clone().collect::<Vec<_>>().into_iter();
                        let drawn = draw::<SoftwareSha256>(
                            all,
                            &eligibility,
                            &[255; 32],
                            &[0; 32],
                            u16::MAX,
                            count,
                        );
                        let expected = match count {
                            6.. => Err(CoreError::CommitteeSizeInvalid),
                            3.. => Err(CoreError::OraclesTooFew),
                            0 => Ok(0),
                            count if ranks => Ok(usize::from(count)),
                            _ => Err(CoreError::OraclesTooFew),
                        };
                        let drawn = drawn.map(|seats| seats.into_iter().flatten().count());
                        assert_eq!(drawn, expected);
                    }
                }
            }
        }
    }
    assert_ne!(
        ticket::<SoftwareSha256>(&[0; 32], &[0; 32], 0, &[0; 32]),
        ticket::<SoftwareSha256>(&[0; 32], &[0; 32], u16::MAX, &[0; 32])
    );
    const { assert!(SEATS_MAX == 5) };
}

#[test]
fn draw_hashes() {
    for draw_slot in U64 {
        for count in U64 {
            for slot in U64 {
                // Every entry says the same slot: a sysvar that never was, and no reason to panic.
                let found =
                    find_draw_hash(draw_slot, count, |_| Ok::<_, CoreError>((slot, [9; 32])));
                let expected = if count == 0 || slot < draw_slot {
                    DrawHash::NotReady
                } else if slot == draw_slot || count < 512 {
                    DrawHash::Ready([9; 32])
                } else {
                    DrawHash::Lapsed
                };
                assert_eq!(found, Ok(expected));
            }
            let refused = find_draw_hash(draw_slot, count, |_| Err(CoreError::StateInvalid));
            assert_eq!(refused.is_err(), count > 0);
        }
    }
}
