//! Invariants across accounts: what an SLA, its escrow and its rounds must say about the same atoms and GiB as the
//! stakes and units that they draw on.
//!
//! An instruction sees a few accounts and checks each by itself. Whoever holds all of them, a test after every step
//! or an auditor of a running deployment, checks here that they agree:
//!
//! | relation | kept by |
//! | --- | --- |
//! | a provider's covered stake = Σ over its SLAs that are agreed and not given back of `cover − (penalty_total − penalty_owed)`: what penalties took was covered | agreement, [`SlaBody::collect_penalty`], [`SlaBody::release`] |
//! | an oracle's covered stake = Σ [`SlaBody::seat_cover_left`] over its held seats that are not freed + Σ covers kept for it in rounds | seating, absences, voiding, redraws, [`SlaBody::free_seat`], [`SlaBody::free_round_seat`] |
//! | a unit's taken GiB = Σ over its SLAs that are agreed and not given back, at most its capacity | agreement, [`SlaBody::release`] |
//! | an SLA's `held` = Σ over its rounds of (`held`, nothing once settled, + fees kept for leavers) + Σ bonds of their open contests | [`SlaBody::contest`], [`SlaBody::settle_round`], disputes, challenges |
//! | an SLA's `open_rounds` = its rounds, its windows behind the cursor that are not settled = its unsettled rounds, a round's `open` = its contests | the same |
//! | what is left of a deposit ≥ the dues to come, their largest oracle fees, and the protocol fee of all that can still be paid | the fee reserve of the quote |
//! | an escrow ≥ [`SlaBody::escrow_owed`], a stake vault ≥ [`Stake::owed`]; equal if nobody donated | every transfer |

use std::collections::{BTreeMap, BTreeSet};

use crate::committee::SEATS_MAX;
use crate::error::{CoreError, Result};
use crate::math::mul_div_floor;
use crate::money;
use crate::sla::{ContestedRound, SlaBody, SlaState, VACANT};
use crate::stake::Stake;
use crate::units::{Atoms, Bps, Gib};

mod violation;
pub use violation::{Kind, Violation};

/// The key of an account.
pub type Key = [u8; 32];

/// An Sla account and its escrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlaAccount {
    /// Its key.
    pub key: Key,
    /// Its provider.
    pub provider: Key,
    /// Its data unit.
    pub unit: Key,
    /// Its oracles by seat; those of vacant seats are not looked at.
    pub seats: [Key; SEATS_MAX],
    /// Everything else in it.
    pub body: SlaBody,
    /// Tokens in the escrow vault.
    pub escrow: Atoms,
}

/// A Round account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundAccount {
    /// Its key.
    pub key: Key,
    /// Its SLA.
    pub sla: Key,
    /// The oracles that held the seats in its window.
    pub oracles: [Key; SEATS_MAX],
    /// Everything else in it.
    pub body: ContestedRound,
}

/// An open Dispute or Challenge account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContestAccount {
    /// Its key.
    pub key: Key,
    /// Its round.
    pub round: Key,
    /// Its bond.
    pub bond: Atoms,
}

/// A provider's or oracle's stake and its vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakeAccount {
    /// The key of the provider or oracle, as SLAs and rounds name it.
    pub key: Key,
    /// Its stake.
    pub stake: Stake,
    /// Tokens in the stake vault.
    pub vault: Atoms,
}

/// A DataUnit account's capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitAccount {
    /// Its key.
    pub key: Key,
    /// GiB that there are.
    pub capacity: Gib,
    /// GiB that are taken.
    pub taken: Gib,
}

/// Whether vaults may hold more than is owed: anyone can send tokens to any vault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Donations {
    /// Nobody donated: every vault holds exactly what it owes.
    #[default]
    None,
    /// Somebody may have.
    Possible,
}

/// All accounts of a deployment that are related to each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Every SLA that is not closed.
    pub slas: Vec<SlaAccount>,
    /// Every round that is not closed.
    pub rounds: Vec<RoundAccount>,
    /// Every dispute and challenge that is open.
    pub contests: Vec<ContestAccount>,
    /// Every provider.
    pub providers: Vec<StakeAccount>,
    /// Every oracle.
    pub oracles: Vec<StakeAccount>,
    /// Every data unit.
    pub units: Vec<UnitAccount>,
}

impl Ledger {
    /// Checks every relation and returns the first that does not hold.
    ///
    /// # Errors
    /// That [`Violation`].
    pub fn check(&self, donations: Donations) -> core::result::Result<(), Violation> {
        self.violations(donations).first().map_or(Ok(()), |violation| Err(*violation))
    }

    /// Checks every relation and returns all that do not hold.
    pub fn violations(&self, donations: Donations) -> Vec<Violation> {
        let mut audit = Audit { donations, ..Audit::default() };
        audit.learn(self);
        self.contests.iter().for_each(|contest| audit.count_contest(contest));
        self.rounds.iter().for_each(|round| audit.count_round(round));
        self.slas.iter().for_each(|sla| audit.check_sla(sla));
        self.units.iter().for_each(|unit| audit.check_unit(unit));
        for (kind, stakes) in [(Kind::Provider, &self.providers), (Kind::Oracle, &self.oracles)] {
            stakes.iter().for_each(|stake| audit.check_stake(kind, stake));
        }
        audit.found
    }
}

