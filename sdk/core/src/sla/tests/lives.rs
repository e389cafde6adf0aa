//! Whole random lives of SLAs, under any parameters that governance may set.

use super::*;
use crate::money::RefundCurve;
use crate::units::{MONTH, PPM_ONE};
use proptest::prelude::*;

/// Somebody does something about an SLA's money.
#[derive(Clone, Copy, Debug)]
enum Errand {
    Earnings,
    Refund,
    Sweep,
    Penalty,
    Fees(usize),
    Absence(usize),
    /// The seat's oracle takes all its free stake towards the exit.
    Unbond(usize),
}

#[derive(Clone, Debug)]
struct Window {
    acts: [Act; SEATS_MAX],
    errands: Vec<Errand>,
}

#[derive(Clone, Debug)]
struct Life {
    quote: Quote,
    first_windows: [u16; SEATS_MAX],
    /// How many windows are settled when the consumer terminates, if it comes to it.
    terminated_in: u16,
    purse: u64,
    windows: Vec<Window>,
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Absent),
        2 => Just(Abstains),
        2 => Just(Measures(0)),
        4 => (0..=PPM_ONE).prop_map(Measures),
        1 => Just(Excels),
        1 => Just(Voided),
    ]
}

fn errands() -> impl Strategy<Value = Errand> {
    let seat = 0..SEATS_MAX;
    prop_oneof![
        Just(Errand::Earnings),
        Just(Errand::Refund),
        Just(Errand::Sweep),
        Just(Errand::Penalty),
        seat.clone().prop_map(Errand::Fees),
        seat.clone().prop_map(Errand::Absence),
        seat.prop_map(Errand::Unbond),
    ]
}

/// Anything within the hard bounds of the parameter table, as far as money depends on it.
fn any_params() -> impl Strategy<Value = Params> {
    let fees = (0u16..=500, 0u16..=500, 0u64..=10_000_000);
    let fraud = prop_oneof![Just(10_000), 10_000u64..=1_000_000, 10_000u64..=100_000_000_000];
    let penalties = (100u16..=10_000, 1u8..=10, 5_000u16..=10_000, 0u16..=10_000);
    let rest = (1u16..=1_000, 0u32..=7 * DAY, fraud);
    let curve = (1u16..5_000, 5_000u16..10_000, 0u16..=10_000, 0u16..=10_000);
    (fees, penalties, rest, curve).prop_map(|(fees, penalties, rest, (x1, x2, ya, yb))| Params {
        protocol_fee_bps: fees.0,
        oracle_fee_bps: fees.1,
        oracle_fee_min: fees.2,
        cover_bps: penalties.0,
        penalty_multiple: penalties.1,
        penalty_consumer_bps: penalties.2,
        absence_bps: penalties.3,
        min_samples: rest.0,
        access_delay_secs: rest.1,
        fraud_min: rest.2,
        refund_curve: RefundCurve {
            x1_bps: x1,
            y1_bps: ya.min(yb),
            x2_bps: x2,
            y2_bps: ya.max(yb),
        },
        ..Params::default()
    })
}

/// The most probes per window that any parameters allow.
const PROBES_BOUND: u32 = 6_144;

/// A probe interval for windows of that length, and a bound on probes: from the fewest probes that these
/// parameters accept to the most that any do, the bound above them or met exactly.
fn any_probing(window_secs: u32, params: &Params, rate: Rate, exact: bool) -> (u32, u32) {
    let widest = window_secs / u32::from(params.min_samples);
    let narrowest = window_secs / (PROBES_BOUND + 1) + 1;
    let interval = match rate {
        Rate::Fewest => widest,
        Rate::Most => narrowest,
        Rate::Between(noise) => narrowest + noise % (widest - narrowest + 1),
    };
    (interval, if exact { (window_secs / interval).max(20) } else { PROBES_BOUND })
}

/// How often an offer has its oracles probe.
#[derive(Clone, Copy, Debug)]
enum Rate {
    Fewest,
    Most,
    Between(u32),
}

/// Any quote whose windows cost from one atom to a billion FLASH.
fn any_quote() -> impl Strategy<Value = Quote> {
    let size =
        (0u32..50, any::<u64>()).prop_map(|(bits, noise)| (1u64 << bits) + noise % (1 << bits));
    let rate = prop_oneof![
        1 => Just(Rate::Fewest),
        1 => Just(Rate::Most),
        2 => any::<u32>().prop_map(Rate::Between)
    ];
    let probing = (rate, any::<bool>());
    (any_params(), size, 250u32..=7 * DAY / 4, 1u16..=8, any::<bool>(), probing).prop_map(
        |(params, due, quarter, windows, five, (rate, exact))| {
            let window_secs = quarter * 4;
            let (interval, probes_max) = any_probing(window_secs, &params, rate, exact);
            let params = Params { probes_max, ..params };
            params.check().unwrap();
            let per_month = u128::from(due) * u128::from(MONTH) / u128::from(window_secs) + 1;
            let offer = Offer {
                price_per_gib_month: u64::try_from(per_month).unwrap(),
                probe_interval_secs: interval,
                min_duration_secs: 1,
                ..offer()
            };
            let request =
                Request { gib: 1, window_secs, windows, ..request(if five { 5 } else { 3 }) };
            Quote::new(&params, &offer, &request, Seconds(4)).unwrap()
        },
    )
}

