//! Stake of providers and oracles: bonded, covered, unbonding.

use crate::error::{CoreError, Result};
use crate::units::{Atoms, Timestamp};

/// Withdrawals that can be under way at once; a further one joins the newest, and both wait for the later release.
pub const UNBONDING_SLOTS: usize = 4;

pod_part! {
    /// One withdrawal under way.
    #[derive(Default)]
    pub struct Unbonding {
        /// Atoms on their way out, still slashable.
        pub amount: u64,
        /// When they can be withdrawn, in unix seconds.
        pub release_at: i64,
    }
}

pod_part! {
    /// The stake of one owner; its vault holds `bonded` plus everything unbonding.
    #[derive(Default)]
    pub struct Stake {
        /// Atoms that back promises, covered ones included.
        pub bonded: u64,
        /// The part of `bonded` that is reserved for live promises.
        pub covered: u64,
        /// Withdrawals under way, oldest first; empty slots hold zero.
        pub unbonding: [Unbonding; UNBONDING_SLOTS],
    }
}

impl Stake {
    /// Bonded stake that covers nothing yet. Unbonding stake is never free.
    #[inline]
    pub fn free(&self) -> Atoms {
        Atoms(self.bonded.saturating_sub(self.covered))
    }

    /// What the stake vault owes: bonded and unbonding together.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`].
    pub fn owed(&self) -> Result<Atoms> {
        self.unbonding.iter().try_fold(Atoms(self.bonded), |sum, one| sum.plus(Atoms(one.amount)))
    }

    /// Adds bonded stake.
    ///
    /// # Errors
    /// [`CoreError::ZeroAmount`], [`CoreError::ArithmeticOverflow`].
    pub fn bond(&mut self, amount: Atoms) -> Result<()> {
        amount.non_zero()?.add_to(&mut self.bonded)
    }

    /// Reserves free stake for a promise.
    ///
    /// # Errors
    /// [`CoreError::CoverInsufficient`] if less is free.
    pub fn cover(&mut self, amount: Atoms) -> Result<()> {
        if amount > self.free() {
            return Err(CoreError::CoverInsufficient);
        }
        amount.add_to(&mut self.covered)
    }

    /// Frees stake that a promise had reserved.
    ///
    /// # Errors
    /// [`CoreError::AmountBelowZero`] if less is covered.
    pub fn release(&mut self, amount: Atoms) -> Result<()> {
        amount.take_from(&mut self.covered)
    }

    /// Takes stake that was reserved for exactly this.
    ///
    /// # Errors
    /// [`CoreError::AmountBelowZero`] if less is covered.
    pub fn take_covered(&mut self, amount: Atoms) -> Result<()> {
        let mut next = *self;
        next.release(amount)?;
        amount.take_from(&mut next.bonded)?;
        *self = next;
        Ok(())
    }

    /// Takes free stake.
    ///
    /// # Errors
    /// [`CoreError::StakeCovered`] if less is free.
    pub fn take_free(&mut self, amount: Atoms) -> Result<()> {
        if amount > self.free() {
            return Err(CoreError::StakeCovered);
        }
        amount.take_from(&mut self.bonded)
    }

    /// Starts the withdrawal of free stake, which becomes withdrawable at `release_at`. Says when it really will be.
    ///
    /// With every slot in use it joins the newest withdrawal, and both wait for the later release.
    ///
    /// # Errors
    /// [`CoreError::ZeroAmount`]; [`CoreError::StakeCovered`] if less is free.
    pub fn unbond(&mut self, amount: Atoms, release_at: Timestamp) -> Result<Timestamp> {
        let mut next = *self;
        next.take_free(amount.non_zero()?)?;
        let free_slot = next.unbonding.iter().position(|one| one.amount == 0);
        let slot = free_slot.unwrap_or(UNBONDING_SLOTS.saturating_sub(1));
        let one = next.unbonding.get_mut(slot).ok_or(CoreError::ArithmeticOverflow)?;
        amount.add_to(&mut one.amount)?;
        one.release_at = one.release_at.max(release_at.0);
        let release_at = Timestamp(one.release_at);
        *self = next;
        Ok(release_at)
    }

    /// Takes out what has finished unbonding by `now`, and says how much it was.
    ///
    /// # Errors
    /// [`CoreError::NothingToWithdraw`] if nothing has.
    pub fn withdraw_unbonded(&mut self, now: Timestamp) -> Result<Atoms> {
        let mut kept = [Unbonding::default(); UNBONDING_SLOTS];
        let mut free_slots = kept.iter_mut();
        let mut withdrawn = Atoms::ZERO;
        for one in self.unbonding.iter().filter(|one| one.amount > 0) {
            if one.release_at <= now.0 {
                withdrawn = withdrawn.plus(Atoms(one.amount))?;
            } else if let Some(slot) = free_slots.next() {
                *slot = *one;
            }
        }
        if withdrawn == Atoms::ZERO {
            return Err(CoreError::NothingToWithdraw);
        }
        self.unbonding = kept;
        Ok(withdrawn)
    }

