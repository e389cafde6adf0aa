use flashback_core::params::Params;
use flashback_sdk::instruction::{
    AmendCertificateArgs, AppointCertifierArgs, VaultOwner, assert_solvent,
};
use flashback_tests::Attempt;
use flashback_tests::prelude::*;

use super::Case;
use crate::security::stages::{contested, ended, offered};

pub fn cases() -> Vec<Case> {
    vec![
        ("initialize", deployed(), |world| world.deployer().initializes()),
        ("appoint_certifier", contested(), |world| {
            let certifier = key("new certifier");
            world.deployer().appoints(AppointCertifierArgs {
                certifier,
                max_level: 1,
                expires_at: EXPIRY.0,
            })
        }),
        ("remove_certifier", contested(), |world| world.deployer().removes_certifier()),
        ("certify", contested(), |world| {
            world.certifier().certifies(SubjectKind::Consumer, key("newcomer"))
        }),
        ("amend_certificate", contested(), |world| {
            let (level, evidence_hash, expires_at) = (3, [8; 32], EXPIRY.0 - 1);
            let amended = AmendCertificateArgs { level, evidence_hash, expires_at };
            world.certifier().amends(SubjectKind::Oracle, key("oracle 0"), amended)
        }),
        ("revoke_certificate", contested(), |world| {
            world.certifier().revokes(SubjectKind::Oracle, key("oracle 0"))
        }),
        ("set_params", contested(), |world| world.deployer().sets_params(Params::default())),
        ("appoint_guardian", contested(), |world| {
            world.deployer().appoints_guardian(key("new guardian"))
        }),
        ("appoint_arbiter", contested(), |world| {
            world.deployer().appoints_arbiter(key("new arbiter"))
        }),
        ("offer_authority", contested(), |world| world.deployer().offers_authority(key(STRANGER))),
        ("accept_authority", offered(), |world| world.anyone().accepts_authority(STRANGER)),
        ("pause", contested(), |world| world.guardian().pauses(60)),
        ("assert_solvent", ended(), |world| world.anyone().asserts_escrow_solvent()),
        ("assert_solvent/stake", contested(), |world| {
            let provider = world.provider_address();
            world.anyone().asserts_stake_solvent(provider)
        }),
        ("assert_solvent/treasury", contested(), |world| {
            Attempt::new(&mut world.chain, assert_solvent(VaultOwner::Treasury), vec![])
        }),
    ]
}

/// Nothing is initialized; the stranger could pay as well.
fn deployed() -> World {
    let mut world = World::new();
    world.chain.fund(key(STRANGER));
    world
}