/// Sums by the key that they are of.
#[derive(Default)]
struct Sums(BTreeMap<Key, u128>);

impl Sums {
    fn add(&mut self, key: &Key, amount: impl Into<u128>) {
        let sum = self.0.entry(*key).or_default();
        *sum = sum.saturating_add(amount.into());
    }

    fn of(&self, key: &Key) -> u128 {
        self.0.get(key).copied().unwrap_or(0)
    }
}

/// What is known so far.
#[derive(Default)]
struct Audit {
    donations: Donations,
    found: Vec<Violation>,
    known: BTreeSet<(Kind, Key)>,
    /// Bonds and number of the contests of a round.
    bonds: Sums,
    contests: Sums,
    /// What the rounds of an SLA hold, and how many there are.
    held: Sums,
    rounds: Sums,
    unsettled: Sums,
    provider_covers: Sums,
    oracle_covers: Sums,
    taken: Sums,
}

impl Audit {
    fn learn(&mut self, ledger: &Ledger) {
        let slas = ledger.slas.iter().map(|sla| (Kind::Sla, sla.key));
        let rounds = ledger.rounds.iter().map(|round| (Kind::Round, round.key));
        let contests = ledger.contests.iter().map(|contest| (Kind::Contest, contest.key));
        let providers = ledger.providers.iter().map(|provider| (Kind::Provider, provider.key));
        let oracles = ledger.oracles.iter().map(|oracle| (Kind::Oracle, oracle.key));
        let units = ledger.units.iter().map(|unit| (Kind::Unit, unit.key));
        let all = slas.chain(rounds).chain(contests).chain(providers).chain(oracles).chain(units);
        for (kind, key) in all {
            if !self.known.insert((kind, key)) {
                self.found.push(Violation::Duplicate { kind, key });
            }
        }
    }

    /// Requires that a named account exists.
    fn require(&mut self, kind: Kind, key: Key, by_kind: Kind, by: Key) {
        if !self.known.contains(&(kind, key)) {
            self.found.push(Violation::Missing { kind, key, by_kind, by });
        }
    }

    fn count_contest(&mut self, contest: &ContestAccount) {
        self.require(Kind::Round, contest.round, Kind::Contest, contest.key);
        self.bonds.add(&contest.round, contest.bond.0);
        self.contests.add(&contest.round, 1u8);
    }

    fn count_round(&mut self, round: &RoundAccount) {
        let (key, body) = (round.key, &round.body);
        self.require(Kind::Sla, round.sla, Kind::Round, key);
        let contests = self.contests.of(&key);
        if contests != u128::from(body.open) {
            let (stated, derived) = (body.open.into(), contests);
            self.found.push(Violation::Contests { round: key, stated, derived });
        }
        if body.settled != 0 && body.held > 0 {
            self.found.push(Violation::SettledHolds { round: key, held: body.held });
        }
        let bonds = self.bonds.of(&key);
        self.held.add(&round.sla, bonds);
        self.held.add(&round.sla, body.held);
        body.fees.iter().for_each(|fee| self.held.add(&round.sla, *fee));
        self.rounds.add(&round.sla, 1u8);
        self.unsettled.add(&round.sla, u8::from(body.settled == 0));
        for (oracle, cover) in round.oracles.iter().zip(&body.covers) {
            if *cover > 0 {
                self.require(Kind::Oracle, *oracle, Kind::Round, key);
                self.oracle_covers.add(oracle, *cover);
            }
        }
    }

    fn check_sla(&mut self, sla: &SlaAccount) {
        let (key, body) = (sla.key, &sla.body);
        self.require(Kind::Provider, sla.provider, Kind::Sla, key);
        self.require(Kind::Unit, sla.unit, Kind::Sla, key);
        let checked = body.check().and_then(|()| self.reserve(sla)).and_then(|()| {
            let needed = needed_to_come(body)?;
            if u128::from(body.money.unallocated) < needed {
                let unallocated = body.money.unallocated;
                self.found.push(Violation::Unfunded { sla: key, unallocated, needed });
            }
            Ok(())
        });
        if let Err(error) = checked {
            self.found.push(Violation::Contradiction { sla: key, error });
        }
        match body.escrow_owed() {
            Ok(owed) => self.check_vault(Kind::Sla, key, sla.escrow, owed.0.into()),
            Err(error) => self.found.push(Violation::Contradiction { sla: key, error }),
        }
        let (stated, derived) = (body.money.held.into(), self.held.of(&key));
        if stated != derived {
            self.found.push(Violation::Held { sla: key, stated, derived });
        }
        let (stated, derived) = (body.progress.open_rounds.into(), self.rounds.of(&key));
        if stated != derived {
            self.found.push(Violation::Rounds { sla: key, stated, derived });
        }
        let (stated, derived) = (body.unsettled_rounds().into(), self.unsettled.of(&key));
        if stated != derived {
            self.found.push(Violation::UnsettledRounds { sla: key, stated, derived });
        }
    }

