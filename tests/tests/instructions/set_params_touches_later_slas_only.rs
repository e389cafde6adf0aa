//! A live SLA never changes under its parties (P7): parameters are copied when it is proposed.

use flashback_core::params::Params;
use flashback_core::sla::{Quote, SlaTerms};
use flashback_core::units::Seconds;
use flashback_sdk::instruction::ProposeSlaArgs;
use flashback_tests::prelude::*;
use solana_account::Account;

use super::set_params::changed;
use super::whole_life::{close, live};

/// With an SLA agreed under some parameters. It takes the whole unit, so that its dues exceed every least fee and bond.
fn agreed_under(params: Params) -> World {
    let mut world = World::initialized();
    world.deployer().sets_params(params).succeeds();
    let mut world = world.and_market(STAKE, listing());
    let mut whole = reservation();
    whole.request.gib = listing().capacity_gib;
    world.consumer().reserves_with(whole).succeeds();
    world
}

/// The Sla, to the byte.
fn sla(world: &World) -> Option<Account> {
    world.chain.account(&world.sla_address())
}

/// The terms of [`reservation`] under some parameters.
fn terms_under(params: &Params) -> SlaTerms {
    let request = reservation().request;
    Quote::new(params, &listing().offer, &request, Seconds(3_600)).unwrap().terms
}

#[test]
fn a_live_sla_lives_as_if_nothing_had_been_set() {
    for (then, now) in [(Params::default(), changed()), (changed(), Params::default())] {
        let mut untouched = agreed_under(then);
        let mut world = untouched.clone();
        world.deployer().sets_params(now).succeeds();
        assert_eq!(sla(&world), sla(&untouched));
        assert_eq!(live(&mut world), live(&mut untouched));
        assert_eq!(close(&mut world), close(&mut untouched));
    }
}

#[test]
fn parameters_set_again_and_again_change_nothing_on_the_way() {
    let mut untouched = World::with_active_sla();
    let mut world = untouched.clone();
    let terms = world.terms();
    for (window, params) in (0..).zip([changed(), Params::default(), changed(), changed()]) {
        world.deployer().sets_params(params).succeeds();
        for world in [&mut world, &mut untouched] {
            world.reports(window, [Some(slow(&terms, 9)); 3]);
            world.wait_until_settleable(window);
            world.anyone().settles().succeeds();
        }
        assert_eq!(sla(&world), sla(&untouched));
    }
}

/// That life is sensitive to every parameter that an SLA copies: otherwise comparing lives would prove nothing.
#[test]
fn the_life_that_is_compared_feels_every_parameter() {
    let default = Params::default();
    let usual = live(&mut agreed_under(default));
    let c = changed();
    let each: [(&str, Params); 16] = [
        ("protocol_fee_bps", Params { protocol_fee_bps: c.protocol_fee_bps, ..default }),
        ("oracle_fee_bps", Params { oracle_fee_bps: c.oracle_fee_bps, ..default }),
        ("oracle_fee_min", Params { oracle_fee_min: c.oracle_fee_min, ..default }),
        ("cover_bps", Params { cover_bps: c.cover_bps, ..default }),
        ("penalty_multiple", Params { penalty_multiple: c.penalty_multiple, ..default }),
        ("penalty_consumer", Params { penalty_consumer_bps: c.penalty_consumer_bps, ..default }),
        ("absence_bps", Params { absence_bps: c.absence_bps, ..default }),
        ("fraud_min", Params { fraud_min: c.fraud_min, ..default }),
        ("bond_bps", Params { bond_bps: c.bond_bps, ..default }),
        ("bond_min", Params { bond_min: c.bond_min, ..default }),
        ("z_milli", Params { z_milli: c.z_milli, ..default }),
        ("min_samples", Params { min_samples: c.min_samples, ..default }),
        ("uptime", Params { uptime_full_breach_ppm: c.uptime_full_breach_ppm, ..default }),
        ("errors", Params { errors_full_breach_ppm: c.errors_full_breach_ppm, ..default }),
        ("access_delay_secs", Params { access_delay_secs: c.access_delay_secs, ..default }),
        ("refund_curve", Params { refund_curve: c.refund_curve, ..default }),
    ];
    for (name, params) in each {
        let mut seen = live(&mut agreed_under(params));
        let (body, usual_body) = (seen.body.as_mut().unwrap(), usual.body.as_ref().unwrap());
        assert_ne!(body.terms, usual_body.terms, "{name} is copied");
        body.terms = usual_body.terms;
        assert_ne!(seen, usual, "{name} is felt");
    }
}

