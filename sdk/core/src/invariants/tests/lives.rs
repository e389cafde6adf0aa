//! Whole random lives of several SLAs at once, with every deed of the protocol in any order and at any time: no
//! relation between accounts ever breaks, no token appears or is lost, and in the end everything closes.

use super::economy::{Economy, OpenRound, POOL};
use super::*;
use crate::sla::CLOSE_GRACE_SECS;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

/// A deed; its figures pick whatever they are about.
#[derive(Clone, Copy, Debug)]
struct Deed {
    what: What,
    sla: u8,
    /// A seat, round, party or amount.
    a: u8,
    b: u8,
    c: u32,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Propose,
    Accept,
    Reject,
    Seat,
    Lapse,
    Wait,
    WaitForSettlement,
    Report,
    Window,
    Settle,
    Contest,
    Dispute,
    Challenge,
    EndContest,
    VoidContested,
    VoidCurrent,
    SettleRound,
    FreeRoundSeat,
    CloseRound,
    Redraw,
    Terminate,
    Collect,
    Withdraw,
    Sweep,
    Unbond,
    Bond,
    Release,
    FreeSeat,
    PushOut,
    Close,
}
use What::*;

fn deeds() -> impl Strategy<Value = Deed> {
    let what = prop_oneof![
        6 => Just(Propose), 8 => Just(Accept), 1 => Just(Reject), 8 => Just(Seat), 1 => Just(Lapse),
        1 => Just(Wait), 3 => Just(WaitForSettlement), 4 => Just(Report), 24 => Just(Window),
        8 => Just(Settle), 3 => Just(Contest), 14 => Just(Dispute),
        14 => Just(Challenge), 12 => Just(EndContest), 6 => Just(VoidContested), 3 => Just(VoidCurrent),
        8 => Just(SettleRound), 6 => Just(FreeRoundSeat), 5 => Just(CloseRound), 12 => Just(Redraw),
        1 => Just(Terminate), 6 => Just(Collect), 3 => Just(Withdraw), 2 => Just(Sweep), 3 => Just(Unbond),
        2 => Just(Bond), 3 => Just(Release), 9 => Just(FreeSeat), 2 => Just(PushOut), 3 => Just(Close),
    ];
    let figures = (any::<u8>(), any::<u8>(), any::<u8>(), any::<u32>());
    (what, figures).prop_map(|(what, (sla, a, b, c))| Deed { what, sla, a, b, c })
}

/// How often a deed was done, of all that were tried: a run in which nothing happens proves nothing.
type Done = std::collections::BTreeMap<String, u32>;

fn params(z: u8) -> Params {
    Params {
        fraud_min: 10_000,
        bond_min: 10_000,
        oracle_fee_min: u64::from(z % 3) * 7,
        oracle_fee_bps: 300,
        absence_bps: if z.is_multiple_of(5) { 10_000 } else { 5_000 },
        cover_bps: if z.is_multiple_of(4) { 500 } else { 2_000 },
        access_delay_secs: if z.is_multiple_of(2) { 3_600 } else { 0 },
        ..Params::default()
    }
}

