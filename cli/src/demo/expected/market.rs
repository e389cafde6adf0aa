//! Everybody's accounts as core keeps them.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use flashback_core::hash::SoftwareSha256;
use flashback_core::reputation::Score;
use flashback_core::sla::{Contest, ContestedRound, Quote, SlaBody, commitment};
use flashback_core::stake::Stake;
use flashback_core::units::{Atoms, Seconds, Timestamp};

use super::Committees;
use crate::demo::ledger::{BURNT, Ledger, TREASURY};
use crate::demo::scenario::{
    self, AUDITOR, Act, CONSUMER, FUNDS, ORACLES, POCKET, PROVIDERS, STAKE, Sla, Submission,
};

/// The market of the demo.
pub struct Market<'a> {
    quote: Quote,
    committees: &'a Committees,
    pub(super) slas: BTreeMap<Sla, SlaBody>,
    pub(super) rounds: BTreeMap<(Sla, u16), ContestedRound>,
    pub(super) contests: BTreeMap<(Sla, u16), Contest>,
    pub(super) stakes: BTreeMap<String, Stake>,
    pub(super) scores: BTreeMap<&'static str, Score>,
    /// What of a party's balance in an SLA is a bond.
    pub(super) bonds: BTreeMap<(Sla, String), Atoms>,
    pub(super) ledger: Ledger,
    pub(super) now: Timestamp,
}

impl<'a> Market<'a> {
    /// Everybody with what they have and stake.
    pub fn open(committees: &'a Committees, window_min: Seconds) -> Result<Self> {
        let (params, offer, request) = (scenario::params(), scenario::offer(), scenario::request());
        let quote = Quote::new(&params, &offer, &request, window_min)?;
        let (mut ledger, mut stakes) = (Ledger::default(), BTreeMap::new());
        ledger.row(CONSUMER).before = signed(FUNDS);
        ledger.row(AUDITOR).before = signed(POCKET);
        ledger.row(TREASURY);
        ledger.row(BURNT);
        for (party, pocket) in PROVIDERS
            .iter()
            .map(|provider| (provider, POCKET))
            .chain(ORACLES.iter().map(|oracle| (oracle, Atoms::ZERO)))
        {
            ledger.row(party).before = signed(STAKE.plus(pocket)?);
            let stake = Stake { bonded: STAKE.0, ..Stake::default() };
            stakes.insert((*party).to_owned(), stake);
        }
        let now = Timestamp(0);
        Ok(Self {
            quote,
            committees,
            slas: BTreeMap::new(),
            rounds: BTreeMap::new(),
            contests: BTreeMap::new(),
            stakes,
            scores: PROVIDERS.map(|provider| (provider, Score::start(now))).into(),
            bonds: BTreeMap::new(),
            ledger,
            now,
        })
    }

    /// The consumer reserves, and the committee is seated.
    pub fn reserve(&mut self, sla: Sla) -> Result<()> {
        let cover = Atoms(self.quote.terms.cover);
        self.stake(sla.provider())?.cover(cover)?;
        self.ledger.row(CONSUMER).deposited -= signed(self.quote.deposit);
        let mut body = self.quote.agreed(0, Timestamp(0));
        body.seat(self.now)?;
        let cover = self.quote.seat_cover.total()?;
        for oracle in self.committee(sla)? {
            self.stake(oracle)?.cover(cover)?;
        }
        self.slas.insert(sla, body);
        Ok(())
    }

    /// A day ends, and everybody reports.
    pub fn report(&mut self, slas: &[Sla], window: u16) -> Result<()> {
        for sla in slas.iter().copied().filter(|sla| sla.window(window).is_some()) {
            self.now = self.body(sla)?.terms.report_opens(window)?;
            for seat in 0..self.committee(sla)?.len() {
                let submission = Submission { sla, window, seat: u8::try_from(seat)? };
                if let Some(aggregate) = submission.aggregate()? {
                    let commitment = commitment::<SoftwareSha256>(&aggregate, &[0; 32]);
                    let now = self.now;
                    self.body(sla)?.submit(seat, window, &aggregate, commitment, now)?;
                }
            }
        }
        Ok(())
    }

    /// What is done in the challenge phase.
    pub fn contest(&mut self, acts: &[Act], day: u16) -> Result<()> {
        self.now = self.body(Sla::Good)?.terms.report_closes(day)?;
        self.perform(acts)
    }

    /// The windows of a day are settled.
    pub fn settle(&mut self, slas: &[Sla], window: u16) -> Result<()> {
        for sla in slas {
            let body = self.body(*sla)?;
            let now = body.terms.settles_at(window)?;
            while body.settle_next(now)?.is_some() {}
            self.now = now;
        }
        Ok(())
    }

    /// What is done after settling.
    pub fn follow_up(&mut self, acts: &[Act], day: u16) -> Result<()> {
        self.now = self.body(Sla::Good)?.terms.settles_at(day)?;
        self.perform(acts)
    }

    /// The consumer withdraws what one SLA gave back, and reserves the next.
    pub fn renew(&mut self, old: Sla, new: Sla) -> Result<()> {
        let refund = self.body(old)?.take_refund()?;
        self.ledger.row(CONSUMER).refunded += signed(refund);
        self.reserve(new)
    }

    pub(super) fn committee(&self, sla: Sla) -> Result<&'a [String]> {
        let seats = self.committees.get(&sla).map(Vec::as_slice);
        seats.with_context(|| format!("{sla:?} has no committee"))
    }

    pub(super) fn oracle(&self, submission: Submission) -> Result<String> {
        let oracle = self.committee(submission.sla)?.get(usize::from(submission.seat));
        oracle.cloned().with_context(|| format!("nobody holds the seat of {submission:?}"))
    }

    pub(super) fn body(&mut self, sla: Sla) -> Result<&mut SlaBody> {
        self.slas.get_mut(&sla).with_context(|| format!("{sla:?} was not reserved"))
    }

    pub(super) fn stake(&mut self, party: &str) -> Result<&mut Stake> {
        self.stakes.get_mut(party).with_context(|| format!("{party} has no stake"))
    }
}

pub(super) fn signed(amount: Atoms) -> i128 {
    i128::from(amount.0)
}
