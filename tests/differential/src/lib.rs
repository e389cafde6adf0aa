//! A test-only program: the same computations, natively and as sBPF, must give the same digest.
//!
//! The project's sBPF build is unusual (see xtask/toolchain/README.md), and a compiler's mistake would show at run time
//! only. So a test runs thousands of random cases of everything that the orchestrator relies on both ways: integer
//! arithmetic of every width, collections, formatting, hashing, sysvars, and the rules of flashback-core.
//!
//! A case is a seed; [`digest`] runs a range of them.

#[allow(clippy::manual_checked_ops, reason = "plain divisions are what is under test")]
mod arithmetic;
mod collections;
mod life;
#[cfg(not(feature = "no-entrypoint"))]
mod program;
mod random;
mod rules;
mod transcript;
#[cfg(all(target_arch = "bpf", not(feature = "no-entrypoint")))]
mod trap;

use flashback_core::hash::{Digest, Sha256};

use random::Random;
use transcript::Transcript;

/// What a case reads of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Environment {
    /// The Clock's slot.
    pub slot: u64,
    /// The Clock's unix time.
    pub unix_timestamp: i64,
    /// The Clock's epoch.
    pub epoch: u64,
    /// Lamports that make 1,000 bytes rent-exempt.
    pub rent_of_1000: u64,
}

/// The parts of a case. A test that finds a difference asks for one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Part {
    /// All of them.
    All = 0,
    /// Integer arithmetic.
    Arithmetic = 1,
    /// Collections, formatting, sysvars.
    Collections = 2,
    /// Core's single rules.
    Rules = 3,
    /// The life of an SLA.
    Life = 4,
}

impl Part {
    /// Every part.
    pub const ALL: [Part; 5] =
        [Part::All, Part::Arithmetic, Part::Collections, Part::Rules, Part::Life];

    /// The part of that code; everything for an unknown one.
    pub fn from_code(code: u8) -> Self {
        Self::ALL.into_iter().find(|part| *part as u8 == code).unwrap_or(Self::All)
    }

    fn includes(self, part: Part) -> bool {
        self == Part::All || self == part
    }
}

/// The digest over `count` cases from a seed on.
pub fn digest<H: Sha256>(seed: u64, count: u16, part: Part, environment: &Environment) -> Digest {
    let mut transcript = Transcript::<H>::new();
    for index in 0..u64::from(count) {
        let random = &mut Random::new(seed.wrapping_add(index));
        if part.includes(Part::Arithmetic) {
            arithmetic::run(random, &mut transcript);
        }
        if part.includes(Part::Collections) {
            collections::run(random, environment, &mut transcript);
        }
        if part.includes(Part::Rules) {
            rules::run(random, &mut transcript);
        }
        if part.includes(Part::Life) {
            life::run(random, environment, &mut transcript);
        }
    }
    transcript.finish()
}
