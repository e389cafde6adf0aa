use flashback::events::UnstakeStarted;
use flashback_core::params::Params;
use flashback_core::sla::Quote;
use flashback_core::stake::Unbonding;
use flashback_core::units::{DAY, Seconds};
use flashback_sdk::instruction::ProposeSlaArgs;
use flashback_tests::prelude::*;

const PART: Atoms = Atoms(300_000_000);
const MONTH: i64 = 30 * DAY as i64;
const NONE: Unbonding = Unbonding { amount: 0, release_at: 0 };

fn free_in_registry(world: &World, name: &str) -> u64 {
    let entries = world.registry().entries;
    entries.iter().find(|entry| entry.oracle == key(name)).expect("an entry").free_stake
}

fn sets_unbonding(world: &mut World, days: u32) {
    let params = Params { unbonding_secs: days * DAY, ..Params::default() };
    world.deployer().sets_params(params).succeeds();
}

#[test]
fn a_provider_begins_to_take_stake_out() {
    let mut world = World::with_market();
    let owner = world.provider_address();
    let receipt = world.provider().unstakes(PART).succeeds();

    let release_at = world.chain.now().0 + MONTH;
    let stake = world.provider_account().stake;
    assert_eq!((stake.bonded, stake.covered), (STAKE.0 - PART.0, 0));
    let begun = Unbonding { amount: PART.0, release_at };
    assert_eq!(stake.unbonding, [begun, NONE, NONE, NONE]);
    // No token moves yet.
    assert_eq!(world.chain.tokens(&address::stake_vault(&owner)), STAKE);
    assert_eq!(world.purse(PROVIDER).0, PURSE.0 - STAKE.0);
    let event = receipt.event::<UnstakeStarted>();
    assert_eq!((event.owner, event.amount, event.release_at), (owner, PART.0, release_at));
    assert_eq!((event.bonded_before, event.bonded_after), (STAKE.0, STAKE.0 - PART.0));
    world.anyone().asserts_stake_solvent(owner).succeeds();
}

#[test]
fn a_registered_oracles_entry_follows() {
    let mut world = World::with_market();
    let receipt = world.oracle(3).unstakes(PART).succeeds();

    let left = STAKE.0 - PART.0;
    let oracle = world.oracle_account(&key("oracle 3"));
    assert_eq!((oracle.stake.bonded, oracle.stake.unbonding[0].amount), (left, PART.0));
    assert_eq!(free_in_registry(&world, "oracle 3"), left);
    assert_eq!(free_in_registry(&world, "oracle 4"), STAKE.0, "another's entry stands");
    let event = receipt.event::<UnstakeStarted>();
    assert_eq!(event.owner, address::oracle(&key("oracle 3")));
    assert_eq!((event.bonded_before, event.bonded_after), (STAKE.0, left));
    world.anyone().asserts_stake_solvent(event.owner).succeeds();
}

#[test]
fn all_of_it_may_go_and_no_atom_goes_twice() {
    let mut world = World::with_market();
    world.provider().unstakes(Atoms(STAKE.0 + 1)).is_refused(CoreError::StakeCovered);
    world.provider().unstakes(STAKE).succeeds();
    assert_eq!(world.provider_account().stake.bonded, 0);
    world.provider().unstakes(Atoms(1)).is_refused(CoreError::StakeCovered);
}

#[test]
fn nothing_is_no_withdrawal() {
    let mut world = World::with_market();
    world.provider().unstakes(Atoms::ZERO).is_refused(CoreError::ZeroAmount);
    world.oracle(0).unstakes(Atoms::ZERO).is_refused(CoreError::ZeroAmount);
}

#[test]
fn a_providers_cover_stays_until_it_is_given_back() {
    let mut world = World::with_agreed_sla();
    let cover = world.terms().cover;
    let free = STAKE.0 - cover;
    world.provider().unstakes(Atoms(free + 1)).is_refused(CoreError::StakeCovered);
    world.provider().unstakes(Atoms(free)).succeeds();
    let stake = world.provider_account().stake;
    assert_eq!((stake.bonded, stake.covered), (cover, cover));
    world.provider().unstakes(Atoms(1)).is_refused(CoreError::StakeCovered);

    // Nobody seats a committee: the SLA lapses, and its cover is free.
    world.chain.wait_slots(600);
    world.anyone().expires().succeeds();
    world.provider().unstakes(Atoms(cover + 1)).is_refused(CoreError::StakeCovered);
    world.provider().unstakes(Atoms(cover)).succeeds();
    assert_eq!(world.provider_account().stake.bonded, 0);
}

