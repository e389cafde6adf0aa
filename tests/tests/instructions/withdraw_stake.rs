use flashback::events::StakeWithdrawn;
use flashback_core::params::Params;
use flashback_core::stake::Unbonding;
use flashback_core::units::DAY;
use flashback_tests::prelude::*;

const PART: Atoms = Atoms(300_000_000);
const MONTH: u64 = 30 * DAY as u64;
const NONE: Unbonding = Unbonding { amount: 0, release_at: 0 };

fn vault(world: &World) -> Pubkey {
    address::stake_vault(&world.provider_address())
}

/// The provider and oracle 0 have taken [`PART`] out of their stake, and its time has come.
fn unbonded() -> World {
    let mut world = World::with_market();
    world.provider().unstakes(PART).succeeds();
    world.oracle(0).unstakes(PART).succeeds();
    world.wait_secs(MONTH);
    world
}

#[test]
fn a_provider_gets_its_stake_back() {
    let mut world = unbonded();
    let owner = world.provider_address();
    let receipt = world.provider().withdraws_stake().succeeds();

    let left = STAKE.0 - PART.0;
    let stake = world.provider_account().stake;
    assert_eq!((stake.bonded, stake.covered, stake.unbonding), (left, 0, [NONE; 4]));
    assert_eq!(world.chain.tokens(&vault(&world)).0, left);
    assert_eq!(world.purse(PROVIDER).0, PURSE.0 - STAKE.0 + PART.0);
    let event = receipt.event::<StakeWithdrawn>();
    assert_eq!((event.owner, event.amount), (owner, PART.0));
    assert_eq!((event.owed_before, event.owed_after), (STAKE.0, left));
    world.anyone().asserts_stake_solvent(owner).succeeds();
}

#[test]
fn an_oracle_gets_its_stake_back_and_keeps_its_place() {
    let mut world = unbonded();
    let authority = key("oracle 0");
    let (owner, left) = (address::oracle(&authority), STAKE.0 - PART.0);
    let receipt = world.oracle(0).withdraws_stake().succeeds();

    let oracle = world.oracle_account(&authority);
    assert_eq!((oracle.stake.bonded, oracle.stake.unbonding), (left, [NONE; 4]));
    assert_eq!(oracle.joined, 1);
    let entries = world.registry().entries;
    let entry = entries.iter().find(|entry| entry.oracle == authority).unwrap();
    assert_eq!(entry.free_stake, left);
    assert_eq!(world.chain.tokens(&address::stake_vault(&owner)).0, left);
    assert_eq!(world.purse("oracle 0").0, PURSE.0 - left);
    let event = receipt.event::<StakeWithdrawn>();
    assert_eq!((event.owner, event.amount), (owner, PART.0));
    assert_eq!((event.owed_before, event.owed_after), (STAKE.0, left));
    world.anyone().asserts_stake_solvent(owner).succeeds();
}

#[test]
fn an_oracle_that_left_the_registry_gets_all_of_it() {
    let mut world = World::with_market();
    world.oracle(0).leaves().succeeds();
    world.oracle(0).unstakes(STAKE).succeeds();
    world.wait_secs(MONTH);
    world.oracle(0).withdraws_stake().succeeds();
    assert_eq!(world.purse("oracle 0"), PURSE);
}

#[test]
fn stake_is_released_exactly_at_its_second() {
    let mut world = World::with_market();
    let release_at = world.chain.now().0 + 30 * 86_400;
    world.provider().unstakes(PART).succeeds();
    world.provider().withdraws_stake().is_refused(CoreError::NothingToWithdraw);
    world.wait(Timestamp(release_at - 1));
    world.provider().withdraws_stake().is_refused(CoreError::NothingToWithdraw);
    world.wait(Timestamp(release_at));
    world.provider().withdraws_stake().succeeds();
    assert_eq!(world.purse(PROVIDER).0, PURSE.0 - STAKE.0 + PART.0);
}

#[test]
fn twice_is_refused_and_so_is_bonded_stake() {
    let mut world = unbonded();
    world.provider().withdraws_stake().succeeds();
    world.provider().withdraws_stake().is_refused(CoreError::NothingToWithdraw);
    world.wait_secs(100 * MONTH);
    world.provider().withdraws_stake().is_refused(CoreError::NothingToWithdraw);
}

