use flashback::events::ParamsSet;
use flashback_core::money::RefundCurve;
use flashback_core::params::{Params, TABLE};
use flashback_core::units::{ATOMS_PER_FLASH, DAY};
use flashback_tests::prelude::*;

use super::govern::{config_bytes, config_with};

/// Parameters of which none is the default.
pub fn changed() -> Params {
    Params {
        protocol_fee_bps: 80,
        oracle_fee_bps: 90,
        oracle_fee_min: 20_000,
        min_stake: 1_500 * ATOMS_PER_FLASH,
        cover_bps: 3_000,
        penalty_multiple: 3,
        penalty_consumer_bps: 6_000,
        absence_bps: 4_000,
        fraud_min: 90 * ATOMS_PER_FLASH,
        bond_bps: 2_000,
        bond_min: 2 * ATOMS_PER_FLASH,
        z_milli: 3_000,
        min_samples: 30,
        probes_max: 1_500,
        uptime_full_breach_ppm: 20_000,
        errors_full_breach_ppm: 30_000,
        access_delay_secs: 7_200,
        acceptance_secs: 7_200,
        unbonding_secs: 31 * DAY,
        maintenance_part: 70,
        refund_curve: RefundCurve { x1_bps: 1_000, y1_bps: 500, x2_bps: 5_000, y2_bps: 5_500 },
    }
}

#[test]
fn the_authority_sets_every_parameter() {
    let mut world = World::initialized();
    let (before, after) = (Params::default(), changed());
    for (row, (before, after)) in TABLE.iter().zip(before.values().iter().zip(after.values())) {
        assert_ne!(*before, after, "{} changes", row.name);
    }
    let expected = config_with(&world, |config| config.params = after);
    let receipt = world.deployer().sets_params(after).succeeds();

    assert_eq!(world.config().params, after);
    assert_eq!(config_bytes(&world), expected, "and nothing else");
    let event = receipt.event::<ParamsSet>();
    assert_eq!((event.before, event.after), (before, after));
}

/// A field with its hard bounds, as governance was promised them.
type Bound = (fn(&mut Params, u64), u64, u64);

/// Narrows a figure to a field's type.
fn fit<T: TryFrom<u64, Error: std::fmt::Debug>>(figure: u64) -> T {
    T::try_from(figure).unwrap()
}

const BOUNDS: [Bound; 20] = [
    (|p, v| p.protocol_fee_bps = fit(v), 0, 500),
    (|p, v| p.oracle_fee_bps = fit(v), 0, 500),
    (|p, v| p.oracle_fee_min = v, 0, 10_000_000),
    (|p, v| p.min_stake = v, 1_000_000, 10_000_000_000_000),
    (|p, v| p.cover_bps = fit(v), 100, 10_000),
    (|p, v| p.penalty_multiple = fit(v), 1, 10),
    (|p, v| p.penalty_consumer_bps = fit(v), 5_000, 10_000),
    (|p, v| p.absence_bps = fit(v), 0, 10_000),
    (|p, v| p.fraud_min = v, 10_000, 100_000_000_000),
    (|p, v| p.bond_bps = fit(v), 100, 10_000),
    (|p, v| p.bond_min = v, 10_000, 10_000_000_000),
    (|p, v| p.z_milli = fit(v), 0, 4_000),
    (|p, v| p.min_samples = fit(v), 1, 1_000),
    (|p, v| p.probes_max = fit(v), 20, 6_144),
    (|p, v| p.uptime_full_breach_ppm = fit(v), 100, 1_000_000),
    (|p, v| p.errors_full_breach_ppm = fit(v), 100, 1_000_000),
    (|p, v| p.access_delay_secs = fit(v), 0, 604_800),
    (|p, v| p.acceptance_secs = fit(v), 3_600, 2_592_000),
    (|p, v| p.unbonding_secs = fit(v), 604_800, 7_776_000),
    (|p, v| p.maintenance_part = fit(v), 20, 10_000),
];

#[test]
fn no_authority_goes_beyond_a_hard_bound() {
    assert_eq!(BOUNDS.len(), TABLE.len(), "every parameter of the table is tried");
    let mut world = World::initialized();
    for (row, (set, min, max)) in TABLE.iter().zip(BOUNDS) {
        println!("{}", row.name);
        let with = |value| {
            let mut params = Params::default();
            set(&mut params, value);
            params
        };
        for within in [min, max] {
            world.deployer().sets_params(with(within)).succeeds();
            assert_eq!(world.config().params, with(within));
        }
        let below = min.checked_sub(1);
        for beyond in below.into_iter().chain([max + 1]) {
            let attempt = world.deployer().sets_params(with(beyond));
            attempt.is_refused(CoreError::ParamOutOfBounds);
        }
    }
}

#[test]
fn an_offer_may_always_demand_the_probes_that_a_judgement_needs() {
    let mut world = World::initialized();
    let params = |min_samples| Params { min_samples, probes_max: 99, ..Params::default() };
    world.deployer().sets_params(params(100)).is_refused(CoreError::ParamOutOfBounds);
    world.deployer().sets_params(params(99)).succeeds();
}

#[test]
fn the_refund_curve_rises_from_nothing_to_everything() {
    let mut world = World::initialized();
    let mut set = |(x1_bps, y1_bps, x2_bps, y2_bps)| {
        let refund_curve = RefundCurve { x1_bps, y1_bps, x2_bps, y2_bps };
        let params = Params { refund_curve, ..Params::default() };
        let outcome = world.deployer().sets_params(params).outcome();
        outcome.map(|_| ()).map_err(|refusal| refusal.reason)
    };
    for rising in [(1, 0, 2, 0), (9_998, 10_000, 9_999, 10_000), (2_000, 1_000, 6_000, 1_000)] {
        assert_eq!(set(rising), Ok(()), "{rising:?}");
    }
    for other in [
        (0, 1_000, 6_000, 6_000),
        (6_000, 1_000, 6_000, 6_000),
        (2_000, 1_000, 10_000, 6_000),
        (2_000, 6_001, 6_000, 6_000),
        (2_000, 1_000, 6_000, 10_001),
    ] {
        assert_eq!(set(other), Err(CoreError::RefundCurveInvalid.into()), "{other:?}");
    }
}