#[test]
fn a_seated_oracles_cover_stays_until_its_seat_is_freed() {
    let mut world = World::with_active_sla();
    let cover = world.terms().seat_cover().and_then(|cover| cover.total()).expect("a cover");
    let free = STAKE.minus(cover).expect("free stake");
    world.seat(1).unstakes(Atoms(free.0 + 1)).is_refused(CoreError::StakeCovered);
    world.seat(1).unstakes(free).succeeds();
    let authority = world.sla().seats[1];
    let stake = world.oracle_account(&authority).stake;
    assert_eq!((stake.bonded, stake.covered, stake.free()), (cover.0, cover.0, Atoms::ZERO));
    world.seat(1).unstakes(Atoms(1)).is_refused(CoreError::StakeCovered);
}

#[test]
fn stake_on_its_way_out_backs_no_promise_of_its_provider() {
    // A fifth of 6,000 FLASH is 1,200 FLASH.
    let mut dear = listing();
    dear.offer.price_per_gib_month = 10_000_000;
    let mut args = reservation();
    (args.request.gib, args.request.windows) = (600, 30);
    let mut world = World::initialized().and_market(STAKE, dear);
    world.provider().unstakes(Atoms(STAKE.0 - 1_200_000_000)).succeeds();
    let mut less = world.clone();
    less.provider().unstakes(Atoms(1)).succeeds();
    less.consumer().reserves_with(args).is_refused(CoreError::CoverInsufficient);
    world.consumer().reserves_with(args).succeeds();
    assert_eq!(world.provider_account().stake.free(), Atoms::ZERO);
}

#[test]
fn stake_on_its_way_out_makes_no_provider() {
    let mut world = World::with_market();
    let least = world.config().params.min_stake;
    world.provider().unstakes(Atoms(STAKE.0 - least)).succeeds();
    world.clone().consumer().reserves().succeeds();
    world.provider().unstakes(Atoms(1)).succeeds();
    world.consumer().reserves().is_refused(CoreError::StakeTooSmall);
    let mut another = listing();
    another.id = NUMBER + 1;
    world.provider().lists(another).is_refused(CoreError::StakeTooSmall);
}

#[test]
fn stake_on_its_way_out_backs_no_oracles_seat() {
    let mut world = World::with_market();
    // Seven oracles are as few as a committee of five needs.
    let mut args = reservation();
    args.request.seats = 5;
    let config = world.config();
    let window_min = Seconds(config.window_min_secs);
    let quote = Quote::new(&config.params, &world.unit().offer, &args.request, window_min);
    let cover = quote.expect("a quote").seat_cover.total().expect("a cover");
    world.oracle(2).unstakes(STAKE.minus(cover).expect("free stake")).succeeds();
    world.clone().consumer().reserves_with(args).succeeds();
    world.oracle(2).unstakes(Atoms(1)).succeeds();
    world.consumer().reserves_with(args).is_refused(CoreError::OraclesTooFew);
    let three = ProposeSlaArgs { id: NUMBER + 1, ..reservation() };
    world.consumer().reserves_with(three).succeeds();
}

#[test]
fn four_withdrawals_run_at_once_and_a_fifth_joins_the_newest() {
    let mut world = World::with_market();
    let begun = world.chain.now().0;
    for k in 1..=5 {
        world.provider().unstakes(Atoms(k * 10)).succeeds();
        world.wait_secs(100);
    }
    let at = |amount, secs| Unbonding { amount, release_at: begun + MONTH + secs };
    let stake = world.provider_account().stake;
    assert_eq!(stake.unbonding, [at(10, 0), at(20, 100), at(30, 200), at(90, 400)]);
    assert_eq!(stake.bonded, STAKE.0 - 150);
    let owner = world.provider_address();
    world.anyone().asserts_stake_solvent(owner).succeeds();
}

#[test]
fn a_new_waiting_time_touches_only_later_withdrawals() {
    let mut world = World::with_market();
    let now = world.chain.now().0;
    world.provider().unstakes(Atoms(10)).succeeds();
    sets_unbonding(&mut world, 7);
    world.provider().unstakes(Atoms(20)).succeeds();
    let week = Unbonding { amount: 20, release_at: now + 7 * i64::from(DAY) };
    let month = Unbonding { amount: 10, release_at: now + MONTH };
    assert_eq!(world.provider_account().stake.unbonding, [month, week, NONE, NONE]);
}