impl Economy {
    /// Does it, if it can be done; a refusal changes nothing that the ledger would show.
    fn does(&mut self, deed: Deed) -> Result<()> {
        let Deed { what, a, b, c, .. } = deed;
        if let Propose = what {
            if self.slas.len() < 4 {
                self.propose(
                    &quote(if a.is_multiple_of(3) { 5 } else { 3 }, &params(b)),
                    usize::from(c.is_multiple_of(2)),
                );
            }
            return Ok(());
        }
        if self.slas.is_empty() {
            return Err(CoreError::StateInvalid);
        }
        let at = usize::from(deed.sla) % self.slas.len();
        let seat = usize::from(a) % 6;
        let rounds = self.slas[at].rounds.len();
        let round = usize::from(b).checked_rem(rounds);
        let some_round = round.ok_or(CoreError::RoundOpen);
        let terms = self.slas[at].body.terms;
        let cursor = self.slas[at].body.progress.cursor;
        match what {
            Propose => Ok(()),
            Accept => self.accept(self.first(SlaState::Proposed)?),
            Reject => self.slas[at].body.reject().map(drop),
            Seat => self.seat(self.first(SlaState::Agreed)?, b),
            Lapse => self.slas[at].body.expire(true, Timestamp(0)).map(drop),
            Wait => {
                let span = [3_600, DAY / 2, DAY, 8 * DAY][usize::from(a % 4)];
                self.now = self.now.after(u64::from(span))?;
                Ok(())
            }
            WaitForSettlement => {
                self.now = self.now.max(terms.settles_at(cursor)?);
                Ok(())
            }
            Report => {
                let beyond = [Some(0), Some(c % 220_000), None][usize::from(b % 3)];
                self.report(at, seat, beyond)
            }
            Window => self.all_report(c),
            Settle => {
                let due = self.slas[at].body.progress.cursor;
                self.settle(at);
                let moved = self.slas[at].body.progress.cursor > due;
                if moved { Ok(()) } else { Err(CoreError::WindowNotOpen) }
            }
            Contest => self.any_contest(at).map(drop),
            // A window is contested by the first contest of it.
            Dispute => match self.any_contest(at) {
                Ok(at) => self.dispute(at, self.slas[at].rounds.len() - 1, party(a)),
                Err(_) => self.dispute(at, some_round?, party(a)),
            },
            Challenge => match self.any_contest(at) {
                Ok(at) => self.challenge(at, self.slas[at].rounds.len() - 1, seat),
                Err(_) => self.challenge(at, some_round?, seat),
            },
            EndContest => {
                if c.is_multiple_of(4) {
                    self.now = self.now.after(u64::from(DAY))?;
                }
                let turned = Some(a % 32).filter(|_| c % 3 > 0);
                self.any_round(|it, at, round| {
                    let mut open = 0..it.slas[at].rounds[round].contests.len();
                    let done = open
                        .find(|index| it.end_contest(at, round, *index, c % 4 < 2, turned).is_ok());
                    done.map(drop).ok_or(CoreError::StateInvalid)
                })
            }
            VoidContested => self.void_contested(at, some_round?, seat),
            VoidCurrent => {
                let at = self.first(SlaState::Active)?;
                let mut seats = (0..SEATS_MAX).map(|step| (seat + step) % SEATS_MAX);
                let done = seats.find(|seat| self.void_current(at, *seat).is_ok());
                done.map(drop).ok_or(CoreError::NothingSubmitted)
            }
            SettleRound => self.any_round(|it, at, round| it.settle_round(at, round)),
            FreeRoundSeat => self.any_round(|it, at, round| {
                let mut seats =
                    (0..SEATS_MAX).filter(|seat| it.free_round_seat(at, round, *seat).is_ok());
                seats.next().map(drop).ok_or(CoreError::AlreadyReleased)
            }),
            CloseRound => self.any_round(|it, at, round| it.close_round(at, round)),
            Redraw => {
                let at = self.first(SlaState::Active)?;
                self.settle(at);
                let mut seats = (0..SEATS_MAX).map(|step| (seat + step) % SEATS_MAX);
                let done =
                    seats.find(|seat| self.redraw(at, *seat, c.is_multiple_of(2), b).is_ok());
                done.map(drop).ok_or(CoreError::RedrawRefused)
            }
            Terminate if a.is_multiple_of(2) => {
                self.slas[at].body.terminate_by_consumer(self.now).map(drop)
            }
            Terminate => self.slas[at].body.terminate_by_provider(self.now).map(drop),
            Collect if a.is_multiple_of(3) => self.collect_penalty(at),
            Collect => self.collect_absence(at, usize::from(b) % 6),
            Withdraw => {
                self.withdraw(at);
                Ok(())
            }
            Sweep => {
                let sla = &mut self.slas[at];
                let swept = sla.body.take_protocol_fees()?;
                sla.escrow -= swept.fees.0 + swept.burnt.0;
                self.outside += swept.fees.0 + swept.burnt.0;
                Ok(())
            }
            Unbond => {
                let oracle = &mut self.oracles[usize::from(a) % POOL];
                let amount =
                    if b.is_multiple_of(2) { oracle.stake.free() } else { Atoms(c.into()) };
                let out = oracle.stake.withdraw_unbonded(self.now).unwrap_or_default();
                oracle.vault = oracle.vault.minus(out)?;
                self.outside += out.0;
                oracle.stake.unbond(amount, self.now.after(u64::from(7 * DAY))?).map(drop)
            }
            Bond => {
                let oracle = &mut self.oracles[usize::from(a) % POOL];
                oracle.stake.bond(Atoms(u64::from(c % 50_000)))?;
                oracle.vault = oracle.vault.plus(Atoms(u64::from(c % 50_000)))?;
                self.outside -= u64::from(c % 50_000);
                Ok(())
            }
            Release => self.any_ended(|it, at| it.release(at)),
            FreeSeat => self.any_ended(|it, at| {
                let mut seats = (0..SEATS_MAX).filter(|seat| it.free_seat(at, *seat).is_ok());
                seats.next().map(drop).ok_or(CoreError::AlreadyReleased)
            }),
            PushOut => self.push_out(at),
            Close => self.any_ended(|it, at| it.close(at)),
        }
    }