fn lives() -> impl Strategy<Value = Life> {
    let first_window = prop_oneof![8 => Just(0), 1 => 0..4u16, 1 => Just(VACANT)];
    let errands = prop::collection::vec(errands(), 0..5);
    let window = (prop::array::uniform5(acts()), errands)
        .prop_map(|(acts, errands)| Window { acts, errands });
    let windows = prop::collection::vec(window, 8);
    let purse = prop_oneof![Just(0), 0u64..10_000, Just(1 << 60)];
    (any_quote(), prop::array::uniform5(first_window), 0u16..20, purse, windows).prop_map(
        |(quote, first_windows, terminated_in, purse, windows)| Life {
            quote,
            first_windows,
            terminated_in,
            purse,
            windows,
        },
    )
}

impl World {
    /// Whatever is not possible is refused by name, and the vault still holds what is owed.
    fn runs(&mut self, errand: Errand) {
        let empty = CoreError::NothingToWithdraw;
        let refused = match errand {
            Errand::Earnings => self.provider_withdraws().err().is_none_or(|e| e == empty),
            Errand::Refund => self.consumer_withdraws().err().is_none_or(|e| e == empty),
            Errand::Sweep => self.anyone_sweeps().err().is_none_or(|e| e == empty),
            Errand::Fees(seat) => self.oracle_claims(seat).err().is_none_or(|e| e == empty),
            Errand::Penalty => {
                self.anyone_collects_the_penalty().err().is_none_or(|e| e == CoreError::NothingOwed)
            }
            Errand::Absence(seat) => self
                .anyone_collects_the_absence(seat)
                .err()
                .is_none_or(|e| e == CoreError::NothingOwed),
            Errand::Unbond(seat) => {
                let free = self.oracles[seat].free();
                free.0 == 0 || self.oracles[seat].unbond(free, SEATED).is_ok()
            }
        };
        assert!(refused, "{errand:?}");
        self.is_solvent();
    }

    /// The consumer terminates as soon as the last window was settled, or the committee was seated.
    fn terminates(&mut self) {
        let settled = self.sla.progress.cursor.checked_sub(1);
        let now = settled.map_or(SEATED, |last| self.sla.terms.settles_at(last).unwrap());
        let done = self.sla.terminate_by_consumer(now);
        assert!(done.is_ok() || done == Err(CoreError::EndNotEarlier), "{done:?}");
        self.is_solvent();
    }

    /// Collects and withdraws everything, gives cover and capacity back, and leaves nothing behind.
    fn closes(&mut self) {
        for seat in 0..SEATS_MAX {
            // An oracle that has nothing left stakes anew what it still owes.
            if self.sla.seats.absence_owed[seat] > 0 {
                self.runs(Errand::Absence(seat));
                if self.sla.seats.absence_owed[seat] > 0 {
                    self.oracles[seat].bond(Atoms(self.sla.seats.absence_owed[seat])).unwrap();
                    self.anyone_collects_the_absence(seat).unwrap();
                }
            }
            let left = self.sla.seat_cover_left(seat).unwrap();
            if self.sla.seats.first_window[seat] == VACANT {
                // Nobody holds it, so nothing is given back: this world covered every place.
                let none = self.sla.free_seat(seat, &self.oracles[seat], SEATED);
                assert_eq!(none, Err(CoreError::SeatInvalid));
            } else {
                // Whatever is not withdrawn yet, and long before the grace period ends.
                let points = self.sla.seats.points[seat];
                let freed = FreedSeat { cover: left, points, written_off: Atoms::ZERO };
                assert_eq!(self.sla.free_seat(seat, &self.oracles[seat], SEATED), Ok(freed));
            }
            self.oracles[seat].release(left).unwrap();
            assert_eq!(self.oracles[seat].covered, 0);
            self.runs(Errand::Fees(seat));
        }
        for errand in [Errand::Penalty, Errand::Earnings, Errand::Refund, Errand::Sweep] {
            self.runs(errand);
        }
        let back = self.sla.release().unwrap();
        assert_eq!(back.gib, Gib(self.sla.terms.gib));
        self.provider.release(back.cover).unwrap();
        assert_eq!(self.provider.covered, 0);
        assert_eq!(self.sla.check_closable(), Ok(()));
        assert_eq!((self.sla.escrow_owed(), self.escrow), (Ok(Atoms::ZERO), 0));
    }
}

