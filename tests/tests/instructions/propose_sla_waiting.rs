//! Reservations that wait for the provider's word.

use flashback::events::{SlaAgreed, SlaProposed};
use flashback_core::params::Params;
use flashback_core::sla::{Quote, SlaState};
use flashback_core::units::{DAY, Seconds};
use flashback_sdk::instruction::{CreateUnitArgs, ProposeSlaArgs};
use flashback_tests::prelude::*;
use solana_account::Account;

/// A market whose unit accepts nothing by itself.
fn with_careful_unit() -> World {
    World::initialized().and_market(STAKE, careful_unit())
}

fn careful_unit() -> CreateUnitArgs {
    CreateUnitArgs { auto_accept: false, ..listing() }
}

/// What an agreement would change: the Provider and the unit, byte by byte.
fn reserved(world: &World) -> [Option<Account>; 2] {
    [world.provider_address(), world.unit_address()].map(|address| world.chain.account(&address))
}

#[test]
fn a_proposal_waits_with_its_deposit_and_takes_neither_capacity_nor_cover() {
    let mut world = with_careful_unit();
    let (quote, before) = (world.quote(), reserved(&world));
    let receipt = world.consumer().reserves().succeeds();

    let acceptance = Seconds(Params::default().acceptance_secs);
    assert_eq!(acceptance, Seconds(DAY));
    let sla = world.sla();
    assert_eq!(sla.body, quote.proposed(world.chain.now(), acceptance).unwrap());
    assert_eq!(sla.body.progress.state(), Ok(SlaState::Proposed));
    assert_eq!(sla.body.progress.deadline, world.chain.now().0 + 86_400);
    assert_eq!((sla.consumer, sla.rent_payer), (key(CONSUMER), key(RENT_PAYER)));
    assert_eq!((sla.provider, sla.unit_id), (world.provider_address(), NUMBER));
    assert_eq!(i64::from(sla.unit_listed_at), world.unit().listed_at);
    assert_eq!(reserved(&world), before);
    let covered = world.provider_account().stake.covered;
    assert_eq!((covered, world.unit().taken_gib), (0, 0));
    assert_eq!(world.chain.tokens(&world.escrow()), quote.deposit);
    assert_eq!(world.purse(CONSUMER), PURSE.minus(quote.deposit).unwrap());

    assert!(receipt.events::<SlaAgreed>().is_empty());
    let event = receipt.event::<SlaProposed>();
    assert_eq!((event.sla, event.id, event.consumer), (world.sla_address(), NUMBER, sla.consumer));
    assert_eq!((event.provider, event.unit_id), (world.provider_address(), NUMBER));
    assert_eq!((event.offer_version, event.gib), (1, 1_024));
    assert_eq!((event.price, event.cover), (2_730_666, 546_133));
    assert_eq!(event.fee_reserve, quote.deposit.0 - 2_730_666);
    assert_eq!(event.deadline, world.chain.now().0 + 86_400);
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn thresholds_of_the_consumers_own_wait_even_at_a_unit_that_accepts_by_itself() {
    let changes: [fn(&mut ProposeSlaArgs); 5] = [
        |args| args.request.thresholds.latency_us -= 1,
        |args| args.request.thresholds.latency_us += 1,
        |args| args.request.thresholds.uptime_failures_ppm += 1,
        |args| args.request.thresholds.upload_kib_s -= 1,
        |args| args.request.thresholds.download_kib_s -= 1,
    ];
    for change in changes {
        let mut world = World::with_market();
        let before = reserved(&world);
        let mut args = reservation();
        change(&mut args);
        world.consumer().reserves_with(args).succeeds().event::<SlaProposed>();
        assert_eq!(world.sla().body.progress.state(), Ok(SlaState::Proposed));
        assert_eq!(world.terms().thresholds(), args.request.thresholds);
        assert_eq!(reserved(&world), before);
        // Agreed on the consumer's thresholds.
        world.provider().accepts().succeeds();
        assert_eq!(world.terms().thresholds(), args.request.thresholds);
    }
}

#[test]
fn more_may_be_proposed_than_a_unit_could_hold() {
    let mut world = with_careful_unit();
    let mut args = reservation();
    args.request.gib = 10 * 1_024;
    for id in 1..=3 {
        world.consumer().reserves_with(ProposeSlaArgs { id, ..args }).succeeds();
    }
    assert_eq!((world.unit().taken_gib, world.unit().live_slas), (0, 0));
    let provider = world.provider_account();
    assert_eq!((provider.stake.covered, provider.live_slas, provider.open_slas), (0, 0, 0));
}

#[test]
fn what_has_to_stand_at_acceptance_may_still_be_missing() {
    let exclusive = CreateUnitArgs { consumer_level: 4, ..careful_unit() };
    let mut world = World::initialized().and_market(STAKE, exclusive);
    let mut args = reservation();
    args.request.gib = 10 * 1_024 + 1;
    for index in 0..ORACLES {
        world.oracle(index).leaves().succeeds();
    }
    world.provider().unstakes(STAKE).succeeds();
    world.wait(EXPIRY);
    world.consumer().reserves_with(args).succeeds().event::<SlaProposed>();
    world.provider().accepts().is_refused(CoreError::CertificateExpired);
}

#[test]
fn nothing_is_proposed_during_a_pause_or_at_a_closing_unit() {
    let mut world = with_careful_unit();
    world.guardian().pauses(100).succeeds();
    let ends = world.chain.now().after(100).unwrap();
    world.wait(Timestamp(ends.0 - 1));
    world.consumer().reserves().is_refused(CoreError::Paused);
    world.wait(ends);
    world.clone().consumer().reserves().succeeds();
    world.provider().closes_unit().succeeds();
    world.consumer().reserves().is_refused(CoreError::UnitClosing);
}

#[test]
fn a_proposal_is_for_the_offer_that_was_quoted() {
    let mut world = with_careful_unit();
    let quote = world.quote();
    let mut args = reservation();
    args.request.offer_version = 2;
    world.consumer().reserves_with(args).is_refused(CoreError::OfferVersionStale);
    args = reservation();
    args.request.max_total = quote.deposit.0 - 1;
    world.consumer().reserves_with(args).is_refused(CoreError::PriceAboveMaximum);
    args.request.max_total = quote.deposit.0;
    args.request.thresholds.errors_ppm = 1_000_001;
    world.consumer().reserves_with(args).is_refused(CoreError::ThresholdInvalid);
}

#[test]
fn the_deadline_is_as_long_as_governance_says() {
    let mut world = with_careful_unit();
    let params = Params { acceptance_secs: 3_600, ..Params::default() };
    world.deployer().sets_params(params).succeeds();
    let quote = {
        let (request, offer) = (reservation().request, world.unit().offer);
        Quote::new(&params, &offer, &request, Seconds(world.config().window_min_secs)).unwrap()
    };
    world.consumer().reserves().succeeds();
    let body = quote.proposed(world.chain.now(), Seconds(3_600)).unwrap();
    assert_eq!(world.sla().body, body);
    // A later change does not touch it.
    world.deployer().sets_params(Params::default()).succeeds();
    assert_eq!(world.sla().body, body);
}

#[test]
fn addresses_that_hold_lamports_already_can_be_proposed_at() {
    let mut world = with_careful_unit();
    world.chain.send_lamports(world.sla_address(), 1_000_000);
    world.chain.send_lamports(world.escrow(), 10_000_000);
    world.consumer().reserves().succeeds();
    world.provider().accepts().succeeds();
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn a_number_waits_once() {
    let mut world = World::with_proposed_sla();
    world.consumer().reserves().is_refused(ACCOUNT_IN_USE);
}
