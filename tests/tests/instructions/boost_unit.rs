use flashback::events::UnitBoosted;
use flashback_core::unit::Boost;
use flashback_core::units::DAY;
use flashback_sdk::instruction::boost_unit;
use flashback_tests::Attempt;
use flashback_tests::prelude::*;

const BURNT: Atoms = Atoms(1_000);
const WEEK: u64 = 7 * DAY as u64;

fn stored(world: &World) -> (u64, i64) {
    (world.unit().boost, world.unit().boosted_at)
}

/// What the priority is worth now.
fn value(world: &World) -> Atoms {
    let (atoms, at) = stored(world);
    let boost = Boost { atoms: Atoms(atoms), at: Timestamp(at) };
    boost.value(world.chain.now()).expect("a priority")
}

#[test]
fn flash_is_burnt_for_priority() {
    let mut world = World::with_market();
    let before = world.unit();
    let (supply, now) = (world.chain.supply(), world.chain.now());
    let receipt = world.anyone().boosts_unit(BURNT).succeeds();

    assert_eq!(stored(&world), (1_000, now.0));
    assert_eq!(world.purse(STRANGER).0, PURSE.0 - 1_000);
    assert_eq!(world.chain.supply().0, supply.0 - 1_000);
    assert_eq!(world.chain.tokens(&address::treasury()), Atoms::ZERO);
    let after = world.unit();
    assert_eq!((after.score, after.offer), (before.score, before.offer));
    assert_eq!((after.taken_gib, after.endpoint_uri), (0, before.endpoint_uri));
    let event = receipt.event::<UnitBoosted>();
    assert_eq!((event.unit, event.by), (world.unit_address(), key(STRANGER)));
    assert_eq!((event.burnt, event.before, event.after), (1_000, 0, 1_000));
}

#[test]
fn priority_halves_every_week() {
    let mut world = World::with_market();
    world.anyone().boosts_unit(BURNT).succeeds();
    for left in [750, 500, 375, 250, 187, 125] {
        world.wait_secs(WEEK / 2);
        assert_eq!(value(&world), Atoms(left));
    }
    // What is left is what a further boost begins from.
    let receipt = world.anyone().boosts_unit(Atoms(300)).succeeds();
    let event = receipt.event::<UnitBoosted>();
    assert_eq!((event.before, event.after), (125, 425));
}

#[test]
fn a_second_boost_adds_up_and_slows_no_decay() {
    let mut world = World::with_market();
    let begun = world.chain.now().0;
    world.anyone().boosts_unit(BURNT).succeeds();
    world.wait_secs(WEEK / 2);
    let event = world.anyone().boosts_unit(Atoms(300)).succeeds().event::<UnitBoosted>();
    assert_eq!((event.burnt, event.before, event.after), (300, 750, 1_050));
    // 1,050 at half a week are 1,400 at its beginning.
    assert_eq!(stored(&world), (1_400, begun));
    world.wait_secs(WEEK / 2);
    assert_eq!(value(&world), Atoms(700));
    let event = world.anyone().boosts_unit(Atoms(1)).succeeds().event::<UnitBoosted>();
    assert_eq!((event.before, event.after), (700, 701));
    assert_eq!(stored(&world), (701, begun + 7 * 86_400));
}

#[test]
fn after_a_long_time_nothing_is_left() {
    let mut world = World::with_market();
    world.anyone().boosts_unit(BURNT).succeeds();
    world.wait_secs(10 * WEEK);
    let event = world.anyone().boosts_unit(Atoms(5)).succeeds().event::<UnitBoosted>();
    assert_eq!((event.before, event.after), (0, 5));
    assert_eq!(stored(&world), (5, world.chain.now().0));
}

#[test]
fn the_provider_may_boost_its_own_unit() {
    let mut world = World::with_market();
    let unit = world.unit_address();
    let own = boost_unit(key(PROVIDER), purse(PROVIDER), Chain::flash(), unit, BURNT);
    let receipt = Attempt::new(&mut world.chain, own, vec![keypair(PROVIDER)]).succeeds();
    assert_eq!(receipt.event::<UnitBoosted>().by, key(PROVIDER));
    assert_eq!(world.purse(PROVIDER).0, PURSE.0 - STAKE.0 - 1_000);
}

#[test]
fn nobody_burns_flash_for_a_unit_that_is_closing() {
    let mut world = World::with_market();
    world.anyone().boosts_unit(BURNT).succeeds();
    world.provider().closes_unit().succeeds();
    world.anyone().boosts_unit(BURNT).is_refused(CoreError::UnitClosing);
}

#[test]
fn nothing_burns_nothing() {
    let mut world = World::with_market();
    world.anyone().boosts_unit(Atoms::ZERO).is_refused(CoreError::ZeroAmount);
}

