//! Each instruction's happy case.

use std::collections::BTreeSet;

use flashback_tests::attempt::Attempt;
use flashback_tests::elf;
use flashback_tests::prelude::*;

/// An instruction that is about to succeed.
pub struct Happy {
    /// As in the IDL.
    pub name: &'static str,
    /// The accounts' names, in order; the remaining accounts have none.
    pub accounts: Vec<String>,
    /// Where it succeeds.
    pub world: World,
    attempt: fn(&mut World) -> Attempt<'_>,
}

impl Happy {
    /// The instruction, to be bent and sent.
    pub fn attempt(&mut self) -> Attempt<'_> {
        (self.attempt)(&mut self.world)
    }

    /// The name of the account at a place.
    pub fn account(&self, place: usize) -> &str {
        self.accounts.get(place).map_or("a remaining account", String::as_str)
    }
}

/// Every instruction of the program.
pub fn every_instruction() -> Vec<Happy> {
    #[allow(clippy::type_complexity, reason = "a table")]
    let cases: [(&'static str, World, fn(&mut World) -> Attempt<'_>); 22] = [
        ("initialize", World::new(), |world| world.deployer().initializes()),
        ("appoint_certifier", World::initialized(), |world| {
            world.deployer().appoints(flashback_sdk::instruction::AppointCertifierArgs {
                certifier: key(STRANGER),
                max_level: 1,
                expires_at: EXPIRY.0,
            })
        }),
        ("certify", with_more(), |world| {
            world.certifier().certifies(SubjectKind::Consumer, key(STRANGER))
        }),
        ("register_provider", World::initialized(), |world| world.provider().registers()),
        ("stake", with_more(), |world| world.oracle(0).stakes(Atoms(1))),
        ("create_unit", with_more(), |world| {
            let mut another = listing();
            another.id = NUMBER + 7;
            world.provider().lists(another)
        }),
        ("register_oracle", with_more(), |world| world.oracle(20).registers()),
        ("join_registry", with_candidate(), |world| world.oracle(20).joins_registry()),
        ("propose_sla", with_more(), |world| world.consumer().reserves()),
        ("seat_committee", drawn(), |world| world.anyone().seats_committee()),
        ("expire_sla", lapsed(), |world| world.anyone().expires()),
        ("submit_report", reporting(), |world| {
            let terms = world.terms();
            world.seat(0).reports(0, met(&terms))
        }),
        ("settle", settling(), |world| world.anyone().settles()),
        ("withdraw_earnings", ended(), |world| world.provider().withdraws_earnings()),
        ("withdraw_refund", ended(), |world| world.consumer().withdraws_refund()),
        ("claim_oracle_fees", ended(), |world| world.seat(0).claims_fees()),
        ("sweep_fees", ended(), |world| world.anyone().sweeps_fees()),
        ("collect_penalty", ended(), |world| world.anyone().collects_penalty()),
        ("collect_absence", ended(), |world| world.anyone().collects_absence(0)),
        ("release_sla", and_more(World::with_collected_sla()), |world| world.anyone().releases()),
        ("close_sla", and_more(World::with_emptied_sla()), |world| world.anyone().closes()),
        ("assert_solvent", ended(), |world| world.anyone().asserts_escrow_solvent()),
    ];
    let idl = idl();
    let cases = cases.map(|(name, world, attempt)| {
        let instruction = idl.iter().find(|one| one["name"] == name);
        let accounts =
            instruction.unwrap_or_else(|| panic!("{name} is not in the IDL"))["accounts"]
                .as_array()
                .expect("accounts")
                .iter()
                .map(|account| account["name"].as_str().expect("a name").to_owned())
                .collect();
        Happy { name, accounts, world, attempt }
    });
    cases.into()
}

fn idl() -> Vec<serde_json::Value> {
    let path = elf::workspace().join("idls/flashback.json");
    let text = std::fs::read_to_string(&path).expect("idls/flashback.json");
    let idl: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    idl["instructions"].as_array().expect("instructions").clone()
}

#[test]
fn no_instruction_is_forgotten() {
    let happy = every_instruction();
    let tried: BTreeSet<_> = happy.iter().map(|one| one.name).collect();
    let idl = idl();
    let all: BTreeSet<_> = idl.iter().map(|one| one["name"].as_str().expect("a name")).collect();
    assert_eq!(tried, all);
}

#[test]
fn the_happy_cases_are_happy() {
    for mut one in every_instruction() {
        println!("{}", one.name);
        one.attempt().succeeds();
    }
}

/// Adds another provider with stake, unit and certificate, and oracles beyond the committee.
fn and_more(mut world: World) -> World {
    world.other_provider().registers().succeeds();
    world.other_provider().stakes(STAKE).succeeds();
    world.certifier().certifies(SubjectKind::Provider, key(OTHER_PROVIDER)).succeeds();
    world.other_provider().lists_unit().succeeds();
    world.oracle(19).registers().succeeds();
    world.chain.mint_flash(&key("oracle 19"), PURSE);
    world.oracle(19).stakes(STAKE).succeeds();
    world.certifier().certifies(SubjectKind::Consumer, key(PROVIDER)).succeeds();
    world
}

fn with_more() -> World {
    and_more(World::with_market())
}

fn with_candidate() -> World {
    let mut world = with_more();
    world.oracle(20).registers().succeeds();
    world.chain.mint_flash(&key("oracle 20"), PURSE);
    world.oracle(20).stakes(STAKE).succeeds();
    world.certifier().certifies(SubjectKind::Oracle, key("oracle 20")).succeeds();
    world
}

fn drawn() -> World {
    let mut world = with_more();
    world.consumer().reserves().succeeds();
    world.wait_until_draw();
    world
}

fn lapsed() -> World {
    let mut world = drawn();
    world.chain.wait_slots(512);
    world
}

fn reporting() -> World {
    let mut world = drawn();
    world.anyone().seats_committee().succeeds();
    world.wait_until_reports(0);
    world
}

fn settling() -> World {
    let mut world = reporting();
    world.wait_until_settleable(0);
    world
}

fn ended() -> World {
    and_more(World::with_ended_sla())
}
