//! Building, binding and opening.

use super::*;

#[test]
fn a_tree_of_three_leaves_by_hand() {
    let series = series_of(3, 90);
    let leaves = Numbers(1).leaves(&series);
    let tree = honest(&series, &leaves);
    let context = H::hash(&[
        &[3],
        &ORACLE,
        &SLA,
        &START.0.to_le_bytes(),
        &3u16.to_le_bytes(),
        &3u32.to_le_bytes(),
    ]);
    let digest = |index: u32| {
        let records = H::hash(&[&[4], &leaves[usize::try_from(index).unwrap()]]);
        H::hash(&[&[0], &context, &index.to_le_bytes(), &records])
    };
    let sums =
        |index: u32| leaf_sums(&series, index, &leaves[usize::try_from(index).unwrap()]).unwrap();
    let packed = |sums: &Aggregate, rounds| Packed::new(sums, rounds).unwrap().bytes().to_vec();
    let left = H::hash(&[&[1], &digest(0), &digest(1), &packed(&sums(0), 1), &packed(&sums(1), 1)]);
    let left_sums = sums(0).plus(&sums(1)).unwrap();
    let top = H::hash(&[&[1], &left, &digest(2), &packed(&left_sums, 2), &packed(&sums(2), 1)]);
    assert_eq!(tree.root(), H::hash(&[&[2], &3u32.to_le_bytes(), &top]));
    assert_eq!(*tree.aggregate(), left_sums.plus(&sums(2)).unwrap());
    assert_eq!(tree.commitment::<H>(), commitment::<H>(tree.aggregate(), &tree.root()));
    // The third leaf moved up: its path is one sibling.
    assert_eq!(tree.open(2, &leaves[2]).unwrap().siblings.len(), 1);
    assert_eq!(tree.open(0, &leaves[0]).unwrap().siblings.len(), 2);
    assert_eq!(tree.open_node(1, 1), Err(CoreError::ProofInvalid));
}

#[test]
fn sums_are_packed_as_described() {
    // Two rounds: two bits a count, four an operation count, 34 a sum.
    let sums = Aggregate {
        attempts: 2,
        probes_total: 1,
        probes_ok: 1,
        ops_total: 8,
        ops_ok: 7,
        latency_count: 2,
        upload_count: 0,
        download_count: 3,
        latency_sum_us: (1 << 34) - 1,
        upload_sum_kib_s: 0,
        download_sum_kib_s: 1 << 33,
    };
    let packed = Packed::new(&sums, 2).unwrap();
    let mut bits: Vec<u8> = Vec::new();
    for (value, width) in [
        (2u64, 2),
        (1, 2),
        (1, 2),
        (8, 4),
        (7, 4),
        (2, 2),
        (0, 2),
        (3, 2),
        (17_179_869_183, 34),
        (0, 34),
        (8_589_934_592, 34),
    ] {
        bits.extend((0..width).map(|bit| u8::try_from(value >> bit & 1).unwrap()));
    }
    let bytes: Vec<u8> =
        bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |sum, bit| sum << 1 | bit)).collect();
    assert_eq!(packed.bytes(), bytes);
    assert_eq!(bytes.len(), 16);
    for beyond in [
        Aggregate { attempts: 4, ..sums },
        Aggregate { ops_ok: 16, ..sums },
        Aggregate { upload_sum_kib_s: 1 << 34, ..sums },
    ] {
        assert!(Packed::new(&beyond, 2).is_err());
    }
    let mut padded = bytes.clone();
    *padded.last_mut().unwrap() |= 0x80;
    assert_eq!(Packed::read(&padded, 2), Err(CoreError::ProofInvalid));
    assert_eq!(Packed::read(&bytes[1..], 2), Err(CoreError::ProofInvalid));
    assert_eq!((packed_bytes(1), packed_bytes(ROUNDS_MAX)), (14, 31));
    assert_eq!(Aggregate::decode(&sums.encode()), Ok(sums));
}

#[test]
fn the_builder_takes_exactly_the_leaves_of_the_shape() {
    let series = series_of(5, 100);
    let leaves = Numbers(2).leaves(&series);
    let mut builder = TreeBuilder::<H>::new(series);
    for (index, leaf) in (0..).zip(&leaves) {
        builder.push(&decode_leaf(&series, index, leaf).unwrap()).unwrap();
    }
    assert_eq!(builder.push(&[]), Err(CoreError::ProofInvalid));
    assert_eq!(builder.finish().unwrap(), honest(&series, &leaves));
    // What is left out is empty.
    let partial = honest(&series, &leaves[..2]);
    let filled = [&leaves[..2], &[vec![], vec![], vec![]]].concat();
    assert_eq!(partial, honest(&series, &filled));
}

#[test]
fn everything_that_a_submission_is_bound_to_changes_its_root() {
    let of = |oracle: [u8; 32], sla: [u8; 32], start, window| {
        let series = Series::new(oracle, sla, Timestamp(start), window, Seconds(900), 3).unwrap();
        honest(&series, &[]).root()
    };
    let roots = [
        of([1; 32], [2; 32], 10, 0),
        of([2; 32], [2; 32], 10, 0),
        of([1; 32], [1; 32], 10, 0),
        of([1; 32], [2; 32], 11, 0),
        of([1; 32], [2; 32], 10, 1),
    ];
    for (index, root) in roots.iter().enumerate() {
        assert_eq!(roots.iter().position(|other| other == root), Some(index));
    }
    // Empty leaves of another count: the same hashes can never form both trees.
    assert_ne!(honest(&series_of(3, 900), &[]).root(), honest(&series_of(4, 900), &[]).root());
}
