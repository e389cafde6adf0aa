//! Who is honest is never proven wrong.

use flashback_core::hash::SoftwareSha256;
use flashback_core::records::{Proof, Start};
use flashback_tests::Reason;
use flashback_tests::prelude::*;
use flashback_tests::records::Records;

use super::super::contests::*;
use super::super::forgery::*;

/// With window 0 reported honestly by all, with 24 probes each, and seat 0's records.
fn honest() -> (World, Records) {
    forged(|honest| honest)
}

/// Every path of the tree: from each leaf, from each as a foreign one would be shown, and from each inner node.
fn paths(records: &Records) -> Vec<Proof> {
    let (tree, context) = (&records.tree, records.tree.series().context::<SoftwareSha256>());
    let mut paths = vec![];
    for (index, leaf) in (0..).zip(&records.leaves) {
        paths.push(tree.open(index, leaf).unwrap());
        paths.push(tree.open_foreign(index, context, index, records_digest(leaf)).unwrap());
    }
    for height in 1..=5 {
        // One that just moved up cannot be opened.
        let nodes = 0..tree.series().shape().nodes(height);
        paths.extend(nodes.filter_map(|position| tree.open_node(height, position).ok()));
    }
    assert_eq!(paths.len(), 48 + 23);
    paths
}

#[test]
fn no_path_proves_anything() {
    let (world, records) = honest();
    let mut contested = world.clone();
    contested.anyone().challenges(0, 1, 0).succeeds();
    for (mut world, window) in [(world, None), (contested, Some(0))] {
        for path in paths(&records) {
            let proof = path.encode(records.tree.series()).unwrap();
            world.anyone().proves_fraud(window, 0, proof).is_refused(CoreError::NoFraud);
        }
    }
}

/// Whatever byte of a path is bent.
fn no_bent_byte_helps(world: &mut World, window: Option<u16>, proof: &[u8]) {
    for place in 0..proof.len() {
        let mut bent = proof.to_vec();
        bent[place] ^= 1 << (place % 8);
        let refusal = world.anyone().proves_fraud(window, 0, bent).outcome().unwrap_err();
        let harmless = [CoreError::ProofInvalid, CoreError::NoFraud].map(Reason::from);
        assert!(harmless.contains(&refusal.reason), "byte {place}: {:?}", refusal.reason);
    }
}

#[test]
fn no_bent_leaf_proves_anything() {
    let (mut world, records) = honest();
    no_bent_byte_helps(&mut world, None, &records.opening(17));
}

#[test]
fn no_bent_foreign_leaf_proves_anything() {
    let (mut world, records) = honest();
    let series = records.tree.series();
    let context = series.context::<SoftwareSha256>();
    let digest = records_digest(&records.leaves[17]);
    let proof = records.tree.open_foreign(17, context, 17, digest).unwrap();
    no_bent_byte_helps(&mut world, None, &proof.encode(series).unwrap());
}

#[test]
fn no_bent_node_proves_anything() {
    let (mut world, records) = honest();
    world.anyone().challenges(0, 1, 0).succeeds();
    for (height, position) in [(2, 4), (5, 0)] {
        let proof = records.tree.open_node(height, position).unwrap();
        let proof = proof.encode(records.tree.series()).unwrap();
        no_bent_byte_helps(&mut world, Some(0), &proof);
    }
}

#[test]
fn no_other_length_proves_anything() {
    let (mut world, records) = honest();
    let proof = records.opening(17);
    for length in 0..proof.len() {
        let attempt = world.anyone().proves_fraud(None, 0, proof[..length].to_vec());
        let refusal = attempt.outcome().unwrap_err();
        assert_eq!(refusal.reason, CoreError::ProofInvalid.into(), "{length} bytes");
    }
    for more in [1, 4, 12, 400] {
        let longer = [&proof[..], &vec![0; more]].concat();
        let attempt = world.anyone().proves_fraud(None, 0, longer);
        attempt.is_refused(CoreError::ProofInvalid);
    }
}