#[test]
fn what_still_waits_stays() {
    let mut world = World::with_market();
    let begun = world.chain.now().0;
    for k in 1..=5 {
        world.provider().unstakes(Atoms(k * 10)).succeeds();
        world.wait_secs(100);
    }
    let at = |amount, secs| Unbonding { amount, release_at: begun + 30 * 86_400 + secs };
    world.wait(Timestamp(at(0, 100).release_at));
    let receipt = world.provider().withdraws_stake().succeeds();
    assert_eq!(receipt.event::<StakeWithdrawn>().amount, 10 + 20);
    let stake = world.provider_account().stake;
    assert_eq!(stake.unbonding, [at(30, 200), at(90, 400), NONE, NONE]);

    // The fourth waits as long as the fifth, which joined it.
    world.wait(Timestamp(at(0, 399).release_at));
    let receipt = world.provider().withdraws_stake().succeeds();
    assert_eq!(receipt.event::<StakeWithdrawn>().amount, 30);
    world.wait(Timestamp(at(0, 400).release_at));
    let receipt = world.provider().withdraws_stake().succeeds();
    assert_eq!(receipt.event::<StakeWithdrawn>().amount, 40 + 50);
    assert_eq!(world.chain.tokens(&vault(&world)).0, STAKE.0 - 150);
}

#[test]
fn a_later_withdrawal_with_a_shorter_wait_goes_first() {
    let mut world = World::with_market();
    let begun = world.chain.now().0;
    world.provider().unstakes(Atoms(10)).succeeds();
    let params = Params { unbonding_secs: 7 * DAY, ..Params::default() };
    world.deployer().sets_params(params).succeeds();
    world.provider().unstakes(Atoms(20)).succeeds();
    world.wait(Timestamp(begun + 7 * 86_400));
    let receipt = world.provider().withdraws_stake().succeeds();
    assert_eq!(receipt.event::<StakeWithdrawn>().amount, 20);
    let month = Unbonding { amount: 10, release_at: begun + 30 * 86_400 };
    assert_eq!(world.provider_account().stake.unbonding, [month, NONE, NONE, NONE]);
}

#[test]
fn freed_slots_are_used_again() {
    let mut world = World::with_market();
    for _ in 0..4 {
        world.provider().unstakes(Atoms(10)).succeeds();
    }
    world.wait_secs(MONTH);
    world.provider().withdraws_stake().succeeds();
    let release_at = world.chain.now().0 + 30 * 86_400;
    world.provider().unstakes(Atoms(7)).succeeds();
    let begun = Unbonding { amount: 7, release_at };
    assert_eq!(world.provider_account().stake.unbonding, [begun, NONE, NONE, NONE]);
}

#[test]
fn stake_on_its_way_out_still_pays_what_its_oracle_owes() {
    let mut world = with_silent_seats();
    let authority = world.sla().seats[0];
    let cover = world.terms().seat_cover().unwrap();
    let covered = cover.absence_share.0 * 3;
    let owed = world.sla().body.seats.absence_owed[0];
    let begun = STAKE.minus(cover.total().unwrap()).unwrap();
    assert!(owed > covered, "four silent windows owe more than the cover of three");
    world.anyone().collects_absence(0).succeeds();

    let stake = world.oracle_account(&authority).stake;
    assert_eq!(stake.bonded, STAKE.0 - begun.0 - covered);
    assert_eq!(stake.unbonding[0].amount, begun.0 - (owed - covered));
    world.wait_secs(MONTH);
    let receipt = world.seat(0).withdraws_stake().succeeds();
    assert_eq!(receipt.event::<StakeWithdrawn>().amount, begun.0 - (owed - covered));
    world.anyone().asserts_stake_solvent(address::oracle(&authority)).succeeds();
}

#[test]
fn a_donation_stays_in_the_vault() {
    let mut world = unbonded();
    let vault = vault(&world);
    world.anyone().donates(vault, Atoms(77)).succeeds();
    world.provider().withdraws_stake().succeeds();
    assert_eq!(world.purse(PROVIDER).0, PURSE.0 - STAKE.0 + PART.0);
    assert_eq!(world.chain.tokens(&vault).0, STAKE.0 - PART.0 + 77);
}

#[test]
fn it_goes_wherever_the_authority_says() {
    let mut world = unbonded();
    let attempt = world.provider().withdraws_stake();
    attempt.with(purse(STRANGER), purse(PROVIDER)).succeeds();
    assert_eq!(world.purse(STRANGER).0, PURSE.0 + PART.0);
    assert_eq!(world.purse(PROVIDER).0, PURSE.0 - STAKE.0);
}

