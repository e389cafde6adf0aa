//! Compute units of every instruction, and the program's size.
//!
//! Each figure is what a transaction with exactly that instruction consumes, on keys that never change (see
//! [`crate::names`]), without compute-budget instructions:
//!
//! | figure | of |
//! | --- | --- |
//! | `<instruction>` | the happy life of one SLA with a committee of five in a registry of seven |
//! | `settle` | one met window that all five reported |
//! | `settle.worst` | four windows at once: one breached, then three silent ones that end the SLA |
//! | `submit_report` | the first report of a window, with nothing to settle first |
//! | `submit_report.worst` | a report that first settles a breached and two silent windows |
//! | `seat_committee.worst` | five of a full registry of 256 oracles |
//! | `join_registry.worst` | the 256th oracle |

use std::collections::BTreeMap;

use flashback_core::committee::REGISTRY_MAX;
use flashback_sdk::account::SubjectKind;
use flashback_sdk::instruction::ProposeSlaArgs;

use crate::attempt::Receipt;
use crate::measured::{met, slow};
use crate::names::key;
use crate::world::{ORACLES, PROVIDER, STAKE, oracle_name, reservation};
use crate::{World, elf};

const SEATS: usize = 5;

/// What was measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Compute units by name.
    pub compute_units: BTreeMap<String, u64>,
    /// Bytes of the program's ELF.
    pub program_bytes: u64,
}

impl Figures {
    /// Measures everything.
    pub fn measure() -> Self {
        let mut figures =
            Self { program_bytes: elf::read(elf::FLASHBACK).len() as u64, ..Self::default() };
        let world = figures.setup();
        let world = figures.registrations(world);
        figures.worst_registry(world.clone());
        let world = figures.start(world);
        figures.worst_settlements(world.clone());
        let world = figures.windows(world);
        figures.end(world);
        figures
    }

    fn note(&mut self, name: &str, receipt: &Receipt) {
        let known = self.compute_units.insert(name.to_owned(), receipt.compute_units());
        assert_eq!(known, None, "{name} was measured twice");
    }

    fn setup(&mut self) -> World {
        let mut world = World::new();
        self.note("initialize", &world.deployer().initializes().succeeds());
        self.note("appoint_certifier", &world.deployer().appoints_certifier().succeeds());
        world
    }

    fn registrations(&mut self, mut world: World) -> World {
        self.note("register_provider", &world.provider().registers().succeeds());
        self.note("stake", &world.provider().stakes(STAKE).succeeds());
        let certified = world.certifier().certifies(SubjectKind::Provider, key(PROVIDER));
        self.note("certify", &certified.succeeds());
        self.note("create_unit", &world.provider().lists_unit().succeeds());
        world.prepare_oracle(0);
        self.note("register_oracle", &world.oracle(0).registers().succeeds());
        world.stake_and_certify_oracle(0);
        self.note("join_registry", &world.oracle(0).joins_registry().succeeds());
        for index in 1..ORACLES {
            world.add_oracle(index);
        }
        world.chain.wait_slots(1);
        world
    }

    fn start(&mut self, mut world: World) -> World {
        self.note("propose_sla", &world.consumer().reserves_with(for_five()).succeeds());
        world.wait_until_draw();
        let mut lapsed = world.clone();
        lapsed.chain.wait_slots(512);
        self.note("expire_sla", &lapsed.anyone().expires().succeeds());
        self.note("seat_committee", &world.anyone().seats_committee().succeeds());
        world
    }

    fn windows(&mut self, mut world: World) -> World {
        let terms = world.terms();
        world.wait_until_reports(0);
        self.note("submit_report", &world.seat(0).reports(0, met(&terms)).succeeds());
        for seat in 1..SEATS {
            world.seat(seat).reports(0, met(&terms)).succeeds();
        }
        world.wait_until_settleable(0);
        self.note("settle", &world.anyone().settles().succeeds());
        world.reports(1, [Some(slow(&terms, 7)); SEATS]);
        world.reports(2, [Some(met(&terms)), None, None, None, None]);
        world.reports(3, [Some(met(&terms)); SEATS]);
        world.wait_until_settleable(3);
        world.anyone().settles().succeeds();
        world
    }

    fn end(&mut self, mut world: World) {
        self.note("assert_solvent", &world.anyone().asserts_escrow_solvent().succeeds());
        self.note("collect_penalty", &world.anyone().collects_penalty().succeeds());
        self.note("collect_absence", &world.anyone().collects_absence(1).succeeds());
        for seat in 2..5 {
            world.anyone().collects_absence(seat).succeeds();
        }
        self.note("withdraw_earnings", &world.provider().withdraws_earnings().succeeds());
        self.note("withdraw_refund", &world.consumer().withdraws_refund().succeeds());
        self.note("claim_oracle_fees", &world.seat(0).claims_fees().succeeds());
        for seat in 1..SEATS {
            world.seat(seat).claims_fees().succeeds();
        }
        self.note("sweep_fees", &world.anyone().sweeps_fees().succeeds());
        self.note("release_sla", &world.anyone().releases().succeeds());
        self.note("close_sla", &world.anyone().closes().succeeds());
    }

    fn worst_registry(&mut self, mut world: World) {
        for index in ORACLES..REGISTRY_MAX - 1 {
            world.add_oracle(index);
        }
        let last = REGISTRY_MAX - 1;
        world.prepare_oracle(last);
        world.oracle(last).registers().succeeds();
        world.stake_and_certify_oracle(last);
        self.note("join_registry.worst", &world.oracle(last).joins_registry().succeeds());
        world.chain.wait_slots(1);
        world.consumer().reserves_with(for_five()).succeeds();
        world.wait_until_draw();
        self.note("seat_committee.worst", &world.anyone().seats_committee().succeeds());
    }

    fn worst_settlements(&mut self, mut world: World) {
        let terms = world.terms();
        world.reports(0, [Some(slow(&terms, 7)); SEATS]);
        let mut reporting = world.clone();
        reporting.wait_until_reports(3);
        let report = reporting.seat(0).reports(3, met(&terms));
        self.note("submit_report.worst", &report.succeeds());
        world.wait_until_settleable(3);
        self.note("settle.worst", &world.anyone().settles().succeeds());
    }
}

impl World {
    /// Gives the oracle of that number its purse.
    fn prepare_oracle(&mut self, index: usize) {
        self.chain.mint_flash(&key(&oracle_name(index)), crate::world::PURSE);
    }

    fn stake_and_certify_oracle(&mut self, index: usize) {
        self.oracle(index).stakes(STAKE).succeeds();
        let certified = self.certifier().certifies(SubjectKind::Oracle, key(&oracle_name(index)));
        certified.succeeds();
    }
}

/// The reservation, watched by five oracles.
fn for_five() -> ProposeSlaArgs {
    let mut args = reservation();
    args.request.seats = 5;
    args
}
