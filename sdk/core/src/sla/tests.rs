//! The life of an SLA, told through a small world: one SLA, its provider's and its oracles' stake, and
//! the escrow vault as the chain would hold it.

use super::*;
use crate::committee::SEATS_MAX;
use crate::error::CoreError;
use crate::params::Params;
use crate::quality::{Aggregate, Thresholds, Verdict};
use crate::stake::Stake;
use crate::units::{Atoms, DAY, Gib, Ppm, Seconds, Timestamp};
use proptest::prelude::ProptestConfig;

mod bounds;
mod closing;
mod contests;
mod leavers;
mod lives;
mod money_out;
mod monotone;
mod outlook;
mod proposals;
mod quorum;
mod quote;
mod redraw;
mod settlement;
mod splitting;
mod start;
mod submission;
mod termination;

/// Cases of a property: all of them with `FLASHBACK_FULL=1`, a tenth otherwise.
fn cases(full: u32) -> ProptestConfig {
    let all = std::env::var_os("FLASHBACK_FULL").is_some_and(|value| value == "1");
    ProptestConfig::with_cases(if all { full } else { full / 10 })
}

/// With this promise alone (errors are promised, at a rate that nothing exceeds), a mean latency of `PROMISED_US + s` is a
/// shortfall of exactly `s` ppm.
const PROMISED_US: u32 = 5_000_000;
const LATENCY_ONLY: Thresholds =
    Thresholds { latency_us: PROMISED_US, errors_ppm: 1_000_000, ..Thresholds::NONE };
/// When every committee is seated.
const SEATED: Timestamp = Timestamp(1_700_000_000);

fn offer() -> Offer {
    Offer {
        price_per_gib_month: 1_000,
        version: 7,
        min_duration_secs: DAY,
        max_duration_secs: 365 * DAY,
        probe_interval_secs: 300,
        thresholds: LATENCY_ONLY,
    }
}

/// 30 GiB for ten days at 1,000 atoms per GiB-month: 10,000 atoms, 1,000 a window.
fn request(seats: u8) -> Request {
    Request {
        gib: 30,
        max_total: u64::MAX,
        offer_version: 7,
        window_secs: DAY,
        windows: 10,
        seats,
        thresholds: LATENCY_ONLY,
    }
}

/// A measuring submission earns 3 % of the due over the committee: 10 of 1,000 for one of three seats.
fn params() -> Params {
    Params { oracle_fee_bps: 300, oracle_fee_min: 1, ..Params::default() }
}

fn quote(seats: u8) -> Quote {
    Quote::new(&params(), &offer(), &request(seats), Seconds(3_600)).unwrap()
}

/// What one seat does in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Absent,
    Abstains,
    /// With this shortfall, in ppm.
    Measures(u32),
    /// Measures no shortfall, and a latency of four fifths of the promise.
    Excels,
    /// Measures, and is proven wrong in the challenge phase.
    Voided,
}
use Act::{Absent, Abstains, Excels, Measures, Voided};

impl Act {
    fn verdict(self) -> Option<Verdict> {
        let measured = |ppm, excellent| Some(Verdict::Measured { shortfall: Ppm(ppm), excellent });
        match self {
            Absent => None,
            Abstains => Some(Verdict::Abstained),
            Measures(ppm) => measured(ppm, false),
            Voided => measured(0, false),
            Excels => measured(0, true),
        }
    }

    fn aggregate(self, probes: u32) -> Aggregate {
        let mean = match self {
            Measures(ppm) => PROMISED_US + ppm,
            Excels => PROMISED_US / 5 * 4,
            Voided => PROMISED_US,
            Absent | Abstains => return Aggregate { attempts: probes, ..Aggregate::EMPTY },
        };
        Aggregate {
            attempts: probes,
            ops_total: probes,
            ops_ok: probes,
            latency_count: probes,
            latency_sum_us: u64::from(probes) * u64::from(mean),
            ..Aggregate::EMPTY
        }
    }
}

/// What everybody has taken out of the escrow so far, in atoms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Received {
    provider: u64,
    consumer: u64,
    treasury: u64,
    burnt: u64,
    oracles: [u64; SEATS_MAX],
}

/// One SLA and everybody's tokens around it.
#[derive(Clone, Debug)]
struct World {
    sla: SlaBody,
    provider: Stake,
    oracles: [Stake; SEATS_MAX],
    /// Tokens in the escrow vault.
    escrow: u64,
    received: Received,
}

