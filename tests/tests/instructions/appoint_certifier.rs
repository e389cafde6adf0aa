use flashback::events::CertifierAppointed;
use flashback_sdk::account::Certifier;
use flashback_sdk::instruction::AppointCertifierArgs;
use flashback_tests::prelude::*;

const ARGS: AppointCertifierArgs = AppointCertifierArgs {
    certifier: Pubkey::new_from_array([3; 32]),
    max_level: 3,
    expires_at: EXPIRY.0,
};

#[test]
fn the_authority_appoints() {
    let mut world = World::initialized();
    let receipt = world.deployer().appoints(ARGS).succeeds();
    let certifier: Certifier = world.chain.read(&address::certifier(&ARGS.certifier));
    assert_eq!((certifier.authority, certifier.max_level), (ARGS.certifier, 3));
    assert_eq!((certifier.expires_at, certifier.rent_payer), (EXPIRY.0, key(RENT_PAYER)));
    let event = receipt.event::<CertifierAppointed>();
    assert_eq!((event.certifier, event.max_level), (ARGS.certifier, 3));
}

#[test]
fn an_address_that_holds_lamports_already_can_be_created() {
    let mut world = World::initialized();
    world.chain.send_lamports(address::certifier(&ARGS.certifier), 2_000_000);
    world.deployer().appoints(ARGS).succeeds();
}

#[test]
fn only_the_authority_may() {
    let mut world = World::initialized();
    let attempt = world.deployer().appoints(ARGS);
    attempt.signed_by(keypair(STRANGER), key(DEPLOYER)).is_refused(CoreError::Unauthorized);
    let attempt = world.deployer().appoints(ARGS);
    attempt.unsigned_by(key(DEPLOYER)).is_refused(ErrorCode::AccountNotSigner);
}

#[test]
fn levels_are_one_to_four() {
    let mut world = World::initialized();
    for max_level in [0, 5, 255] {
        let args = AppointCertifierArgs { max_level, ..ARGS };
        world.deployer().appoints(args).is_refused(CoreError::CertificateLevelInvalid);
    }
}

#[test]
fn an_appointment_ends_in_the_future() {
    let mut world = World::initialized();
    let args = AppointCertifierArgs { expires_at: world.chain.now().0, ..ARGS };
    world.deployer().appoints(args).is_refused(CoreError::ExpiryInPast);
}

#[test]
fn twice_is_refused() {
    let mut world = World::initialized();
    world.deployer().appoints(ARGS).succeeds();
    world.deployer().appoints(ARGS).is_refused(ACCOUNT_IN_USE);
}

#[test]
fn other_addresses_are_refused() {
    let mut world = World::initialized();
    let genuine = address::certifier(&ARGS.certifier);
    let attempt = world.deployer().appoints(ARGS);
    attempt.with(address::certifier(&key("x")), genuine).is_refused(ErrorCode::ConstraintSeeds);
    let attempt = world.deployer().appoints(ARGS);
    attempt
        .with(address::certifier(&key(CERTIFIER)), address::config())
        .is_refused(ErrorCode::AccountDiscriminatorMismatch);
}
