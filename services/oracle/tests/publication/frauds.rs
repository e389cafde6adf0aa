//! Every way of lying that core's own tests know is proven from what the liar publishes.

use flashback_core::hash::SoftwareSha256 as H;
use flashback_core::quality::Aggregate;
use flashback_core::records::{Fraud, Series, encode_leaf, leaf_sums, records_digest};
use flashback_core::units::{Seconds, Timestamp};
use flashback_oracle::audit::Verdict;
use proptest::prelude::*;

use crate::forging::{Case, forged, judged, leaf_nodes, places, proven, sums};
use crate::support::START;
use crate::support::numbers::Numbers;

fn day() -> Case {
    Case::new(288, 86_400)
}

#[test]
fn a_wrong_aggregate_is_proven_with_and_without_nodes() {
    for (case, top) in [(day(), 9), (Case::new(1, 600), 0)] {
        let closed = case.closed(&mut Numbers(3));
        let true_sums = *closed.aggregate();
        for lie in [
            Aggregate { attempts: true_sums.attempts + 1, ..true_sums },
            Aggregate { attempts: u32::MAX, latency_sum_us: u64::MAX, ..true_sums },
        ] {
            let nodes = leaf_nodes(&case.series, &closed.leaves);
            let tree = forged(&case.series, nodes, &[(top, 0, lie)]);
            // The leaves alone give it away.
            let plain = case.document(&tree, &closed.leaves);
            assert_eq!(proven(&tree, &plain, &[]), Fraud::RootMismatch);
            let open = case.laid_open(&tree, &closed.leaves);
            assert_eq!(proven(&tree, &open, &[]), Fraud::RootMismatch);
        }
    }
}

