//! A small deployment that is right, and every way in which it could be wrong.

use super::*;
use crate::params::Params;
use crate::quality::{Aggregate, Thresholds};
use crate::sla::{Contest, Offer, Party, Quote, Request};
use crate::units::{DAY, Seconds, Timestamp};

mod economy;
mod lives;

const SLA: Key = [1; 32];
const PROVIDER: Key = [2; 32];
const UNIT: Key = [3; 32];
const ROUND: Key = [4; 32];
const CONTEST: Key = [5; 32];
const ORACLES: [Key; SEATS_MAX] = [[10; 32], [11; 32], [12; 32], [13; 32], [14; 32]];

const LATENCY_US: u32 = 1_000_000;

/// Ten daily windows of 1,000 atoms; every figure but the price is the parameters'.
fn quote(seats: u8, params: &Params) -> Quote {
    let thresholds =
        Thresholds { latency_us: LATENCY_US, errors_ppm: 1_000_000, ..Thresholds::NONE };
    let offer = Offer {
        price_per_gib_month: 1_000,
        version: 1,
        min_duration_secs: DAY,
        max_duration_secs: 365 * DAY,
        probe_interval_secs: 300,
        thresholds,
    };
    let request = Request {
        gib: 30,
        max_total: u64::MAX,
        offer_version: 1,
        window_secs: DAY,
        windows: 10,
        seats,
        thresholds,
    };
    Quote::new(params, &offer, &request, Seconds(3_600)).unwrap()
}

/// An aggregate whose mean latency is so many µs beyond the promise: five ppm of shortfall each.
fn measured(probes: u32, beyond_us: u32) -> Aggregate {
    Aggregate {
        attempts: probes,
        ops_total: probes,
        ops_ok: probes,
        latency_count: probes,
        latency_sum_us: u64::from(probes) * u64::from(LATENCY_US + beyond_us),
        ..Aggregate::EMPTY
    }
}

fn staked(covered: u64, free: u64) -> StakeAccount {
    let stake = Stake { bonded: covered + free, covered, ..Stake::default() };
    StakeAccount { key: PROVIDER, stake, vault: Atoms(covered + free) }
}

/// An active SLA whose first window is settled with a penalty, and whose second is disputed.
fn right() -> Ledger {
    let quote = quote(3, &Params::default());
    let mut body = quote.agreed(1, Timestamp(0));
    body.seat(Timestamp(1_000)).unwrap();
    let report = |body: &mut SlaBody, window| {
        let now = body.terms.report_opens(window).unwrap();
        for seat in 0..3 {
            let aggregate = measured(body.terms.probes, 100_000);
            body.submit(seat, window, &aggregate, [1; 20], now).unwrap();
        }
    };
    report(&mut body, 0);
    body.settle_next(body.terms.settles_at(0).unwrap()).unwrap().unwrap();
    report(&mut body, 1);
    let now = body.terms.report_closes(1).unwrap();
    let (mut round, _) = body.contest(now).unwrap();
    let Contest { bond, .. } = body.open_dispute(&mut round, Party::Provider, now).unwrap();
    let seat_cover = quote.seat_cover.total().unwrap().0;
    let mut oracles: Vec<StakeAccount> =
        ORACLES.iter().map(|key| StakeAccount { key: *key, ..staked(seat_cover, 100) }).collect();
    for spare in &mut oracles[3..] {
        spare.stake.covered = 0;
    }
    Ledger {
        slas: vec![SlaAccount {
            key: SLA,
            provider: PROVIDER,
            unit: UNIT,
            seats: ORACLES,
            body,
            escrow: body.escrow_owed().unwrap(),
        }],
        rounds: vec![RoundAccount { key: ROUND, sla: SLA, oracles: ORACLES, body: round }],
        contests: vec![ContestAccount { key: CONTEST, round: ROUND, bond }],
        providers: vec![staked(2_000, 500)],
        oracles,
        units: vec![UnitAccount { key: UNIT, capacity: Gib(100), taken: Gib(30) }],
    }
}

/// What a change of the right ledger breaks.
fn broken(spoil: impl FnOnce(&mut Ledger)) -> Vec<Violation> {
    let mut ledger = right();
    spoil(&mut ledger);
    let found = ledger.violations(Donations::None);
    assert_eq!(ledger.check(Donations::None).err(), found.first().copied());
    found
}

