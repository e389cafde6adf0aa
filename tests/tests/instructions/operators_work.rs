//! What a provider's operator may do: its daily work, until its time is over, and nothing else.

use flashback::events::{DisputeOpened, SlaAgreed, SlaRejected};
use flashback_core::unit::Maintenance;
use flashback_core::units::{DAY, Seconds};
use flashback_sdk::instruction::UpdateProviderArgs;
use flashback_tests::Attempt;
use flashback_tests::actors::{provider_details, same_unit};
use flashback_tests::prelude::*;

/// Something that the operator does.
type Act = fn(&mut World) -> Attempt<'_>;

/// The operator acts in its provider's place.
fn by_operator(attempt: Attempt<'_>) -> Attempt<'_> {
    attempt.signed_by(keypair(OPERATOR), key(PROVIDER))
}

/// The operator disputes window 0, with a bond from its own purse.
fn disputes(world: &mut World) -> Attempt<'_> {
    by_operator(world.provider().disputes(0)).with(purse(OPERATOR), purse(PROVIDER))
}

/// An hour of maintenance, announced as early as it may be.
fn announces(world: &mut World) -> Attempt<'_> {
    let starts_at = world.chain.now().after(60 * 3_600).unwrap();
    by_operator(world.provider().announces(Maintenance { starts_at, secs: Seconds(3_600) }))
}

/// Names the operator for that many seconds from now, and returns when its time is over.
fn name(world: &mut World, secs: u64) -> Timestamp {
    world.chain.mint_flash(&key(OPERATOR), PURSE);
    let until = world.chain.now().after(secs).unwrap();
    world.provider().names_operator(key(OPERATOR), until).succeeds();
    until
}

/// Tries an act a second before the operator's time is over, and then.
fn ends_with_its_time(mut world: World, act: Act) {
    let until = name(&mut world, 3_600);
    world.wait(until);
    act(&mut world).is_refused(CoreError::Unauthorized);
    // The same act, while it may.
    let extended = Timestamp(until.0 + 1);
    world.provider().names_operator(key(OPERATOR), extended).succeeds();
    act(&mut world).succeeds();
}

/// Tries an act of an operator that was not named, is no more, or that another provider named.
fn is_its_providers_alone(mut world: World, act: Act) {
    world.chain.mint_flash(&key(OPERATOR), PURSE);
    act(&mut world).is_refused(CoreError::Unauthorized);
    world.other_provider().registers().succeeds();
    let until = world.chain.now().after(3_600).unwrap();
    world.other_provider().names_operator(key(OPERATOR), until).succeeds();
    act(&mut world).is_refused(CoreError::Unauthorized);
    world.provider().names_operator(key(OPERATOR), until).succeeds();
    act(&mut world.clone()).succeeds();
    world.provider().names_operator(Pubkey::default(), until).succeeds();
    act(&mut world).is_refused(CoreError::Unauthorized);
}

/// A world in which each act of the daily work may be done, and the act.
fn daily_work() -> Vec<(World, Act)> {
    vec![
        (World::with_proposed_sla(), |world| by_operator(world.provider().accepts())),
        (World::with_proposed_sla(), |world| by_operator(world.provider().rejects())),
        (World::with_market(), announces),
        (World::with_ended_sla(), |world| by_operator(world.provider().withdraws_earnings())),
        (World::with_contestable_window(), disputes),
    ]
}

#[test]
fn an_operator_accepts() {
    let mut world = World::with_proposed_sla();
    name(&mut world, 1);
    let receipt = by_operator(world.provider().accepts()).succeeds();
    assert_eq!(receipt.event::<SlaAgreed>().sla, world.sla_address());
    assert_eq!(world.provider_account().live_slas, 1);
}

#[test]
fn an_operator_rejects() {
    let mut world = World::with_proposed_sla();
    name(&mut world, 1);
    let receipt = by_operator(world.provider().rejects()).succeeds();
    assert_eq!(receipt.event::<SlaRejected>().by, key(OPERATOR));
}

#[test]
fn an_operator_announces_maintenance() {
    let mut world = World::with_market();
    name(&mut world, 1);
    let starts_at = world.chain.now().0 + 60 * 3_600;
    announces(&mut world).succeeds();
    assert_eq!(world.unit().maintenance[1].starts_at, starts_at);
}

