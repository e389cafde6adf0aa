//! Whoever forges is proven wrong.

use super::*;

/// A tree over these leaves with these lies: the sums claimed for places, leaves or nodes, whatever lies below.
/// Nodes above add up what is claimed below them, where so many rounds can have it.
fn forged(series: &Series, mut leaves: Vec<Node>, lies: &[(u32, u32, Aggregate)]) -> Tree {
    let shape = series.shape();
    let lie = |row: &mut Vec<Node>, height: u32| {
        for (_, position, sums) in lies.iter().filter(|(h, ..)| *h == height) {
            row[usize::try_from(*position).unwrap()].sums = *sums;
        }
    };
    lie(&mut leaves, 0);
    let mut rows = vec![leaves];
    for height in 1..=shape.height() {
        let mut row: Vec<Node> = (0..)
            .zip(rows.last().unwrap().chunks(2))
            .map(|(position, children)| {
                let [left, right] = children else { return children[0] };
                let rounds = |side| shape.rounds_under(height - 1, 2 * position + side);
                let digest = node_digest::<H>(left, rounds(0), right, rounds(1)).unwrap();
                let sums = left.sums.plus(&right.sums).unwrap();
                let claimable = Packed::new(&sums, shape.rounds_under(height, position)).is_ok();
                Node { digest, sums: if claimable { sums } else { Aggregate::EMPTY } }
            })
            .collect();
        lie(&mut row, height);
        rows.push(row);
    }
    let aggregate = rows.last().unwrap()[0].sums;
    Tree::published::<H>(*series, rows, aggregate).unwrap()
}

fn leaf_nodes(series: &Series, leaves: &[Vec<u8>]) -> Vec<Node> {
    (0..)
        .zip(leaves)
        .map(|(index, bytes)| Node {
            digest: leaf_digest::<H>(&series.context::<H>(), index, &records_digest::<H>(bytes)),
            sums: leaf_sums(series, index, bytes).unwrap_or(Aggregate::EMPTY),
        })
        .collect()
}

#[test]
fn a_wrong_aggregate_is_a_root_mismatch() {
    let series = day();
    let leaves = Numbers(3).leaves(&series);
    let tree = honest(&series, &leaves);
    let nodes = leaf_nodes(&series, &leaves);
    // Beyond what so many rounds can have, too: the aggregate is committed whole.
    for aggregate in [
        Aggregate { probes_ok: tree.aggregate().probes_ok - 1, ..*tree.aggregate() },
        Aggregate { attempts: u32::MAX, latency_sum_us: u64::MAX, ..*tree.aggregate() },
    ] {
        let forged = forged(&series, nodes.clone(), &[(9, 0, aggregate)]);
        assert_eq!(forged.aggregate(), &aggregate);
        for index in [0, 100, 287] {
            let proof = forged.accuse(leaf_start(index, &leaves)).unwrap();
            assert_eq!(judged(&forged, &proof), Ok(Fraud::RootMismatch));
        }
        // The honest submission is not touched by it.
        let proof = forged.open_node(9, 0).unwrap().encode(&series).unwrap();
        let committed = tree.commitment::<H>();
        assert_eq!(prove_fraud::<H>(&series, &committed, &proof), Err(CoreError::ProofInvalid));
    }
    // The only leaf is the topmost place.
    let series = series_of(1, 600);
    let leaves = Numbers(4).leaves(&series);
    let lie = Aggregate { attempts: 77, ..Aggregate::EMPTY };
    let forged = forged(&series, leaf_nodes(&series, &leaves), &[(0, 0, lie)]);
    let proof = forged.accuse(leaf_start(0, &leaves)).unwrap();
    assert_eq!(judged(&forged, &proof), Ok(Fraud::RootMismatch));
}

#[test]
fn a_leaf_of_anything_else_is_foreign() {
    let series = day();
    let leaves = Numbers(5).leaves(&series);
    let other = |oracle, sla, start, window, rounds| {
        Series::new(oracle, sla, Timestamp(start), window, Seconds(86_400), rounds).unwrap()
    };
    let start = START.0;
    let own = other(ORACLE, SLA, start, 3, 288);
    let cases = [
        (other([1; 32], SLA, start, 3, 288), 17),
        (other(ORACLE, [1; 32], start, 3, 288), 17),
        (other(ORACLE, SLA, start - 1, 3, 288), 17),
        (other(ORACLE, SLA, start, 2, 288), 17),
        (other(ORACLE, SLA, start, 3, 287), 17),
        (own, 18),
    ];
    let records = records_digest::<H>(&leaves[17]);
    for (bound, bound_index) in cases {
        let mut nodes = leaf_nodes(&series, &leaves);
        let context = bound.context::<H>();
        nodes[17].digest = leaf_digest::<H>(&context, bound_index, &records);
        let tree = forged(&series, nodes, &[]);
        let start = Start::Foreign { index: 17, context, bound_index, records };
        let proof = tree.accuse(start).unwrap();
        assert_eq!(judged(&tree, &proof), Ok(Fraud::LeafForeign));
        // And its oracle cannot open it.
        let opening = tree.open(17, &leaves[17]).unwrap().encode(&series).unwrap();
        let opened = verify_opening::<H>(&series, &tree.commitment::<H>(), 17, &opening);
        assert_eq!(opened, Err(CoreError::ProofInvalid));
    }
    let tree = honest(&series, &leaves);
    let own = tree.open_foreign(17, own.context::<H>(), 17, records).unwrap();
    assert_eq!(judged(&tree, &own), Err(CoreError::NoFraud));
}