#[test]
fn the_next_sla_copies_what_was_set() {
    let mut world = World::with_agreed_sla();
    let (first, untouched) = (world.sla(), sla(&world));
    world.deployer().sets_params(changed()).succeeds();
    let next = ProposeSlaArgs { id: NUMBER + 1, ..reservation() };
    world.consumer().reserves_with(next).succeeds();

    assert_eq!(sla(&world), untouched);
    assert_eq!(first.body.terms, terms_under(&Params::default()));
    let at = address::sla(&key(CONSUMER), NUMBER + 1);
    let terms = world.chain.read::<flashback_sdk::account::Sla>(&at).body.terms;
    assert_eq!(terms, terms_under(&changed()));
    let (params, price) = (changed(), first.body.terms.price);
    assert_eq!((terms.price, terms.cover), (price, price * 3 / 10));
    assert_eq!((terms.protocol_fee_bps, terms.oracle_fee_bps), (80, 90));
    assert_eq!((terms.oracle_fee_min, terms.fraud_min), (params.oracle_fee_min, params.fraud_min));
    assert_eq!((terms.bond_bps, terms.bond_min), (params.bond_bps, params.bond_min));
    assert_eq!((terms.penalty_multiple, terms.penalty_consumer_bps), (3, 6_000));
    assert_eq!((terms.absence_bps, terms.maintenance_part), (4_000, 70));
    assert_eq!((terms.z_milli, terms.min_samples), (3_000, 30));
    assert_eq!((terms.uptime_full_breach_ppm, terms.errors_full_breach_ppm), (20_000, 30_000));
    assert_eq!((terms.access_delay_secs, terms.refund_curve()), (7_200, params.refund_curve));
}

#[test]
fn a_proposal_keeps_its_terms_and_its_deadline_too() {
    let mut world = World::with_proposed_sla();
    let (before, untouched) = (world.sla(), sla(&world));
    world.deployer().sets_params(changed()).succeeds();
    assert_eq!(sla(&world), untouched);
    world.wait_secs(86_399);
    world.provider().accepts().succeeds();
    let body = world.sla().body;
    assert_eq!((body.terms, body.money), (before.body.terms, before.body.money));
    let covered = world.provider_account().stake.covered;
    assert_eq!(covered, before.body.terms.price / 5);
}

#[test]
fn what_a_provider_needs_today_is_asked_on_the_day_of_the_agreement() {
    let mut world = World::with_proposed_sla();
    let params = |atoms| Params { min_stake: atoms, ..Params::default() };
    world.deployer().sets_params(params(STAKE.0 + 1)).succeeds();
    world.provider().accepts().is_refused(CoreError::StakeTooSmall);
    world.deployer().sets_params(params(STAKE.0)).succeeds();
    world.provider().accepts().succeeds();
    // From here on, no minimum ends it.
    world.deployer().sets_params(params(STAKE.0 + 1)).succeeds();
    live(&mut world);
    close(&mut world);
}

#[test]
fn unbonding_that_has_begun_ends_when_it_was_to_end() {
    let mut world = World::with_market();
    world.provider().unstakes(Atoms(5)).succeeds();
    let release_at = world.chain.now().0 + 2_592_000;
    let longest = Params { unbonding_secs: 7_776_000, ..Params::default() };
    world.deployer().sets_params(longest).succeeds();
    world.chain.wait_until(Timestamp(release_at));
    world.provider().withdraws_stake().succeeds();
    assert_eq!(world.purse(PROVIDER), PURSE.minus(STAKE).unwrap().plus(Atoms(5)).unwrap());
}