#[test]
fn an_operator_withdraws_earnings_to_the_payout_owner_only() {
    let mut world = World::with_ended_sla();
    name(&mut world, 1);
    let earned = world.sla().body.money.earned;
    for own in [OPERATOR, PROVIDER] {
        let attempt = by_operator(world.provider().withdraws_earnings());
        attempt.with(purse(own), purse(PAYOUT)).is_refused(ErrorCode::ConstraintTokenOwner);
    }
    by_operator(world.provider().withdraws_earnings()).succeeds();
    assert_eq!(world.purse(PAYOUT), Atoms(earned));
    assert_eq!(world.purse(OPERATOR), PURSE);
}

#[test]
fn an_operator_disputes_with_its_own_bond() {
    let mut world = World::with_contestable_window();
    name(&mut world, 1);
    let attempt = by_operator(world.provider().disputes(0));
    attempt.is_refused(TokenError::OwnerMismatch);
    let receipt = disputes(&mut world).succeeds();
    let event = receipt.event::<DisputeOpened>();
    assert_eq!((event.by, event.party), (key(OPERATOR), Party::Provider.code()));
    assert_eq!(world.purse(OPERATOR).0, PURSE.0 - event.bond);
}

#[test]
fn its_work_ends_with_its_time() {
    for (world, act) in daily_work() {
        ends_with_its_time(world, act);
    }
}

#[test]
fn it_works_only_for_who_named_it_and_while_it_is_named() {
    for (world, act) in daily_work() {
        is_its_providers_alone(world, act);
    }
}

#[test]
fn an_operator_signs_its_work() {
    for (mut world, act) in daily_work() {
        name(&mut world, 3_600);
        act(&mut world).unsigned_by(key(OPERATOR)).is_refused(ErrorCode::AccountNotSigner);
    }
}

#[test]
fn an_operator_changes_nothing_about_its_provider() {
    let mut world = World::with_market();
    name(&mut world, 3_600);
    let details = provider_details();
    let mine = UpdateProviderArgs {
        payout: key(OPERATOR),
        region: details.region,
        metadata_uri: details.metadata_uri,
    };
    by_operator(world.provider().updates(mine)).is_refused(CoreError::Unauthorized);
    let forever = world.provider().names_operator(key(OPERATOR), Timestamp(i64::MAX));
    by_operator(forever).is_refused(CoreError::Unauthorized);
    by_operator(world.provider().exits()).is_refused(CoreError::Unauthorized);
}

#[test]
fn an_operator_takes_no_stake() {
    let mut world = World::with_market();
    name(&mut world, 365 * u64::from(DAY));
    by_operator(world.provider().unstakes(Atoms(1))).is_refused(CoreError::Unauthorized);
    world.provider().unstakes(Atoms(1)).succeeds();
    world.wait_secs(30 * u64::from(DAY));
    let attempt = by_operator(world.provider().withdraws_stake());
    attempt.is_refused(CoreError::Unauthorized);
    let attempt = by_operator(world.provider().withdraws_stake());
    attempt.with(purse(OPERATOR), purse(PROVIDER)).is_refused(CoreError::Unauthorized);
}

#[test]
fn an_operator_lists_changes_and_closes_no_unit() {
    let mut world = World::with_market();
    name(&mut world, 3_600);
    let mut another = listing();
    another.id = NUMBER + 1;
    by_operator(world.provider().lists(another)).is_refused(ErrorCode::ConstraintSeeds);
    by_operator(world.provider().updates_unit(same_unit())).is_refused(CoreError::Unauthorized);
    by_operator(world.provider().closes_unit()).is_refused(CoreError::Unauthorized);
}

#[test]
fn an_operator_ends_no_sla() {
    let mut world = World::with_market();
    let mut long = reservation();
    long.request.windows = 30;
    world.consumer().reserves_with(long).succeeds();
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    name(&mut world, 3_600);
    by_operator(world.provider().terminates()).is_refused(CoreError::Unauthorized);
    world.provider().terminates().succeeds();
}