    /// Adds what the SLA reserves of its unit and of everybody's stake.
    fn reserve(&mut self, sla: &SlaAccount) -> Result<()> {
        let body = &sla.body;
        if body.progress.state()? != SlaState::Proposed && body.progress.released == 0 {
            self.taken.add(&sla.unit, body.terms.gib);
            self.provider_covers.add(&sla.provider, cover_left(body)?.0);
        }
        for seat in body.seat_indices()? {
            if is_held(body, seat) {
                let oracle = sla.seats.get(seat).ok_or(CoreError::SeatInvalid)?;
                self.require(Kind::Oracle, *oracle, Kind::Sla, sla.key);
                self.oracle_covers.add(oracle, body.seat_cover_left(seat)?.0);
            }
        }
        Ok(())
    }

    fn check_unit(&mut self, unit: &UnitAccount) {
        let (stated, derived) = (u128::from(unit.taken.0), self.taken.of(&unit.key));
        if stated != derived {
            self.found.push(Violation::Taken { unit: unit.key, stated, derived });
        }
        let (taken, capacity) = (unit.taken.0, unit.capacity.0);
        if taken > capacity {
            self.found.push(Violation::Overfull { unit: unit.key, taken, capacity });
        }
    }

    fn check_stake(&mut self, kind: Kind, account: &StakeAccount) {
        let (owner, stake) = (account.key, &account.stake);
        let covers =
            if kind == Kind::Provider { &self.provider_covers } else { &self.oracle_covers };
        let (stated, derived) = (u128::from(stake.covered), covers.of(&owner));
        if stated != derived {
            self.found.push(Violation::Cover { kind, owner, stated, derived });
        }
        if stake.check().is_err() {
            let (covered, bonded) = (stake.covered, stake.bonded);
            self.found.push(Violation::CoverNotBonded { kind, owner, covered, bonded });
        }
        // Summed here, since a stake that owes more than 64 bits is short whatever its vault holds.
        let unbonding = stake.unbonding.iter().map(|one| u128::from(one.amount));
        let owed = unbonding.fold(u128::from(stake.bonded), u128::saturating_add);
        self.check_vault(kind, owner, account.vault, owed);
    }

    fn check_vault(&mut self, kind: Kind, owner: Key, held: Atoms, owed: u128) {
        let held = held.0;
        if u128::from(held) < owed {
            self.found.push(Violation::Short { kind, owner, held, owed });
        } else if u128::from(held) > owed && self.donations == Donations::None {
            self.found.push(Violation::Surplus { kind, owner, held, owed });
        }
    }
}

/// What an agreed SLA still reserves of its provider's stake.
fn cover_left(body: &SlaBody) -> Result<Atoms> {
    let collected = Atoms(body.money.penalty_total).minus(Atoms(body.money.penalty_owed))?;
    Atoms(body.terms.cover).minus(collected)
}

/// Whether an oracle's stake covers the seat.
fn is_held(body: &SlaBody, seat: usize) -> bool {
    let vacant = body.seats.first_window.get(seat).is_none_or(|first| *first == VACANT);
    let bit = u32::try_from(seat).ok().and_then(|shift| 1u8.checked_shl(shift)).unwrap_or(0);
    !vacant && body.seats.freed & bit == 0
}

/// The most that may still be taken from the unallocated rest of a deposit: dues and oracle fees of the windows
/// to come, and the protocol fee on all that can still be paid, contested windows included.
fn needed_to_come(body: &SlaBody) -> Result<u128> {
    let (terms, progress) = (&body.terms, &body.progress);
    let ended = progress.state()? == SlaState::Ended;
    if ended && body.unsettled_rounds() == 0 {
        return Ok(0);
    }
    let windows = u64::from(terms.windows);
    let passed = mul_div_floor(terms.price, u64::from(progress.cursor), windows)?;
    let (dues, windows_left) = if ended {
        (Atoms::ZERO, 0)
    } else {
        (Atoms(terms.price).minus(Atoms(passed))?, terms.windows.saturating_sub(progress.cursor))
    };
    // Of every window alike, so the fees of all windows are a multiple of those of one.
    let oracle_fees = money::fee_reserve(
        Atoms(terms.price),
        terms.windows,
        terms.committee()?,
        Bps(terms.oracle_fee_bps),
        Atoms(terms.oracle_fee_min),
        Bps(0),
    )?;
    let oracle_fees = mul_div_floor(oracle_fees.0, u64::from(windows_left), windows)?;
    let protocol_fees = money::protocol_fee_step(
        Atoms(body.money.paid_total),
        Atoms(passed).plus(dues)?,
        Bps(terms.protocol_fee_bps),
    )?;
    let sum = [dues.0, oracle_fees, protocol_fees.0];
    Ok(sum.into_iter().map(u128::from).fold(0, u128::saturating_add))
}

#[cfg(test)]
mod tests;