    /// Contests the window at the cursor of an SLA, where that is possible.
    fn any_contest(&mut self, from: usize) -> Result<usize> {
        let count = self.slas.len();
        let mut all = (0..count).map(|step| (from + step) % count);
        all.find(|at| self.contest(*at).is_ok()).ok_or(CoreError::ContestClosed)
    }

    /// Does it to the first round to which it can be done.
    fn any_round(
        &mut self,
        mut deed: impl FnMut(&mut Economy, usize, usize) -> Result<()>,
    ) -> Result<()> {
        for at in 0..self.slas.len() {
            for round in 0..self.slas[at].rounds.len() {
                if deed(self, at, round).is_ok() {
                    return Ok(());
                }
            }
        }
        Err(CoreError::StateInvalid)
    }

    /// Does it to the first SLA to which it can be done.
    fn any_ended(&mut self, mut deed: impl FnMut(&mut Economy, usize) -> Result<()>) -> Result<()> {
        let done = (0..self.slas.len()).find(|at| deed(self, *at).is_ok());
        done.map(drop).ok_or(CoreError::StateInvalid)
    }

    fn first(&self, state: SlaState) -> Result<usize> {
        let found = self.slas.iter().position(|sla| sla.body.progress.state() == Ok(state));
        found.ok_or(CoreError::StateInvalid)
    }

    /// Time passes until every running SLA's next window was reported, one after the other, by most of its oracles.
    fn all_report(&mut self, said: u32) -> Result<()> {
        let settled = (0..self.slas.len()).map(|at| (self.settle(at), at).1);
        let opens = |economy: &Economy, at: usize| {
            let body = &economy.slas[at].body;
            let active = body.progress.state() == Ok(SlaState::Active);
            active.then(|| (body.terms.report_opens(body.progress.cursor).unwrap(), at))
        };
        let settled: Vec<usize> = settled.collect();
        let mut order: Vec<_> = settled.into_iter().filter_map(|at| opens(self, at)).collect();
        order.sort_unstable();
        for (opens, at) in &order {
            self.now = self.now.max(*opens);
            for seat in 0..SEATS_MAX {
                let figure = said.rotate_right(u32::try_from(4 * seat + 7 * at).unwrap()) % 16;
                let beyond = match figure {
                    0 | 1 => continue,
                    2 => None,
                    3..=8 => Some(0),
                    _ => Some(figure * 13_000),
                };
                let _ = self.report(*at, seat, beyond);
            }
        }
        let last = order.last().ok_or(CoreError::StateInvalid)?.1;
        let body = &self.slas[last].body;
        self.now = self.now.max(body.terms.report_closes(body.progress.cursor)?);
        Ok(())
    }

