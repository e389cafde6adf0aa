//! Who may not close, and whose account not yet.

use super::*;

#[test]
fn who_is_in_the_registry_leaves_first() {
    let mut world = World::with_market();
    world.oracle(0).unstakes(STAKE).succeeds();
    world.wait_secs(u64::from(world.config().params.unbonding_secs));
    world.oracle(0).withdraws_stake().succeeds();
    world.oracle(0).exits().is_refused(CoreError::OracleInUse);
    // Its entry is still there.
    world.oracle(0).leaves().succeeds();
    world.oracle(0).exits().is_refused(CoreError::OracleInUse);
    world.chain.wait_slots(1_000);
    world.oracle(0).exits().is_refused(CoreError::OracleInUse);
    world.oracle(0).leaves().succeeds();
    world.oracle(0).exits().succeeds();
}

#[test]
fn bonded_stake_is_withdrawn_first() {
    for amount in [Atoms(1), STAKE] {
        let mut world = idle();
        world.chain.mint_flash(&authority(), PURSE);
        world.oracle(0).stakes(amount).succeeds();
        world.oracle(0).exits().is_refused(CoreError::OracleInUse);
    }
}

#[test]
fn unbonding_stake_is_withdrawn_first() {
    let mut world = idle();
    world.chain.mint_flash(&authority(), PURSE);
    world.oracle(0).stakes(Atoms(1)).succeeds();
    world.oracle(0).unstakes(Atoms(1)).succeeds();
    world.oracle(0).exits().is_refused(CoreError::OracleInUse);
    world.wait_secs(u64::from(world.config().params.unbonding_secs));
    world.oracle(0).exits().is_refused(CoreError::OracleInUse);
    world.oracle(0).withdraws_stake().succeeds();
    world.oracle(0).exits().succeeds();
}

#[test]
fn a_seated_oracle_cannot_close() {
    let mut world = World::with_active_sla();
    let seats = world.sla().seats;
    world.seat(0).leaves().succeeds();
    let free = world.oracle_account(&seats[0]).stake.free();
    world.seat(0).unstakes(free).succeeds();
    world.seat(0).exits().is_refused(CoreError::OracleInUse);
}

#[test]
fn a_seat_alone_keeps_it() {
    let mut world = idle();
    let oracle = address::oracle(&authority());
    let mut seated = world.chain.account(&oracle).unwrap();
    // The count of seats, after discriminator and four single bytes.
    seated.data[12] = 1;
    world.oracle(0).exits().putting(oracle, seated).is_refused(CoreError::OracleInUse);
}

#[test]
fn only_its_authority_may() {
    let mut world = idle();
    let attempt = world.oracle(0).exits();
    attempt.unsigned_by(authority()).is_refused(ErrorCode::AccountNotSigner);
    for other in [STRANGER, DEPLOYER, CERTIFIER] {
        let attempt = world.oracle(0).exits();
        attempt.signed_by(keypair(other), authority()).is_refused(CoreError::Unauthorized);
    }
}

#[test]
fn twice_is_refused() {
    let mut world = idle();
    world.oracle(0).exits().succeeds();
    world.oracle(0).exits().is_refused(ErrorCode::AccountOwnedByWrongProgram);
}

#[test]
fn rent_goes_nowhere_else() {
    let mut world = idle();
    for other in [key(STRANGER), authority(), key(DEPLOYER)] {
        let attempt = world.oracle(0).exits();
        attempt.at(3, |payer| payer.pubkey = other).is_refused(ErrorCode::ConstraintHasOne);
        let attempt = world.oracle(0).exits();
        attempt
            .at(CERTIFICATE_PAYER, |payer| payer.pubkey = other)
            .is_refused(CoreError::AccountMismatch);
    }
}

#[test]
fn the_certificate_cannot_be_left_out() {
    let mut world = idle();
    world.certifier().certifies(SubjectKind::Oracle, key("oracle 1")).succeeds();
    world.certifier().certifies(SubjectKind::Provider, authority()).succeeds();
    let own = address::certificate(SubjectKind::Oracle, &authority());
    for other in [
        address::certificate(SubjectKind::Oracle, &key("oracle 1")),
        address::certificate(SubjectKind::Provider, &authority()),
        key("nobody"),
    ] {
        let attempt = world.oracle(0).exits();
        attempt.with(other, own).is_refused(ErrorCode::ConstraintSeeds);
    }
}

#[test]
fn other_vaults_are_refused() {
    let mut world = idle();
    world.oracle(1).registers().succeeds();
    let own = address::stake_vault(&address::oracle(&authority()));
    let other = address::stake_vault(&address::oracle(&key("oracle 1")));
    for (instead, of) in [
        (other, own),
        (purse(STRANGER), own),
        (purse(STRANGER), address::treasury()),
        (address::rewards(), address::treasury()),
    ] {
        let attempt = world.oracle(0).exits();
        attempt.with(instead, of).is_refused(ErrorCode::ConstraintSeeds);
    }
}

#[test]
fn other_oracles_configs_and_programs_are_refused() {
    let mut world = idle();
    world.oracle(1).registers().succeeds();
    let own = address::oracle(&authority());
    let attempt = world.oracle(0).exits();
    attempt.with(address::oracle(&key("oracle 1")), own).is_refused(CoreError::Unauthorized);
    let cases = [
        (address::registry(), own, ErrorCode::AccountDiscriminatorMismatch),
        (purse(STRANGER), own, ErrorCode::AccountOwnedByWrongProgram),
        (address::registry(), address::config(), ErrorCode::AccountDiscriminatorMismatch),
        (address::SYSTEM_PROGRAM, address::TOKEN_PROGRAM, ErrorCode::InvalidProgramId),
    ];
    for (instead, of, error) in cases {
        world.oracle(0).exits().with(instead, of).is_refused(error);
    }
}

#[test]
fn what_changes_must_be_writable() {
    let mut world = with_two_payers();
    let names = ["oracle", "rent payer", "vault", "treasury", "certificate", "its rent payer"];
    for (place, name) in (2..).zip(names) {
        println!("{name}");
        let attempt = world.oracle(0).exits();
        let attempt = attempt.at(CERTIFICATE_PAYER, |payer| payer.pubkey = key(STRANGER));
        let attempt = attempt.at(place, |account| account.is_writable = false);
        attempt.is_refused(ErrorCode::ConstraintMut);
    }
}
