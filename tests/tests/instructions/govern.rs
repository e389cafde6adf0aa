//! What every setting has in common: who may set it, and that it is set in the one Config.

use anchor_lang::AccountSerialize;
use flashback_core::params::Params;
use flashback_sdk::account::Config;
use flashback_tests::Attempt;
use flashback_tests::prelude::*;
use solana_account::Account;

/// Each setting with what it is called.
pub type Setting = (&'static str, fn(&mut World) -> Attempt<'_>);

/// Every setting that is the authority's.
pub const SETTINGS: [Setting; 4] = [
    ("set_params", |world| {
        world.deployer().sets_params(Params { protocol_fee_bps: 60, ..Params::default() })
    }),
    ("appoint_guardian", |world| world.deployer().appoints_guardian(key("another guardian"))),
    ("appoint_arbiter", |world| world.deployer().appoints_arbiter(key("another arbiter"))),
    ("offer_authority", |world| world.deployer().offers_authority(key("another authority"))),
];

/// The Config's bytes as they are, but for one change.
pub fn config_with(world: &World, change: impl FnOnce(&mut Config)) -> Vec<u8> {
    let mut config = world.config();
    change(&mut config);
    let mut bytes = config_bytes(world);
    config.try_serialize(&mut bytes.as_mut_slice()).unwrap();
    bytes
}

/// The Config's bytes.
pub fn config_bytes(world: &World) -> Vec<u8> {
    world.chain.account(&address::config()).unwrap().data
}

/// A Config of this program in which a stranger holds every office, at an address that no seeds give.
pub fn forged_config(world: &mut World) -> Pubkey {
    let data = config_with(world, |config| {
        config.authority = key(STRANGER);
        config.pending_authority = key(STRANGER);
        config.guardian = key(STRANGER);
        config.arbiter = key(STRANGER);
    });
    let genuine = world.chain.account(&address::config()).unwrap();
    world.chain.put(key("forged config"), Account { data, ..genuine });
    key("forged config")
}

/// The same account, of a program of the stranger's.
pub fn foreign_config(world: &mut World) -> Pubkey {
    let forged = forged_config(world);
    let account = world.chain.account(&forged).unwrap();
    world.chain.put(forged, Account { owner: key("a stranger's program"), ..account });
    forged
}

#[test]
fn only_the_authority_sets_anything() {
    let mut world = World::initialized();
    for (name, set) in SETTINGS {
        println!("{name}");
        for other in [STRANGER, GUARDIAN, ARBITER, CERTIFIER] {
            let attempt = set(&mut world);
            attempt.signed_by(keypair(other), key(DEPLOYER)).is_refused(CoreError::Unauthorized);
        }
        set(&mut world).unsigned_by(key(DEPLOYER)).is_refused(ErrorCode::AccountNotSigner);
    }
}

#[test]
fn everything_is_set_in_the_one_config() {
    let mut world = World::initialized();
    for (name, set) in SETTINGS {
        println!("{name}");
        let forged = forged_config(&mut world);
        let attempt = set(&mut world).signed_by(keypair(STRANGER), key(DEPLOYER));
        attempt.with(forged, address::config()).is_refused(ErrorCode::ConstraintSeeds);
        let foreign = foreign_config(&mut world);
        let attempt = set(&mut world).signed_by(keypair(STRANGER), key(DEPLOYER));
        let reason = ErrorCode::AccountOwnedByWrongProgram;
        attempt.with(foreign, address::config()).is_refused(reason);
        for other in [address::registry(), address::certifier(&key(CERTIFIER))] {
            let attempt = set(&mut world).with(other, address::config());
            attempt.is_refused(ErrorCode::AccountDiscriminatorMismatch);
        }
        let attempt = set(&mut world).read_only(address::config());
        attempt.is_refused(ErrorCode::ConstraintMut);
    }
}

#[test]
fn nothing_is_set_before_the_protocol_is_set_up() {
    let mut world = World::new();
    for (_, set) in SETTINGS {
        set(&mut world).is_refused(ErrorCode::AccountNotInitialized);
    }
}

#[test]
fn a_setting_may_be_made_again() {
    let mut world = World::initialized();
    for (_, set) in SETTINGS {
        set(&mut world).succeeds();
        let set_once = config_bytes(&world);
        set(&mut world).succeeds();
        assert_eq!(config_bytes(&world), set_once);
    }
}
