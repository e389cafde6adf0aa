//! What somebody does about a window, besides reporting and settling.

use anyhow::{Context, Result};
use flashback_core::committee::SEATS_MAX;
use flashback_core::sla::{Contest, ContestedRound, Holders, Party, Ruling, SlaBody, Slashed};
use flashback_core::units::Atoms;

use super::market::{Market, signed};
use crate::demo::ledger::{BURNT, Ruled, Standing, Voided};
use crate::demo::scenario::{AUDITOR, Act, LEAF, Sla, Submission};

impl Market<'_> {
    pub(super) fn perform(&mut self, acts: &[Act]) -> Result<()> {
        for act in acts {
            match *act {
                Act::Challenge(submission) => self.challenge(submission)?,
                Act::Open(submission) => self.open_leaf(submission)?,
                Act::ExpireChallenge(submission) => self.expire_challenge(submission)?,
                Act::ProveFraud(submission) => self.prove_fraud(submission)?,
                Act::Dispute(sla, window) => self.dispute(sla, window)?,
                Act::LeaveOut(submission) => self.leave_out(submission)?,
                Act::SettleRound(sla, window) => self.settle_round(sla, window)?,
                Act::Terminate(sla) => {
                    let now = self.now;
                    self.body(sla)?.terminate_by_consumer(now)?;
                }
            }
        }
        Ok(())
    }

    fn challenge(&mut self, submission: Submission) -> Result<()> {
        let Submission { sla, window, seat } = submission;
        let (now, body) = (self.now, self.body(sla)?);
        let (mut round, _) = body.contest(now)?;
        let contest = body.open_challenge(&mut round, usize::from(seat), LEAF, now)?;
        self.rounds.insert((sla, window), round);
        self.contests.insert((sla, window), contest);
        self.ledger.row(AUDITOR).bonds -= signed(contest.bond);
        Ok(())
    }

    fn open_leaf(&mut self, submission: Submission) -> Result<()> {
        let Submission { sla, window, seat } = submission;
        let contest = self.contest_of(sla, window)?;
        let now = self.now;
        let (body, round) = self.round(sla, window)?;
        body.answer_challenge(round, &contest, usize::from(seat), true, now)?;
        self.won_bond(sla, self.oracle(submission)?, contest.bond);
        Ok(())
    }

    fn expire_challenge(&mut self, submission: Submission) -> Result<()> {
        let Submission { sla, window, seat } = submission;
        let contest = self.contest_of(sla, window)?;
        let (now, oracle) = (self.now, self.oracle(submission)?);
        let mut stake = *self.stake(&oracle)?;
        let (body, round) = self.round(sla, window)?;
        let seat = usize::from(seat);
        let won = body.expire_challenge(round, &contest, seat, &mut stake, true, now)?;
        *self.stake(&oracle)? = stake;
        self.ledger.row(AUDITOR).bonds += signed(won.bond);
        let slashed = won.slashed.context("nobody else had voided it")?;
        self.slash(submission, false, slashed)
    }

    fn prove_fraud(&mut self, submission: Submission) -> Result<()> {
        let (now, oracle) = (self.now, self.oracle(submission)?);
        let mut stake = *self.stake(&oracle)?;
        let seat = usize::from(submission.seat);
        let slashed = self.body(submission.sla)?.void_current(seat, &mut stake, now)?;
        *self.stake(&oracle)? = stake;
        self.slash(submission, true, slashed)
    }

    fn slash(&mut self, submission: Submission, proven: bool, slashed: Slashed) -> Result<()> {
        let oracle = self.oracle(submission)?;
        let (rewarded, burnt) = (signed(slashed.to_prover), signed(slashed.to_burn));
        self.ledger.row(&oracle).slashed -= rewarded + burnt;
        self.ledger.row(AUDITOR).slashed += rewarded;
        self.ledger.row(BURNT).slashed += burnt;
        self.ledger.voided.push(Voided {
            oracle,
            provider: submission.sla.provider().to_owned(),
            window: submission.window,
            proven,
            slashed: rewarded + burnt,
            rewarded,
        });
        Ok(())
    }

    fn dispute(&mut self, sla: Sla, window: u16) -> Result<()> {
        let (now, body) = (self.now, self.body(sla)?);
        let (mut round, standing) = body.contest(now)?;
        let contest = body.open_dispute(&mut round, Party::Provider, now)?;
        self.rounds.insert((sla, window), round);
        self.contests.insert((sla, window), contest);
        self.ledger.row(sla.provider()).bonds -= signed(contest.bond);
        let reported = Standing::new(Some(standing.result), standing.penalty.0);
        self.ledger.ruled.push(Ruled {
            provider: sla.provider().to_owned(),
            window,
            left_out: String::new(),
            settled: reported.clone(),
            reported,
        });
        Ok(())
    }

    fn leave_out(&mut self, submission: Submission) -> Result<()> {
        let Submission { sla, window, seat } = submission;
        let contest = self.contest_of(sla, window)?;
        let now = self.now;
        let (body, round) = self.round(sla, window)?;
        let ruling = Ruling::Upheld { turned: 1 << seat };
        let returned = body.rule_dispute(round, &contest, Party::Provider, ruling, now)?;
        self.won_bond(sla, sla.provider().to_owned(), returned.to_opener);
        let oracle = self.oracle(submission)?;
        if let Some(ruled) = self.ledger.ruled.last_mut() {
            ruled.left_out = oracle;
        }
        Ok(())
    }

    fn settle_round(&mut self, sla: Sla, window: u16) -> Result<()> {
        let now = self.now;
        let (body, round) = self.round(sla, window)?;
        let holders = every_holder(body, round);
        let outcome = body.settle_round(round, holders, now)?;
        body.close_round(round)?;
        let provider = sla.provider();
        let ruled = self.ledger.ruled.iter_mut();
        for ruled in ruled.filter(|ruled| ruled.provider == provider && ruled.window == window) {
            ruled.settled = Standing::new(Some(outcome.result), outcome.penalty.0);
        }
        Ok(())
    }

    fn round(&mut self, sla: Sla, window: u16) -> Result<(&mut SlaBody, &mut ContestedRound)> {
        let (body, round) = (self.slas.get_mut(&sla), self.rounds.get_mut(&(sla, window)));
        body.zip(round).with_context(|| format!("window {window} of {sla:?} is not contested"))
    }

    fn contest_of(&self, sla: Sla, window: u16) -> Result<Contest> {
        let contest = self.contests.get(&(sla, window)).copied();
        contest.with_context(|| format!("window {window} of {sla:?} is not contested"))
    }

    fn won_bond(&mut self, sla: Sla, party: String, bond: Atoms) {
        self.bonds.insert((sla, party), bond);
    }
}

/// Nobody leaves a seat in the demo.
fn every_holder(body: &SlaBody, round: &ContestedRound) -> Holders {
    let seats: [usize; SEATS_MAX] = std::array::from_fn(|seat| seat);
    body.holders(round, &seats, &seats)
}