#[test]
fn other_claims_siblings_and_records_prove_nothing() {
    let (mut world, records) = honest();
    let series = *records.tree.series();
    let proof = records.tree.open(17, &records.leaves[17]).unwrap();
    let mut claims = proof.clone();
    claims.claimed.probes_ok = 0;
    let mut siblings = proof.clone();
    siblings.siblings[0].sums.probes_ok = 0;
    let mut swapped = proof.clone();
    swapped.siblings.swap(0, 1);
    let mut other = proof.clone();
    other.start = Start::Leaf { index: 17, records: failure(&series, 17) };
    let mut elsewhere = proof;
    elsewhere.start = Start::Leaf { index: 16, records: records.leaves[17].clone() };
    for bent in [claims, siblings, swapped, other, elsewhere] {
        let Ok(bytes) = bent.encode(&series) else { continue };
        world.anyone().proves_fraud(None, 0, bytes).is_refused(CoreError::ProofInvalid);
    }
}

/// Honest records of one seat prove nothing about another's, nor about a window that they are not of.
#[test]
fn records_are_held_against_their_own_submission_only() {
    let (mut world, records) = honest();
    let foreign = foreign_start(&records);
    for seat in [1, 2] {
        for proof in [records.opening(17), foreign.clone()] {
            let attempt = world.anyone().proves_fraud(None, seat, proof);
            attempt.is_refused(CoreError::ProofInvalid);
        }
    }
    // A liar's records against an honest seat.
    let (mut world, lies) = embellished();
    for seat in [1, 2] {
        let attempt = world.anyone().proves_fraud(None, seat, lies.accusation(5));
        attempt.is_refused(CoreError::ProofInvalid);
    }
}

/// Leaf 17 as bound to what it is bound to: foreign to any other series.
fn foreign_start(records: &Records) -> Vec<u8> {
    let context = records.tree.series().context::<SoftwareSha256>();
    let digest = records_digest(&records.leaves[17]);
    let proof = records.tree.open_foreign(17, context, 17, digest).unwrap();
    proof.encode(records.tree.series()).unwrap()
}

/// Once the window has moved on, its honest leaves are foreign to the next one: that proves nothing about it.
#[test]
fn what_was_submitted_for_the_window_before_is_no_fraud_in_the_next() {
    let (world, records) = honest();
    let proof = foreign_start(&records);
    let mut settled = world.clone();
    settled.wait_until_settleable(0);
    settled.anyone().settles().succeeds();
    let mut contested = world;
    contested.consumer().disputes(0).succeeds();
    for world in [&mut settled, &mut contested] {
        assert_eq!(world.sla().body.progress.cursor, 1);
        let attempt = world.anyone().proves_fraud(None, 0, proof.clone());
        attempt.is_refused(CoreError::NothingSubmitted);
        world
            .anyone()
            .proves_fraud(None, 0, records.opening(17))
            .is_refused(CoreError::ProofInvalid);
        // Not in the next window's reports either.
        world.wait_until_reports(1);
        let honest = world.records(1, 1, 0).report(1);
        world.seat(1).submits(honest).succeeds();
        let attempt = world.anyone().proves_fraud(None, 0, proof.clone());
        attempt.is_refused(CoreError::ProofInvalid);
    }
}

/// Probes at the first and at the last second of a slice are within it.
#[test]
fn a_slice_has_both_its_ends() {
    let (mut world, records) = forged(|honest| {
        let series = *honest.series();
        let slice = series.slice(17).unwrap();
        let last = slice.end.since(series.window_start()) - 1;
        let mut bytes = honest.leaf(17).to_vec();
        // Every record's time is in the upper three bytes of its head.
        for head in [0, 4, 12, 24] {
            let seconds = u32::try_from(last).unwrap().to_le_bytes();
            bytes[head + 1..head + 4].copy_from_slice(&seconds[..3]);
        }
        honest.with_leaf(17, bytes)
    });
    world.anyone().proves_fraud(None, 0, records.opening(17)).is_refused(CoreError::NoFraud);
}

/// Nobody has records for a root that was made up: only a challenge helps.
#[test]
fn an_invented_root_is_not_proven_wrong() {
    let mut world = contestable([Some(met); 3]);
    let terms = world.terms();
    let records = world.records(0, 0, 0);
    for proof in [records.opening(0), records.with_aggregate(down(&terms)).accusation(0)] {
        world.anyone().proves_fraud(None, 0, proof).is_refused(CoreError::ProofInvalid);
    }
}
