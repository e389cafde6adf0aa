//! The largest proofs, each in one transaction.

use flashback::events::SubmissionVoided;
use flashback_core::hash::SoftwareSha256;
use flashback_core::params::Params;
use flashback_core::records::{Kind, Outcome, PROOF_BYTES_MAX, Record, Series, encode_leaf};
use flashback_tests::prelude::*;
use flashback_tests::records::Records;
use solana_sdk::instruction::Instruction;

use super::super::forgery::*;

/// With a probe a minute in windows of so many probes, seat 0's records bent so.
fn probed(probes: u32, forge: impl FnOnce(Forgery) -> Forgery) -> (World, Records) {
    let mut world = World::initialized();
    world.deployer().sets_params(Params { probes_max: 6_144, ..Params::default() }).succeeds();
    world = world.and_market(STAKE, listing());
    let mut args = reservation();
    args.request.window_secs = probes * 60;
    world.consumer().reserves_with(args).succeeds();
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    assert_eq!(world.terms().probes, probes);
    let records = submits_forged(&mut world, 0, forge);
    world.wait_until_challenges(0);
    (world, records)
}

/// Every record that the rounds of a leaf can hold, as large as it can be.
fn full_leaf(series: &Series, index: u32) -> Vec<u8> {
    let rounds = series.shape().leaf_rounds(index).unwrap();
    let records: Vec<Record> = rounds
        .flat_map(|round| {
            let time = series.slice(round).unwrap().start;
            [
                Record::plain(time, Kind::Availability, Outcome::Ok),
                Record::latency(time, u32::MAX),
                Record::upload(time, 4_398_046, 1),
                Record::download(time, 4_398_046, 1),
                Record::plain(time, Kind::Operation, Outcome::Ok),
            ]
        })
        .collect();
    encode_leaf(series, index, &records).unwrap()
}

/// A bid for priority, in the same transaction.
fn priority() -> Instruction {
    let program_id = Pubkey::from_str_const("ComputeBudget111111111111111111111111111111");
    let data = [&[3][..], &1_000u64.to_le_bytes()].concat();
    Instruction { program_id, accounts: vec![], data }
}

/// Proves it in its round, where the transaction names an account more, with a bid for priority.
fn fits_a_transaction(mut world: World, proof: Vec<u8>, fraud: u8) {
    assert!(proof.len() <= PROOF_BYTES_MAX);
    world.anyone().challenges(0, 0, 0).succeeds();
    let attempt = world.anyone().proves_fraud(Some(0), 0, proof).and(priority());
    let receipt = attempt.succeeds();
    assert_eq!(receipt.event::<SubmissionVoided>().fraud, fraud);
}

/// The first leaf has a sibling at every height.
#[test]
fn of_the_most_rounds() {
    let (world, records) = probed(6_144, |honest| {
        let full = full_leaf(honest.series(), 0);
        honest.with_leaf(0, full)
    });
    let proof = records.opening(0);
    assert_eq!(proof.len(), 739);
    fits_a_transaction(world, proof, 4);
}

#[test]
fn of_the_highest_tree() {
    let (world, records) = probed(4_096, |honest| {
        let own = *honest.series();
        honest.bound_to(0, &own, 1)
    });
    let context = records.tree.series().context::<SoftwareSha256>();
    let digest = records_digest(&records.leaves[0]);
    let proof = records.tree.open_foreign(0, context, 1, digest).unwrap();
    let proof = proof.encode(records.tree.series()).unwrap();
    assert_eq!(proof.len(), 731);
    fits_a_transaction(world, proof, 3);
}

#[test]
fn openings_fit_as_well() {
    let (mut world, records) = probed(6_144, |honest| honest);
    for leaf in [0, 2_047] {
        world.anyone().challenges(0, 0, leaf).succeeds();
        world.anyone().opens_leaf(0, 0, leaf, records.opening(leaf)).succeeds();
    }
}
