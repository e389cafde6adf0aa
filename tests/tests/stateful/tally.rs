//! What was attempted, and how it ended.

use std::collections::BTreeMap;
use std::fmt;

use super::sights::SIGHTS;

/// When an attempt was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Setting up.
    #[default]
    Opening,
    /// The random steps.
    Steps,
    /// Until nothing is left.
    Drain,
}

/// One instruction's counts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Successes by phase.
    pub opening: u32,
    pub steps: u32,
    pub drain: u32,
    /// Successes of instructions with something bent, which count for nothing else.
    pub bent: u32,
    /// Refusals.
    pub refused: u32,
}

impl Counts {
    pub fn successes(&self) -> u32 {
        self.opening + self.steps + self.drain
    }
}

/// All instructions' counts, and why they were refused.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    counts: BTreeMap<&'static str, Counts>,
    reasons: BTreeMap<(&'static str, String), u32>,
    sights: BTreeMap<&'static str, u32>,
}

impl Tally {
    pub fn count_success(&mut self, name: &'static str, phase: Phase, bent: bool) {
        let counts = self.counts.entry(name).or_default();
        let count = match phase {
            _ if bent => &mut counts.bent,
            Phase::Opening => &mut counts.opening,
            Phase::Steps => &mut counts.steps,
            Phase::Drain => &mut counts.drain,
        };
        *count += 1;
    }

    pub fn count_refusal(&mut self, name: &'static str, reason: String) {
        self.counts.entry(name).or_default().refused += 1;
        *self.reasons.entry((name, reason)).or_default() += 1;
    }

    /// Counts rare things that were seen.
    pub fn see(&mut self, sights: &[&'static str]) {
        for sight in sights {
            *self.sights.entry(sight).or_default() += 1;
        }
    }

    /// The rare things that were never seen.
    pub fn unseen(&self) -> Vec<&'static str> {
        SIGHTS.iter().copied().filter(|sight| !self.sights.contains_key(sight)).collect()
    }

    /// One instruction's counts.
    pub fn of(&self, name: &'static str) -> Counts {
        self.counts.get(name).copied().unwrap_or_default()
    }

    /// Adds another sequence's.
    pub fn add(&mut self, other: Tally) {
        for (name, theirs) in other.counts {
            let ours = self.counts.entry(name).or_default();
            ours.opening += theirs.opening;
            ours.steps += theirs.steps;
            ours.drain += theirs.drain;
            ours.bent += theirs.bent;
            ours.refused += theirs.refused;
        }
        for (key, count) in other.reasons {
            *self.reasons.entry(key).or_default() += count;
        }
        for (sight, count) in other.sights {
            *self.sights.entry(sight).or_default() += count;
        }
    }

    /// Those of the named instructions that succeeded less often.
    pub fn below(&self, least: u32, names: &[&'static str]) -> Vec<(&'static str, u32)> {
        let all = names.iter().map(|name| (*name, self.of(name).successes()));
        all.filter(|(_, count)| *count < least).collect()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["instruction", "opening", "steps", "drain", "bent", "refused"];
        let [name, opening, steps, drain, bent, refused] = head;
        writeln!(f, "{name:<22}{opening:>9}{steps:>9}{drain:>9}{bent:>9}{refused:>9}")?;
        for (name, counts) in &self.counts {
            let Counts { opening, steps, drain, bent, refused } = counts;
            writeln!(f, "{name:<22}{opening:>9}{steps:>9}{drain:>9}{bent:>9}{refused:>9}")?;
        }
        for sight in SIGHTS {
            writeln!(f, "{:>7}  {sight}", self.sights.get(sight).unwrap_or(&0))?;
        }
        if std::env::var_os("FLASHBACK_REASONS").is_some() {
            for ((name, reason), count) in &self.reasons {
                writeln!(f, "{name:<22}{count:>7}  {reason}")?;
            }
        }
        Ok(())
    }
}
