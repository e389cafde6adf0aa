//! Random cases of everything that the program relies on, natively and as sBPF (see `tests/differential`).

use flashback_core::hash::{Digest, SoftwareSha256};
use flashback_differential::{Environment, Part, digest};
use flashback_tests::prelude::*;
use flashback_tests::{elf, scale};
use solana_sdk::instruction::Instruction;

/// Cases in one transaction: as many as fit its compute units and heap.
const BATCH: u16 = 4;

#[test]
fn the_sbpf_build_computes_what_the_native_one_does() {
    let mut chain = chain();
    let environment = environment(&chain);
    let cases = u64::from(scale::cases(1_200));
    let mut seed = 0;
    while seed < cases {
        let on_chain = on_chain(&mut chain, seed, BATCH, Part::All);
        if on_chain != digest::<SoftwareSha256>(seed, BATCH, Part::All, &environment) {
            panic!("{}", difference(&mut chain, &environment, seed));
        }
        seed += u64::from(BATCH);
    }
}

/// The comparison would notice: other seeds, parts and environments have other digests.
#[test]
fn digests_depend_on_everything() {
    let chain = chain();
    let environment = environment(&chain);
    let base = digest::<SoftwareSha256>(7, 1, Part::All, &environment);
    let later = Environment { slot: environment.slot + 1, ..environment };
    let mut all = vec![
        base,
        digest::<SoftwareSha256>(8, 1, Part::All, &environment),
        digest::<SoftwareSha256>(7, 2, Part::All, &environment),
        digest::<SoftwareSha256>(7, 1, Part::All, &later),
    ];
    for part in Part::ALL.into_iter().filter(|part| *part != Part::All) {
        all.push(digest::<SoftwareSha256>(7, 1, part, &environment));
    }
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count);
}

fn program() -> Pubkey {
    key("differential program")
}

fn chain() -> Chain {
    let mut chain = Chain::new();
    chain.add_program(program(), &elf::read(elf::DIFFERENTIAL));
    chain
}

fn environment(chain: &Chain) -> Environment {
    let clock = chain.clock();
    Environment {
        slot: clock.slot,
        unix_timestamp: clock.unix_timestamp,
        epoch: clock.epoch,
        rent_of_1000: chain.rent(1_000),
    }
}

fn on_chain(chain: &mut Chain, seed: u64, count: u16, part: Part) -> Digest {
    let mut data = seed.to_le_bytes().to_vec();
    data.extend(count.to_le_bytes());
    data.push(part as u8);
    let run = Instruction { program_id: program(), accounts: vec![], data };
    let limits = (compute_unit_limit(1_400_000), heap_frame(256 * 1_024));
    match chain.send(&[limits.0, limits.1, run], &[]) {
        Ok(meta) => meta.return_data.data.try_into().expect("a digest"),
        Err(failed) => {
            let said = failed.meta.logs.last();
            panic!("seed {seed}, {count} cases of {part:?}: {:?}: {said:?}", failed.err)
        }
    }
}

/// Which case and part differs.
fn difference(chain: &mut Chain, environment: &Environment, first: u64) -> String {
    for seed in first..first + u64::from(BATCH) {
        for part in Part::ALL.into_iter().filter(|part| *part != Part::All) {
            let native = digest::<SoftwareSha256>(seed, 1, part, environment);
            if on_chain(chain, seed, 1, part) != native {
                return format!("seed {seed}, {part:?}: the sBPF build computes something else");
            }
        }
    }
    format!("seeds {first}.. differ together, and not one by one")
}

fn compute_budget(data: Vec<u8>) -> Instruction {
    let program_id = Pubkey::from_str_const("ComputeBudget111111111111111111111111111111");
    Instruction { program_id, accounts: vec![], data }
}

fn compute_unit_limit(units: u32) -> Instruction {
    compute_budget([&[2][..], &units.to_le_bytes()].concat())
}

fn heap_frame(bytes: u32) -> Instruction {
    compute_budget([&[1][..], &bytes.to_le_bytes()].concat())
}