    /// Nobody does anything any more but what anyone may: every SLA ends, is given back and closes.
    fn winds_down(&mut self) {
        while !self.slas.is_empty() {
            let windows = u64::from(self.slas[0].body.terms.windows) + 2;
            let span = windows * u64::from(DAY) + u64::from(CLOSE_GRACE_SECS);
            self.now = self.now.after(span).unwrap();
            let body = &mut self.slas[0].body;
            match body.progress.state().unwrap() {
                SlaState::Proposed => drop(body.expire_proposal(self.now).unwrap()),
                SlaState::Agreed => drop(body.expire(true, Timestamp(0)).unwrap()),
                SlaState::Active => self.settle(0),
                SlaState::Ended => {}
            }
            assert_eq!(self.slas[0].body.progress.state(), Ok(SlaState::Ended));
            while let Some(OpenRound { contests, .. }) = self.slas[0].rounds.last().cloned() {
                let round = self.slas[0].rounds.len() - 1;
                contests.iter().for_each(|_| self.end_contest(0, round, 0, true, None).unwrap());
                if self.slas[0].rounds[round].body.settled == 0 {
                    self.settle_round(0, round).unwrap();
                }
                self.is_right();
                for seat in 0..SEATS_MAX {
                    let _ = self.free_round_seat(0, round, seat);
                }
                self.close_round(0, round).unwrap();
                self.is_right();
            }
            // Of the end's last window a month has passed since.
            self.now = self.now.after(span).unwrap();
            if self.slas[0].body.money.penalty_owed > 0 {
                self.collect_penalty(0).unwrap();
            }
            if self.slas[0].body.progress.released == 0 {
                self.release(0).unwrap();
            }
            for seat in 0..SEATS_MAX {
                let _ = self.collect_absence(0, seat);
                let freed = self.free_seat(0, seat);
                let gone = [CoreError::SeatInvalid, CoreError::AlreadyReleased];
                assert!(freed.is_ok() || freed.is_err_and(|error| gone.contains(&error)));
            }
            let _ = self.push_out(0);
            self.is_right();
            self.close(0).unwrap();
        }
    }

    fn is_right(&self) {
        assert_eq!(self.ledger().violations(Donations::None), []);
    }
}

fn party(figure: u8) -> Party {
    if figure.is_multiple_of(2) { Party::Consumer } else { Party::Provider }
}

/// Lives through the deeds, and says how often each was done.
fn live(stakes: [u64; POOL], provider: u64, deeds: &[Deed], done: &mut Done) {
    let mut economy = Economy::new(provider, stakes, [100, 60]);
    let tokens = economy.tokens();
    for deed in deeds {
        let outcome = economy.does(*deed);
        if outcome.is_ok() {
            *done.entry(format!("{:?}", deed.what)).or_default() += 1;
        }
        let found = economy.ledger().violations(Donations::None);
        assert_eq!(found, [], "{deed:?} {outcome:?}");
        assert_eq!(economy.tokens(), tokens, "{deed:?}");
    }
    economy.winds_down();
    assert_eq!(economy.tokens(), tokens);
    assert_eq!(economy.units.map(|unit| unit.taken), [Gib(0); 2]);
    let all = economy.oracles.iter().chain([&economy.provider]);
    assert!(all.into_iter().all(|account| account.stake.covered == 0), "everybody goes free");
}

/// Always the same lives, so that what was done in them can be asserted; others, and more, with `FLASHBACK_FULL=1`.
fn runner() -> TestRunner {
    if std::env::var_os("FLASHBACK_FULL").is_some_and(|value| value == "1") {
        return TestRunner::new(ProptestConfig::with_cases(1_500));
    }
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(ProptestConfig::with_cases(150), rng)
}

#[test]
fn no_deeds_break_an_invariant_and_everything_closes() {
    let stake = prop_oneof![
        1 => Just(0u64),
        2 => 10_000u64..14_000,
        3 => 20_000u64..60_000,
        4 => Just(1 << 40)
    ];
    let provider = prop_oneof![1 => 2_000u64..6_000, 2 => Just(1u64 << 40)];
    let lives = (prop::array::uniform7(stake), provider, prop::collection::vec(deeds(), 50..250));
    let done = std::cell::RefCell::new(Done::new());
    let lived = runner().run(&lives, |(stakes, provider, deeds)| {
        live(stakes, provider, &deeds, &mut done.borrow_mut());
        Ok(())
    });
    lived.unwrap();
    let done = done.into_inner();
    for what in [
        Accept,
        Seat,
        Contest,
        Dispute,
        Challenge,
        EndContest,
        VoidContested,
        VoidCurrent,
        SettleRound,
        FreeRoundSeat,
        CloseRound,
        Redraw,
        Terminate,
        Collect,
        Release,
        FreeSeat,
        Close,
    ] {
        let times = done.get(&format!("{what:?}")).copied().unwrap_or(0);
        assert!(times >= 5, "{what:?} was done {times} times: {done:?}");
    }
}
