//! Likewise contests and redraws, which change an SLA together with a round or with stakes.

use flashback_core::CoreError;
use flashback_core::sla::{ContestedRound, Party, Ruling, SlaBody};
use flashback_core::stake::Stake;
use flashback_core::units::Timestamp;
use flashback_sdk::account::{Round, Sla};
use solana_sdk::pubkey::Pubkey;

use super::{arguments, settle};
use crate::stateful::books::Books;
use crate::stateful::economy::{Act, Economy};
use crate::stateful::idl;
use crate::stateful::time::draw_has_lapsed;

/// An SLA and a round of it, as core has them.
struct Shadow<'a> {
    before: &'a Books,
    act: &'a Act,
    now: Timestamp,
    sla: &'a Sla,
    /// The round's account, if there is one yet.
    account: Option<&'a Round>,
    body: SlaBody,
    round: Option<ContestedRound>,
}

impl<'a> Shadow<'a> {
    fn new(economy: &Economy, before: &'a Books, act: &'a Act) -> Option<Self> {
        let sla = before.slas.get(&act.account("sla")?)?;
        let account = act.account("round").and_then(|round| before.rounds.get(&round));
        let round = account.map(|round| round.body);
        Some(Self { before, act, now: economy.chain.now(), sla, account, body: sla.body, round })
    }
}

/// What core says to it; `None` for what this module does not know.
pub fn outcome(economy: &Economy, before: &Books, act: &Act) -> Option<Result<(), CoreError>> {
    Shadow::new(economy, before, act)?.act(economy.chain.slot())
}

/// Checks what this module knows after a success; says whether it knows the instruction.
pub fn check(economy: &Economy, before: &Books, act: &Act) -> bool {
    let Some(mut shadow) = Shadow::new(economy, before, act) else { return false };
    let Some(done) = shadow.act(economy.chain.slot()) else { return false };
    done.unwrap_or_else(|error| panic!("core refuses {}: {error}", act.name()));
    let at = act.account("sla").expect("an SLA");
    let after = &economy.books.slas[&at];
    assert_eq!(after.body, shadow.body, "{} of {at} is not as core has it", act.name());
    let round = act.account("round").and_then(|round| economy.books.rounds.get(&round));
    if let (Some(after), Some(round)) = (round, shadow.round) {
        assert_eq!(after.body, round, "{}: a round of {at} is not as core has it", act.name());
    }
    true
}

