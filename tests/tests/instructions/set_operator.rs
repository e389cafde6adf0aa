use flashback::events::OperatorSet;
use flashback_core::units::DAY;
use flashback_tests::Reason;
use flashback_tests::prelude::*;

/// An hour from now.
fn soon(world: &World) -> Timestamp {
    world.chain.now().after(3_600).expect("a time")
}

fn named(world: &World) -> (Pubkey, i64) {
    let provider = world.provider_account();
    (provider.operator, provider.operator_expires_at)
}

#[test]
fn a_provider_names_its_operator() {
    let mut world = World::with_market();
    let until = soon(&world);
    let before = world.provider_account();
    let receipt = world.provider().names_operator(key(OPERATOR), until).succeeds();

    assert_eq!(named(&world), (key(OPERATOR), until.0));
    let after = world.provider_account();
    assert_eq!((after.authority, after.payout), (before.authority, before.payout));
    assert_eq!((after.stake, after.metadata_uri), (before.stake, before.metadata_uri));
    let event = receipt.event::<OperatorSet>();
    assert_eq!((event.provider, event.before), (world.provider_address(), Pubkey::default()));
    assert_eq!((event.after, event.expires_at), (key(OPERATOR), until.0));
}

#[test]
fn another_operator_takes_the_firsts_place() {
    let mut world = World::with_market();
    let until = soon(&world);
    world.provider().names_operator(key(OPERATOR), until).succeeds();
    let later = Timestamp(until.0 + 1);
    let receipt = world.provider().names_operator(key(STRANGER), later).succeeds();
    assert_eq!(named(&world), (key(STRANGER), later.0));
    let event = receipt.event::<OperatorSet>();
    assert_eq!((event.before, event.after), (key(OPERATOR), key(STRANGER)));
    assert_eq!(event.expires_at, later.0);
}

#[test]
fn the_default_key_is_nobody_whatever_its_time() {
    let mut world = World::with_market();
    let until = soon(&world);
    for time in [Timestamp(0), Timestamp(i64::MIN), until] {
        world.provider().names_operator(key(OPERATOR), until).succeeds();
        let receipt = world.provider().names_operator(Pubkey::default(), time).succeeds();
        assert_eq!(named(&world), (Pubkey::default(), 0));
        let event = receipt.event::<OperatorSet>();
        assert_eq!((event.before, event.after), (key(OPERATOR), Pubkey::default()));
        assert_eq!(event.expires_at, 0);
    }
}

#[test]
fn an_operators_time_lies_ahead() {
    let mut world = World::with_market();
    let now = world.chain.now();
    for past in [now, Timestamp(now.0 - 1), Timestamp(0), Timestamp(i64::MIN)] {
        let attempt = world.provider().names_operator(key(OPERATOR), past);
        attempt.is_refused(CoreError::ExpiryInPast);
    }
    world.provider().names_operator(key(OPERATOR), Timestamp(now.0 + 1)).succeeds();
    world.provider().names_operator(key(OPERATOR), Timestamp(i64::MAX)).succeeds();
}

#[test]
fn a_pause_does_not_stop_it() {
    let mut world = World::with_market();
    world.guardian().pauses(7 * DAY).succeeds();
    let until = soon(&world);
    world.provider().names_operator(key(OPERATOR), until).succeeds();
}

#[test]
fn only_the_providers_authority_may() {
    let mut world = World::with_market();
    let until = soon(&world);
    let attempt = world.provider().names_operator(key(OPERATOR), until);
    attempt.unsigned_by(key(PROVIDER)).is_refused(ErrorCode::AccountNotSigner);
    for stranger in [STRANGER, OPERATOR, PAYOUT, DEPLOYER] {
        let attempt = world.provider().names_operator(key(OPERATOR), until);
        attempt.signed_by(keypair(stranger), key(PROVIDER)).is_refused(CoreError::Unauthorized);
    }
    // An operator names nobody, itself for longer included.
    world.provider().names_operator(key(OPERATOR), until).succeeds();
    let attempt = world.provider().names_operator(key(OPERATOR), Timestamp(i64::MAX));
    attempt.signed_by(keypair(OPERATOR), key(PROVIDER)).is_refused(CoreError::Unauthorized);
}

#[test]
fn other_accounts_are_no_provider_of_the_signer() {
    let mut world = World::with_market();
    let (own, until) = (world.provider_address(), soon(&world));
    world.other_provider().registers().succeeds();
    let other = address::provider(&key(OTHER_PROVIDER));
    let cases: [(Pubkey, Reason); 4] = [
        (other, CoreError::Unauthorized.into()),
        (world.unit_address(), ErrorCode::AccountDiscriminatorMismatch.into()),
        (purse(PROVIDER), ErrorCode::AccountOwnedByWrongProgram.into()),
        (key("elsewhere"), ErrorCode::AccountOwnedByWrongProgram.into()),
    ];
    for (account, reason) in cases {
        let attempt = world.provider().names_operator(key(OPERATOR), until);
        attempt.with(account, own).is_refused(reason);
    }
    let attempt = world.provider().names_operator(key(OPERATOR), until);
    attempt.read_only(own).is_refused(ErrorCode::ConstraintMut);
}
