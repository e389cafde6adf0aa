//! Collections, formatting, hashing and sysvars.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, VecDeque};

use flashback_core::hash::Sha256;
use flashback_core::units::Atoms;

use crate::Environment;
use crate::random::Random;
use crate::transcript::Transcript;

/// One case.
pub fn run<H: Sha256>(random: &mut Random, environment: &Environment, out: &mut Transcript<H>) {
    sorting(random, out);
    maps(random, out);
    formatting(random, out);
    hashing(random, out);
    out.put(environment.slot);
    out.put(environment.unix_timestamp);
    out.put(environment.epoch);
    out.put(environment.rent_of_1000);
}

fn sorting<H: Sha256>(random: &mut Random, out: &mut Transcript<H>) {
    let count = random.below(40);
    let mut pairs: Vec<(u64, u128)> =
        (0..count).map(|_| (random.below(16), random.wide())).collect();
    // Stable sorting keeps 4 KiB on the stack, more than a frame of sBPF has: such programs do not link.
    pairs.sort_unstable_by_key(|(key, value)| (*key, *value));
    for (key, value) in &pairs {
        out.put((*key, *value));
    }
    pairs.sort_unstable_by_key(|pair| std::cmp::Reverse(pair.1));
    pairs.dedup_by_key(|(_, value)| *value);
    pairs.retain(|(key, _)| key % 3 != 0);
    pairs.reverse();
    out.put(pairs.len() as u64);
    for (key, value) in pairs.iter().skip(1).step_by(2) {
        out.put((*key, *value));
    }
    let heap: BinaryHeap<u64> = pairs.iter().map(|(_, value)| *value as u64).collect();
    for value in heap.into_sorted_vec() {
        out.put(value);
    }
    let mut ring: VecDeque<u64> = pairs.iter().map(|(key, _)| *key).collect();
    let half = ring.len() / 2;
    ring.rotate_left(half);
    ring.push_front(random.bits());
    out.put(ring.iter().fold(0u64, |sum, one| sum.wrapping_mul(31).wrapping_add(*one)));
    let sought = random.below(16);
    out.put(pairs.iter().position(|(key, _)| *key == sought).map(|index| index as u64));
}

fn maps<H: Sha256>(random: &mut Random, out: &mut Transcript<H>) {
    let mut ordered = BTreeMap::new();
    let mut hashed = HashMap::new();
    let mut set = BTreeSet::new();
    for _ in 0..random.below(40) {
        let (key, value) = (random.below(24), random.wide());
        *ordered.entry(key).or_insert(0u128) ^= value;
        hashed.insert(key, value);
        set.insert(value as u32);
        if random.below(4) == 0 {
            out.put(ordered.remove(&(key ^ 1)));
            out.put(hashed.remove(&(key ^ 1)));
        }
    }
    for (key, value) in ordered.range(3..19) {
        out.put((*key, *value));
    }
    out.put(ordered.len() as u64);
    out.put(hashed.len() as u64);
    // A hash map has no order to compare: ask it for every key.
    for key in 0..24 {
        out.put(hashed.get(&key).copied());
    }
    out.put(set.first().copied());
    out.put(set.last().copied());
}

fn formatting<H: Sha256>(random: &mut Random, out: &mut Transcript<H>) {
    let (a, b, c) = (random.wide(), random.long(), random.int());
    let signed = a.cast_signed();
    out.print(format_args!("{a} {signed} {b:#x} {c:>12} {:+} {:08b}", b.cast_signed(), c as u8));
    out.print(format_args!("{:?} {}", Some(b), Atoms(b)));
    out.put(a.to_string().parse::<u128>().ok());
    out.put(signed.to_string().parse::<i64>().ok());
    let text = format!("{b}-{c}-é");
    out.put(text.char_indices().count() as u64);
    out.print(format_args!("{}", text.replace('-', "::").to_uppercase()));
    for word in text.split('-').rev() {
        out.bytes(word.as_bytes());
    }
}

fn hashing<H: Sha256>(random: &mut Random, out: &mut Transcript<H>) {
    let length = random.below(200) as usize;
    let mut bytes = vec![0; length];
    for byte in &mut bytes {
        *byte = random.bits() as u8;
    }
    out.hash(&[&bytes]);
    let (head, tail) = bytes.split_at(length / 3);
    out.hash(&[tail, b"", head]);
    out.hash(&[]);
}
