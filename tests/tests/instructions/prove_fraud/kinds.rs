//! Every kind of lie.

use flashback::events::SubmissionVoided;
use flashback_core::hash::SoftwareSha256;
use flashback_core::quality::Aggregate;
use flashback_core::records::{Fraud, Proof, Series};
use flashback_core::units::Seconds;
use flashback_tests::prelude::*;
use flashback_tests::records::Records;

use super::super::contests::*;
use super::super::forgery::*;

/// The leaf that is bent.
const LEAF: u32 = 17;

/// The proof, of a place in the forged tree, proves that fraud: about the window at the cursor, and about a round.
fn is_proven(
    forge: impl FnOnce(Forgery) -> Forgery,
    proof: impl FnOnce(&Records) -> Proof,
    fraud: Fraud,
) {
    let (mut world, records) = forged(forge);
    let proof = proof(&records).encode(records.tree.series()).expect("a proof");
    let mut contested = world.clone();
    contested.consumer().disputes(0).succeeds();
    for (world, window) in [(&mut world, None), (&mut contested, Some(0))] {
        let receipt = world.anyone().proves_fraud(window, 0, proof.clone()).succeeds();
        let event = receipt.event::<SubmissionVoided>();
        assert_eq!((event.seat, event.fraud), (0, fraud.code()), "{fraud:?}");
        assert_eq!((event.to_prover, event.burnt), (SLASH / 2, SLASH / 2));
        assert_all_solvent(world);
    }
}

fn opened(records: &Records) -> Proof {
    records.tree.open(LEAF, &records.leaves[17]).expect("a leaf")
}

/// Bytes of a leaf that are its honest ones changed.
fn changed(honest: &Forgery, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = honest.leaf(LEAF).to_vec();
    change(&mut bytes);
    bytes
}

#[test]
fn a_leaf_that_is_no_encoding_of_records() {
    // An honest leaf is: availability (4 bytes), latency (8), upload (12), download (12).
    let cases: [fn(&mut Vec<u8>); 11] = [
        |bytes| *bytes = vec![0xff],
        // A kind, an outcome and a bit that do not exist.
        |bytes| bytes[0] = 5,
        |bytes| bytes[0] |= 3 << 3,
        |bytes| bytes[0] |= 1 << 7,
        // Cut off, or with a byte more.
        |bytes| bytes.truncate(35),
        |bytes| bytes.push(0),
        // Out of order, and two of a kind.
        |bytes| bytes.rotate_left(4),
        |bytes| bytes[4] = 0,
        |bytes| bytes.extend_from_within(..4),
        // An upload of nothing, a download in no time.
        |bytes| bytes[16..20].fill(0),
        |bytes| bytes[32..].fill(0),
    ];
    for (case, change) in cases.into_iter().enumerate() {
        println!("case {case}");
        let forge = |honest: Forgery| {
            let bytes = changed(&honest, change);
            honest.with_leaf(LEAF, bytes)
        };
        is_proven(forge, opened, Fraud::LeafMalformed);
    }
}

#[test]
fn a_leaf_of_another_time() {
    let probe = |honest: Forgery, seconds: i64, after_end: bool| {
        let slice = honest.series().slice(LEAF).unwrap();
        let edge = if after_end { slice.end } else { slice.start };
        let time = Timestamp(edge.0 + seconds);
        let start = honest.series().window_start();
        let offset = u32::try_from(time.since(start)).unwrap();
        // An availability probe that was ok: kind and outcome 0, and the seconds since the window's start.
        honest.with_leaf(LEAF, (offset << 8).to_le_bytes().to_vec())
    };
    is_proven(|honest| probe(honest, -1, false), opened, Fraud::LeafOutsideSlice);
    is_proven(|honest| probe(honest, 0, true), opened, Fraud::LeafOutsideSlice);
    let next = |honest: Forgery| {
        let bytes = honest.leaf(LEAF + 1).to_vec();
        honest.with_leaf(LEAF, bytes)
    };
    is_proven(next, opened, Fraud::LeafOutsideSlice);
    // The window's last second, far away in another slice.
    is_proven(|honest| probe(honest, 6 * 3_600 - 1, true), opened, Fraud::LeafOutsideSlice);
}

