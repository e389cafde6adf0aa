//! Stake against a plain model of it: what a slash reaches and in which order, and that unbonding in pieces lets no
//! atom out before its time.

use crate::error::CoreError;
use crate::stake::{Stake, UNBONDING_SLOTS, Unbonding};
use crate::units::{Atoms, Timestamp};
use proptest::prelude::*;

/// A stake with its withdrawals in order; none are after an empty slot.
fn stakes() -> impl Strategy<Value = Stake> {
    let amounts = prop::collection::vec(1u64..1_000, 0..=UNBONDING_SLOTS);
    (0u64..2_000, 0u64..2_000, amounts).prop_map(|(free, covered, amounts)| {
        let mut stake = Stake { bonded: free + covered, covered, ..Stake::default() };
        for (index, amount) in amounts.into_iter().enumerate() {
            let release_at = i64::try_from(index).unwrap() * 10;
            stake.unbonding[index] = Unbonding { amount, release_at };
        }
        stake
    })
}

proptest! {
    #[test]
    fn a_slash_takes_free_stake_then_unbonding_newest_first_and_never_cover(before in stakes(), amount in 0u64..8_000) {
        let mut after = before;
        let taken = after.slash_uncovered(Atoms(amount)).unwrap().0;
        let unbonding: u64 = before.unbonding.iter().map(|one| one.amount).sum();
        prop_assert_eq!(taken, amount.min(before.free().0 + unbonding), "all that it may reach, and no more");
        prop_assert_eq!(before.owed().unwrap().0 - after.owed().unwrap().0, taken);
        prop_assert_eq!(after.covered, before.covered);
        prop_assert!(after.bonded >= after.covered);
        // One coin after the other, from the coin that is to go first: the reference is a pile of single atoms.
        let mut pile: Vec<usize> = Vec::new();
        for (slot, one) in before.unbonding.iter().enumerate() {
            pile.extend(std::iter::repeat_n(slot, usize::try_from(one.amount).unwrap()));
        }
        pile.extend(std::iter::repeat_n(UNBONDING_SLOTS, usize::try_from(before.free().0).unwrap()));
        pile.truncate(pile.len() - usize::try_from(taken).unwrap());
        let left = |slot: usize| u64::try_from(pile.iter().filter(|of| **of == slot).count()).unwrap();
        prop_assert_eq!(after.free().0, left(UNBONDING_SLOTS));
        for slot in 0..UNBONDING_SLOTS {
            prop_assert_eq!(after.unbonding[slot].amount, left(slot));
            prop_assert_eq!(after.unbonding[slot].release_at, before.unbonding[slot].release_at);
        }
    }

    #[test]
    fn a_slash_in_pieces_takes_what_one_takes(before in stakes(), pieces in prop::collection::vec(0u64..1_500, 0..6)) {
        let (mut often, mut once) = (before, before);
        let taken: u64 = pieces.iter().map(|amount| often.slash_uncovered(Atoms(*amount)).unwrap().0).sum();
        prop_assert_eq!(once.slash_uncovered(Atoms(pieces.iter().sum())), Ok(Atoms(taken)));
        prop_assert_eq!(often, once);
    }

    #[test]
    fn unbonding_in_pieces_lets_no_atom_out_early_and_keeps_every_atom_slashable(
        // Seconds until the next deed; atoms to unbond (none: withdraw); the unbonding time then, which governance may change.
        deeds in prop::collection::vec((0i64..40, 0u64..50, 10i64..40), 1..40),
        slash in 0u64..3_000,
    ) {
        let mut stake = Stake { bonded: 2_000, ..Stake::default() };
        stake.cover(Atoms(500)).unwrap();
        let (mut now, mut asked, mut out) = (0, Vec::new(), 0);
        for (wait, amount, unbonding_secs) in deeds {
            now += wait;
            if amount == 0 {
                out += stake.withdraw_unbonded(Timestamp(now)).unwrap_or_default().0;
            } else if stake.unbond(Atoms(amount), Timestamp(now + unbonding_secs)).is_ok() {
                asked.push((amount, now + unbonding_secs));
            }
            let due: u64 = asked.iter().filter(|(_, at)| *at <= now).map(|(amount, _)| amount).sum();
            prop_assert!(out <= due, "{out} of {due} due");
            // Whatever has not left can be slashed, but what is covered.
            let mut slashed = stake;
            prop_assert_eq!(slashed.slash_uncovered(Atoms(slash)), Ok(Atoms(slash.min(1_500 - out))));
        }
        // And everything gets out in the end, in as many pieces as it likes.
        let all: u64 = asked.iter().map(|(amount, _)| amount).sum();
        out += stake.withdraw_unbonded(Timestamp(now + 40)).unwrap_or_default().0;
        prop_assert_eq!(out, all);
    }
}

#[test]
fn unbonding_stake_covers_nothing_and_cannot_be_taken_back_into_use() {
    let mut stake = Stake { bonded: 100, ..Stake::default() };
    stake.unbond(Atoms(40), Timestamp(5)).unwrap();
    assert_eq!(stake.cover(Atoms(61)), Err(CoreError::CoverInsufficient));
    stake.cover(Atoms(60)).unwrap();
    assert_eq!(stake.slash_uncovered(Atoms(100)), Ok(Atoms(40)));
    assert_eq!((stake.bonded, stake.covered), (60, 60));
    assert_eq!(stake.withdraw_unbonded(Timestamp(5)), Err(CoreError::NothingToWithdraw));
}