#[test]
fn a_deployment_that_is_right_breaks_nothing() {
    let ledger = right();
    assert_eq!(ledger.violations(Donations::None), []);
    assert_eq!(ledger.check(Donations::None), Ok(()));
    assert_eq!(Ledger::default().check(Donations::None), Ok(()));
    // The example is not an empty one.
    let body = &ledger.slas[0].body;
    assert_eq!((body.money.penalty_owed, body.progress.open_rounds), (1_000, 1));
    assert!(ledger.rounds[0].body.held > 1_000 && ledger.contests[0].bond > Atoms::ZERO);
}

#[test]
fn covered_stake_is_what_is_reserved() {
    let kind = Kind::Provider;
    let more = broken(|l| l.providers[0].stake.covered += 1);
    let cover = |stated| Violation::Cover { kind, owner: PROVIDER, stated, derived: 2_000 };
    assert_eq!(more, [cover(2_001)]);
    assert_eq!(more[0].by(), 1);
    let less = broken(|l| l.providers[0].stake.covered -= 7);
    assert_eq!((less[0], less[0].by()), (cover(1_993), -7));
    // A collected penalty was covered; one that is owed still is.
    let collected = broken(|l| {
        l.slas[0].body.collect_penalty(&mut l.providers[0].stake).unwrap();
        l.slas[0].escrow = Atoms(l.slas[0].escrow.0 + 1_000);
        l.providers[0].vault = Atoms(l.providers[0].vault.0 - 1_000);
    });
    assert_eq!(collected, []);
    let not_uncovered = broken(|l| l.slas[0].body.money.penalty_owed = 0);
    let derived = 1_000;
    assert_eq!(not_uncovered, [Violation::Cover { kind, owner: PROVIDER, stated: 2_000, derived }]);
    // An SLA that gave everything back reserves nothing.
    let released = broken(|l| l.slas[0].body.progress.released = 1);
    let cover = Violation::Cover { kind, owner: PROVIDER, stated: 2_000, derived: 0 };
    let taken = Violation::Taken { unit: UNIT, stated: 30, derived: 0 };
    assert_eq!(released, [taken, cover]);
}

#[test]
fn covers_of_seats_are_what_their_oracles_reserve() {
    let kind = Kind::Oracle;
    let seat_cover = quote(3, &Params::default()).seat_cover;
    let total = u128::from(seat_cover.total().unwrap().0);
    let cover = |oracle: usize, stated, derived| Violation::Cover {
        kind,
        owner: ORACLES[oracle],
        stated,
        derived,
    };
    assert_eq!(broken(|l| l.oracles[0].stake.covered -= 1), [cover(0, total - 1, total)]);
    assert_eq!(broken(|l| l.oracles[3].stake.covered = 1), [cover(3, 1, 0)]);
    assert_eq!(broken(|l| l.slas[0].body.seats.freed = 0b010), [cover(1, total, 0)]);
    assert_eq!(broken(|l| l.slas[0].body.seats.first_window[2] = VACANT), [cover(2, total, 0)]);
    let share = u128::from(seat_cover.absence_share.0);
    assert_eq!(
        broken(|l| l.slas[0].body.seats.shares_used[2] = 1),
        [cover(2, total, total - share)]
    );
    let fraud = u128::from(seat_cover.fraud.0);
    assert_eq!(broken(|l| l.slas[0].body.seats.voided = 1), [cover(0, total, total - fraud)]);
    // Covers kept in a round are of the oracle that held the seat then.
    assert_eq!(
        broken(|l| {
            l.rounds[0].oracles[2] = ORACLES[4];
            l.rounds[0].body.covers[2] = 9;
        }),
        [cover(4, 0, 9)]
    );
    // An oracle may sit in several SLAs.
    assert_eq!(
        broken(|l| l.slas[0].seats[1] = ORACLES[0]),
        [cover(0, total, 2 * total), cover(1, total, 0)]
    );
}

#[test]
fn covered_stake_is_bonded() {
    let found = broken(|l| {
        l.providers[0].stake.bonded = 1_999;
        l.providers[0].vault = Atoms(1_999);
    });
    let (kind, owner) = (Kind::Provider, PROVIDER);
    let not_bonded = Violation::CoverNotBonded { kind, owner, covered: 2_000, bonded: 1_999 };
    assert_eq!((found.clone(), found[0].by()), (vec![not_bonded], -1));
}

