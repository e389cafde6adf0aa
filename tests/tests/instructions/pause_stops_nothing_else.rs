//! A pause keeps new SLAs out. Whatever lives goes on, and every way out stays open (P6).

use flashback_core::sla::SlaState;
use flashback_core::unit::Maintenance;
use flashback_core::units::{DAY, Seconds};
use flashback_sdk::instruction::{ProposeSlaArgs, SubmitReportArgs};
use flashback_tests::actors::{oracle_details, provider_details, same_unit};
use flashback_tests::prelude::*;

use super::whole_life::{close, live};

/// The same world, paused for a week from now on.
fn paused(mut world: World) -> World {
    world.guardian().pauses(7 * DAY).succeeds();
    world
}

/// Checks that the pause is not over.
fn assert_paused(world: &mut World) {
    let another = ProposeSlaArgs { id: NUMBER + 1, ..reservation() };
    world.consumer().reserves_with(another).is_refused(CoreError::Paused);
}

#[test]
fn an_agreed_sla_lives_as_if_nothing_were_paused() {
    let mut free = World::with_agreed_sla();
    let mut world = paused(free.clone());
    assert_eq!(live(&mut world), live(&mut free));
    assert_paused(&mut world);
    assert_eq!(close(&mut world), close(&mut free));
    assert_paused(&mut world);
}

#[test]
fn a_consumer_terminates_and_is_refunded() {
    let mut world = paused(World::with_active_sla());
    let terms = world.terms();
    world.consumer().terminates().succeeds();
    assert_eq!(world.sla().body.progress.end, 1);
    world.reports(0, [Some(met(&terms)); 3]);
    world.wait_until_settleable(0);
    world.anyone().settles().succeeds();
    world.consumer().withdraws_refund().succeeds();
    // A quarter of the price, half a percent of it to the treasury, and as much shared by three oracles.
    assert_eq!(terms.price, 2_730_666);
    assert_eq!(world.purse(CONSUMER).0, PURSE.0 - 682_666 - 3_413 - 3 * 1_137);
    assert_paused(&mut world);
}

#[test]
fn a_provider_terminates_with_notice() {
    let mut world = World::with_market();
    let mut month = reservation();
    month.request.windows = 30;
    world.consumer().reserves_with(month).succeeds();
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    let mut world = paused(world);
    world.provider().terminates().succeeds();
    // Seven whole days from now on: the first window is an hour ahead.
    assert_eq!(world.sla().body.progress.end, 7);
    assert_paused(&mut world);
}

#[test]
fn a_proposal_is_rejected_or_expires_with_a_full_refund() {
    let world = paused(World::with_proposed_sla());
    let ways_out: [fn(&mut World); 2] = [
        |world| {
            world.provider().rejects().succeeds();
        },
        |world| {
            world.wait_secs(u64::from(DAY));
            world.anyone().expires_proposal().succeeds();
        },
    ];
    for way_out in ways_out {
        let mut world = world.clone();
        way_out(&mut world);
        world.consumer().withdraws_refund().succeeds();
        assert_eq!(world.purse(CONSUMER), PURSE);
        world.anyone().closes().succeeds();
        assert_paused(&mut world);
    }
}

#[test]
fn an_sla_whose_draw_lapsed_expires_with_a_full_refund() {
    let mut world = paused(World::with_agreed_sla());
    world.wait_until_draw();
    world.chain.wait_slots(512);
    world.anyone().expires().succeeds();
    assert_eq!(world.sla().body.progress.state(), Ok(SlaState::Ended));
    world.consumer().withdraws_refund().succeeds();
    assert_eq!(world.purse(CONSUMER), PURSE);
    assert_paused(&mut world);
}

#[test]
fn what_its_owners_left_is_pushed_out() {
    let mut world = World::with_collected_sla();
    world.anyone().releases().succeeds();
    world.wait_secs(30 * u64::from(DAY));
    let mut world = paused(world);
    let refund = world.sla().body.money.refundable;
    let purse = world.purse(CONSUMER);
    world.anyone().closes_abandoned().succeeds();
    assert_eq!(world.purse(CONSUMER).0, purse.0 + refund);
    assert_eq!(world.chain.account(&world.sla_address()), None);
    assert_paused(&mut world);
}

#[test]
fn stake_is_bonded_unbonded_and_withdrawn() {
    let mut world = World::with_market();
    let amount = Atoms(1_000_000);
    world.provider().unstakes(amount).succeeds();
    world.oracle(0).unstakes(amount).succeeds();
    world.wait_secs(29 * u64::from(DAY));
    let mut world = paused(world);
    world.provider().stakes(amount).succeeds();
    world.wait_secs(u64::from(DAY));
    for name in [PROVIDER, "oracle 0"] {
        let purse = world.purse(name);
        match name {
            PROVIDER => world.provider().withdraws_stake().succeeds(),
            _ => world.oracle(0).withdraws_stake().succeeds(),
        };
        assert_eq!(world.purse(name), purse.plus(amount).unwrap());
    }
    world.provider().unstakes(amount).succeeds();
    assert_paused(&mut world);
}

#[test]
fn seats_are_redrawn() {
    let mut world = paused(World::with_active_sla());
    let leaver = world.sla().seats[1];
    world.seat(1).leaves().succeeds();
    world.anyone().arms_redraw(1).succeeds();
    world.wait_until_draw();
    world.anyone().redraws(None).succeeds();
    assert_ne!(world.sla().seats[1], leaver);
    assert_paused(&mut world);
}

#[test]
fn batches_go_on_and_scores_are_folded() {
    let mut world = paused(World::with_active_sla());
    let (sla, aggregate) = (world.sla_address(), excellent(&world.terms()));
    world.wait_until_reports(0);
    let report = SubmitReportArgs { window: 0, aggregate, root: [1; 32] };
    for seat in 0..3 {
        world.seat(seat).submits_many(&[(sla, report)]).succeeds();
    }
    world.wait_until_settleable(0);
    world.anyone().settles_many(&[sla]).succeeds();
    assert_eq!(world.sla().body.progress.cursor, 1);
    world.anyone().folds_scores().succeeds();
    assert!(world.unit().score.milli > 50_000);
    assert_paused(&mut world);
}

#[test]
fn the_market_is_kept_up() {
    let mut world = paused(World::with_market());
    world.other_provider().registers_with(provider_details()).succeeds();
    world.other_provider().stakes(STAKE).succeeds();
    world.certifier().certifies(SubjectKind::Provider, key(OTHER_PROVIDER)).succeeds();
    world.other_provider().lists_unit().succeeds();
    world.add_oracle(ORACLES);
    world.oracle(0).updates(oracle_details()).succeeds();
    world.oracle(0).leaves().succeeds();
    world.provider().updates_unit(same_unit()).succeeds();
    world.provider().names_operator(key(OPERATOR), EXPIRY).succeeds();
    let later = world.chain.now().after(60 * u64::from(DAY)).unwrap();
    let maintenance = Maintenance { starts_at: later, secs: Seconds(DAY) };
    world.provider().announces(maintenance).succeeds();
    world.anyone().boosts_unit(Atoms(1_000_000)).succeeds();
    world.anyone().refreshes_unit().succeeds();
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
    world.certifier().revokes(SubjectKind::Provider, key(PROVIDER)).succeeds();
    assert_eq!(world.config().paused_until, world.chain.now().0 + i64::from(7 * DAY));
}