#[test]
fn a_pause_holds_nobodys_stake() {
    let mut world = unbonded();
    world.guardian().pauses(7 * DAY).succeeds();
    world.provider().withdraws_stake().succeeds();
    world.oracle(0).withdraws_stake().succeeds();
}

#[test]
fn only_the_owners_authority_may() {
    let mut world = unbonded();
    let attempt = world.provider().withdraws_stake();
    attempt.unsigned_by(key(PROVIDER)).is_refused(ErrorCode::AccountNotSigner);
    for stranger in [STRANGER, OTHER_PROVIDER, PAYOUT, "oracle 0"] {
        let attempt = world.provider().withdraws_stake();
        attempt.signed_by(keypair(stranger), key(PROVIDER)).is_refused(CoreError::Unauthorized);
    }
    let attempt = world.oracle(0).withdraws_stake();
    attempt.unsigned_by(key("oracle 0")).is_refused(ErrorCode::AccountNotSigner);
    let attempt = world.oracle(0).withdraws_stake();
    attempt.signed_by(keypair("oracle 1"), key("oracle 0")).is_refused(CoreError::Unauthorized);
}

#[test]
fn accounts_that_own_no_stake_are_refused() {
    let mut world = unbonded();
    let own = world.provider_address();
    for account in [world.unit_address(), address::config(), address::registry()] {
        let attempt = world.provider().withdraws_stake();
        attempt.with(account, own).is_refused(CoreError::AccountKindUnknown);
    }
    for account in [purse(PAYOUT), key("elsewhere")] {
        let attempt = world.provider().withdraws_stake();
        attempt.with(account, own).is_refused(ErrorCode::AccountOwnedByWrongProgram);
    }
}

#[test]
fn another_owners_vault_is_refused() {
    let mut world = unbonded();
    let own = vault(&world);
    let others = address::stake_vault(&address::oracle(&key("oracle 0")));
    for other in [others, address::treasury(), purse(STRANGER)] {
        let attempt = world.provider().withdraws_stake();
        attempt.with(other, own).is_refused(ErrorCode::ConstraintSeeds);
    }
}

#[test]
fn the_destination_is_another_account_for_flash() {
    let mut world = unbonded();
    let (own, vault) = (purse(PROVIDER), vault(&world));
    world.chain.create_mint("other mint", 6, None);
    let worthless = world.chain.mint(key("other mint"), &key(PROVIDER), Atoms(1));
    let attempt = world.provider().withdraws_stake();
    attempt.with(worthless, own).is_refused(TokenError::MintMismatch);
    let attempt = world.provider().withdraws_stake();
    attempt.with(vault, own).is_refused(ErrorCode::ConstraintDuplicateMutableAccount);
    let attempt = world.provider().withdraws_stake();
    attempt.with(address::config(), own).is_refused(ErrorCode::AccountOwnedByWrongProgram);
    let attempt = world.provider().withdraws_stake();
    attempt.with(key("elsewhere"), own).is_refused(ErrorCode::AccountNotInitialized);
}

#[test]
fn what_is_to_change_is_writable_and_tokens_move_by_spl_token() {
    let mut world = unbonded();
    for account in [world.provider_address(), vault(&world), purse(PROVIDER)] {
        let attempt = world.provider().withdraws_stake();
        attempt.read_only(account).is_refused(ErrorCode::ConstraintMut);
    }
    let attempt = world.provider().withdraws_stake();
    attempt
        .with(address::SYSTEM_PROGRAM, address::TOKEN_PROGRAM)
        .is_refused(ErrorCode::InvalidProgramId);
}

/// An SLA of five windows has ended. Seat 0 took out all its free stake and was silent in four of them, as was seat 1.
fn with_silent_seats() -> World {
    let mut world = World::with_market();
    let mut args = reservation();
    args.request.windows = 5;
    world.consumer().reserves_with(args).succeeds();
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    let terms = world.terms();
    let cover = terms.seat_cover().and_then(|cover| cover.total()).unwrap();
    world.seat(0).unstakes(STAKE.minus(cover).unwrap()).succeeds();
    let met = Some(met(&terms));
    for window in 0..5 {
        let shown = if window == 2 { [met; 3] } else { [None, None, met] };
        world.reports(window, shown);
    }
    world.wait_until_settleable(4);
    world.anyone().settles().succeeds();
    world
}