#[test]
fn nobody_burns_more_than_it_has() {
    let mut world = World::with_market();
    let more = Atoms(PURSE.0 + 1);
    world.anyone().boosts_unit(more).is_refused(TokenError::InsufficientFunds);
    world.anyone().boosts_unit(PURSE).succeeds();
    assert_eq!((world.purse(STRANGER), world.unit().boost), (Atoms::ZERO, PURSE.0));
}

#[test]
fn a_priority_fits_64_bits() {
    let mut world = World::with_market();
    world.chain.mint_flash(&key(STRANGER), Atoms(3 << 62));
    world.anyone().boosts_unit(BURNT).succeeds();
    // At the end of the week an atom burnt counts for two at its beginning.
    world.wait_secs(WEEK - 1);
    world.anyone().boosts_unit(Atoms(3 << 62)).is_refused(CoreError::ArithmeticOverflow);
    world.anyone().boosts_unit(Atoms(1 << 62)).succeeds();
}

#[test]
fn a_pause_does_not_stop_it() {
    let mut world = World::with_market();
    world.guardian().pauses(7 * DAY).succeeds();
    world.anyone().boosts_unit(BURNT).succeeds();
}

#[test]
fn who_burns_signs_for_its_own_purse() {
    let mut world = World::with_market();
    let attempt = world.anyone().boosts_unit(BURNT);
    attempt.unsigned_by(key(STRANGER)).is_refused(ErrorCode::AccountNotSigner);
    let attempt = world.anyone().boosts_unit(BURNT);
    attempt.signed_by(keypair(PROVIDER), key(STRANGER)).is_refused(TokenError::OwnerMismatch);
}

#[test]
fn nobody_burns_what_is_in_a_vault() {
    let mut world = World::with_agreed_sla();
    let stake = address::stake_vault(&world.provider_address());
    for vault in [stake, world.escrow(), purse(CONSUMER)] {
        let attempt = world.anyone().boosts_unit(BURNT);
        attempt.with(vault, purse(STRANGER)).is_refused(TokenError::OwnerMismatch);
    }
    let attempt = world.anyone().boosts_unit(Atoms(1));
    // The treasury holds nothing yet: the SPL Token program looks at that first.
    attempt.with(address::treasury(), purse(STRANGER)).is_refused(TokenError::InsufficientFunds);
    let treasury = address::treasury();
    world.anyone().donates(treasury, BURNT).succeeds();
    let attempt = world.anyone().boosts_unit(BURNT);
    attempt.with(treasury, purse(STRANGER)).is_refused(TokenError::OwnerMismatch);
}

#[test]
fn another_mints_tokens_buy_nothing() {
    let mut world = World::with_market();
    world.chain.create_mint("other mint", 6, None);
    let worthless = world.chain.mint(key("other mint"), &key(STRANGER), PURSE);
    let attempt = world.anyone().boosts_unit(BURNT);
    attempt.with(worthless, purse(STRANGER)).is_refused(TokenError::MintMismatch);
    let attempt = world.anyone().boosts_unit(BURNT);
    let attempt = attempt.with(key("other mint"), Chain::flash()).with(worthless, purse(STRANGER));
    attempt.is_refused(ErrorCode::ConstraintHasOne);
}

#[test]
fn only_units_are_boosted() {
    let mut world = World::with_market();
    let unit = world.unit_address();
    for account in [world.provider_address(), address::registry()] {
        let attempt = world.anyone().boosts_unit(BURNT);
        attempt.with(account, unit).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    }
    let attempt = world.anyone().boosts_unit(BURNT);
    attempt.with(purse(PROVIDER), unit).is_refused(ErrorCode::AccountOwnedByWrongProgram);
    let attempt = world.anyone().boosts_unit(BURNT);
    attempt.with(key("elsewhere"), unit).is_refused(ErrorCode::AccountNotInitialized);
}

#[test]
fn the_config_and_the_token_program_are_the_right_ones() {
    let mut world = World::with_market();
    let (unit, config) = (world.unit_address(), address::config());
    let copy = world.chain.account(&config).unwrap();
    let attempt = world.anyone().boosts_unit(BURNT);
    let attempt = attempt.putting(key("elsewhere"), copy).with(key("elsewhere"), config);
    attempt.is_refused(ErrorCode::ConstraintSeeds);
    let attempt = world.anyone().boosts_unit(BURNT);
    attempt.with(world_provider(), config).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let attempt = world.anyone().boosts_unit(BURNT);
    attempt
        .with(address::SYSTEM_PROGRAM, address::TOKEN_PROGRAM)
        .is_refused(ErrorCode::InvalidProgramId);
    for account in [unit, purse(STRANGER), Chain::flash()] {
        let attempt = world.anyone().boosts_unit(BURNT);
        attempt.read_only(account).is_refused(ErrorCode::ConstraintMut);
    }
}

fn world_provider() -> Pubkey {
    address::provider(&key(PROVIDER))
}