    /// Slashes up to `amount` of what covers no other promise: free stake first, then unbonding stake,
    /// newest first (the oldest last). Returns what was taken.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`] never in a stake that passes [`Stake::check`].
    pub fn slash_uncovered(&mut self, amount: Atoms) -> Result<Atoms> {
        let mut next = *self;
        let mut left = amount;
        let from_free = left.min(next.free());
        from_free.take_from(&mut next.bonded)?;
        left = left.minus(from_free)?;
        for one in next.unbonding.iter_mut().rev() {
            let taken = left.min(Atoms(one.amount));
            taken.take_from(&mut one.amount)?;
            left = left.minus(taken)?;
        }
        *self = next;
        amount.minus(left)
    }

    /// Checks the invariant: covered stake is bonded.
    ///
    /// # Errors
    /// [`CoreError::CoverInsufficient`].
    pub fn check(&self) -> Result<()> {
        if self.covered > self.bonded { Err(CoreError::CoverInsufficient) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Step {
        Bond(u64),
        Cover(u64),
        Release(u64),
        TakeCovered(u64),
        TakeFree(u64),
        Unbond(u64, i64),
        Withdraw(i64),
        Slash(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        let amount = 0u64..1_000;
        prop_oneof![
            amount.clone().prop_map(Step::Bond),
            amount.clone().prop_map(Step::Cover),
            amount.clone().prop_map(Step::Release),
            amount.clone().prop_map(Step::TakeCovered),
            amount.clone().prop_map(Step::TakeFree),
            (amount.clone(), 0i64..100).prop_map(|(a, t)| Step::Unbond(a, t)),
            (0i64..100).prop_map(Step::Withdraw),
            amount.prop_map(Step::Slash),
        ]
    }

    proptest! {
        #[test]
        fn whatever_happens_the_vault_owes_what_went_in_less_what_went_out(steps in proptest::collection::vec(step(), 0..60)) {
            let mut stake = Stake::default();
            let mut vault = 0;
            for step in steps {
                let before = stake;
                let moved = match step {
                    Step::Bond(a) => stake.bond(Atoms(a)).map(|()| i128::from(a)),
                    Step::Cover(a) => stake.cover(Atoms(a)).map(|()| 0),
                    Step::Release(a) => stake.release(Atoms(a)).map(|()| 0),
                    Step::TakeCovered(a) => stake.take_covered(Atoms(a)).map(|()| -i128::from(a)),
                    Step::TakeFree(a) => stake.take_free(Atoms(a)).map(|()| -i128::from(a)),
                    Step::Unbond(a, t) => stake.unbond(Atoms(a), Timestamp(t)).map(|_| 0),
                    Step::Withdraw(t) => stake.withdraw_unbonded(Timestamp(t)).map(|a| -i128::from(a.0)),
                    Step::Slash(a) => stake.slash_uncovered(Atoms(a)).map(|a| -i128::from(a.0)),
                };
                match moved {
                    Ok(moved) => vault += moved,
                    Err(_) => prop_assert_eq!(stake, before),
                }
                prop_assert_eq!(i128::from(stake.owed().unwrap().0), vault);
                prop_assert_eq!(stake.check(), Ok(()));
            }
        }
    }

    #[test]
    fn unbonding_waits_and_full_slots_join_the_newest() {
        let mut stake = Stake { bonded: 100, ..Stake::default() };
        for k in 0..5 {
            stake.unbond(Atoms(10), Timestamp(10 + k)).unwrap();
        }
        assert_eq!(stake.unbonding[3], Unbonding { amount: 20, release_at: 14 });
        assert_eq!(stake.withdraw_unbonded(Timestamp(9)), Err(CoreError::NothingToWithdraw));
        assert_eq!(stake.withdraw_unbonded(Timestamp(13)), Ok(Atoms(30)));
        assert_eq!(stake.withdraw_unbonded(Timestamp(14)), Ok(Atoms(20)));
        assert_eq!(stake.owed(), Ok(Atoms(50)));
    }

    #[test]
    fn slashing_reaches_unbonding_stake_oldest_last_and_spares_cover() {
        let mut stake = Stake { bonded: 100, ..Stake::default() };
        stake.unbond(Atoms(10), Timestamp(1)).unwrap();
        stake.unbond(Atoms(20), Timestamp(2)).unwrap();
        stake.cover(Atoms(60)).unwrap();
        assert_eq!(stake.slash_uncovered(Atoms(35)), Ok(Atoms(35)));
        assert_eq!(stake.bonded, 60);
        assert_eq!(stake.unbonding[0].amount, 5);
        assert_eq!(stake.unbonding[1].amount, 0);
        assert_eq!(stake.slash_uncovered(Atoms(35)), Ok(Atoms(5)));
        assert_eq!(stake.bonded, 60);
    }

    #[test]
    fn covered_stake_cannot_leave() {
        let mut stake = Stake { bonded: 100, ..Stake::default() };
        stake.cover(Atoms(60)).unwrap();
        assert_eq!(stake.cover(Atoms(41)), Err(CoreError::CoverInsufficient));
        assert_eq!(stake.unbond(Atoms(41), Timestamp(0)), Err(CoreError::StakeCovered));
        assert_eq!(stake.take_free(Atoms(41)), Err(CoreError::StakeCovered));
        assert_eq!(stake.bond(Atoms(0)), Err(CoreError::ZeroAmount));
    }
}
