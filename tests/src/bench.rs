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
use flashback_core::params::Params;
use flashback_core::quality::Aggregate;
use flashback_core::sla::Party;
use flashback_core::unit::Maintenance;
use flashback_core::units::{Atoms, DAY, Seconds};
use flashback_sdk::account::SubjectKind;
use flashback_sdk::instruction::{
    AmendCertificateArgs, ProposeSlaArgs, SubmitReportArgs, UpdateProviderArgs,
};

use crate::actors::{EXPIRY, oracle_details, same_unit};
use crate::attempt::Receipt;
use crate::measured::{met, slow};
use crate::names::key;
use crate::world::{
    ARBITER, GUARDIAN, OPERATOR, ORACLES, PAYOUT, PROVIDER, STAKE, STRANGER, listing, oracle_name,
    reservation,
};
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
        figures.contests(world.clone());
        figures.redraws(world.clone());
        figures.batches(world.clone());
        let world = figures.windows(world);
        figures.abandoned(world.clone());
        figures.end(world);
        figures.proposals();
        figures.exits();
        figures.authorities();
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

    fn contests(&mut self, mut world: World) {
        world.wait_until_reports(0);
        let lie = world.records(1, 0, 0);
        let attempts = lie.tree.aggregate().attempts;
        let lie = lie.with_aggregate(Aggregate { probes_ok: attempts / 2, ..met(&world.terms()) });
        for seat in 0..SEATS {
            let honest = world.records(seat, 0, 0).report(0);
            let report = if seat == 1 { lie.report(0) } else { honest };
            world.seat(seat).submits(report).succeeds();
        }
        let mut proven = world.clone();
        let proof = lie.accusation(7);
        let proof = proven.anyone().proves_fraud(None, 1, proof);
        self.note("prove_fraud", &proof.succeeds());

        world.wait_until_challenges(0);
        let mut joined = world.clone();
        self.note("open_dispute", &world.consumer().disputes(0).succeeds());
        self.note("challenge_leaf", &joined.anyone().challenges(0, 0, 3).succeeds());
        joined.anyone().challenges(0, 2, 3).succeeds();
        let opening = joined.records(0, 0, 0).opening(3);
        self.note("open_leaf", &joined.anyone().opens_leaf(0, 0, 3, opening).succeeds());
        joined.wait_secs(u64::from(DAY));
        self.note("expire_challenge", &joined.anyone().expires_challenge(0, 2, 3).succeeds());

        let mut unanswered = world.clone();
        let ruling = world.arbiter().rules(0, Party::Consumer, Some(1));
        self.note("rule_dispute", &ruling.succeeds());
        world.wait_until_settleable(0);
        self.note("settle_round", &world.anyone().settles_round(0).succeeds());
        unanswered.wait_secs(8 * u64::from(DAY));
        let expired = unanswered.anyone().expires_dispute(0, Party::Consumer);
        self.note("expire_dispute", &expired.succeeds());
    }

    fn redraws(&mut self, mut world: World) {
        world.reports(0, [Some(met(&world.terms())); SEATS]);
        world.wait_until_challenges(0);
        world.consumer().disputes(0).succeeds();
        let left = world.seat(0).leaves().succeeds();
        self.note("leave_registry", &left);
        world.wait_until_settleable(0);
        self.note("arm_redraw", &world.anyone().arms_redraw(0).succeeds());
        world.wait_until_draw();
        self.note("redraw_seats", &world.anyone().redraws(Some(0)).succeeds());
        world.arbiter().rules(0, Party::Consumer, None).succeeds();
        world.anyone().settles_round(0).succeeds();
        self.note("free_round_seat", &world.anyone().frees_round_seat(0, 0).succeeds());
    }

    fn batches(&mut self, mut world: World) {
        let (terms, sla) = (world.terms(), world.sla_address());
        world.wait_until_reports(0);
        for seat in 0..SEATS {
            let report = SubmitReportArgs { window: 0, aggregate: met(&terms), root: [9; 32] };
            let receipt = world.seat(seat).submits_many(&[(sla, report)]).succeeds();
            if seat == 0 {
                self.note("submit_many", &receipt);
            }
        }
        world.wait_until_settleable(0);
        self.note("settle_many", &world.anyone().settles_many(&[sla]).succeeds());
        self.note("fold_scores", &world.anyone().folds_scores().succeeds());
        self.note("terminate_sla", &world.consumer().terminates().succeeds());
    }

    fn abandoned(&mut self, mut world: World) {
        world.anyone().collects_penalty().succeeds();
        for seat in 1..5 {
            world.anyone().collects_absence(seat).succeeds();
        }
        world.anyone().releases().succeeds();
        world.wait_secs(31 * u64::from(DAY));
        self.note("close_abandoned_sla", &world.anyone().closes_abandoned().succeeds());
    }

    fn proposals(&mut self) {
        let mut world = World::with_proposed_sla();
        let mut rejected = world.clone();
        self.note("accept_sla", &world.provider().accepts().succeeds());
        self.note("reject_sla", &rejected.provider().rejects().succeeds());
    }

    fn exits(&mut self) {
        let mut world = World::with_market();
        let details = UpdateProviderArgs {
            payout: key(PAYOUT),
            region: listing().region,
            metadata_uri: String::new(),
        };
        self.note("update_provider", &world.provider().updates(details).succeeds());
        let until = world.chain.now().after(u64::from(DAY)).expect("a time");
        let named = world.provider().names_operator(key(OPERATOR), until);
        self.note("set_operator", &named.succeeds());
        self.note("update_unit", &world.provider().updates_unit(same_unit()).succeeds());
        self.note("boost_unit", &world.anyone().boosts_unit(Atoms(1_000_000)).succeeds());
        let starts_at = world.chain.now().after(30 * u64::from(DAY)).expect("a time");
        let next = Maintenance { starts_at, secs: Seconds(3_600) };
        self.note("announce_maintenance", &world.provider().announces(next).succeeds());
        self.note("refresh_unit", &world.anyone().refreshes_unit().succeeds());
        self.note("close_unit", &world.provider().closes_unit().succeeds());
        self.note("remove_unit", &world.anyone().removes_unit().succeeds());
        self.note("unstake", &world.provider().unstakes(STAKE).succeeds());
        world.oracle(0).leaves().succeeds();
        world.oracle(0).unstakes(STAKE).succeeds();
        world.wait_secs(30 * u64::from(DAY));
        self.note("withdraw_stake", &world.provider().withdraws_stake().succeeds());
        self.note("close_provider", &world.provider().exits().succeeds());
        self.note("update_oracle", &world.oracle(0).updates(oracle_details()).succeeds());
        world.oracle(0).withdraws_stake().succeeds();
        // Its entry goes once no draw of its time can be held.
        world.oracle(0).leaves().succeeds();
        self.note("close_oracle", &world.oracle(0).exits().succeeds());
    }

    fn authorities(&mut self) {
        let mut world = World::with_market();
        let (kind, subject) = (SubjectKind::Provider, key(PROVIDER));
        let args = AmendCertificateArgs { level: 3, evidence_hash: [1; 32], expires_at: EXPIRY.0 };
        self.note("amend_certificate", &world.certifier().amends(kind, subject, args).succeeds());
        self.note("revoke_certificate", &world.certifier().revokes(kind, subject).succeeds());
        self.note("remove_certifier", &world.deployer().removes_certifier().succeeds());
        self.note("set_params", &world.deployer().sets_params(Params::default()).succeeds());
        let guardian = world.deployer().appoints_guardian(key(GUARDIAN));
        self.note("appoint_guardian", &guardian.succeeds());
        let arbiter = world.deployer().appoints_arbiter(key(ARBITER));
        self.note("appoint_arbiter", &arbiter.succeeds());
        self.note("pause", &world.guardian().pauses(DAY).succeeds());
        self.note("offer_authority", &world.deployer().offers_authority(key(STRANGER)).succeeds());
        let accepted = world.anyone().accepts_authority(STRANGER);
        self.note("accept_authority", &accepted.succeeds());
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