#[test]
fn taken_capacity_is_what_slas_hold_and_no_more_than_there_is() {
    let taken = |stated| Violation::Taken { unit: UNIT, stated, derived: 30 };
    assert_eq!(broken(|l| l.units[0].taken = Gib(31)), [taken(31)]);
    assert_eq!(broken(|l| l.units[0].taken = Gib(29))[0].by(), -1);
    let overfull = broken(|l| l.units[0].capacity = Gib(29));
    let expected = Violation::Overfull { unit: UNIT, taken: 30, capacity: 29 };
    assert_eq!((overfull.clone(), overfull[0].by()), (vec![expected], -1));
    // A proposal takes nothing.
    let mut ledger = right();
    let quote = quote(3, &Params::default());
    let body = quote.proposed(Timestamp(0), Seconds(1)).unwrap();
    ledger.slas.push(SlaAccount { key: [9; 32], body, escrow: quote.deposit, ..ledger.slas[0] });
    assert_eq!(ledger.violations(Donations::None), []);
    // What was agreed does, before it is seated too; nobody holds a seat then.
    let agreed = quote.agreed(5, Timestamp(0));
    ledger.slas[1].body = agreed;
    let found = ledger.violations(Donations::None);
    assert_eq!(found[0], Violation::Taken { unit: UNIT, stated: 30, derived: 60 });
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn vaults_hold_what_is_owed() {
    let (kind, owner) = (Kind::Sla, SLA);
    let owed = u128::from(right().slas[0].escrow.0);
    let held = u64::try_from(owed).unwrap();
    let short = broken(|l| l.slas[0].escrow = Atoms(held - 1));
    assert_eq!(short, [Violation::Short { kind, owner, held: held - 1, owed }]);
    assert_eq!(short[0].by(), -1);
    let surplus = broken(|l| l.slas[0].escrow = Atoms(held + 2));
    assert_eq!(surplus, [Violation::Surplus { kind, owner, held: held + 2, owed }]);
    assert_eq!(surplus[0].by(), 2);
    for kind in [Kind::Provider, Kind::Oracle] {
        let stakes = |l: &mut Ledger| match kind {
            Kind::Provider => l.providers[0],
            _ => l.oracles[1],
        };
        let StakeAccount { key: owner, stake, vault } = stakes(&mut right());
        let owed = u128::from(stake.bonded);
        let change = |to: u64| {
            broken(|l| match kind {
                Kind::Provider => l.providers[0].vault = Atoms(to),
                _ => l.oracles[1].vault = Atoms(to),
            })
        };
        let held = vault.0 - 1;
        assert_eq!(change(held), [Violation::Short { kind, owner, held, owed }]);
        let held = vault.0 + 1;
        assert_eq!(change(held), [Violation::Surplus { kind, owner, held, owed }]);
    }
    // Unbonding stake is owed too, even where the sum does not fit 64 bits.
    let unbonding = broken(|l| l.providers[0].stake.unbonding[3].amount = u64::MAX);
    let owed = 2_500 + u128::from(u64::MAX);
    let (kind, owner) = (Kind::Provider, PROVIDER);
    assert_eq!(unbonding, [Violation::Short { kind, owner, held: 2_500, owed }]);
}

#[test]
fn a_donation_is_no_violation_where_donations_are_possible() {
    let mut ledger = right();
    ledger.slas[0].escrow = Atoms(u64::MAX);
    ledger.providers[0].vault = Atoms(u64::MAX);
    assert_eq!(ledger.violations(Donations::Possible), []);
    assert_eq!(ledger.violations(Donations::None).len(), 2);
    ledger.oracles[0].vault = Atoms(1);
    assert!(matches!(ledger.check(Donations::Possible), Err(Violation::Short { .. })));
}

#[test]
fn what_is_held_is_of_rounds_and_contests() {
    let held = right().slas[0].body.money.held;
    let (stated, sla) = (u128::from(held), SLA);
    let bond = right().contests[0].bond.0;
    let wrong = |derived| [Violation::Held { sla, stated, derived }];
    assert_eq!(broken(|l| l.rounds[0].body.held -= 3), wrong(stated - 3));
    assert_eq!(broken(|l| l.rounds[0].body.fees[4] = 3), wrong(stated + 3));
    assert_eq!(broken(|l| l.contests[0].bond = Atoms(bond - 1)), wrong(stated - 1));
    let other = broken(|l| {
        l.slas[0].body.money.held += 1;
        l.slas[0].body.money.earned -= 1;
    });
    assert_eq!(other, [Violation::Held { sla, stated: stated + 1, derived: stated }]);
}

#[test]
fn rounds_and_contests_are_counted() {
    let sla = SLA;
    let round = ROUND;
    let found = broken(|l| l.slas[0].body.progress.open_rounds = 2);
    assert_eq!(found, [Violation::Rounds { sla, stated: 2, derived: 1 }]);
    let found = broken(|l| (l.rounds[0].body.settled, l.rounds[0].body.held) = (1, 0));
    assert!(found.contains(&Violation::UnsettledRounds { sla, stated: 1, derived: 0 }));
    let found = broken(|l| l.rounds[0].body.settled = 1);
    assert!(found.contains(&Violation::SettledHolds { round, held: right().rounds[0].body.held }));
    let found = broken(|l| l.rounds[0].body.open = 0);
    assert_eq!(found, [Violation::Contests { round, stated: 0, derived: 1 }]);
    let found = broken(|l| l.contests.clear());
    assert!(found.contains(&Violation::Contests { round, stated: 1, derived: 0 }));
    let found = broken(|l| l.rounds.clear());
    assert!(found.contains(&Violation::Rounds { sla, stated: 1, derived: 0 }));
    let missing =
        Violation::Missing { kind: Kind::Round, key: ROUND, by_kind: Kind::Contest, by: CONTEST };
    assert!(found.contains(&missing));
}

#[test]
fn a_deposit_pays_every_window_to_come() {
    // Nine windows of a tenth each are left, and the fees of the reserve less those of the first window.
    let body = right().slas[0].body;
    let terms = body.terms;
    let needed = 8_000 + 8 * 3 * terms.oracle_fee_min + 50 - body.money.paid_total * 50 / 10_000;
    assert_eq!(body.money.unallocated, needed, "nothing of the reserve was saved so far");
    let found = broken(|l| {
        let money = &mut l.slas[0].body.money;
        money.refundable += money.unallocated - 8_000;
        money.unallocated = 8_000;
    });
    let needed = u128::from(needed);
    assert_eq!(found, [Violation::Unfunded { sla: SLA, unallocated: 8_000, needed }]);
    assert!(found[0].by() < 0);
}

#[test]
fn an_sla_that_contradicts_itself_is_named() {
    let contradiction = |error| Violation::Contradiction { sla: SLA, error };
    let found = broken(|l| l.slas[0].body.progress.state = 9);
    assert!(found.contains(&contradiction(CoreError::StateInvalid)));
    let found = broken(|l| l.slas[0].body.terms.seats = 4);
    assert!(found.contains(&contradiction(CoreError::CommitteeSizeInvalid)));
    let found = broken(|l| l.slas[0].body.money.earned = u64::MAX);
    assert!(found.contains(&contradiction(CoreError::ArithmeticOverflow)));
}

#[test]
fn nothing_is_counted_twice_or_missing() {
    let twice = [
        (Kind::Sla, SLA),
        (Kind::Round, ROUND),
        (Kind::Contest, CONTEST),
        (Kind::Provider, PROVIDER),
        (Kind::Oracle, ORACLES[0]),
        (Kind::Unit, UNIT),
    ];
    for (kind, key) in twice {
        let found = broken(|l| match kind {
            Kind::Sla => l.slas.push(l.slas[0]),
            Kind::Round => l.rounds.push(l.rounds[0]),
            Kind::Contest => l.contests.push(l.contests[0]),
            Kind::Provider => l.providers.push(l.providers[0]),
            Kind::Oracle => l.oracles.push(l.oracles[0]),
            Kind::Unit => l.units.push(l.units[0]),
        });
        assert_eq!(found[0], Violation::Duplicate { kind, key });
        assert!(found[0].to_string().starts_with(&format!("{kind} ")));
    }
    let missing = |kind, key, by_kind, by| Violation::Missing { kind, key, by_kind, by };
    let of_sla = |kind, key| missing(kind, key, Kind::Sla, SLA);
    assert!(broken(|l| l.providers.clear()).contains(&of_sla(Kind::Provider, PROVIDER)));
    assert!(broken(|l| l.units.clear()).contains(&of_sla(Kind::Unit, UNIT)));
    assert!(
        broken(|l| {
            l.oracles.remove(1);
        })
        .contains(&of_sla(Kind::Oracle, ORACLES[1]))
    );
    assert!(broken(|l| l.slas.clear()).contains(&missing(Kind::Sla, SLA, Kind::Round, ROUND)));
    let found = broken(|l| (l.rounds[0].oracles[3], l.rounds[0].body.covers[3]) = ([99; 32], 1));
    assert!(found.contains(&missing(Kind::Oracle, [99; 32], Kind::Round, ROUND)));
    // A provider and an oracle of one key are two accounts.
    assert_eq!(broken(|l| l.oracles[4].key = PROVIDER), []);
    // Nobody looks for the oracles of seats that are vacant or were freed.
    assert_eq!(broken(|l| l.slas[0].seats[4] = [98; 32]), []);
}