#[test]
fn a_leaf_of_anything_else_is_foreign() {
    let case = day();
    let closed = case.closed(&mut Numbers(5));
    let own = |oracle, sla, start, window, rounds| {
        Series::new(oracle, sla, Timestamp(start), window, Seconds(86_400), rounds).unwrap()
    };
    let (oracle, sla) = (case.opening.oracle.to_bytes(), case.key.life.sla.to_bytes());
    let cases = [
        (own([1; 32], sla, START.0, 3, 288), 17),
        (own(oracle, [1; 32], START.0, 3, 288), 17),
        (own(oracle, sla, START.0 - 1, 3, 288), 17),
        (own(oracle, sla, START.0, 2, 288), 17),
        (own(oracle, sla, START.0, 3, 287), 17),
        (case.series, 18),
    ];
    let records = records_digest::<H>(&closed.leaves[17]);
    for (series, index) in cases {
        let mut nodes = leaf_nodes(&case.series, &closed.leaves);
        nodes[17].digest = series.leaf_digest::<H>(index, &records);
        let tree = forged(&case.series, nodes, &[]);
        let document = case.laid_open(&tree, &closed.leaves);
        assert_eq!(proven(&tree, &document, &[series]), Fraud::LeafForeign);
        // Taken from somewhere that nobody knows, it is withheld: the oracle cannot open it either.
        if series != case.series {
            match judged(&tree, &document, &[]) {
                Verdict::Withheld(withheld) => assert_eq!(withheld.doubtful, [17]),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn malformed_and_misplaced_leaves_are_proven() {
    let case = day();
    let closed = case.closed(&mut Numbers(6));
    let cases = [
        (vec![0xff], Fraud::LeafMalformed),
        (vec![5, 0, 0, 0], Fraud::LeafMalformed),
        (vec![7; 100], Fraud::LeafMalformed),
        (vec![0; 4], Fraud::LeafOutsideSlice),
        (next_leaf(&case), Fraud::LeafOutsideSlice),
    ];
    for (bytes, fraud) in cases {
        let mut leaves = closed.leaves.clone();
        leaves[17] = bytes;
        for claim in [Aggregate::EMPTY, sums(&mut Numbers(8), &case.series, 17, 1)] {
            let nodes = leaf_nodes(&case.series, &leaves);
            let tree = forged(&case.series, nodes, &[(0, 17, claim)]);
            assert_eq!(proven(&tree, &case.laid_open(&tree, &leaves), &[]), fraud);
            // Without the nodes nobody can follow it: it has to be opened on chain.
            let hidden = judged(&tree, &case.document(&tree, &leaves), &[]);
            assert!(matches!(hidden, Verdict::Withheld(_)), "{hidden:?}");
        }
    }
}

/// Records that would be right one leaf later.
fn next_leaf(case: &Case) -> Vec<u8> {
    let slice = case.series.slice(18).unwrap();
    let record = flashback_core::records::Record::latency(slice.start, 9);
    encode_leaf(&case.series, 18, &[record]).unwrap()
}

#[test]
fn frauds_are_proven_where_rounds_share_a_leaf() {
    let case = Case::new(flashback_core::records::ROUNDS_MAX, 604_800);
    let closed = case.closed(&mut Numbers(9));
    let nodes = leaf_nodes(&case.series, &closed.leaves);
    for (height, position) in [(0, 0), (0, 2_047), (1, 511), (5, 17), (10, 1), (11, 0)] {
        let lie = sums(&mut Numbers(10), &case.series, position << height, 1);
        let tree = forged(&case.series, nodes.clone(), &[(height, position, lie)]);
        let expected = match height {
            11 => Fraud::RootMismatch,
            height => Fraud::SumMismatch { height },
        };
        let document = case.laid_open(&tree, &closed.leaves);
        assert_eq!(proven(&tree, &document, &[]), expected, "{height} {position}");
    }
}

/// What a liar would do first: leave its records alone, and drop the failures from its sums.
#[test]
fn the_smallest_proof_is_taken() {
    let case = day();
    let closed = case.closed(&mut Numbers(12));
    let nodes = leaf_nodes(&case.series, &closed.leaves);
    let lie = |leaf: u32| {
        let place = usize::try_from(leaf).unwrap();
        let true_sums = leaf_sums(&case.series, leaf, &closed.leaves[place]).unwrap();
        (0, leaf, Aggregate { latency_sum_us: true_sums.latency_sum_us ^ 1, ..true_sums })
    };
    let places = [3, 100, 287];
    let sizes = places.map(|leaf| {
        let tree = forged(&case.series, nodes.clone(), &[lie(leaf)]);
        size(&judged(&tree, &case.laid_open(&tree, &closed.leaves), &[]))
    });
    let tree = forged(&case.series, nodes.clone(), &places.map(lie));
    let all = size(&judged(&tree, &case.laid_open(&tree, &closed.leaves), &[]));
    assert_eq!(all, sizes.into_iter().min().unwrap());
    assert!(sizes.iter().any(|size| *size > all));
}

fn size(verdict: &Verdict) -> usize {
    match verdict {
        Verdict::Wrong(proven) => proven.proof.len(),
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// Whatever sums are claimed wherever, as long as the tree is laid open: it is proven if and only if something is
    /// wrong.
    #[test]
    fn every_wrong_sum_is_proven(seed: u64, rounds in 1u32..40, lies in 1u32..6) {
        let mut numbers = Numbers(seed);
        let case = Case::new(rounds, 4_000);
        let shape = *case.series.shape();
        let closed = case.closed(&mut numbers);
        let places = places(&shape);
        let lies: Vec<_> = (0..lies).map(|_| {
            let pick = numbers.below(u64::try_from(places.len()).unwrap());
            let (height, position) = places[usize::try_from(pick).unwrap()];
            let claim = sums(&mut numbers, &case.series, position << height, 1 << height);
            (height, position, claim)
        }).collect();
        let tree = forged(&case.series, leaf_nodes(&case.series, &closed.leaves), &lies);
        let wrong = places.iter().any(|(height, position)| {
            let claimed = tree.node(*height, *position).unwrap().sums;
            let truth = if *height == 0 {
                leaf_sums(&case.series, *position, &closed.leaves[usize::try_from(*position).unwrap()])
            } else {
                let child = |side| tree.node(height - 1, 2 * position + side).unwrap().sums;
                child(0).plus(&child(1))
            };
            truth != Ok(claimed)
        });
        let document = case.laid_open(&tree, &closed.leaves);
        match wrong {
            true => drop(proven(&tree, &document, &[])),
            false => prop_assert_eq!(judged(&tree, &document, &[]), Verdict::Agrees),
        }
    }
}
