//! A whole life on chain, and the same life by core alone, from the same inputs.

use flashback::events::{ReportSubmitted, WindowSettled};
use flashback_core::hash::SoftwareSha256;
use flashback_core::params::Params;
use flashback_core::quality::{Aggregate, Verdict};
use flashback_core::sla::{Quote, SlaBody, SlaState, WindowOutcome, commitment};
use flashback_core::stake::Stake;
use flashback_core::units::{DAY, Seconds};
use flashback_sdk::instruction::ProposeSlaArgs;
use flashback_tests::prelude::*;
use flashback_tests::scale;

#[test]
fn a_life_on_chain_is_the_life_by_core() {
    for seed in 0..u64::from(scale::cases(6)) {
        println!("seed {seed}");
        Life::begin(seed).run();
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// The chain, and core's account of it, which is never read from the chain after the seating.
struct Life {
    random: Random,
    world: World,
    body: SlaBody,
    seats: usize,
    provider: Stake,
    oracles: Vec<Stake>,
}

impl Life {
    fn begin(seed: u64) -> Self {
        let mut random = Random(seed);
        let mut unit = listing();
        unit.offer.price_per_gib_month = 1 + random.below(1_000_000);
        let args = request(&mut random);
        let quote = quote(&unit.offer, &args);
        let mut world = World::initialized().and_market(STAKE, unit);
        world.consumer().reserves_with(args).succeeds();
        let mut body = quote.agreed(world.chain.slot(), world.chain.now());
        assert_eq!(world.sla().body, body);
        assert_eq!(world.chain.tokens(&world.escrow()), quote.deposit);

        world.wait_until_draw();
        world.anyone().seats_committee().succeeds();
        body.seat(world.chain.now()).unwrap();
        let seats = usize::from(args.request.seats);
        let mut provider = staked();
        provider.cover(Atoms(quote.terms.cover)).unwrap();
        let mut oracle = staked();
        oracle.cover(quote.seat_cover.total().unwrap()).unwrap();
        let life = Self { random, world, body, seats, provider, oracles: vec![oracle; seats] };
        life.compare();
        life
    }

    fn run(mut self) {
        for window in 0..self.body.terms.windows {
            if self.body.progress.state() == Ok(SlaState::Ended) {
                break;
            }
            self.window(window);
            self.some_money();
        }
        self.end();
    }

    /// One window's reports, and perhaps its settlement.
    fn window(&mut self, window: u16) {
        self.world.wait_until_reports(window);
        let silent = self.random.below(5) == 0;
        for seat in 0..self.seats {
            if !silent && self.random.below(5) > 0 {
                self.report(window, seat);
            }
            if self.body.progress.state() == Ok(SlaState::Ended) {
                return;
            }
        }
        if self.random.below(3) > 0 {
            self.settle(window);
        }
    }

    /// A report settles earlier windows first.
    fn report(&mut self, window: u16, seat: usize) {
        let aggregate = self.aggregate();
        let now = self.world.chain.now();
        let mut expected = Vec::new();
        while self.body.progress.cursor < window
            && let Some(outcome) = self.body.settle_next(now).unwrap()
        {
            expected.push(outcome);
        }
        if self.body.progress.state() == Ok(SlaState::Ended) {
            // The report came too late for an SLA that these settlements end: it fails, and they with it.
            let attempt = self.world.seat(seat).reports(window, aggregate);
            attempt.is_refused(CoreError::StateInvalid);
            let receipt = self.world.anyone().settles().succeeds();
            same_outcomes(&receipt.events(), &expected);
            return self.compare();
        }
        let committed = commitment::<SoftwareSha256>(&aggregate, &[9; 32]);
        let verdict = self.body.submit(seat, window, &aggregate, committed, now).unwrap();
        let receipt = self.world.seat(seat).reports(window, aggregate).succeeds();
        same_outcomes(&receipt.events(), &expected);
        let event = receipt.event::<ReportSubmitted>();
        let (measured, shortfall) = match verdict {
            Verdict::Abstained => (false, 0),
            Verdict::Measured { shortfall, .. } => (true, shortfall.0),
        };
        assert_eq!((event.measured, event.shortfall_ppm), (measured, shortfall));
        self.compare();
    }

    fn aggregate(&mut self) -> Aggregate {
        let terms = self.body.terms;
        let percent = self.random.below(30);
        match self.random.below(6) {
            0 | 1 => met(&terms),
            2 => excellent(&terms),
            3 => slow(&terms, percent),
            4 => inconclusive(&terms),
            _ => {
                let failed = self.random.below(u64::from(terms.probes) / 20);
                let met = met(&terms);
                Aggregate { probes_ok: met.probes_ok - u32::try_from(failed).unwrap(), ..met }
            }
        }
    }

    fn settle(&mut self, window: u16) {
        self.world.wait_until_settleable(window);
        let now = self.world.chain.now();
        let mut expected = Vec::new();
        while let Some(outcome) = self.body.settle_next(now).unwrap() {
            expected.push(outcome);
        }
        let attempt = self.world.anyone().settles();
        if expected.is_empty() {
            attempt.is_refused(CoreError::NothingDue);
        } else {
            same_outcomes(&attempt.succeeds().events(), &expected);
        }
        self.compare();
    }

    /// Whoever is due something takes it now, or later.
    fn some_money(&mut self) {
        match self.random.below(6) {
            0 => self.withdraw_earnings(),
            1 => self.withdraw_refund(),
            2 => self.sweep(),
            3 => self.collect_penalty(),
            4 => {
                let seat = usize::try_from(self.random.below(self.seats as u64)).unwrap();
                self.claim(seat);
                self.collect_absence(seat);
            }
            _ => {}
        }
    }

    fn withdraw_earnings(&mut self) {
        let before = self.world.purse(PAYOUT);
        let attempt = self.world.provider().withdraws_earnings();
        match self.body.take_earnings() {
            Ok(amount) => {
                attempt.succeeds();
                assert_eq!(self.world.purse(PAYOUT), before.plus(amount).unwrap());
            }
            Err(error) => attempt.is_refused(error),
        }
        self.compare();
    }

    fn withdraw_refund(&mut self) {
        let before = self.world.purse(CONSUMER);
        let attempt = self.world.consumer().withdraws_refund();
        match self.body.take_refund() {
            Ok(amount) => {
                attempt.succeeds();
                assert_eq!(self.world.purse(CONSUMER), before.plus(amount).unwrap());
            }
            Err(error) => attempt.is_refused(error),
        }
        self.compare();
    }

    fn sweep(&mut self) {
        let (treasury, supply) =
            (self.world.chain.tokens(&address::treasury()), self.world.chain.supply());
        let attempt = self.world.anyone().sweeps_fees();
        match self.body.take_protocol_fees() {
            Ok(swept) => {
                attempt.succeeds();
                let after = self.world.chain.tokens(&address::treasury());
                assert_eq!(after, treasury.plus(swept.fees).unwrap());
                assert_eq!(self.world.chain.supply(), supply.minus(swept.burnt).unwrap());
            }
            Err(error) => attempt.is_refused(error),
        }
        self.compare();
    }

    fn claim(&mut self, seat: usize) {
        let purse = address::token_account(&self.world.sla().seats[seat], &Chain::flash());
        let before = self.world.chain.tokens(&purse);
        let attempt = self.world.seat(seat).claims_fees();
        match self.body.take_oracle_fees(seat) {
            Ok(amount) => {
                attempt.succeeds();
                assert_eq!(self.world.chain.tokens(&purse), before.plus(amount).unwrap());
            }
            Err(error) => attempt.is_refused(error),
        }
        self.compare();
    }

    fn collect_penalty(&mut self) {
        let attempt = self.world.anyone().collects_penalty();
        match self.body.collect_penalty(&mut self.provider) {
            Ok(_) => drop(attempt.succeeds()),
            Err(error) => attempt.is_refused(error),
        }
        self.compare();
    }

    fn collect_absence(&mut self, seat: usize) {
        let attempt = self.world.anyone().collects_absence(u8::try_from(seat).unwrap());
        match self.body.collect_absence(seat, &mut self.oracles[seat]) {
            Ok(_) => drop(attempt.succeeds()),
            Err(error) => attempt.is_refused(error),
        }
        self.compare();
    }

    fn end(&mut self) {
        let last = self.body.terms.windows - 1;
        if self.body.progress.state() != Ok(SlaState::Ended) {
            self.settle(last);
        }
        self.collect_penalty();
        for seat in 0..self.seats {
            self.collect_absence(seat);
            self.claim(seat);
        }
        self.withdraw_earnings();
        self.withdraw_refund();
        self.sweep();
        self.release();
        assert_eq!(self.body.check_closable(), Ok(()));
        self.world.anyone().closes().succeeds();
    }

    fn release(&mut self) {
        let now = self.world.chain.now();
        let released = self.body.release().unwrap();
        self.provider.release(released.cover).unwrap();
        for seat in 0..self.seats {
            let freed = self.body.free_seat(seat, &self.oracles[seat], now).unwrap();
            self.oracles[seat].release(freed.cover).unwrap();
        }
        self.world.anyone().releases().succeeds();
        self.compare();
        assert_eq!((self.provider.covered, self.world.unit().taken_gib), (0, 0));
        let points = self.world.unit().score.milli;
        assert_eq!(
            i64::from(points),
            (50_000 + i64::from(released.points_milli)).clamp(0, 100_000)
        );
    }

    /// Account, stakes and vaults are as core says, to the atom.
    fn compare(&self) {
        let sla = self.world.sla();
        assert_eq!(sla.body, self.body);
        let held = self.world.chain.tokens(&self.world.escrow());
        assert_eq!(held, self.body.escrow_owed().unwrap());
        assert_eq!(self.world.provider_account().stake, self.provider);
        for (seat, stake) in self.oracles.iter().enumerate() {
            let oracle = self.world.oracle_account(&sla.seats[seat]);
            assert_eq!(oracle.stake, *stake, "seat {seat}");
            let vault = address::stake_vault(&address::oracle(&sla.seats[seat]));
            assert_eq!(self.world.chain.tokens(&vault), stake.owed().unwrap());
        }
    }
}

fn staked() -> Stake {
    let mut stake = Stake::default();
    stake.bond(STAKE).unwrap();
    stake
}

fn request(random: &mut Random) -> ProposeSlaArgs {
    let mut args = reservation();
    args.request.gib = 1 + random.below(1_024);
    args.request.windows = 4 + u16::try_from(random.below(9)).unwrap();
    args.request.seats = if random.below(2) == 0 { 3 } else { 5 };
    args.request.window_secs = 6 * 3_600 * (1 + u32::try_from(random.below(5)).unwrap());
    args.request.windows = args.request.windows.max(4);
    assert!(args.request.window_secs * u32::from(args.request.windows) >= DAY);
    args
}

fn quote(offer: &flashback_core::sla::Offer, args: &ProposeSlaArgs) -> Quote {
    Quote::new(&Params::default(), offer, &args.request, Seconds(3_600)).unwrap()
}

fn same_outcomes(events: &[WindowSettled], expected: &[WindowOutcome]) {
    assert_eq!(events.len(), expected.len());
    for (event, outcome) in events.iter().zip(expected) {
        assert_eq!((event.window, event.result), (outcome.window, outcome.result.code()));
        assert_eq!((event.due, event.paid), (outcome.due.0, outcome.paid.0));
        assert_eq!((event.refunded, event.penalty), (outcome.refunded.0, outcome.penalty.0));
        assert_eq!(event.protocol_fee, outcome.protocol_fee.0);
        assert_eq!((event.oracle_fee, event.measured), (outcome.oracle_fee.0, outcome.measured));
        assert_eq!((event.absence, event.returned), (outcome.absence.0, outcome.returned.0));
        assert_eq!((event.shortfall_ppm, event.ended), (outcome.shortfall.0, outcome.ended));
    }
}
