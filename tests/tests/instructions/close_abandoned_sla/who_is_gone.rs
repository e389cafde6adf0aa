//! SLAs some of whose people are gone, or that never began.

use flashback_core::sla::SlaState;

use super::*;

/// The abandoned SLA, whose seat 0's oracle has left the registry and taken its stake out, down to that.
fn with_leaver(left: Atoms) -> World {
    let mut world = World::with_collected_sla();
    world.anyone().releases().succeeds();
    let bonded = Atoms(world.oracle_account(&world.sla().seats[0]).stake.bonded);
    world.seat(0).leaves().succeeds();
    world.seat(0).unstakes(bonded.minus(left).unwrap()).succeeds();
    waits_out(&mut world);
    // Unbonding takes as long as the owners have, and began half a day later.
    world.wait_secs(u64::from(DAY));
    world.seat(0).withdraws_stake().succeeds();
    // Its entry has waited long enough, too.
    world.seat(0).leaves().succeeds();
    world
}

#[test]
fn an_oracle_that_left_the_registry_gets_its_fees_as_stake() {
    let mut world = with_leaver(Atoms(5));
    let authority = world.sla().seats[0];
    let fee = world.sla().body.seats.fees[0];
    closes_without_losing_a_lamport(&mut world);
    let oracle = world.oracle_account(&authority);
    assert_eq!((oracle.joined, oracle.stake.bonded), (0, 5 + fee));
    assert_eq!(world.chain.tokens(&oracle_vault(&authority)), Atoms(5 + fee));
    assert!(world.registry().entries.iter().all(|entry| entry.oracle != authority));
}

#[test]
fn the_fees_of_a_closed_oracle_go_to_the_treasury() {
    let mut world = with_leaver(Atoms::ZERO);
    let authority = world.sla().seats[0];
    world.seat(0).exits().succeeds();
    let before = world.sla().body;
    let (fees, protocol) = (before.seats.fees, before.money.protocol_fees);
    assert!(fees[0] > 0);
    let (treasury, held) =
        (world.chain.tokens(&address::treasury()).0, world.chain.tokens(&world.escrow()).0);
    let receipt = closes_without_losing_a_lamport(&mut world);

    let swept = world.chain.tokens(&address::treasury()).0 - treasury;
    assert_eq!(swept, protocol + fees[0]);
    // What an oracle left behind is no fee that the provider's SLAs have paid.
    assert_eq!(world.provider_account().fees_swept, protocol);
    assert_eq!(world.chain.account(&address::oracle(&authority)), None);
    assert_eq!(world.chain.account(&oracle_vault(&authority)), None);
    let event = receipt.event::<SlaPushedOut>();
    assert_eq!(event.treasury, protocol + fees[0]);
    // The figures add up to what the escrow held.
    assert_eq!(event.oracle_fees, [0, fees[1], fees[2], 0, 0]);
    let pushed = event.earnings + event.refund + event.treasury + event.burnt;
    assert_eq!(pushed + event.oracle_fees.iter().sum::<u64>(), held);
    assert_eq!(receipt.event::<SlaClosed>().surplus, 0);
}

#[test]
fn lamports_at_a_closed_oracles_address_do_not_revive_it() {
    let mut world = with_leaver(Atoms::ZERO);
    let authority = world.sla().seats[0];
    world.seat(0).exits().succeeds();
    for address in [address::oracle(&authority), oracle_vault(&authority)] {
        world.chain.send_lamports(address, 10_000_000);
    }
    let expected = world.sla().body.money.protocol_fees + world.sla().body.seats.fees[0];
    let treasury = world.chain.tokens(&address::treasury()).0;
    closes_without_losing_a_lamport(&mut world);
    assert_eq!(world.chain.tokens(&address::treasury()).0, treasury + expected);
}

#[test]
fn an_oracle_that_registered_again_gets_its_old_fees() {
    let mut world = with_leaver(Atoms::ZERO);
    let (authority, fee) = (world.sla().seats[0], world.sla().body.seats.fees[0]);
    world.seat(0).exits().succeeds();
    world.seat(0).registers().succeeds();
    closes_without_losing_a_lamport(&mut world);
    assert_eq!(world.oracle_account(&authority).stake.bonded, fee);
    world.anyone().asserts_stake_solvent(address::oracle(&authority)).succeeds();
}

#[test]
fn a_rejected_proposal_is_pushed_back_thirty_days_after_its_deadline() {
    let mut world = World::with_proposed_sla();
    world.chain.fund(key(CALLER));
    let deadline = Timestamp(world.sla().body.progress.deadline);
    world.provider().rejects().succeeds();
    let ends = deadline.after(30 * u64::from(DAY)).unwrap();
    world.wait(Timestamp(ends.0 - 1));
    closes(&mut world).is_refused(CoreError::GraceRunning);
    world.wait(ends);
    let provider = world.chain.account(&world.provider_address());
    let event = closes_without_losing_a_lamport(&mut world).event::<SlaPushedOut>();
    assert_eq!((event.refund, event.earnings, event.treasury), (world.quote().deposit.0, 0, 0));
    assert_eq!(world.purse(CONSUMER), PURSE);
    assert_eq!(world.chain.account(&world.provider_address()), provider);
}

#[test]
fn an_expired_proposal_is_pushed_back_though_its_provider_is_gone() {
    let mut world = World::with_proposed_sla();
    world.chain.fund(key(CALLER));
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
    world.provider().unstakes(STAKE).succeeds();
    world.wait_secs(31 * u64::from(DAY));
    world.provider().withdraws_stake().succeeds();
    world.provider().exits().succeeds();
    world.anyone().expires_proposal().succeeds();
    closes_without_losing_a_lamport(&mut world);
    assert_eq!(world.purse(CONSUMER), PURSE);
}

#[test]
fn an_sla_whose_draw_lapsed_is_pushed_back_thirty_days_after_it_was_expired() {
    let mut world = World::with_agreed_sla();
    world.chain.fund(key(CALLER));
    world.wait_until_draw();
    world.wait_secs(90 * u64::from(DAY));
    world.anyone().expires().succeeds();
    assert_eq!(world.sla().body.progress.state(), Ok(SlaState::Ended));
    let ends = world.chain.now().after(30 * u64::from(DAY)).unwrap();
    world.wait(Timestamp(ends.0 - 1));
    closes(&mut world).is_refused(CoreError::GraceRunning);
    world.wait(ends);
    assert_eq!(world.provider_account().open_slas, 1);
    closes_without_losing_a_lamport(&mut world);
    assert_eq!(world.provider_account().open_slas, 0);
    assert_eq!(world.purse(CONSUMER), PURSE);
}

#[test]
fn who_could_not_leave_for_an_open_sla_can_leave_then() {
    let mut world = World::with_collected_sla();
    world.anyone().releases().succeeds();
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
    let bonded = world.provider_account().stake.bonded;
    world.provider().unstakes(Atoms(bonded)).succeeds();
    waits_out(&mut world);
    world.wait_secs(u64::from(DAY));
    world.provider().withdraws_stake().succeeds();
    world.provider().exits().is_refused(CoreError::ProviderInUse);
    world.provider().withdraws_earnings().succeeds();
    closes_without_losing_a_lamport(&mut world);
    world.provider().exits().succeeds();
}
