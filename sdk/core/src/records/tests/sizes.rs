//! What a transaction has room for.

use super::*;

#[test]
fn a_transaction_has_room_for_the_largest_proof() {
    let signatures = 1 + 2 * 64;
    let message = 1 + 3 + (1 + 8 * 32) + 32;
    let compute_budget = 1 + 1 + 1 + 5;
    let prove = 1 + (1 + 8) + 2 + 8 + 20 + 4 + PROOF_BYTES_MAX;
    let lookups = 1;
    assert_eq!(signatures + message + 1 + compute_budget + prove + lookups, TRANSACTION_BYTES);
    assert_eq!(PROOF_BYTES_MAX, 756);
}

#[test]
fn as_few_rounds_share_a_leaf_as_keep_every_path_within_a_transaction() {
    let sibling = |shape: &Shape, height| 32 + packed_bytes(shape.rounds_under(height, 0));
    for rounds in 1..=ROUNDS_MAX {
        let shape = Shape::of(rounds).unwrap();
        let per_leaf = shape.rounds_per_leaf();
        assert_eq!(per_leaf, if rounds <= 4_096 { 1 } else { 3 }, "{rounds}");
        assert_eq!(shape.leaves(), rounds.div_ceil(per_leaf));
        assert_eq!(shape.nodes(shape.height()), 1);
        for start in 0..=shape.height() {
            let claimed = if start == shape.height() {
                56
            } else {
                packed_bytes(shape.rounds_under(start, 0))
            };
            let content = match start {
                0 => (usize::try_from(per_leaf).unwrap() * ROUND_BYTES_MAX).max(32 + 4 + 32),
                _ => 2 * sibling(&shape, start - 1),
            };
            let path: usize = (start..shape.height()).map(|height| sibling(&shape, height)).sum();
            assert!(3 + claimed + path + content <= PROOF_BYTES_MAX, "{rounds} from {start}");
        }
    }
    for rounds in [0, ROUNDS_MAX + 1, 100_000, crate::quality::SAMPLES_MAX, u32::MAX] {
        assert_eq!(Shape::of(rounds), Err(CoreError::RoundsInvalid));
    }
    // The hashes alone of a path to one of ten million leaves.
    const { assert!(24 * 32 > PROOF_BYTES_MAX) };
}

/// Every record that a round can hold, as large as it can be.
fn full_leaf(series: &Series, index: u32) -> Vec<u8> {
    let records: Vec<Record> = series
        .shape()
        .leaf_rounds(index)
        .unwrap()
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

#[test]
fn the_largest_trees_open_within_a_transaction() {
    for rounds in [288, 2_016, 2_048, 4_096, 4_097, ROUNDS_MAX] {
        let series = series_of(rounds, 604_800);
        let leaves: Vec<_> =
            (0..series.shape().leaves()).map(|index| full_leaf(&series, index)).collect();
        let tree = honest(&series, &leaves);
        assert_eq!(tree.aggregate().attempts, rounds);
        assert_eq!(tree.aggregate().latency_sum_us, u64::from(rounds) * u64::from(u32::MAX));
        let committed = tree.commitment::<H>();
        let last = series.shape().leaves() - 1;
        let mut largest = 0;
        for index in (0..=last).step_by(37).chain([last]) {
            let proof = tree.open(index, &leaves[usize::try_from(index).unwrap()]).unwrap();
            let bytes = proof.encode(&series).unwrap();
            largest = largest.max(bytes.len());
            assert!(verify_opening::<H>(&series, &committed, index, &bytes).is_ok());
            let foreign = tree.open_foreign(index, [1; 32], 0, [2; 32]).unwrap();
            largest = largest.max(foreign.encode(&series).unwrap().len());
        }
        for (height, position) in places(series.shape()).into_iter().step_by(41) {
            if height > 0 {
                let proof = tree.open_node(height, position).unwrap();
                largest = largest.max(proof.encode(&series).unwrap().len());
                assert_eq!(judged(&tree, &proof), Err(CoreError::NoFraud));
            }
        }
        assert!(largest <= PROOF_BYTES_MAX, "{rounds}: {largest}");
    }
}