#[test]
fn a_leaf_of_anything_else() {
    let world = active(hourly(), reservation());
    let terms = world.terms();
    let own = world.sla().seats[0].to_bytes();
    let sla = world.sla_address().to_bytes();
    let (start, length) = (terms.start, Seconds(terms.window_secs));
    let of = |oracle, sla, start, window, rounds| {
        Series::new(oracle, sla, Timestamp(start), window, length, rounds).unwrap()
    };
    let other = world.sla().seats[1].to_bytes();
    let cases = [
        (of(other, sla, start, 0, 24), LEAF),
        (of(own, address::sla(&key(CONSUMER), 2).to_bytes(), start, 0, 24), LEAF),
        // The same number of an SLA of the same consumer, a second earlier.
        (of(own, sla, start - 1, 0, 24), LEAF),
        (of(own, sla, start, 1, 24), LEAF),
        (of(own, sla, start, 0, 23), LEAF),
        (of(own, sla, start, 0, 24), LEAF + 1),
    ];
    for (bound, index) in cases {
        let proof = |records: &Records| {
            let digest = records_digest(&records.leaves[17]);
            let context = bound.context::<SoftwareSha256>();
            records.tree.open_foreign(LEAF, context, index, digest).unwrap()
        };
        is_proven(|honest| honest.bound_to(LEAF, &bound, index), proof, Fraud::LeafForeign);
    }
}

fn better(sums: &Aggregate) -> Aggregate {
    Aggregate { latency_sum_us: sums.latency_sum_us - 1, ..*sums }
}

#[test]
fn a_leaf_that_does_not_add_up_to_what_is_claimed_for_it() {
    let forge = |honest: Forgery| {
        let failed = failure(honest.series(), LEAF);
        honest.with_leaf(LEAF, failed)
    };
    is_proven(forge, opened, Fraud::SumMismatch { height: 0 });
    let forge = |honest: Forgery| {
        let sums = honest.clone().records().tree.node(0, LEAF).unwrap().sums;
        honest.claiming(0, LEAF, better(&sums))
    };
    is_proven(forge, opened, Fraud::SumMismatch { height: 0 });
}

#[test]
fn children_that_do_not_add_up_to_their_parent() {
    // 24, 12, 6, 3, 2 and 1 nodes: the third at height 3 has no sibling and moves up.
    for (height, position) in [(1, 0), (1, 11), (2, 4), (3, 1), (3, 2), (4, 0)] {
        let forge = |honest: Forgery| {
            let sums = honest.clone().records().tree.node(height, position).unwrap().sums;
            honest.claiming(height, position, better(&sums))
        };
        let proof = |records: &Records| records.tree.open_node(height, position).unwrap();
        is_proven(forge, proof, Fraud::SumMismatch { height });
    }
}

#[test]
fn an_aggregate_that_the_topmost_children_do_not_add_up_to() {
    let top = |records: &Records| records.tree.open_node(5, 0).unwrap();
    let lies: [fn(&mut Aggregate); 5] = [
        |sums| sums.probes_ok -= 1,
        |sums| sums.attempts += 1,
        |sums| sums.latency_sum_us += 1,
        |sums| sums.download_count -= 1,
        // Beyond what so many rounds can have.
        |sums| sums.upload_sum_kib_s = u64::MAX,
    ];
    for lie in lies {
        let forge = |honest: Forgery| {
            let mut aggregate = *honest.clone().records().tree.aggregate();
            lie(&mut aggregate);
            honest.submitting(aggregate)
        };
        is_proven(forge, top, Fraud::RootMismatch);
    }
}

/// Whoever has the whole tree finds the proof from any leaf below the lie, and from no other.
#[test]
fn a_lie_is_found_from_every_leaf_below_it_and_no_other() {
    let forge = |honest: Forgery| {
        let sums = honest.clone().records().tree.node(2, 4).unwrap().sums;
        honest.claiming(2, 4, better(&sums))
    };
    let (world, records) = forged(forge);
    for leaf in 0..24 {
        let mut world = world.clone();
        let attempt = world.anyone().proves_fraud(None, 0, records.accusation(leaf));
        if (16..20).contains(&leaf) {
            assert_eq!(attempt.succeeds().event::<SubmissionVoided>().fraud, 4);
        } else {
            attempt.is_refused(CoreError::NoFraud);
        }
    }
}

/// Such leaves cannot be opened either: a challenge of them is won.
#[test]
fn a_leaf_that_lies_opens_no_challenge() {
    let (mut world, records) = forged(|honest| {
        let bytes = changed(&honest, |bytes| bytes[4] = 0);
        honest.with_leaf(LEAF, bytes)
    });
    world.anyone().challenges(0, 0, LEAF).succeeds();
    world.anyone().challenges(0, 0, 3).succeeds();
    let lying = records.opening(LEAF);
    world.anyone().opens_leaf(0, 0, LEAF, lying).is_refused(CoreError::ProofInvalid);
    // Another leaf of the same tree is as it should be.
    world.anyone().opens_leaf(0, 0, 3, records.opening(3)).succeeds();
}
