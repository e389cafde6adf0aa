//! A whole deployment in memory: one provider with two units, a pool of oracles, any number of SLAs, and every vault
//! as the chain would hold it. Deeds move state by core's functions and tokens by what they return.

use super::*;
use crate::committee::{Candidate, Eligibility, draw};
use crate::hash::SoftwareSha256;
use crate::sla::{FreedSeat, Ruling, Slashed};

pub(super) const POOL: usize = 7;
const NOBODY: usize = usize::MAX;

/// An open dispute or challenge.
#[derive(Clone, Debug)]
pub(super) enum Opened {
    Dispute(Party, Contest),
    Challenge(usize, Contest),
}

impl Opened {
    fn contest(&self) -> &Contest {
        match self {
            Self::Dispute(_, contest) | Self::Challenge(_, contest) => contest,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct OpenRound {
    pub(super) body: ContestedRound,
    pub(super) oracles: [usize; SEATS_MAX],
    pub(super) contests: Vec<Opened>,
}

#[derive(Clone, Debug)]
pub(super) struct Live {
    pub(super) id: u8,
    pub(super) unit: usize,
    pub(super) body: SlaBody,
    /// Indices of oracles.
    pub(super) seats: [usize; SEATS_MAX],
    pub(super) escrow: u64,
    pub(super) rounds: Vec<OpenRound>,
}

#[derive(Clone, Debug)]
pub(super) struct Economy {
    pub(super) now: Timestamp,
    pub(super) slot: u64,
    /// Everybody's tokens outside of vaults; burnt ones too.
    pub(super) outside: u64,
    pub(super) provider: StakeAccount,
    pub(super) oracles: Vec<StakeAccount>,
    pub(super) units: [UnitAccount; 2],
    pub(super) slas: Vec<Live>,
    pub(super) closed: usize,
    ids: u8,
}

fn key(kind: u8, index: usize) -> Key {
    let mut key = [kind; 32];
    key[31] = u8::try_from(index % 256).unwrap();
    key
}

fn stake(key: Key, bonded: u64) -> StakeAccount {
    StakeAccount { key, stake: Stake { bonded, ..Stake::default() }, vault: Atoms(bonded) }
}

/// Moves tokens out of one vault into another.
fn transfer(amount: Atoms, from: &mut u64, to: &mut u64) {
    *from -= amount.0;
    *to += amount.0;
}

impl Economy {
    pub(super) fn new(provider: u64, oracles: [u64; POOL], capacity: [u64; 2]) -> Economy {
        let oracle = |(index, bonded): (usize, &u64)| stake(key(20, index), *bonded);
        let unit = |index: usize| UnitAccount {
            key: key(30, index),
            capacity: Gib(capacity[index]),
            taken: Gib(0),
        };
        Economy {
            now: Timestamp(1_700_000_000),
            slot: 1_000,
            outside: 1 << 60,
            provider: stake(PROVIDER, provider),
            oracles: oracles.iter().enumerate().map(oracle).collect(),
            units: [unit(0), unit(1)],
            slas: Vec::new(),
            closed: 0,
            ids: 0,
        }
    }

    pub(super) fn ledger(&self) -> Ledger {
        let name = |index: usize| if index == NOBODY { [0; 32] } else { self.oracles[index].key };
        let mut ledger = Ledger {
            providers: vec![self.provider],
            oracles: self.oracles.clone(),
            units: self.units.to_vec(),
            ..Ledger::default()
        };
        for sla in &self.slas {
            let sla_key = key(40, sla.id.into());
            ledger.slas.push(SlaAccount {
                key: sla_key,
                provider: PROVIDER,
                unit: self.units[sla.unit].key,
                seats: sla.seats.map(name),
                body: sla.body,
                escrow: Atoms(sla.escrow),
            });
            for round in &sla.rounds {
                let mut round_key = sla_key;
                round_key[..2].copy_from_slice(&round.body.round.window.to_le_bytes());
                ledger.rounds.push(RoundAccount {
                    key: round_key,
                    sla: sla_key,
                    oracles: round.oracles.map(name),
                    body: round.body,
                });
                for (index, opened) in round.contests.iter().enumerate() {
                    let mut contest_key = round_key;
                    contest_key[2] = u8::try_from(index).unwrap();
                    let bond = opened.contest().bond;
                    ledger.contests.push(ContestAccount {
                        key: contest_key,
                        round: round_key,
                        bond,
                    });
                }
            }
        }
        ledger
    }

    /// Every token, wherever it is.
    pub(super) fn tokens(&self) -> u64 {
        let stakes: u64 = self.oracles.iter().map(|oracle| oracle.vault.0).sum();
        let escrows: u64 = self.slas.iter().map(|sla| sla.escrow).sum();
        self.outside + self.provider.vault.0 + stakes + escrows
    }

    pub(super) fn propose(&mut self, quote: &Quote, unit: usize) {
        let body = quote.proposed(self.now, Seconds(DAY)).unwrap();
        let mut escrow = 0;
        transfer(quote.deposit, &mut self.outside, &mut escrow);
        let seats = [NOBODY; SEATS_MAX];
        self.slas.push(Live { id: self.ids, unit, body, seats, escrow, rounds: Vec::new() });
        self.ids += 1;
    }

    /// The provider accepts, and capacity and cover are taken; where they are too little, nothing happens.
    pub(super) fn accept(&mut self, at: usize) -> Result<()> {
        let sla = &mut self.slas[at];
        let (mut body, mut stake) = (sla.body, self.provider.stake);
        let unit = &mut self.units[sla.unit];
        body.accept(self.slot, self.now)?;
        stake.cover(Atoms(body.terms.cover))?;
        if unit.taken.0 + body.terms.gib > unit.capacity.0 {
            return Err(CoreError::CapacityInsufficient);
        }
        unit.taken.0 += body.terms.gib;
        (sla.body, self.provider.stake) = (body, stake);
        Ok(())
    }

    fn drawn(&self, excluded: &[Key], number: u16, count: u8, hash: u8) -> Vec<usize> {
        let candidates = self.oracles.iter().map(|oracle| Candidate {
            oracle: &oracle.key,
            joined_slot: 0,
            out_slot: u64::MAX,
            free_stake: oracle.stake.free(),
            certified_until: Timestamp(i64::MAX),
        });
        let eligibility = Eligibility { joined_before: 1, now: self.now, excluded };
        let drawn =
            draw::<SoftwareSha256>(candidates, &eligibility, &[hash; 32], &[0; 32], number, count);
        let index = |key: &Key| self.oracles.iter().position(|oracle| oracle.key == *key).unwrap();
        drawn.unwrap().into_iter().flatten().map(index).collect()
    }

    pub(super) fn seat(&mut self, at: usize, hash: u8) -> Result<()> {
        let count = self.slas[at].body.terms.seats;
        let drawn = self.drawn(&[], 0, count, hash);
        let sla = &mut self.slas[at];
        let cover = sla.body.terms.seat_cover()?.total()?;
        let mut covered = [false; SEATS_MAX];
        let mut stakes: Vec<Stake> = self.oracles.iter().map(|oracle| oracle.stake).collect();
        let mut seats = [NOBODY; SEATS_MAX];
        for (seat, oracle) in drawn.into_iter().enumerate() {
            covered[seat] = stakes[oracle].cover(cover).is_ok();
            if covered[seat] {
                seats[seat] = oracle;
            }
        }
        sla.body.seat_covered(covered, self.now)?;
        sla.seats = seats;
        for (oracle, stake) in self.oracles.iter_mut().zip(stakes) {
            oracle.stake = stake;
        }
        Ok(())
    }

    /// The seat abstains (`None`), or measures a mean latency that many µs beyond the promise.
    pub(super) fn report(&mut self, at: usize, seat: usize, beyond: Option<u32>) -> Result<()> {
        let body = &mut self.slas[at].body;
        let probes = body.terms.probes;
        let abstained = Aggregate { attempts: probes, ..Aggregate::EMPTY };
        let aggregate = beyond.map_or(abstained, |beyond| measured(probes, beyond));
        body.submit(seat, body.progress.cursor, &aggregate, [7; 20], self.now).map(drop)
    }

    pub(super) fn settle(&mut self, at: usize) {
        while self.slas[at].body.settle_next(self.now).unwrap().is_some() {}
    }

    pub(super) fn contest(&mut self, at: usize) -> Result<()> {
        let sla = &mut self.slas[at];
        let (body, _) = sla.body.contest(self.now)?;
        sla.rounds.push(OpenRound { body, oracles: sla.seats, contests: Vec::new() });
        Ok(())
    }

    pub(super) fn dispute(&mut self, at: usize, round: usize, party: Party) -> Result<()> {
        let sla = &mut self.slas[at];
        let open = &mut sla.rounds[round];
        let contest = sla.body.open_dispute(&mut open.body, party, self.now)?;
        transfer(contest.bond, &mut self.outside, &mut sla.escrow);
        open.contests.push(Opened::Dispute(party, contest));
        Ok(())
    }

    pub(super) fn challenge(&mut self, at: usize, round: usize, seat: usize) -> Result<()> {
        let sla = &mut self.slas[at];
        let open = &mut sla.rounds[round];
        let contest = sla.body.open_challenge(&mut open.body, seat, 0, self.now)?;
        transfer(contest.bond, &mut self.outside, &mut sla.escrow);
        open.contests.push(Opened::Challenge(seat, contest));
        Ok(())
    }

    /// Whether the oracle that held the seat in the round still holds it.
    fn holds(sla: &Live, round: usize, seat: usize) -> bool {
        let round = &sla.rounds[round];
        sla.body.holders(&round.body, &sla.seats, &round.oracles).holds(seat)
    }

    fn slashed(&mut self, oracle: usize, slashed: Slashed) {
        let amount = slashed.to_prover.plus(slashed.to_burn).unwrap();
        transfer(amount, &mut self.oracles[oracle].vault.0, &mut self.outside);
    }

    /// Ends a contest: the arbiter turns `turned` or rejects it, the oracle opens the leaf, or time has passed.
    pub(super) fn end_contest(
        &mut self,
        at: usize,
        round: usize,
        index: usize,
        expire: bool,
        turned: Option<u8>,
    ) -> Result<()> {
        let sla = &mut self.slas[at];
        let opened = sla.rounds[round].contests[index].clone();
        let Opened::Challenge(seat, contest) = opened else {
            let Opened::Dispute(party, contest) = opened else { unreachable!() };
            let (body, open) = (&mut sla.body, &mut sla.rounds[round]);
            if expire {
                body.expire_dispute(&mut open.body, &contest, party, self.now)?;
            } else {
                let ruling = turned.map_or(Ruling::Rejected, |turned| Ruling::Upheld { turned });
                body.rule_dispute(&mut open.body, &contest, party, ruling, self.now)?;
            }
            open.contests.remove(index);
            return Ok(());
        };
        let holds = Self::holds(sla, round, seat);
        let oracle = sla.rounds[round].oracles[seat];
        let (body, open) = (&mut sla.body, &mut sla.rounds[round]);
        if expire {
            let stake = &mut self.oracles[oracle].stake;
            let won =
                body.expire_challenge(&mut open.body, &contest, seat, stake, holds, self.now)?;
            transfer(won.bond, &mut sla.escrow, &mut self.outside);
            open.contests.remove(index);
            if let Some(slashed) = won.slashed {
                self.slashed(oracle, slashed);
            }
        } else {
            body.answer_challenge(&mut open.body, &contest, seat, holds, self.now)?;
            open.contests.remove(index);
        }
        Ok(())
    }

    pub(super) fn void_contested(&mut self, at: usize, round: usize, seat: usize) -> Result<()> {
        let sla = &mut self.slas[at];
        let oracle = sla.rounds[round].oracles.get(seat).copied().unwrap_or(NOBODY);
        let holds = Self::holds(sla, round, seat);
        let stake = self.oracles.get_mut(oracle).ok_or(CoreError::SeatInvalid)?;
        let round = &mut sla.rounds[round].body;
        let slashed = sla.body.void_contested(round, seat, &mut stake.stake, holds)?;
        self.slashed(oracle, slashed);
        Ok(())
    }

    pub(super) fn void_current(&mut self, at: usize, seat: usize) -> Result<()> {
        let sla = &mut self.slas[at];
        let oracle = sla.seats.get(seat).copied().unwrap_or(NOBODY);
        let stake = self.oracles.get_mut(oracle).ok_or(CoreError::SeatInvalid)?;
        let slashed = sla.body.void_current(seat, &mut stake.stake, self.now)?;
        self.slashed(oracle, slashed);
        Ok(())
    }

    pub(super) fn settle_round(&mut self, at: usize, round: usize) -> Result<()> {
        let sla = &mut self.slas[at];
        let held = &sla.rounds[round];
        let holders = sla.body.holders(&held.body, &sla.seats, &held.oracles);
        sla.body.settle_round(&mut sla.rounds[round].body, holders, self.now).map(drop)
    }

    pub(super) fn free_round_seat(&mut self, at: usize, round: usize, seat: usize) -> Result<()> {
        let sla = &mut self.slas[at];
        let oracle = sla.rounds[round].oracles[seat];
        let leaver = self.oracles.get_mut(oracle).ok_or(CoreError::SeatInvalid)?;
        let round = &mut sla.rounds[round].body;
        let freed = sla.body.free_round_seat(round, seat, &mut leaver.stake)?;
        transfer(freed.fees, &mut sla.escrow, &mut leaver.vault.0);
        transfer(freed.absence, &mut leaver.vault.0, &mut sla.escrow);
        Ok(())
    }

    pub(super) fn close_round(&mut self, at: usize, round: usize) -> Result<()> {
        let sla = &mut self.slas[at];
        sla.body.close_round(&sla.rounds[round].body)?;
        assert!(sla.rounds.swap_remove(round).contests.is_empty());
        Ok(())
    }

    /// Arms a redraw of the seat and holds it at once.
    pub(super) fn redraw(&mut self, at: usize, seat: usize, left: bool, hash: u8) -> Result<()> {
        self.slot += 1_000;
        let mut sla = self.slas[at].clone();
        sla.body.arm_redraw(seat, left, self.slot, true, self.now)?;
        // All seats of the pending draw were armed and replaced one by one.
        let seated = sla.seats.iter().filter(|seat| **seat != NOBODY);
        let excluded: Vec<Key> = seated.map(|oracle| self.oracles[*oracle].key).collect();
        let newcomer = self.drawn(&excluded, sla.body.progress.draw_number, 1, hash)[0];
        let leaver = sla.seats[seat];
        let mut newcomers = self.oracles[newcomer].stake;
        let mut leavers = self.oracles.get(leaver).map(|oracle| oracle.stake);
        let kept_in = sla.rounds.first_mut().map(|round| &mut round.body);
        let replaced =
            sla.body.replace_seat(seat, leavers.as_mut(), &mut newcomers, kept_in, self.now)?;
        if let Some(stake) = leavers {
            let oracle = &mut self.oracles[leaver];
            oracle.stake = stake;
            transfer(replaced.fees, &mut sla.escrow, &mut oracle.vault.0);
            transfer(replaced.absence, &mut oracle.vault.0, &mut sla.escrow);
        }
        self.oracles[newcomer].stake = newcomers;
        sla.seats[seat] = if replaced.first_window == VACANT { NOBODY } else { newcomer };
        self.slas[at] = sla;
        Ok(())
    }

    pub(super) fn collect_penalty(&mut self, at: usize) -> Result<()> {
        let (sla, provider) = (&mut self.slas[at], &mut self.provider);
        let collected = sla.body.collect_penalty(&mut provider.stake)?;
        transfer(collected.amount, &mut provider.vault.0, &mut sla.escrow);
        Ok(())
    }

    pub(super) fn collect_absence(&mut self, at: usize, seat: usize) -> Result<()> {
        let sla = &mut self.slas[at];
        let oracle = sla.seats.get(seat).copied().unwrap_or(NOBODY);
        let oracle = self.oracles.get_mut(oracle).ok_or(CoreError::SeatInvalid)?;
        let collected = sla.body.collect_absence(seat, &mut oracle.stake)?;
        transfer(collected.amount, &mut oracle.vault.0, &mut sla.escrow);
        Ok(())
    }

    /// Everybody withdraws from an SLA whatever is theirs.
    pub(super) fn withdraw(&mut self, at: usize) {
        let sla = &mut self.slas[at];
        let mut out = Atoms::ZERO;
        let mut take = |amount: Result<Atoms>| out = out.plus(amount.unwrap_or_default()).unwrap();
        take(sla.body.take_earnings());
        take(sla.body.take_refund());
        take(sla.body.take_protocol_fees().and_then(|swept| swept.fees.plus(swept.burnt)));
        (0..SEATS_MAX).for_each(|seat| take(sla.body.take_oracle_fees(seat)));
        transfer(out, &mut sla.escrow, &mut self.outside);
    }

    pub(super) fn push_out(&mut self, at: usize) -> Result<()> {
        let sla = &mut self.slas[at];
        let pushed = sla.body.push_out(self.now)?;
        if pushed.earnings > Atoms::ZERO {
            self.provider.stake.bond(pushed.earnings)?;
            transfer(pushed.earnings, &mut sla.escrow, &mut self.provider.vault.0);
        }
        for (seat, fees) in pushed.oracle_fees.into_iter().enumerate() {
            if fees > Atoms::ZERO {
                let oracle = &mut self.oracles[sla.seats[seat]];
                oracle.stake.bond(fees)?;
                transfer(fees, &mut sla.escrow, &mut oracle.vault.0);
            }
        }
        let rest = pushed.refund.plus(pushed.treasury)?.plus(pushed.burnt)?;
        transfer(rest, &mut sla.escrow, &mut self.outside);
        Ok(())
    }

    pub(super) fn release(&mut self, at: usize) -> Result<()> {
        let sla = &mut self.slas[at];
        let released = sla.body.release()?;
        self.units[sla.unit].taken.0 -= released.gib.0;
        self.provider.stake.release(released.cover)
    }

    pub(super) fn free_seat(&mut self, at: usize, seat: usize) -> Result<FreedSeat> {
        let sla = &mut self.slas[at];
        let oracle = sla.seats.get(seat).copied().unwrap_or(NOBODY);
        let oracle = self.oracles.get_mut(oracle).ok_or(CoreError::SeatInvalid)?;
        let freed = sla.body.free_seat(seat, &oracle.stake, self.now)?;
        oracle.stake.release(freed.cover)?;
        Ok(freed)
    }

    pub(super) fn close(&mut self, at: usize) -> Result<()> {
        self.slas[at].body.check_closable()?;
        let gone = self.slas.swap_remove(at);
        assert_eq!((gone.escrow, gone.rounds.len()), (0, 0), "it closes empty");
        self.closed += 1;
        Ok(())
    }
}
