use flashback::events::{DisputeOpened, WindowContested, WindowSettled};
use flashback_core::sla::{SlaState, WindowResult};
use flashback_core::units::DAY;
use flashback_sdk::account::Dispute;
use flashback_tests::prelude::*;

use super::contests::*;

mod accounts;
mod who_and_when;

#[test]
fn the_consumer_disputes_a_window() {
    let mut world = World::with_contestable_window();
    let (before, escrow) = (world.sla(), world.escrow());
    let (held, purse) = (world.chain.tokens(&escrow), world.purse(CONSUMER));
    let lamports_before = lamports(&world, &key(RENT_PAYER));
    let receipt = world.consumer().disputes(0).succeeds();

    let (after, round) = (world.sla(), world.round(0));
    let deadline = world.chain.now().0 + 7 * 86_400;
    // Due and the three fees are held, and so is the bond.
    assert_eq!(after.body.money.held, DUE + 3 * FEE + BOND);
    assert_eq!(after.body.money.unallocated, before.body.money.unallocated - DUE - 3 * FEE);
    assert_eq!((after.body.money.earned, after.body.money.refundable), (0, 0));
    assert_eq!((after.body.progress.cursor, after.body.progress.open_rounds), (1, 1));
    assert_eq!((after.body.progress.met, after.body.progress.state), (0, SlaState::Active.code()));
    assert_eq!(after.body.seats, before.body.seats);
    assert_eq!(world.chain.tokens(&escrow).0, held.0 + BOND);
    assert_eq!(world.purse(CONSUMER).0, purse.0 - BOND);

    assert_eq!((round.version, round.sla), (1, world.sla_address()));
    assert_eq!((round.seats, round.rent_payer), (before.seats, key(RENT_PAYER)));
    assert_eq!((round.body.due, round.body.held, round.body.penalty), (DUE, DUE + 3 * FEE, 0));
    assert_eq!((round.body.round, round.body.counted), (before.body.round, 0b111));
    assert_eq!((round.body.open, round.body.disputed, round.body.settled), (1, 1, 0));
    assert!(round.body.is_empty());

    let dispute: Dispute = world.chain.read(&world.dispute_address(0, Party::Consumer));
    assert_eq!((dispute.version, dispute.party, dispute.bond), (1, 1, BOND));
    assert_eq!((dispute.sla, dispute.round), (world.sla_address(), world.round_address(0)));
    assert_eq!((dispute.rent_payer, dispute.deadline), (key(RENT_PAYER), deadline));
    let rent = world.chain.rent(528) + world.chain.rent(155);
    assert_eq!(lamports(&world, &key(RENT_PAYER)), lamports_before - rent);

    let contested = receipt.event::<WindowContested>();
    assert_eq!((contested.sla, contested.round), (world.sla_address(), world.round_address(0)));
    assert_eq!((contested.window, contested.result), (0, WindowResult::Met.code()));
    assert_eq!((contested.due, contested.held, contested.penalty), (DUE, DUE + 3 * FEE, 0));
    assert_eq!((contested.ended, contested.returned), (false, 0));
    let opened = receipt.event::<DisputeOpened>();
    assert_eq!((opened.sla, opened.round), (world.sla_address(), world.round_address(0)));
    assert_eq!((opened.party, opened.by), (1, key(CONSUMER)));
    assert_eq!((opened.bond, opened.deadline), (BOND, deadline));
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn the_second_party_joins_the_round() {
    let mut world = disputed();
    let (before, purse) = (world.sla().body, world.purse(PROVIDER));
    let receipt = world.provider().disputes(0).succeeds();

    assert!(receipt.events::<WindowContested>().is_empty());
    let (after, round) = (world.sla().body, world.round(0).body);
    assert_eq!(after.money.held, before.money.held + BOND);
    assert_eq!((after.money.unallocated, after.seats), (before.money.unallocated, before.seats));
    assert_eq!(after.progress, before.progress);
    assert_eq!((round.open, round.disputed), (2, 0b11));
    assert_eq!(world.purse(PROVIDER).0, purse.0 - BOND);
    let dispute: Dispute = world.chain.read(&world.dispute_address(0, Party::Provider));
    assert_eq!((dispute.party, dispute.bond), (2, BOND));
    assert_eq!(receipt.event::<DisputeOpened>().party, 2);
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn a_challenge_joins_it_too() {
    let mut world = disputed();
    let receipt = world.anyone().challenges(0, 1, 5).succeeds();
    assert!(receipt.events::<WindowContested>().is_empty());
    let (sla, round) = (world.sla().body, world.round(0).body);
    assert_eq!((round.open, round.disputed, sla.progress.open_rounds), (2, 1, 1));
    assert_eq!(sla.money.held, DUE + 3 * FEE + 2 * BOND);
}

#[test]
fn later_windows_are_settled_meanwhile() {
    let mut world = disputed();
    report(&mut world, 1, [Some(met), Some(met), None]);
    world.wait_until_settleable(1);
    let settled = world.anyone().settles().succeeds().event::<WindowSettled>();
    assert_eq!((settled.window, settled.result), (1, WindowResult::Met.code()));
    let body = world.sla().body;
    assert_eq!((body.progress.cursor, body.progress.met), (2, 1));
    assert_eq!(body.money.earned, DUE + 1);
    assert_eq!(world.round(0).body.settled, 0);
    world.provider().withdraws_earnings().succeeds();
    world.anyone().asserts_escrow_solvent().succeeds();
}

/// A tenth of due and penalty, rounded up, where that is more than the least bond.
#[test]
fn the_bond_is_a_tenth_of_due_and_penalty() {
    // 10 TiB at 0.2 FLASH per GiB and month: 68.266666 FLASH for window 0.
    let mut unit = listing();
    unit.offer.price_per_gib_month = 200_000;
    let mut args = reservation();
    args.request.gib = 10 * 1_024;
    // With a shortfall of 35 % the penalty is 70 % of the due.
    let cases: [(Report, u64); 2] = [(met, 6_826_667), (slow_by_7, 11_605_334)];
    for (reported, bond) in cases {
        let mut world = active(unit.clone(), args);
        report(&mut world, 0, [Some(reported); 3]);
        let (escrow, held) = (world.escrow(), world.chain.tokens(&world.escrow()));
        let receipt = world.consumer().disputes(0).succeeds();
        assert_eq!(receipt.event::<WindowContested>().due, 68_266_666);
        assert_eq!(receipt.event::<DisputeOpened>().bond, bond);
        assert_eq!(world.chain.tokens(&escrow).0, held.0 + bond);
        assert_eq!(world.sla().body.money.held - world.round(0).body.held, bond);
        world.anyone().asserts_escrow_solvent().succeeds();
    }
}

#[test]
fn the_last_window_ends_the_sla_and_can_be_disputed_by_both_all_the_same() {
    let mut args = reservation();
    args.request.windows = 1;
    let mut world = active(listing(), args);
    report(&mut world, 0, [Some(met); 3]);
    let before = world.sla().body;
    let due = before.terms.price;
    let receipt = world.consumer().disputes(0).succeeds();
    let contested = receipt.event::<WindowContested>();
    // The protocol's half percent of the due is kept for when the window is settled.
    let kept = due * 50 / 10_000;
    assert!(contested.ended);
    assert_eq!(contested.returned, before.money.unallocated - contested.held - kept);
    let body = world.sla().body;
    assert_eq!(body.progress.state(), Ok(SlaState::Ended));
    assert_eq!((body.money.unallocated, body.money.refundable), (kept, contested.returned));
    world.provider().disputes(0).succeeds();
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn a_window_is_contested_as_it_stands() {
    let mut world = contestable([Some(slow_by_7), Some(slow_by_4), Some(slow_by_7)]);
    let contested = world.consumer().disputes(0).succeeds().event::<WindowContested>();
    assert_eq!(contested.result, WindowResult::Breached.code());
    // Twice 35 % of the due.
    assert_eq!((contested.penalty, contested.held), (477_866, DUE + 3 * FEE));
    // Nothing is owed before it is settled.
    let body = world.sla().body;
    assert_eq!((body.money.penalty_total, body.money.penalty_owed), (0, 0));
    assert_eq!(body.progress.last_result, WindowResult::Breached.code());
    assert_eq!(world.round(0).body.penalty, 477_866);
}

#[test]
fn addresses_that_hold_lamports_already_can_be_created() {
    let mut world = World::with_contestable_window();
    world.chain.send_lamports(world.round_address(0), 1_000_000);
    world.chain.send_lamports(world.dispute_address(0, Party::Consumer), 10_000_000);
    let before = lamports(&world, &key(RENT_PAYER));
    world.consumer().disputes(0).succeeds();
    // Only what is missing is paid.
    let missing = world.chain.rent(528) - 1_000_000;
    assert_eq!(lamports(&world, &key(RENT_PAYER)), before - missing);
    assert_eq!(world.round(0).body.open, 1);
}

#[test]
fn the_bond_comes_from_the_signers_own_flash() {
    let mut world = World::with_contestable_window();
    let attempt = world.consumer().disputes(0);
    attempt.with(purse(STRANGER), purse(CONSUMER)).is_refused(TokenError::OwnerMismatch);
    world.chain.create_mint("other mint", 6, None);
    let worthless = world.chain.mint(key("other mint"), &key(CONSUMER), PURSE);
    let attempt = world.consumer().disputes(0);
    attempt.with(worthless, purse(CONSUMER)).is_refused(TokenError::MintMismatch);

    // A delegate with an atom too few.
    let mut args = reservation();
    args.delegate = key("delegate");
    let mut world = active(hourly(), args);
    report(&mut world, 0, [Some(met); 3]);
    world.chain.mint_flash(&key("delegate"), Atoms(BOND - 1));
    let attempt = disputes_as(&mut world, "delegate", Party::Consumer, 0);
    attempt.is_refused(TokenError::InsufficientFunds);
    world.chain.mint_flash(&key("delegate"), Atoms(1));
    disputes_as(&mut world, "delegate", Party::Consumer, 0).succeeds();
    assert_eq!(world.purse("delegate"), Atoms::ZERO);
}

#[test]
fn a_pause_and_a_donation_change_nothing() {
    let mut world = World::with_contestable_window();
    world.guardian().pauses(7 * DAY).succeeds();
    let escrow = world.escrow();
    world.anyone().donates(escrow, Atoms(77)).succeeds();
    world.consumer().disputes(0).succeeds();
    world.provider().disputes(0).succeeds();
    assert_eq!(world.sla().body.money.held, DUE + 3 * FEE + 2 * BOND);
    world.anyone().asserts_escrow_solvent().succeeds();
}
