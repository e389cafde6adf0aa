//! What somebody does about a window, besides reporting and settling.

use anyhow::{Context, Result};
use flashback_core::sla::{Party, WindowResult};
use flashback_core::units::Atoms;
use flashback_sdk::account::{Challenge, Dispute, Round};
use flashback_sdk::address;

use super::Stage;
use crate::demo::ledger::{Moves, Ruled, Standing, Voided};
use crate::demo::scenario::{AUDITOR, Act, CONSUMER, LEAF, Sla, Submission};

impl Stage {
    pub(super) async fn perform(&mut self, acts: &[Act]) -> Result<()> {
        for act in acts {
            match *act {
                Act::Challenge(submission) => self.challenge(submission).await?,
                Act::Open(submission) => self.open_leaf(submission).await?,
                Act::ExpireChallenge(submission) => self.expire_challenge(submission).await?,
                Act::ProveFraud(submission) => self.prove_fraud(submission).await?,
                Act::Dispute(sla, window) => self.dispute(sla, window).await?,
                Act::LeaveOut(submission) => self.leave_out(submission).await?,
                Act::SettleRound(sla, window) => self.settle_round(sla, window).await?,
                Act::Terminate(sla) => self.terminate(sla).await?,
            }
        }
        Ok(())
    }

    async fn challenge(&mut self, submission: Submission) -> Result<()> {
        let Submission { sla, window, seat } = submission;
        let (auditor, address) = (self.client(AUDITOR)?, self.address(sla)?);
        let challenge = auditor.challenge_leaf(&address, window, seat, LEAF);
        self.booked(challenge, |row| &mut row.bonds).await?;
        let (oracle, provider) = (self.oracle(submission)?, sla.provider());
        self.tell(&format!(
            "the auditor challenges {oracle} to open a leaf of its records of {provider}"
        ));
        Ok(())
    }

    async fn open_leaf(&mut self, submission: Submission) -> Result<()> {
        let Submission { sla, window, seat } = submission;
        let (oracle, address) = (self.oracle(submission)?, self.address(sla)?);
        let challenge = address::challenge(&address::round(&address, window), seat, LEAF);
        let bond = self.anyone().fetch::<Challenge>(&challenge).await?.bond;
        let records = self.records(submission)?.context("who has records can open them")?;
        let client = self.client(&oracle)?;
        let opening = records.opening(LEAF)?;
        self.sent(client.open_leaf(&address, window, seat, LEAF, opening)).await?;
        self.tell(&format!("{oracle} opens it, and keeps the bond of {}", Atoms(bond)));
        self.bonds.insert((sla, oracle), i128::from(bond));
        Ok(())
    }

    async fn expire_challenge(&mut self, submission: Submission) -> Result<()> {
        let Submission { sla, window, seat } = submission;
        let (anyone, address) = (self.anyone(), self.address(sla)?);
        let challenge = address::challenge(&address::round(&address, window), seat, LEAF);
        let bond = i128::from(anyone.fetch::<Challenge>(&challenge).await?.bond);
        let expire = anyone.expire_challenge(&address, window, seat, LEAF);
        let mut moves = self.booked(expire, |row| &mut row.slashed).await?;
        // The bond comes from the escrow, half of the slash from the oracle's stake.
        *moves.entry(AUDITOR.to_owned()).or_default() -= bond;
        let row = self.ledger.row(AUDITOR);
        row.slashed -= bond;
        row.bonds += bond;
        self.voided(submission, false, &moves)
    }

    async fn prove_fraud(&mut self, submission: Submission) -> Result<()> {
        let Submission { sla, window, seat } = submission;
        let (auditor, address) = (self.client(AUDITOR)?, self.address(sla)?);
        let records = self.records(submission)?.context("a lie has records")?;
        let proof = records.accusation(LEAF)?;
        let prove = auditor.prove_fraud(&address, window, seat, proof);
        let moves = self.booked(prove, |row| &mut row.slashed).await?;
        self.voided(submission, true, &moves)
    }