#[test]
fn the_event_names_the_time_for_which_a_fifth_really_waits() {
    let mut world = World::with_market();
    let release_at = world.chain.now().0 + MONTH;
    for _ in 0..4 {
        world.provider().unstakes(Atoms(10)).succeeds();
    }
    sets_unbonding(&mut world, 7);
    let receipt = world.provider().unstakes(Atoms(5)).succeeds();
    let newest = world.provider_account().stake.unbonding[3];
    assert_eq!(newest, Unbonding { amount: 15, release_at });
    assert_eq!(receipt.event::<UnstakeStarted>().release_at, release_at);
}

#[test]
fn a_pause_holds_nobodys_stake() {
    let mut world = World::with_market();
    world.guardian().pauses(7 * DAY).succeeds();
    world.provider().unstakes(PART).succeeds();
    world.oracle(0).unstakes(PART).succeeds();
}

#[test]
fn only_the_owners_authority_may() {
    let mut world = World::with_market();
    let attempt = world.provider().unstakes(PART);
    attempt.unsigned_by(key(PROVIDER)).is_refused(ErrorCode::AccountNotSigner);
    for stranger in [STRANGER, OTHER_PROVIDER, PAYOUT, RENT_PAYER] {
        let attempt = world.provider().unstakes(PART);
        attempt.signed_by(keypair(stranger), key(PROVIDER)).is_refused(CoreError::Unauthorized);
    }
    let attempt = world.oracle(0).unstakes(PART);
    attempt.unsigned_by(key("oracle 0")).is_refused(ErrorCode::AccountNotSigner);
    let attempt = world.oracle(0).unstakes(PART);
    attempt.signed_by(keypair("oracle 1"), key("oracle 0")).is_refused(CoreError::Unauthorized);
}

#[test]
fn accounts_that_own_no_stake_are_refused() {
    let mut world = World::with_market();
    let own = world.provider_address();
    for account in [world.unit_address(), address::config(), address::registry()] {
        let attempt = world.provider().unstakes(PART);
        attempt.with(account, own).is_refused(CoreError::AccountKindUnknown);
    }
    for account in [purse(PROVIDER), key("elsewhere")] {
        let attempt = world.provider().unstakes(PART);
        attempt.with(account, own).is_refused(ErrorCode::AccountOwnedByWrongProgram);
    }
    let attempt = world.provider().unstakes(PART);
    attempt.read_only(own).is_refused(ErrorCode::ConstraintMut);
}

#[test]
fn the_waiting_time_is_the_configs() {
    let mut world = World::with_market();
    let (own, config) = (world.provider_address(), address::config());
    let copy = world.chain.account(&config).expect("the Config");
    let attempt = world.provider().unstakes(PART);
    attempt.with(own, config).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let attempt = world.provider().unstakes(PART);
    let attempt = attempt.putting(key("elsewhere"), copy).with(key("elsewhere"), config);
    attempt.is_refused(ErrorCode::ConstraintSeeds);
}

#[test]
fn the_registry_is_needed_while_an_oracle_is_in_it() {
    let mut world = World::with_market();
    let registry = address::registry();
    let copy = world.chain.account(&registry).expect("the registry");
    // The program's own address stands for an account left out.
    let attempt = world.oracle(0).unstakes(PART);
    attempt.with(address::PROGRAM, registry).is_refused(CoreError::RegistryAccountMissing);
    let attempt = world.oracle(0).unstakes(PART);
    attempt.with(address::config(), registry).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let attempt = world.oracle(0).unstakes(PART);
    let attempt = attempt.putting(key("elsewhere"), copy).with(key("elsewhere"), registry);
    attempt.is_refused(ErrorCode::ConstraintSeeds);
    let attempt = world.oracle(0).unstakes(PART);
    attempt.read_only(registry).is_refused(ErrorCode::ConstraintMut);

    // So it is while its entry is there, left or not.
    world.oracle(0).leaves().succeeds();
    let attempt = world.oracle(0).unstakes(PART);
    attempt.with(address::PROGRAM, registry).is_refused(CoreError::RegistryAccountMissing);
    world.oracle(0).unstakes(PART).succeeds();
    let entry = world.registry().entries.into_iter().find(|entry| entry.oracle == key("oracle 0"));
    assert_eq!(entry.map(|entry| entry.free_stake), Some(STAKE.0 - PART.0));
    world.chain.wait_slots(1_000);
    world.oracle(0).leaves().succeeds();
    world.oracle(0).unstakes(PART).with(address::PROGRAM, registry).succeeds();
    assert_eq!(world.oracle_account(&key("oracle 0")).stake.bonded, STAKE.0 - 2 * PART.0);
}