impl Shadow<'_> {
    /// Does it to the shadow; `None` for an instruction that is none of these.
    fn act(&mut self, slot: u64) -> Option<Result<(), CoreError>> {
        Some(match self.act.name() {
            "challenge_leaf" => self.contested(|body, round, data, now| {
                let leaf = u32::from_le_bytes(data[11..15].try_into().expect("a leaf"));
                body.open_challenge(round, usize::from(data[10]), leaf, now).map(drop)
            }),
            "open_dispute" => self.contested(|body, round, data, now| {
                body.open_dispute(round, Party::from_code(data[10])?, now).map(drop)
            }),
            "rule_dispute" | "expire_dispute" => self.dispute_ends(),
            "open_leaf" | "expire_challenge" => self.challenge_ends(),
            "prove_fraud" => self.is_voided(),
            "settle_round" => self.settles(),
            "free_round_seat" => self.is_freed(),
            "arm_redraw" => self.is_armed(slot),
            "redraw_seats" => self.is_redrawn(),
            _ => return None,
        })
    }

    fn data(&self) -> &[u8] {
        &self.act.instruction.data
    }

    /// A window enters its round with its first contest.
    fn contested(
        &mut self,
        open: fn(&mut SlaBody, &mut ContestedRound, &[u8], Timestamp) -> Result<(), CoreError>,
    ) -> Result<(), CoreError> {
        let mut round = match self.round {
            Some(round) => round,
            None => self.body.contest(self.now)?.0,
        };
        let mut body = self.body;
        open(&mut body, &mut round, self.data(), self.now)?;
        (self.body, self.round) = (body, Some(round));
        Ok(())
    }

    fn dispute_ends(&mut self) -> Result<(), CoreError> {
        let dispute = &self.before.disputes[&self.act.account("dispute").expect("a dispute")];
        let (contest, opener) = (dispute.contest(), Party::from_code(dispute.party)?);
        let round = self.round.as_mut().expect("a round");
        if self.act.name() == "expire_dispute" {
            return self.body.expire_dispute(round, &contest, opener, self.now).map(drop);
        }
        let turned: Option<u8> = arguments(self.act);
        let ruling = turned.map_or(Ruling::Rejected, |turned| Ruling::Upheld { turned });
        self.body.rule_dispute(round, &contest, opener, ruling, self.now).map(drop)
    }

    fn challenge_ends(&mut self) -> Result<(), CoreError> {
        let at = self.act.account("challenge").expect("a challenge");
        let challenge = &self.before.challenges[&at];
        let (seat, contest) = (usize::from(challenge.seat), challenge.contest());
        let account = self.account.expect("a round");
        let holds = account.holders(self.sla).holds(seat);
        let mut stake = self.stake(&account.seats[seat]);
        let round = self.round.as_mut().expect("a round");
        if self.act.name() == "open_leaf" {
            return self.body.answer_challenge(round, &contest, seat, holds, self.now);
        }
        self.body.expire_challenge(round, &contest, seat, &mut stake, holds, self.now).map(drop)
    }

    fn is_voided(&mut self) -> Result<(), CoreError> {
        let seat = usize::from(self.data()[8]);
        let Some(account) = self.account else {
            let mut stake = self.stake(&self.sla.seats[seat]);
            return self.body.void_current(seat, &mut stake, self.now).map(drop);
        };
        let mut stake = self.stake(&account.seats[seat]);
        let holds = account.holders(self.sla).holds(seat);
        let round = self.round.as_mut().expect("a round");
        self.body.void_contested(round, seat, &mut stake, holds).map(drop)
    }

    fn settles(&mut self) -> Result<(), CoreError> {
        let holders = self.account.expect("a round").holders(self.sla);
        let round = self.round.as_mut().expect("a round");
        self.body.settle_round(round, holders, self.now)?;
        self.closes_if_empty()
    }

    fn is_freed(&mut self) -> Result<(), CoreError> {
        let seat = usize::from(self.data()[8]);
        let mut stake = self.stake(&self.account.expect("a round").seats[seat]);
        let round = self.round.as_mut().expect("a round");
        self.body.free_round_seat(round, seat, &mut stake)?;
        self.closes_if_empty()
    }

    fn closes_if_empty(&mut self) -> Result<(), CoreError> {
        let round = self.round.expect("a round");
        if round.is_empty() { self.body.close_round(&round) } else { Ok(()) }
    }

    fn is_armed(&mut self, slot: u64) -> Result<(), CoreError> {
        settle(&mut self.body, self.now, u16::MAX);
        let holder = self.act.account("oracle").map(|oracle| &self.before.oracles[&oracle]);
        let left = holder.is_some_and(|oracle| !oracle.serves());
        let lapsed = self.body.progress.redraw_seats != 0 && draw_has_lapsed(self.sla, slot);
        let seat = usize::from(self.data()[8]);
        self.body.arm_redraw(seat, left, slot, lapsed, self.now)
    }

    fn is_redrawn(&mut self) -> Result<(), CoreError> {
        settle(&mut self.body, self.now, u16::MAX);
        let waiting = self.body.progress.redraw_seats;
        let fixed = idl::fixed_accounts(&self.act.instruction);
        let mut given = self.act.instruction.accounts[fixed..].chunks(3);
        for seat in (0..8).filter(|seat| waiting >> seat & 1 != 0) {
            let [leaver, _, newcomer] = given.next().expect("three accounts") else { panic!() };
            let leaver = self.before.oracles.get(&leaver.pubkey);
            let mut leaver = leaver.map(|oracle| oracle.stake);
            let newcomer = &self.before.oracles[&newcomer.pubkey];
            let mut stake = if newcomer.serves() { newcomer.stake } else { Stake::default() };
            let round = self.round.as_mut();
            self.body.replace_seat(seat, leaver.as_mut(), &mut stake, round, self.now)?;
        }
        Ok(())
    }

    /// An oracle's stake, by authority; none, if it is gone.
    fn stake(&self, authority: &Pubkey) -> Stake {
        let mut all = self.before.oracles.values();
        all.find(|oracle| oracle.authority == *authority).map_or(Stake::default(), |one| one.stake)
    }
}