    fn voided(&mut self, submission: Submission, proven: bool, moves: &Moves) -> Result<()> {
        let oracle = self.oracle(submission)?;
        let moved = |party: &str| moves.get(party).copied().unwrap_or_default();
        let provider = submission.sla.provider();
        self.tell(&match proven {
            true => format!("{oracle} lied about {provider}, as its own records prove: slashed"),
            false => format!("{oracle} has opened no record of {provider} in a day: slashed"),
        });
        self.ledger.voided.push(Voided {
            slashed: -moved(&oracle),
            rewarded: moved(AUDITOR),
            oracle,
            provider: provider.to_owned(),
            window: submission.window,
            proven,
        });
        Ok(())
    }

    async fn dispute(&mut self, sla: Sla, window: u16) -> Result<()> {
        let (provider, address) = (self.client(sla.provider())?, self.address(sla)?);
        let dispute = provider.open_dispute(&address, window, Party::Provider);
        self.booked(dispute, |row| &mut row.bonds).await?;
        let round: Round = provider.fetch(&address::round(&address, window)).await?;
        let progress = provider.sla(&address).await?.body.progress;
        let result = WindowResult::from_code(progress.last_result);
        let reported = Standing::new(result, round.body.penalty);
        let stands = reported.result;
        self.tell(&format!("{} disputes it: as reported it is {stands}", sla.provider()));
        self.ledger.ruled.push(Ruled {
            provider: sla.provider().to_owned(),
            window,
            left_out: String::new(),
            settled: reported.clone(),
            reported,
        });
        Ok(())
    }

    async fn leave_out(&mut self, submission: Submission) -> Result<()> {
        let Submission { sla, window, seat } = submission;
        let (arbiter, address) = (self.anyone(), self.address(sla)?);
        let party = Party::Provider;
        let dispute = address::dispute(&address::round(&address, window), party);
        let bond = arbiter.fetch::<Dispute>(&dispute).await?.bond;
        self.sent(arbiter.rule_dispute(&address, window, party, Some(1 << seat))).await?;
        self.bonds.insert((sla, sla.provider().to_owned()), i128::from(bond));
        let oracle = self.oracle(submission)?;
        let (provider, day) = (sla.provider(), window + 1);
        self.tell(&format!("the arbiter leaves out {oracle}'s report of {provider}'s day {day}"));
        if let Some(ruled) = self.ledger.ruled.last_mut() {
            ruled.left_out = oracle;
        }
        Ok(())
    }

    async fn settle_round(&mut self, sla: Sla, window: u16) -> Result<()> {
        let (anyone, address) = (self.anyone(), self.address(sla)?);
        let before = anyone.sla(&address).await?.body;
        self.sent(anyone.settle_round(&address, window)).await?;
        let after = anyone.sla(&address).await?.body;
        let penalty = after.money.penalty_total - before.money.penalty_total;
        let counts = [
            (WindowResult::Met, before.progress.met, after.progress.met),
            (WindowResult::Breached, before.progress.breached, after.progress.breached),
            (WindowResult::Unmeasured, before.progress.unmeasured, after.progress.unmeasured),
            (WindowResult::Blocked, before.progress.blocked, after.progress.blocked),
        ];
        let counted = counts.into_iter().find(|(_, before, after)| after > before);
        let settled = Standing::new(counted.map(|(result, ..)| result), penalty);
        let provider = sla.provider();
        let (day, result) = (window + 1, settled.result);
        self.tell(&format!("{provider}'s day {day}, no longer contested, is {result}"));
        let ruled = self.ledger.ruled.iter_mut();
        for ruled in ruled.filter(|ruled| ruled.provider == provider && ruled.window == window) {
            ruled.settled = settled.clone();
        }
        Ok(())
    }

    async fn terminate(&mut self, sla: Sla) -> Result<()> {
        let (consumer, address) = (self.client(CONSUMER)?, self.address(sla)?);
        self.sent(consumer.terminate_sla(&address)).await?;
        let account = consumer.sla(&address).await?;
        self.tell(&format!(
            "the consumer terminates at {}, which ends with day {} of {}",
            sla.provider(),
            account.body.progress.end,
            account.body.terms.windows,
        ));
        Ok(())
    }
}