impl Life {
    /// Lives it window by window; `errand` says which of the errands are run.
    fn lived(&self, errand: impl Fn(Errand) -> bool) -> (World, Vec<WindowOutcome>) {
        let mut world = World::seated(&self.quote, self.purse);
        let seats = usize::from(self.quote.terms.seats);
        world.sla.seats.first_window[..seats].copy_from_slice(&self.first_windows[..seats]);
        let mut outcomes = Vec::new();
        for window in &self.windows {
            if world.sla.progress.state() != Ok(SlaState::Active) {
                break;
            }
            if world.sla.progress.cursor == self.terminated_in {
                world.terminates();
            }
            outcomes.push(world.window(&window.acts[..seats]));
            window.errands.iter().filter(|e| errand(**e)).for_each(|e| world.runs(*e));
        }
        assert_eq!(world.sla.progress.state(), Ok(SlaState::Ended), "every SLA ends");
        (world, outcomes)
    }
}

proptest! {
    #![proptest_config(cases(4_000))]

    #[test]
    fn every_life_conserves_ends_and_closes_without_an_atom_left(life in lives()) {
        let (mut world, outcomes) = life.lived(|_| true);
        let sum = |of: fn(&WindowOutcome) -> u64| outcomes.iter().map(of).sum::<u64>();
        for outcome in &outcomes {
            prop_assert_eq!(outcome.due, outcome.paid.plus(outcome.refunded).unwrap());
        }
        let absences_left: u64 = world.sla.seats.absence_owed.iter().sum();
        let absences_collected = sum(|o| o.absence.0) - absences_left;
        let penalty = world.sla.money.penalty_total;
        world.closes();
        let all = &world.received;
        let consumer_of_penalty = u64::try_from(
            u128::from(penalty) * u128::from(life.quote.terms.penalty_consumer_bps) / 10_000).unwrap();
        prop_assert_eq!(penalty, sum(|o| o.penalty.0));
        prop_assert!(penalty <= life.quote.terms.cover);
        prop_assert_eq!(all.provider, sum(|o| o.paid.0));
        prop_assert_eq!(all.consumer, sum(|o| o.refunded.0 + o.returned.0)
            + absences_collected + absences_left + consumer_of_penalty);
        prop_assert_eq!(all.burnt, penalty - consumer_of_penalty);
        prop_assert_eq!(u128::from(all.treasury),
            u128::from(all.provider) * u128::from(life.quote.terms.protocol_fee_bps) / 10_000);
        prop_assert_eq!(all.oracles.iter().sum::<u64>(), sum(|o| o.oracle_fee.0 * u64::from(o.measured)));
        prop_assert_eq!(
            life.quote.deposit.0 + penalty + sum(|o| o.absence.0),
            all.provider + all.consumer + all.treasury + all.burnt + all.oracles.iter().sum::<u64>()
        );
    }

    #[test]
    fn an_sla_that_runs_to_its_last_window_costs_at_most_its_deposit_and_dues_its_price(life in lives()) {
        let (world, outcomes) = life.lived(|_| false);
        let dues: u64 = outcomes.iter().map(|o| o.due.0).sum();
        let terms = &world.sla.terms;
        prop_assert!(dues <= terms.price);
        prop_assert_eq!(dues == terms.price, outcomes.len() == usize::from(terms.windows));
        let silent = outcomes.iter().rev().take(3).filter(|o| o.result == WindowResult::Unmeasured).count();
        let early = outcomes.len() < usize::from(terms.windows.min(life.terminated_in + 1));
        prop_assert!(!early || silent == 3, "only three silent windows end it earlier");
    }

    #[test]
    fn withdrawing_often_gains_nobody_an_atom(life in lives()) {
        // Who owes an absence may change what is collected when, so oracles keep their stake here.
        let often = |errand: Errand| !matches!(errand, Errand::Unbond(_));
        let (mut busy, _) = life.lived(often);
        let (mut idle, _) = life.lived(|_| false);
        busy.closes();
        idle.closes();
        prop_assert_eq!(busy.received, idle.received);
    }

    #[test]
    fn a_worse_report_never_pays_the_provider_more(life in lives(), window in 0usize..8, seat in 0..SEATS_MAX, more in 1..=PPM_ONE) {
        let mut worse = life.clone();
        let act = &mut worse.windows[window].acts[seat];
        *act = match *act {
            Measures(ppm) => Measures(ppm.saturating_add(more).min(PPM_ONE)),
            Excels => Measures(more),
            other => other,
        };
        let (_, before) = life.lived(|_| false);
        let (_, after) = worse.lived(|_| false);
        prop_assert_eq!(before.len(), after.len());
        let (mut less, mut more) = (0, 0);
        for (before, after) in before.iter().zip(&after) {
            prop_assert!(after.shortfall >= before.shortfall);
            prop_assert!(after.paid <= before.paid && after.refunded >= before.refunded);
            // The cover caps the sum: compare running totals.
            less += before.penalty.0;
            more += after.penalty.0;
            prop_assert!(less <= more);
        }
    }
}
