//! A market with more accounts of every kind than an instruction needs, so that something could stand for each.

use flashback_sdk::instruction::{
    AppointCertifierArgs, CreateUnitArgs, certify, register_provider,
};
use flashback_tests::Attempt;
use flashback_tests::actors::{certificate, provider_details};
use flashback_tests::prelude::*;
use flashback_tests::world::oracle_name;
use solana_sdk::instruction::Instruction;
use solana_sdk::signature::{Keypair, Signer};

use super::beside::CONTESTED;

/// Another consumer.
pub const NEIGHBOUR: &str = "neighbour";
/// Another certifier.
pub const OTHER_CERTIFIER: &str = "other certifier";
/// Somebody who has nothing at all.
pub const NOBODY: &str = "nobody";
/// A provider that has only its registration and certificate.
pub const IDLE_PROVIDER: &str = "idle provider";
/// A provider that is not registered yet.
pub const NEW_PROVIDER: &str = "new provider";
/// The provider's second unit has this number.
pub const SECOND_UNIT: u64 = 2;
/// An oracle with stake and certificate that is not in the registry.
pub const CANDIDATE: usize = 20;
/// An oracle that has only its registration and certificate.
pub const IDLE_ORACLE: usize = 21;
/// An oracle that is not registered yet.
pub const NEW_ORACLE: usize = 22;
/// A mint that is not FLASH.
pub const COPPER: &str = "copper";

/// Builds a world once, and copies it from then on.
macro_rules! once {
    ($build:expr) => {{
        use std::sync::{LazyLock, Mutex};
        static BUILT: LazyLock<Mutex<World>> = LazyLock::new(|| Mutex::new($build));
        BUILT.lock().expect("the world could be built").clone()
    }};
}
pub(super) use once;

/// Two providers with units, seven oracles in the registry and others beside it, two certifiers, certificates of every
/// kind, and the neighbour's SLA, whose first window is disputed and challenged.
pub fn market() -> World {
    once!({
        let mut world = World::initialized();
        fill_purses(&mut world);
        world.add_provider(STAKE);
        list_units(&mut world);
        for index in 0..ORACLES {
            world.add_oracle(index);
        }
        add_idle_oracles(&mut world);
        add_idle_provider(&mut world);
        add_certificates(&mut world);
        world.chain.wait_slots(1);
        contest_beside(&mut world);
        world
    })
}

fn fill_purses(world: &mut World) {
    world.chain.mint_flash(&key(NEIGHBOUR), PURSE);
    world.chain.create_mint(COPPER, 6, None);
    for name in [CONSUMER, STRANGER, PROVIDER, PAYOUT, "oracle 0"] {
        world.chain.mint(key(COPPER), &key(name), PURSE);
    }
    world.chain.fund(key(STRANGER));
}

fn list_units(world: &mut World) {
    // Both ask consumers for a certificate.
    let unit = CreateUnitArgs { consumer_level: 1, ..listing() };
    world.provider().lists(unit.clone()).succeeds();
    world.provider().lists(CreateUnitArgs { id: SECOND_UNIT, ..unit }).succeeds();
    world.other_provider().registers().succeeds();
    world.other_provider().stakes(STAKE).succeeds();
    world.certifier().certifies(SubjectKind::Provider, key(OTHER_PROVIDER)).succeeds();
    world.other_provider().lists_unit().succeeds();
}

fn add_idle_oracles(world: &mut World) {
    for index in [CANDIDATE, IDLE_ORACLE] {
        world.oracle(index).registers().succeeds();
        certify_idle(world, SubjectKind::Oracle, &oracle_name(index));
    }
    world.chain.mint_flash(&key(&oracle_name(CANDIDATE)), PURSE);
    world.oracle(CANDIDATE).stakes(STAKE).succeeds();
}

fn add_idle_provider(world: &mut World) {
    registers(world, IDLE_PROVIDER).succeeds();
    certify_idle(world, SubjectKind::Provider, IDLE_PROVIDER);
}

/// The stranger pays for the certificate.
fn certify_idle(world: &mut World, kind: SubjectKind, subject: &str) {
    let given = certify(key(STRANGER), key(CERTIFIER), certificate(kind, key(subject)));
    let signers = vec![keypair(STRANGER), keypair(CERTIFIER)];
    Attempt::new(&mut world.chain, given, signers).succeeds();
}

/// Who signs an instruction.
pub fn signers(instruction: &Instruction) -> Vec<Keypair> {
    let people = [
        RENT_PAYER,
        DEPLOYER,
        GUARDIAN,
        ARBITER,
        CERTIFIER,
        OTHER_CERTIFIER,
        PROVIDER,
        IDLE_PROVIDER,
        NEW_PROVIDER,
        CONSUMER,
        STRANGER,
    ];
    let oracles = (0..ORACLES).chain([CANDIDATE, IDLE_ORACLE, NEW_ORACLE]).map(oracle_name);
    let everybody = people.into_iter().map(str::to_owned).chain(oracles);
    let signs = |one: &Keypair| {
        instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == one.pubkey())
    };
    everybody.map(|name| keypair(&name)).filter(signs).collect()
}

/// Some provider registers.
pub fn registers<'w>(world: &'w mut World, name: &str) -> Attempt<'w> {
    let registered =
        register_provider(key(RENT_PAYER), key(name), Chain::flash(), provider_details());
    let signers = vec![keypair(RENT_PAYER), keypair(name)];
    Attempt::new(&mut world.chain, registered, signers)
}

/// The certifier certifies consumers, the other certifier the stranger.
fn add_certificates(world: &mut World) {
    for name in [CONSUMER, NEIGHBOUR, PROVIDER] {
        world.certifier().certifies(SubjectKind::Consumer, key(name)).succeeds();
    }
    let certifier = key(OTHER_CERTIFIER);
    let appointment = AppointCertifierArgs { certifier, max_level: 4, expires_at: EXPIRY.0 };
    world.deployer().appoints(appointment).succeeds();
    for kind in [SubjectKind::Consumer, SubjectKind::Oracle] {
        let given = certify(key(RENT_PAYER), certifier, certificate(kind, key(STRANGER)));
        let signers = vec![keypair(RENT_PAYER), keypair(OTHER_CERTIFIER)];
        Attempt::new(&mut world.chain, given, signers).succeeds();
    }
}

fn contest_beside(world: &mut World) {
    CONTESTED.reserves(world).succeeds();
    let draw_slot = CONTESTED.sla(world).body.progress.draw_slot;
    world.chain.wait_slots(draw_slot + 1 - world.chain.slot());
    CONTESTED.seats_committee(world).succeeds();
    let terms = CONTESTED.terms(world);
    world.wait(terms.report_opens(0).expect("a time"));
    CONTESTED.is_reported(world, 0);
    world.wait(terms.report_closes(0).expect("a time"));
    CONTESTED.is_contested(world);
}