#[test]
fn malformed_and_misplaced_leaves_are_proven() {
    let series = day();
    let honest_leaves = Numbers(6).leaves(&series);
    let next = encode_leaf(&series, 18, &Numbers(7).leaf(&series, 18)).unwrap();
    let cases = [
        (vec![0xff], Fraud::LeafMalformed),
        (vec![5, 0, 0, 0], Fraud::LeafMalformed),
        (vec![7; 100], Fraud::LeafMalformed),
        (vec![0; 4], Fraud::LeafOutsideSlice),
        (next, Fraud::LeafOutsideSlice),
    ];
    for (bytes, fraud) in cases {
        let mut leaves = honest_leaves.clone();
        leaves[17] = bytes;
        let claims = [(0, 17, Numbers(8).sums(1)), (0, 17, Aggregate::EMPTY)];
        for claim in claims {
            let tree = forged(&series, leaf_nodes(&series, &leaves), &[claim]);
            // A lie may also show where it does not fit a node above.
            let proof = tree.accuse(leaf_start(17, &leaves)).unwrap();
            assert!(judged(&tree, &proof).is_ok());
            if proof.start.place().0 == 0 {
                assert_eq!(judged(&tree, &proof), Ok(fraud));
            }
            let elsewhere = tree.accuse(leaf_start(200, &leaves)).unwrap();
            assert_eq!(judged(&tree, &elsewhere), Err(CoreError::NoFraud));
        }
        // Claimed as empty, everything adds up, and only the leaf itself shows it.
        let tree = forged(&series, leaf_nodes(&series, &leaves), &[(0, 17, Aggregate::EMPTY)]);
        let proof = tree.accuse(leaf_start(17, &leaves)).unwrap();
        assert_eq!(judged(&tree, &proof), Ok(fraud));
        let bytes = proof.encode(&series).unwrap();
        let opened = verify_opening::<H>(&series, &tree.commitment::<H>(), 17, &bytes);
        assert_eq!(opened, Err(CoreError::ProofInvalid));
    }
}

#[test]
fn frauds_are_proven_where_rounds_share_a_leaf() {
    let series = series_of(ROUNDS_MAX, 604_800);
    let leaves = Numbers(9).leaves(&series);
    let nodes = leaf_nodes(&series, &leaves);
    for (height, position) in [(0, 0), (0, 2_047), (1, 511), (5, 17), (10, 1), (11, 0)] {
        let lie = Numbers(10).sums(series.shape().rounds_under(height, position).min(3));
        let tree = forged(&series, nodes.clone(), &[(height, position, lie)]);
        let proof = tree.accuse(leaf_start(position << height, &leaves)).unwrap();
        let expected =
            if height == 11 { Fraud::RootMismatch } else { Fraud::SumMismatch { height } };
        assert_eq!(judged(&tree, &proof), Ok(expected), "{height} {position}");
    }
}

#[test]
fn an_opening_is_of_the_leaf_that_was_asked_for() {
    let series = day();
    let leaves = Numbers(11).leaves(&series);
    let tree = honest(&series, &leaves);
    let committed = tree.commitment::<H>();
    let bytes = tree.open(5, &leaves[5]).unwrap().encode(&series).unwrap();
    let verify = |index, bytes: &[u8]| verify_opening::<H>(&series, &committed, index, bytes);
    assert_eq!(verify(5, &bytes), leaf_sums(&series, 5, &leaves[5]));
    assert_eq!(verify(6, &bytes), Err(CoreError::ProofInvalid));
    let node = tree.open_node(1, 5).unwrap().encode(&series).unwrap();
    assert_eq!(verify(5, &node), Err(CoreError::ProofInvalid));
    let other: Commitment = [0; 20];
    assert_eq!(verify_opening::<H>(&series, &other, 5, &bytes), Err(CoreError::ProofInvalid));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever sums a forger claims wherever: the path through a wrong place proves fraud, and no other path does.
    #[test]
    fn every_wrong_sum_is_proven_by_the_path_through_it(seed: u64, rounds in 1u32..40, lies in 1u32..6) {
        let mut numbers = Numbers(seed);
        let series = series_of(rounds, 4_000);
        let shape = *series.shape();
        let leaves = numbers.leaves(&series);
        let places = places(&shape);
        let lies: Vec<_> = (0..lies).map(|_| {
            let pick = numbers.below(u64::try_from(places.len()).unwrap());
            let (height, position) = places[usize::try_from(pick).unwrap()];
            (height, position, numbers.sums(shape.rounds_under(height, position)))
        }).collect();
        let tree = forged(&series, leaf_nodes(&series, &leaves), &lies);
        let wrong: Vec<_> = places.iter().filter(|(height, position)| {
            let claimed = tree.node(*height, *position).unwrap().sums;
            let truth = if *height == 0 {
                leaf_sums(&series, *position, &leaves[usize::try_from(*position).unwrap()])
            } else {
                let child = |side| tree.node(height - 1, 2 * position + side).unwrap().sums;
                child(0).plus(&child(1))
            };
            truth != Ok(claimed)
        }).collect();
        for index in 0..shape.leaves() {
            let proof = tree.accuse(leaf_start(index, &leaves)).unwrap();
            let topmost = wrong.iter().rev().find(|(height, position)| index >> height == *position);
            let expected = topmost.map(|(height, _)| match *height == shape.height() {
                true => Fraud::RootMismatch,
                false => Fraud::SumMismatch { height: *height },
            });
            prop_assert_eq!(judged(&tree, &proof), expected.ok_or(CoreError::NoFraud));
        }
    }
}
