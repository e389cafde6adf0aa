use flashback::events::{DisputeOpened, LeafChallenged, SubmissionVoided, WindowContested};
use flashback_core::params::Params;
use flashback_core::sla::WindowResult;
use flashback_core::units::DAY;
use flashback_sdk::account::Challenge;
use flashback_sdk::instruction::{ChallengeLeaf, challenge_leaf};
use flashback_tests::Attempt;
use flashback_tests::prelude::*;
use flashback_tests::world::rent_payer;

use super::contests::*;

/// A challenge by somebody of that name, with their own bond.
fn challenges_as<'w>(world: &'w mut World, name: &str, seat: u8, leaf: u32) -> Attempt<'w> {
    let given = ChallengeLeaf {
        payer: key(RENT_PAYER),
        challenger: key(name),
        challenger_token: purse(name),
        sla: world.sla_address(),
        window: 0,
        seat,
        leaf,
    };
    Attempt::new(&mut world.chain, challenge_leaf(given), vec![rent_payer(), keypair(name)])
}

#[test]
fn anyone_challenges_a_seat_to_open_a_leaf() {
    let mut world = World::with_contestable_window();
    let (before, escrow) = (world.sla(), world.chain.tokens(&world.escrow()));
    let (purse, lamports_before) = (world.purse(STRANGER), lamports(&world, &key(RENT_PAYER)));
    let receipt = world.anyone().challenges(0, 2, 1_439).succeeds();

    let (after, round) = (world.sla().body, world.round(0));
    let deadline = world.chain.now().0 + 86_400;
    assert_eq!(after.money.held, DUE + 3 * FEE + BOND);
    assert_eq!(after.money.unallocated, before.body.money.unallocated - DUE - 3 * FEE);
    assert_eq!((after.progress.cursor, after.progress.open_rounds), (1, 1));
    assert_eq!(world.chain.tokens(&world.escrow()).0, escrow.0 + BOND);
    assert_eq!(world.purse(STRANGER).0, purse.0 - BOND);
    assert_eq!((round.sla, round.rent_payer), (world.sla_address(), key(RENT_PAYER)));
    assert_eq!((round.seats, round.body.round), (before.seats, before.body.round));
    assert_eq!((round.body.open, round.body.disputed, round.body.counted), (1, 0, 0b111));

    let challenge: Challenge = world.chain.read(&world.challenge_address(0, 2, 1_439));
    assert_eq!((challenge.version, challenge.seat, challenge.leaf), (1, 2, 1_439));
    assert_eq!((challenge.sla, challenge.round), (world.sla_address(), world.round_address(0)));
    assert_eq!((challenge.challenger, challenge.rent_payer), (key(STRANGER), key(RENT_PAYER)));
    assert_eq!((challenge.bond, challenge.deadline), (BOND, deadline));
    let rent = world.chain.rent(528) + world.chain.rent(8 + 7 + 4 * 32 + 16 + 32);
    assert_eq!(lamports(&world, &key(RENT_PAYER)), lamports_before - rent);

    let contested = receipt.event::<WindowContested>();
    assert_eq!((contested.window, contested.held), (0, DUE + 3 * FEE));
    let event = receipt.event::<LeafChallenged>();
    assert_eq!((event.sla, event.round), (world.sla_address(), world.round_address(0)));
    assert_eq!((event.seat, event.leaf, event.challenger), (2, 1_439, key(STRANGER)));
    assert_eq!((event.bond, event.deadline), (BOND, deadline));
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn every_leaf_is_challenged_by_itself() {
    let mut world = World::with_contestable_window();
    world.anyone().challenges(0, 1, 7).succeeds();
    // Nobody shields a leaf or a seat by challenging another one first.
    for (seat, leaf) in [(1, 8), (1, 0), (0, 7), (2, 7)] {
        let receipt = world.anyone().challenges(0, seat, leaf).succeeds();
        assert!(receipt.events::<WindowContested>().is_empty());
    }
    assert_eq!(world.round(0).body.open, 5);
    assert_eq!(world.sla().body.money.held, DUE + 3 * FEE + 5 * BOND);
    world.anyone().challenges(0, 1, 7).is_refused(ACCOUNT_IN_USE);
    challenges_as(&mut world, CONSUMER, 1, 7).is_refused(ACCOUNT_IN_USE);
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn an_opened_leaf_can_be_challenged_again() {
    let mut world = World::with_contestable_window();
    let proof = world.records(1, 0, 0).opening(7);
    for opened in 1..=2 {
        world.anyone().challenges(0, 1, 7).succeeds();
        world.anyone().opens_leaf(0, 1, 7, proof.clone()).succeeds();
        assert_eq!(world.sla().body.seats.fees[1], opened * BOND);
    }
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn parties_and_oracles_may_too() {
    for name in [CONSUMER, PROVIDER, OTHER_PROVIDER, "oracle 0", "oracle 1", "oracle 2"] {
        let mut world = World::with_contestable_window();
        challenges_as(&mut world, name, 0, 3).succeeds();
        let challenge: Challenge = world.chain.read(&world.challenge_address(0, 0, 3));
        assert_eq!(challenge.challenger, key(name));
    }
}

#[test]
fn the_tree_has_so_many_leaves() {
    let mut world = World::with_contestable_window();
    for leaf in [1_440, 1_441, 2_047, 65_536, u32::MAX] {
        world.anyone().challenges(0, 0, leaf).is_refused(CoreError::LeafInvalid);
    }
    world.anyone().challenges(0, 0, 1_439).succeeds();
    // A probe an hour: a leaf an hour.
    let mut world = active(hourly(), reservation());
    report(&mut world, 0, [Some(met), Some(met), None]);
    world.anyone().challenges(0, 0, 24).is_refused(CoreError::LeafInvalid);
    world.anyone().challenges(0, 0, 23).succeeds();
}

#[test]
fn only_a_submission_can_be_challenged() {
    let mut world = contestable([Some(met), None, Some(inconclusive)]);
    world.anyone().challenges(0, 1, 0).is_refused(CoreError::NothingSubmitted);
    for seat in [3, 4, 5, 7, 8, 255] {
        world.anyone().challenges(0, seat, 0).is_refused(CoreError::NotSeated);
    }
    // One submission is enough, and an abstention is one.
    world.anyone().challenges(0, 0, 0).succeeds();
    world.anyone().challenges(0, 1, 0).is_refused(CoreError::NothingSubmitted);
    world.anyone().challenges(0, 2, 0).succeeds();
    let mut silent = contestable([None; 3]);
    silent.anyone().challenges(0, 0, 0).is_refused(CoreError::NothingSubmitted);
    assert!(!silent.is_contested(0));
}

#[test]
fn an_unmeasured_window_is_contested_as_it_stands() {
    let mut world = contestable([Some(met), None, None]);
    let contested = world.anyone().challenges(0, 0, 0).succeeds().event::<WindowContested>();
    assert_eq!((contested.result, contested.held), (WindowResult::Unmeasured.code(), DUE + FEE));
    let body = world.sla().body;
    assert_eq!((body.progress.unmeasured_streak, body.seats.missed), (1, [0, 1, 1, 0, 0]));
    // Nobody owes before it is settled.
    assert_eq!(body.seats.absence_owed, [0; 5]);
}

#[test]
fn only_in_the_challenge_phase() {
    let mut world = World::with_active_sla();
    let terms = world.terms();
    world.reports(0, [Some(met(&terms)); 3]);
    let (opens, closes) = (terms.report_closes(0).unwrap(), terms.settles_at(0).unwrap());
    world.wait(before(opens));
    world.anyone().challenges(0, 0, 0).is_refused(CoreError::ContestClosed);
    for time in [opens, before(closes)] {
        world.wait(time);
        world.clone().anyone().challenges(0, 0, 0).succeeds();
    }
    let mut joined = world.clone();
    joined.anyone().challenges(0, 0, 0).succeeds();
    joined.clone().anyone().challenges(0, 0, 1).succeeds();
    for late in [&mut world, &mut joined] {
        late.wait(closes);
        late.anyone().challenges(0, 0, 1).is_refused(CoreError::ContestClosed);
    }
    let mut agreed = World::with_agreed_sla();
    agreed.anyone().challenges(0, 0, 0).is_refused(CoreError::StateInvalid);
    let mut ended = World::with_ended_sla();
    ended.anyone().challenges(4, 0, 0).is_refused(CoreError::StateInvalid);
}

#[test]
fn only_the_window_that_stands_next() {
    let mut world = World::with_contestable_window();
    for window in [1, 3, 4, u16::MAX] {
        world.anyone().challenges(window, 0, 0).is_refused(CoreError::ContestClosed);
    }
    world.anyone().challenges(0, 0, 0).succeeds();
    world.anyone().challenges(1, 0, 0).is_refused(CoreError::ContestClosed);
}

#[test]
fn both_signatures_are_asked_for() {
    let mut world = World::with_contestable_window();
    for signer in [STRANGER, RENT_PAYER] {
        let attempt = world.anyone().challenges(0, 0, 0);
        attempt.unsigned_by(key(signer)).is_refused(ErrorCode::AccountNotSigner);
    }
    // Somebody else signs: the bond is not its own.
    let attempt = world.anyone().challenges(0, 0, 0);
    attempt.signed_by(keypair(CONSUMER), key(STRANGER)).is_refused(TokenError::OwnerMismatch);
}

#[test]
fn the_bond_comes_from_the_challengers_own_flash() {
    let mut world = World::with_contestable_window();
    let attempt = world.anyone().challenges(0, 0, 0);
    attempt.with(purse(CONSUMER), purse(STRANGER)).is_refused(TokenError::OwnerMismatch);
    world.chain.create_mint("other mint", 6, None);
    let worthless = world.chain.mint(key("other mint"), &key(STRANGER), PURSE);
    let attempt = world.anyone().challenges(0, 0, 0);
    attempt.with(worthless, purse(STRANGER)).is_refused(TokenError::MintMismatch);
    world.chain.mint_flash(&key("poor"), Atoms(BOND - 1));
    challenges_as(&mut world, "poor", 0, 0).is_refused(TokenError::InsufficientFunds);
    world.chain.mint_flash(&key("poor"), Atoms(1));
    challenges_as(&mut world, "poor", 0, 0).succeeds();
    assert_eq!(world.purse("poor"), Atoms::ZERO);
}

#[test]
fn other_accounts_are_refused() {
    let mut world = World::with_contestable_window();
    let (sla, round, escrow) = (world.sla_address(), world.round_address(0), world.escrow());
    let own = world.challenge_address(0, 0, 0);
    let elsewhere = address::round(&sla, 1);
    let other_sla = another_sla(&mut world);
    let cases = [
        (elsewhere, round, ErrorCode::ConstraintSeeds),
        (address::round(&other_sla, 0), round, ErrorCode::ConstraintSeeds),
        (address::challenge(&round, 1, 0), own, ErrorCode::ConstraintSeeds),
        (address::challenge(&round, 0, 1), own, ErrorCode::ConstraintSeeds),
        (address::challenge(&elsewhere, 0, 0), own, ErrorCode::ConstraintSeeds),
        (address::dispute(&round, Party::Consumer), own, ErrorCode::ConstraintSeeds),
        (address::escrow(&other_sla), escrow, ErrorCode::ConstraintSeeds),
        (purse(CONSUMER), escrow, ErrorCode::ConstraintSeeds),
        (other_sla, sla, ErrorCode::ConstraintSeeds),
        (world.provider_address(), sla, ErrorCode::AccountDiscriminatorMismatch),
        (purse(CONSUMER), sla, ErrorCode::AccountOwnedByWrongProgram),
        (address::PROGRAM, address::TOKEN_PROGRAM, ErrorCode::InvalidProgramId),
        (address::PROGRAM, address::SYSTEM_PROGRAM, ErrorCode::InvalidProgramId),
    ];
    for (other, named, error) in cases {
        let attempt = world.anyone().challenges(0, 0, 0);
        attempt.with(other, named).is_refused(error);
    }
}

#[test]
fn a_pause_and_lamports_at_its_addresses_change_nothing() {
    let mut world = World::with_contestable_window();
    world.guardian().pauses(7 * DAY).succeeds();
    world.chain.send_lamports(world.round_address(0), 1_000_000);
    world.chain.send_lamports(world.challenge_address(0, 0, 0), 10_000_000);
    let before = lamports(&world, &key(RENT_PAYER));
    world.anyone().challenges(0, 0, 0).succeeds();
    let missing = world.chain.rent(528) - 1_000_000;
    assert_eq!(lamports(&world, &key(RENT_PAYER)), before - missing);
}

#[test]
fn the_bond_is_the_least_one_whatever_the_window_costs() {
    let mut unit = hourly();
    unit.offer.price_per_gib_month = 2_000_000;
    let mut world = active(unit, reservation());
    report(&mut world, 0, [Some(slow_by_7); 3]);
    let receipt = world.anyone().challenges(0, 0, 0).succeeds();
    assert_eq!(receipt.event::<WindowContested>().due, 68_266_666);
    assert_eq!(receipt.event::<LeafChallenged>().bond, BOND);
}

#[test]
fn the_terms_are_those_of_the_day_it_was_agreed() {
    let mut world = World::with_contestable_window();
    let dearer = Params {
        bond_min: 50 * BOND,
        bond_bps: 10_000,
        fraud_min: 100 * BOND,
        penalty_multiple: 10,
        ..Params::default()
    };
    world.deployer().sets_params(dearer).succeeds();
    let disputed = world.consumer().disputes(0).succeeds().event::<DisputeOpened>();
    let challenged = world.anyone().challenges(0, 0, 0).succeeds().event::<LeafChallenged>();
    assert_eq!((disputed.bond, challenged.bond), (BOND, BOND));
    world.wait_secs(A_DAY);
    let voided = world.anyone().expires_challenge(0, 0, 0).succeeds().event::<SubmissionVoided>();
    assert_eq!((voided.to_prover, voided.burnt), (SLASH / 2, SLASH / 2));
}
