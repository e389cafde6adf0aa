use flashback::events::SlaClosed;
use flashback_core::sla::CLOSE_GRACE_SECS;
use flashback_tests::prelude::*;
use solana_sdk::instruction::AccountMeta;

/// Accounts before the oracles'.
const FIXED: usize = 8;

#[test]
fn anyone_closes_what_is_finished() {
    let mut world = World::with_emptied_sla();
    let (address, escrow, seats) = (world.sla_address(), world.escrow(), world.sla().seats);
    let body = world.sla().body;
    let lamports = |world: &World, at| world.chain.account(&at).map_or(0, |a| a.lamports);
    let rent = lamports(&world, address) + lamports(&world, escrow);
    let payer = lamports(&world, key(RENT_PAYER));
    let receipt = world.anyone().closes().succeeds();

    assert_eq!((world.chain.account(&address), world.chain.account(&escrow)), (None, None));
    assert_eq!(lamports(&world, key(RENT_PAYER)), payer + rent, "the rent went back");
    let (unit, provider) = (world.unit(), world.provider_account());
    assert_eq!((unit.taken_gib, unit.live_slas, provider.live_slas), (0, 0, 0));
    assert_eq!(provider.stake.covered, 0);
    // Met, breached, unmeasured, met: 2 − 2 + 0 + 2 points, folded into both.
    assert_eq!((unit.score.milli, provider.score_milli()), (52_000, 52_000));
    for (seat, authority) in seats[..3].iter().enumerate() {
        let oracle = world.oracle_account(authority);
        assert_eq!((oracle.stake.covered, oracle.seats), (0, 0));
        let points = i32::from(body.seats.points[seat]) * 1_000;
        assert_eq!(i32::try_from(oracle.score.milli).unwrap(), 50_000 + points);
        let registry = world.registry();
        let entry = registry.entries.iter().find(|entry| entry.oracle == *authority).unwrap();
        assert_eq!(entry.free_stake, oracle.stake.bonded);
    }
    let event = receipt.event::<SlaClosed>();
    assert_eq!((event.sla, event.gib, event.surplus), (address, 1_024, 0));
    assert_eq!(event.cover, body.terms.cover - body.money.penalty_total);
    assert_eq!((event.points_milli, event.unit_score_milli), (2_000, 52_000));
}

#[test]
fn donations_end_up_in_the_treasury() {
    let mut world = World::with_emptied_sla();
    let escrow = world.escrow();
    world.anyone().donates(escrow, Atoms(123)).succeeds();
    let treasury = world.chain.tokens(&address::treasury());
    let receipt = world.anyone().closes().succeeds();
    assert_eq!(receipt.event::<SlaClosed>().surplus, 123);
    assert_eq!(world.chain.tokens(&address::treasury()), Atoms(treasury.0 + 123));
}

#[test]
fn twice_is_refused() {
    let mut world = World::with_emptied_sla();
    let closing = world.clone();
    world.anyone().closes().succeeds();
    // The same instruction again, built from the account as it was.
    let mut after = closing;
    std::mem::swap(&mut after.chain, &mut world.chain);
    let given = flashback_sdk::instruction::CloseSla::of(world.sla_address(), &world.sla());
    let instruction = flashback_sdk::instruction::close_sla(&given);
    flashback_tests::Attempt::new(&mut after.chain, instruction, vec![])
        .is_refused(ErrorCode::AccountOwnedByWrongProgram);
}

#[test]
fn nothing_closes_while_money_is_left() {
    World::with_agreed_sla().anyone().closes().is_refused(CoreError::StateInvalid);
    World::with_active_sla().anyone().closes().is_refused(CoreError::StateInvalid);
    let mut world = World::with_ended_sla();
    world.anyone().closes().is_refused(CoreError::NotClosable);
    world.anyone().collects_penalty().succeeds();
    world.anyone().collects_absence(0).succeeds();
    world.anyone().collects_absence(2).succeeds();
    world.anyone().closes().is_refused(CoreError::NotClosable);
    world.provider().withdraws_earnings().succeeds();
    world.anyone().closes().is_refused(CoreError::NotClosable);
    world.consumer().withdraws_refund().succeeds();
    world.anyone().closes().is_refused(CoreError::NotClosable);
    world.anyone().sweeps_fees().succeeds();
    for seat in 0..3 {
        world.anyone().closes().is_refused(CoreError::NotClosable);
        world.seat(seat).claims_fees().succeeds();
    }
    world.anyone().closes().succeeds();
}

