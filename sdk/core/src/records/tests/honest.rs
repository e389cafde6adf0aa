//! Whoever is honest is never proven wrong.

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is opened and however it is bent: an honest submission is never proven wrong.
    #[test]
    fn no_proof_exists_against_an_honest_tree(seed: u64, rounds in 1u32..40, length in 40u32..5_000) {
        let mut numbers = Numbers(seed);
        let series = series_of(rounds, length);
        let leaves = numbers.leaves(&series);
        let tree = honest(&series, &leaves);
        let committed = tree.commitment::<H>();
        prop_assert_eq!(tree.aggregate().check(), Ok(()));
        let stranger = honest(&series, &numbers.leaves(&series));
        let mut opened = Vec::new();
        for (height, position) in places(series.shape()) {
            let proof = if height == 0 {
                let records = &leaves[usize::try_from(position).unwrap()];
                let proof = tree.open(position, records).unwrap();
                let bytes = proof.encode(&series).unwrap();
                prop_assert!(verify_opening::<H>(&series, &committed, position, &bytes).is_ok());
                // The same leaf, shown as a foreign one.
                let digest = records_digest::<H>(records);
                let foreign =
                    tree.open_foreign(position, series.context::<H>(), position, digest).unwrap();
                prop_assert_eq!(judged(&tree, &foreign), Err(CoreError::NoFraud));
                opened.push(foreign.encode(&series).unwrap());
                proof
            } else {
                tree.open_node(height, position).unwrap()
            };
            prop_assert_eq!(judged(&tree, &proof), Err(CoreError::NoFraud));
            opened.push(proof.encode(&series).unwrap());

            // Bent as a whole: other claims, siblings, places, contents.
            let rounds_under = series.shape().rounds_under(height, position);
            let mut bent = vec![Proof { claimed: numbers.sums(rounds_under), ..proof.clone() }];
            if let Some(levels) = u64::try_from(proof.siblings.len()).ok().filter(|levels| *levels > 0) {
                let sibling = usize::try_from(numbers.below(levels)).unwrap();
                let mut other = proof.clone();
                other.siblings[sibling].sums = numbers.sums(1);
                bent.push(other);
                let mut swapped = proof.clone();
                swapped.siblings.swap(sibling, 0);
                bent.push(swapped);
            }
            match &proof.start {
                Start::Leaf { records, .. } => {
                    for records in [vec![], vec![0xff], [&records[..], &[0]].concat()] {
                        bent.push(Proof { start: Start::Leaf { index: position, records }, ..proof.clone() });
                    }
                    bent.push(Proof { start: Start::Leaf { index: position ^ 1, records: records.clone() }, ..proof.clone() });
                }
                Start::Node { children, .. } => {
                    for side in 0..2 {
                        let mut children = children.clone();
                        children[side].sums = numbers.sums(1);
                        bent.push(Proof { start: Start::Node { height, position, children }, ..proof.clone() });
                    }
                    let children = Box::new([children[1], children[0]]);
                    bent.push(Proof { start: Start::Node { height, position, children }, ..proof.clone() });
                }
                Start::Foreign { .. } => {}
            }
            for proof in bent {
                let verdict = proof.examine::<H>(&series, &committed);
                prop_assert!(matches!(verdict, Err(CoreError::ProofInvalid) | Ok(None)), "{verdict:?}");
                if let Ok(bytes) = proof.encode(&series) {
                    prop_assert!(prove_fraud::<H>(&series, &committed, &bytes).is_err());
                }
            }
        }
        // Bent in its bytes: bits, lengths, and another tree's parts.
        for _ in 0..40 {
            let pick = usize::try_from(numbers.below(u64::try_from(opened.len()).unwrap())).unwrap();
            let mut bytes = opened[pick].clone();
            let at = usize::try_from(numbers.below(u64::try_from(bytes.len()).unwrap())).unwrap();
            match numbers.below(4) {
                0 => bytes[at] ^= 1 << numbers.below(8),
                1 => bytes.truncate(at),
                2 => bytes.insert(at, numbers.next().to_le_bytes()[0]),
                _ => bytes[0] = numbers.next().to_le_bytes()[0] % 9,
            }
            let verdict = prove_fraud::<H>(&series, &committed, &bytes);
            prop_assert!(matches!(verdict, Err(CoreError::ProofInvalid | CoreError::NoFraud)), "{verdict:?}");
        }
        let strange = stranger.open(0, &leaves[0]).unwrap().encode(&series).unwrap();
        if stranger.root() != tree.root() {
            prop_assert!(prove_fraud::<H>(&series, &committed, &strange).is_err());
        }
    }

    #[test]
    fn arbitrary_bytes_prove_nothing_and_never_panic(
        rounds in 1u32..=ROUNDS_MAX,
        bytes in proptest::collection::vec(any::<u8>(), 0..900),
        index: u32,
    ) {
        let series = series_of(rounds, 604_800);
        let committed = [3; 20];
        prop_assert_eq!(prove_fraud::<H>(&series, &committed, &bytes), Err(CoreError::ProofInvalid));
        prop_assert!(verify_opening::<H>(&series, &committed, index, &bytes).is_err());
        let _ = leaf_sums(&series, index % series.shape().leaves(), &bytes);
    }
}
