//! What the SDK says beforehand that a reservation costs and comes to is what the chain does, to the atom.

use flashback_core::quality::Aggregate;
use flashback_core::sla::{Payout, SlaTerms};
use flashback_core::units::{Gib, Seconds};
use flashback_sdk::instruction::ProposeSlaArgs;
use flashback_sdk::quote::{Quoted, Reservation};
use flashback_tests::prelude::*;

/// The SDK's quote of what [`reservation`] asks for.
fn quoted(world: &World) -> Quoted {
    let request = reservation().request;
    let wanted = Reservation {
        capacity: Gib(request.gib),
        window: Seconds(request.window_secs),
        windows: request.windows,
        seats: request.seats,
        thresholds: None,
        max_total: None,
    };
    wanted.quote(&world.config(), &world.unit().offer).unwrap()
}

fn score_now(world: &World) -> u32 {
    world.unit().score.at(world.chain.now()).unwrap().milli
}

/// From a quote to the last withdrawal, every window reported alike by all seats: the quote, and what everybody got.
fn live(world: &mut World, measured: impl Fn(&SlaTerms, u16) -> Aggregate) -> (Quoted, Payout) {
    let quoted = quoted(world);
    let args = ProposeSlaArgs { request: quoted.request, ..reservation() };
    world.consumer().reserves_with(args).succeeds();
    assert_eq!(world.sla().body.terms, quoted.quote.terms);
    assert_eq!(world.chain.tokens(&world.escrow()), quoted.quote.deposit);
    assert_eq!(world.purse(CONSUMER), PURSE.minus(quoted.quote.deposit).unwrap());

    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    let terms = world.terms();
    for k in 0..terms.windows {
        world.reports(k, [Some(measured(&terms, k)); 3]);
    }
    world.wait_until_settleable(terms.windows - 1);
    world.anyone().settles().succeeds();
    (quoted, paid_out(world))
}

/// Everybody collects and withdraws; counted in tokens.
fn paid_out(world: &mut World) -> Payout {
    let vault = address::stake_vault(&world.provider_address());
    let (stake, supply) = (world.chain.tokens(&vault), world.chain.supply());
    let start = world.purse(CONSUMER);
    let refundable = world.sla().body.money.refundable;
    if refundable > 0 {
        world.consumer().withdraws_refund().succeeds();
    }
    let refunded = world.purse(CONSUMER);
    if world.sla().body.money.penalty_owed > 0 {
        world.anyone().collects_penalty().succeeds();
        world.consumer().withdraws_refund().succeeds();
    }
    let earned_before = world.purse(PAYOUT);
    if world.sla().body.money.earned > 0 {
        world.provider().withdraws_earnings().succeeds();
    }
    let treasury = world.chain.tokens(&address::treasury());
    world.anyone().sweeps_fees().succeeds();
    let mut oracle_fees = Atoms::ZERO;
    for seat in 0..3 {
        let purse = address::token_account(&world.sla().seats[seat], &Chain::flash());
        let before = world.chain.tokens(&purse);
        world.seat(seat).claims_fees().succeeds();
        let fees = world.chain.tokens(&purse).minus(before).unwrap();
        oracle_fees = oracle_fees.plus(fees).unwrap();
    }
    assert_eq!(world.chain.tokens(&world.escrow()), Atoms::ZERO);
    Payout {
        provider_earns: world.purse(PAYOUT).minus(earned_before).unwrap(),
        consumer_refund: refunded.minus(start).unwrap(),
        consumer_compensation: world.purse(CONSUMER).minus(refunded).unwrap(),
        penalty: stake.minus(world.chain.tokens(&vault)).unwrap(),
        oracle_fees,
        protocol_fees: world.chain.tokens(&address::treasury()).minus(treasury).unwrap(),
        burnt: supply.minus(world.chain.supply()).unwrap(),
    }
}

#[test]
fn windows_that_are_all_met_come_to_the_best() {
    let mut world = World::with_market();
    let score = score_now(&world);
    let (quoted, payout) = live(&mut world, |terms, _| met(terms));
    assert_eq!(payout, quoted.payouts(score).unwrap().best);
    assert_eq!(payout.provider_earns.0, quoted.quote.terms.price);
}

#[test]
fn windows_that_all_fail_come_to_the_worst() {
    let mut world = World::with_market();
    let score = score_now(&world);
    let (quoted, payout) = live(&mut world, |terms, _| down(terms));
    assert_eq!(payout, quoted.payouts(score).unwrap().worst);
    assert_eq!((payout.provider_earns, payout.penalty.0), (Atoms::ZERO, quoted.quote.terms.cover));
}

#[test]
fn a_new_unit_is_expected_to_fail_every_other_window() {
    let mut world = World::with_market();
    let score = score_now(&world);
    assert_eq!(score, 50_000);
    let (quoted, payout) =
        live(&mut world, |terms, k| if k % 2 == 1 { down(terms) } else { met(terms) });
    assert_eq!(payout, quoted.payouts(score).unwrap().expected);
}
