//! Many sequences, two at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use flashback_tests::chain::Chain;
use flashback_tests::scale;
use solana_sdk::pubkey::Pubkey;

use super::acts::opening;
use super::director::{self, Mood};
use super::drain;
use super::economy::Economy;
use super::idl;
use super::tally::{Phase, Tally};

/// Sequences of an ordinary run, and steps of each.
const SEQUENCES: u32 = 20;
const STEPS: u32 = 100;
/// How often every instruction must succeed, in an ordinary run and in a full one.
const LEAST: u32 = 1;
const LEAST_FULL: u32 = 50;
/// Lines of a failed sequence's story that are shown.
const TOLD: usize = 40;

/// Runs the sequences that the environment asks for.
///
/// # Panics
/// If one fails, or an instruction was not reached.
pub fn run() {
    if let Some(seed) = variable("FLASHBACK_SEED") {
        let tally = sequence(&opening::chain(), seed, usize::MAX);
        println!("{}", tally.unwrap_or_else(|()| panic!("seed {seed} failed")));
        return;
    }
    let first = variable("FLASHBACK_SEEDS_FROM").unwrap_or(1);
    let count = u64::from(scale::cases(SEQUENCES));
    println!("{count} sequences of {STEPS} steps, seeds {first} to {}", first + count - 1);
    let (tally, failed) = all(first, count);
    println!("{tally}");
    assert!(failed.is_empty(), "failed: FLASHBACK_SEED={failed:?}");
    let full = count > u64::from(SEQUENCES);
    let least = if full { LEAST_FULL } else { LEAST };
    let missed = tally.below(least, &idl::names());
    assert!(missed.is_empty(), "succeeded less than {least} times: {missed:?}");
    let unseen = tally.unseen();
    assert!(!full || unseen.is_empty(), "never seen: {unseen:?}");
}

fn variable(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// Runs sequences on all cores; returns the seeds that failed.
fn all(first: u64, count: u64) -> (Tally, Vec<u64>) {
    let begin = Mutex::new(opening::chain());
    let (next, end) = (AtomicU64::new(first), first + count);
    let result = Mutex::new((Tally::default(), Vec::new()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let begin = begin.lock().expect("a chain").clone();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    let ended = sequence(&begin, seed, TOLD);
                    let mut result = result.lock().expect("a result");
                    match ended {
                        Ok(tally) => result.0.add(tally),
                        Err(()) => result.1.push(seed),
                    }
                }
            });
        }
    });
    result.into_inner().expect("a result")
}

/// One sequence, from nothing to nothing. A failed one tells its story.
fn sequence(begin: &(Chain, Vec<Pubkey>), seed: u64, told: usize) -> Result<Tally, ()> {
    let mut economy = Economy::new(begin.0.clone(), &begin.1, seed);
    let ended = catch_unwind(AssertUnwindSafe(|| live(&mut economy)));
    let skipped = economy.story.len().saturating_sub(told);
    if ended.is_err() || told == usize::MAX {
        println!("seed {seed}:\n{}", economy.story[skipped..].join("\n"));
    }
    ended.map(|()| economy.tally).map_err(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
        println!("FLASHBACK_SEED={seed} failed: {said}\n");
    })
}

fn live(economy: &mut Economy) {
    opening::open(economy);
    let mood = Mood::new(&mut economy.random);
    economy.phase = Phase::Steps;
    for _ in 0..STEPS {
        director::step(economy, &mood);
    }
    economy.assert_all_solvent();
    economy.phase = Phase::Drain;
    drain::drain(economy);
}
