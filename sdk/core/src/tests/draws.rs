//! A draw favours nobody. Counts over many hashes, fixed ones, so that the same figures come out every time; bounds
//! of five standard deviations and more, so that only a draw that favours somebody misses them.

use crate::committee::{Candidate, Eligibility, SEATS_MAX, draw};
use crate::hash::{Digest, Sha256, SoftwareSha256};
use crate::units::{Atoms, Timestamp};

const ORACLES: usize = 20;
const DRAWS: u16 = 3_000;

fn keys() -> Vec<[u8; 32]> {
    // Keys that resemble each other: consecutive, most bytes zero.
    (0..ORACLES)
        .map(|index| {
            let mut key = [0; 32];
            key[31] = u8::try_from(index).unwrap();
            key
        })
        .collect()
}

/// Whose seat it is, by seat, of each draw.
type Seated = Vec<[usize; SEATS_MAX]>;

/// What differs from draw to draw.
#[derive(Clone, Copy, Debug)]
enum Varies {
    SlotHash,
    Sla,
    Number,
}

fn drawn(varies: Varies, excluded: &[[u8; 32]]) -> Seated {
    let keys = keys();
    let hash_of = |index: u16| SoftwareSha256::hash(&[b"slot", &index.to_le_bytes()]);
    (0..DRAWS)
        .map(|index| {
            let (mut slot, mut sla, mut number): (Digest, Digest, u16) = ([1; 32], [2; 32], 3);
            match varies {
                Varies::SlotHash => slot = hash_of(index),
                Varies::Sla => sla[..2].copy_from_slice(&index.to_le_bytes()),
                Varies::Number => number = index,
            }
            let candidates = keys.iter().map(|oracle| Candidate {
                oracle,
                joined_slot: 0,
                out_slot: u64::MAX,
                free_stake: Atoms(1),
                certified_until: Timestamp(1),
            });
            let open = Eligibility { joined_before: 1, now: Timestamp(0), excluded };
            let seats = draw::<SoftwareSha256>(candidates, &open, &slot, &sla, number, 5).unwrap();
            seats.map(|oracle| keys.iter().position(|key| Some(key) == oracle).unwrap())
        })
        .collect()
}

/// Pearson's statistic of counts that should all be equal.
fn chi_squared(counts: &[u32]) -> f64 {
    let total: u32 = counts.iter().sum();
    let expected = f64::from(total) / f64::from(u32::try_from(counts.len()).unwrap());
    counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum()
}

/// Degrees of freedom and five times their standard deviation, √(2·df).
fn limit(counts: usize) -> f64 {
    let freedom = f64::from(u32::try_from(counts - 1).unwrap());
    freedom + 5.0 * (2.0 * freedom).sqrt()
}

#[test]
fn every_oracle_is_drawn_as_often_as_every_other_for_every_seat() {
    for varies in [Varies::SlotHash, Varies::Sla, Varies::Number] {
        let seated = drawn(varies, &[]);
        let mut all = [0u32; ORACLES];
        for seat in 0..SEATS_MAX {
            let mut counts = [0u32; ORACLES];
            for seats in &seated {
                counts[seats[seat]] += 1;
                all[seats[seat]] += 1;
            }
            assert!(chi_squared(&counts) < limit(ORACLES), "{varies:?} seat {seat}: {counts:?}");
        }
        // A quarter of 3,000 each, with a deviation of √(3,000 · ¼ · ¾) = 23.7.
        assert!(all.iter().all(|count| count.abs_diff(750) < 119), "{varies:?}: {all:?}");
    }
}

#[test]
fn nobody_sits_beside_a_chosen_one_more_often() {
    let seated = drawn(Varies::SlotHash, &[]);
    let mut pairs = [[0u32; ORACLES]; ORACLES];
    for seats in &seated {
        for (at, one) in seats.iter().enumerate() {
            for other in &seats[at + 1..] {
                assert_ne!(one, other, "nobody sits twice");
                pairs[(*one).min(*other)][(*one).max(*other)] += 1;
            }
        }
    }
    let counts: Vec<u32> = (0..ORACLES).flat_map(|one| pairs[one][one + 1..].to_vec()).collect();
    assert_eq!(counts.len(), 190);
    assert!(chi_squared(&counts) < limit(counts.len()), "{counts:?}");
}

#[test]
fn leaving_somebody_out_gives_all_others_its_chance_alike() {
    let keys = keys();
    let seated = drawn(Varies::SlotHash, &keys[..8]);
    let mut counts = [0u32; ORACLES];
    seated.iter().flatten().for_each(|oracle| counts[*oracle] += 1);
    assert_eq!(counts[..8], [0; 8]);
    assert!(chi_squared(&counts[8..]) < limit(12), "{counts:?}");
    // Who would have been drawn anyway is drawn still.
    for (before, after) in drawn(Varies::SlotHash, &[]).iter().zip(&seated) {
        let stays = before.iter().filter(|oracle| **oracle >= 8);
        assert!(stays.into_iter().all(|oracle| after.contains(oracle)));
    }
}