#[test]
fn nothing_closes_before_the_penalty_is_collected() {
    let mut world = World::with_ended_sla();
    world.provider().withdraws_earnings().succeeds();
    world.consumer().withdraws_refund().succeeds();
    world.anyone().sweeps_fees().succeeds();
    for seat in 0..3 {
        world.seat(seat).claims_fees().succeeds();
    }
    for seat in [0, 2] {
        world.anyone().collects_absence(seat).succeeds();
    }
    world.consumer().withdraws_refund().succeeds();
    world.anyone().closes().is_refused(CoreError::NotClosable);
}

#[test]
fn absences_that_nobody_collected_are_written_off_after_the_grace_period() {
    let mut world = World::with_ended_sla();
    world.anyone().collects_penalty().succeeds();
    world.provider().withdraws_earnings().succeeds();
    world.consumer().withdraws_refund().succeeds();
    world.anyone().sweeps_fees().succeeds();
    for seat in 0..3 {
        world.seat(seat).claims_fees().succeeds();
    }
    let grace = world.terms().settles_at(3).unwrap().after(u64::from(CLOSE_GRACE_SECS)).unwrap();
    world.wait(Timestamp(grace.0 - 1));
    world.anyone().closes().is_refused(CoreError::NotClosable);
    world.wait(grace);
    world.anyone().closes().succeeds();
}

#[test]
fn the_rent_goes_to_who_paid_it() {
    let mut world = World::with_emptied_sla();
    let attempt = world.anyone().closes();
    attempt.with(key(STRANGER), key(RENT_PAYER)).is_refused(ErrorCode::ConstraintHasOne);
}

#[test]
fn the_seated_oracles_are_needed_in_order() {
    let mut world = World::with_emptied_sla();
    let seats = world.sla().seats;
    let entries = world.registry().entries;
    let spare = entries.iter().find(|entry| !seats.contains(&entry.oracle)).unwrap().oracle;
    let spare = AccountMeta::new(address::oracle(&spare), false);
    let changes: [&dyn Fn(&mut Vec<AccountMeta>); 6] = [
        &|oracles| oracles.clear(),
        &|oracles| oracles.truncate(2),
        &|oracles| oracles.swap(0, 1),
        &|oracles| oracles[2] = oracles[1].clone(),
        &|oracles| oracles[0] = spare.clone(),
        &|oracles| oracles.push(spare.clone()),
    ];
    for change in changes {
        let attempt = world.anyone().closes();
        attempt.remaining(FIXED, change).is_refused(CoreError::CommitteeMismatch);
    }
    let attempt = world.anyone().closes();
    attempt
        .remaining(FIXED, |oracles| oracles[0].is_writable = false)
        .is_refused(InstructionError::ReadonlyDataModified);
}

#[test]
fn other_accounts_are_refused() {
    let mut world = World::with_emptied_sla();
    world.other_provider().registers().succeeds();
    let mut another = listing();
    another.id = NUMBER + 1;
    world.provider().lists(another).succeeds();
    let (provider, unit, escrow) = (world.provider_address(), world.unit_address(), world.escrow());
    let cases = [
        (purse(CONSUMER), escrow, ErrorCode::ConstraintSeeds.into()),
        (purse(STRANGER), address::treasury(), ErrorCode::ConstraintSeeds.into()),
        (address::rewards(), address::treasury(), ErrorCode::ConstraintSeeds.into()),
        (
            address::provider(&key(OTHER_PROVIDER)),
            provider,
            flashback_tests::Reason::from(ErrorCode::ConstraintHasOne),
        ),
        (address::unit(&provider, NUMBER + 1), unit, CoreError::AccountMismatch.into()),
    ];
    for (other, own, reason) in cases {
        world.anyone().closes().with(other, own).is_refused(reason);
    }
}