impl World {
    /// A seated SLA: the provider's stake is its cover, each oracle's is its seat's cover and `purse`.
    fn seated(quote: &Quote, purse: u64) -> World {
        let mut sla = quote.agreed(100, Timestamp(0));
        sla.seat(SEATED).unwrap();
        let staked = |free: u64, covered: Atoms| {
            let mut stake = Stake { bonded: free + covered.0, ..Stake::default() };
            stake.cover(covered).unwrap();
            stake
        };
        World {
            provider: staked(0, Atoms(sla.terms.cover)),
            oracles: [staked(purse, quote.seat_cover.total().unwrap()); SEATS_MAX],
            escrow: quote.deposit.0,
            received: Received::default(),
            sla,
        }
    }

    fn of(seats: u8) -> World {
        World::seated(&quote(seats), 1_000_000)
    }

    /// The seat submits, or stays away, in the report phase of the window at the cursor.
    fn reports(&mut self, seat: usize, act: Act) {
        let Some(verdict) = act.verdict() else { return };
        let window = self.sla.progress.cursor;
        let now = self.sla.terms.report_opens(window).unwrap();
        let aggregate = act.aggregate(self.sla.terms.probes);
        let said = self.sla.submit(seat, window, &aggregate, commitment_of(seat), now);
        if self.sla.seats.first_window[seat] > window {
            assert_eq!(said, Err(CoreError::NotSeated));
            return;
        }
        assert_eq!(said, Ok(verdict));
        if act == Voided {
            self.sla.round.status[seat] = SeatStatus::Voided.code();
        }
    }

    /// Everybody acts in the window at the cursor, which is then settled as soon as it is due.
    fn window(&mut self, acts: &[Act]) -> WindowOutcome {
        for (seat, act) in acts.iter().enumerate() {
            self.reports(seat, *act);
        }
        self.settles()
    }

    fn settles(&mut self) -> WindowOutcome {
        let now = self.sla.terms.settles_at(self.sla.progress.cursor).unwrap();
        let outcome = self.sla.settle_next(now).unwrap().expect("due");
        self.is_solvent();
        outcome
    }

    fn provider_withdraws(&mut self) -> Result<Atoms, CoreError> {
        let amount = self.sla.take_earnings()?;
        self.escrow -= amount.0;
        self.received.provider += amount.0;
        Ok(amount)
    }

    fn consumer_withdraws(&mut self) -> Result<Atoms, CoreError> {
        let amount = self.sla.take_refund()?;
        self.escrow -= amount.0;
        self.received.consumer += amount.0;
        Ok(amount)
    }

    fn oracle_claims(&mut self, seat: usize) -> Result<Atoms, CoreError> {
        let amount = self.sla.take_oracle_fees(seat)?;
        self.escrow -= amount.0;
        self.received.oracles[seat] += amount.0;
        Ok(amount)
    }

    fn anyone_sweeps(&mut self) -> Result<Swept, CoreError> {
        let swept = self.sla.take_protocol_fees()?;
        self.escrow -= swept.fees.0 + swept.burnt.0;
        self.received.treasury += swept.fees.0;
        self.received.burnt += swept.burnt.0;
        Ok(swept)
    }

    fn anyone_collects_the_penalty(&mut self) -> Result<Collected, CoreError> {
        let before = self.provider.owed().unwrap();
        let collected = self.sla.collect_penalty(&mut self.provider)?;
        assert_eq!(before.minus(collected.amount), self.provider.owed());
        self.escrow += collected.amount.0;
        Ok(collected)
    }

    fn anyone_collects_the_absence(&mut self, seat: usize) -> Result<Collected, CoreError> {
        let before = self.oracles[seat].owed().unwrap();
        let collected = self.sla.collect_absence(seat, &mut self.oracles[seat])?;
        assert_eq!(before.minus(collected.amount), self.oracles[seat].owed());
        self.escrow += collected.amount.0;
        Ok(collected)
    }

    /// P1: the vault holds what the account says, to the atom; the invariants of all accounts hold.
    fn is_solvent(&self) {
        assert_eq!(self.sla.escrow_owed(), Ok(Atoms(self.escrow)));
        assert_eq!(self.sla.check(), Ok(()));
        assert_eq!(self.provider.check(), Ok(()));
        for oracle in &self.oracles {
            assert_eq!(oracle.check(), Ok(()));
        }
    }
}

fn commitment_of(seat: usize) -> Commitment {
    [u8::try_from(seat).unwrap() + 1; COMMITMENT_SIZE]
}
