//! Draws that follow from a secret: HMAC-SHA-256 over what is drawn for.

use std::fmt::{self, Write};

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::Seed;
use crate::credentials::keyed;
use crate::key::WindowKey;

/// The draws of one window.
pub struct Draw(Hmac<Sha256>);

/// What is drawn. The number is hashed, so that no two draws share their bits.
#[derive(Clone, Copy)]
enum Purpose {
    Order = 0,
    Canary = 1,
    Second = 2,
    Offset = 3,
    Name = 4,
    Content = 5,
}

impl Draw {
    pub fn new(secret: &[u8; 32], key: WindowKey) -> Self {
        let mut hmac = keyed(secret);
        hmac.update(key.life.sla.as_ref());
        hmac.update(&key.life.start.0.to_le_bytes());
        hmac.update(&key.window.to_le_bytes());
        Self(hmac)
    }

    fn seed(&self, purpose: Purpose, round: u32, attempt: u32) -> [u8; 32] {
        let mut hmac = self.0.clone();
        hmac.update(&[purpose as u8]);
        hmac.update(&round.to_le_bytes());
        hmac.update(&attempt.to_le_bytes());
        hmac.finalize().into_bytes().into()
    }

    /// A number below `bound`, each as likely as every other: draws that would favour small ones are repeated.
    fn below(&self, purpose: Purpose, round: u32, bound: u64) -> u64 {
        let bound = bound.max(1);
        let fair = u64::MAX - u64::MAX % bound;
        let mut attempt = 0;
        loop {
            let [a, b, c, d, e, f, g, h, ..] = self.seed(purpose, round, attempt);
            let drawn = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
            if drawn < fair {
                return drawn % bound;
            }
            attempt += 1;
        }
    }

    /// The rounds in a random order (R. Durstenfeld, "Algorithm 235", CACM 1964).
    pub fn permutation(&self, rounds: u32) -> Vec<usize> {
        let mut order: Vec<usize> = (0..usize::try_from(rounds).unwrap_or(0)).collect();
        for last in (1..rounds).rev() {
            let chosen = self.below(Purpose::Order, last, u64::from(last) + 1);
            if let (Ok(last), Ok(chosen)) = (usize::try_from(last), usize::try_from(chosen)) {
                order.swap(last, chosen);
            }
        }
        order
    }

    /// Which canary is read first.
    pub fn first_canary(&self, canaries: usize) -> usize {
        let bound = u64::try_from(canaries).unwrap_or(u64::MAX);
        usize::try_from(self.below(Purpose::Canary, 0, bound)).unwrap_or(0)
    }

    /// How many seconds after its slice's start a round begins.
    pub fn second(&self, round: u32, choice: u64) -> u64 {
        self.below(Purpose::Second, round, choice)
    }

    pub fn offset(&self, round: u32) -> Seed {
        Seed(self.seed(Purpose::Offset, round, 0))
    }

    pub fn content(&self, round: u32) -> Seed {
        Seed(self.seed(Purpose::Content, round, 0))
    }

    pub fn name(&self, round: u32) -> String {
        self.seed(Purpose::Name, round, 0).iter().take(16).fold(String::new(), |mut name, byte| {
            // Writing to a String cannot fail.
            let _ = write!(name, "{byte:02x}");
            name
        })
    }
}

impl fmt::Debug for Draw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[draw]")
    }
}
