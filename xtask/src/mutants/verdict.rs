//! What the tests made of a mutation.

use std::fmt;

use crate::tally::Outcome;

#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A test failed, as it should.
    Killed {
        /// The first that did.
        test: String,
        /// How many others did.
        others: u64,
    },
    /// All tests pass: nothing guards what the mutation breaks.
    Survived,
    /// The code has changed since the patch was made.
    Stale {
        /// What git says.
        reason: String,
    },
    DoesNotCompile,
    /// The selection names tests that do not exist.
    NoTests,
    /// Cargo failed, but no test did.
    NoTestFailed,
    /// The tests fail without the mutation, so that a failure with it tells nothing.
    FailsAnyway,
}

impl Verdict {
    /// What a run of the tests against the mutation means.
    pub fn of(outcome: &Outcome) -> Self {
        match &outcome.first_failure {
            Some(test) => {
                Self::Killed { test: test.clone(), others: outcome.tally.failed.saturating_sub(1) }
            }
            None if !outcome.success => Self::NoTestFailed,
            None if outcome.tally.passed == 0 => Self::NoTests,
            None => Self::Survived,
        }
    }

    pub fn is_killed(&self) -> bool {
        matches!(self, Self::Killed { .. })
    }

    /// The tests that noticed, or what is to be done now.
    pub fn remark(&self) -> String {
        match self {
            Self::Killed { test, others: 0 } => test.clone(),
            Self::Killed { test, others } => format!("{test} and {others} more"),
            Self::Survived => "write the test that fails with it".into(),
            Self::Stale { reason } => {
                format!("{reason}: make the mutation anew, with `git diff`")
            }
            Self::DoesNotCompile => "correct the patch".into(),
            Self::NoTests => "correct the patch's `Tests:`".into(),
            Self::NoTestFailed => "see why cargo failed".into(),
            Self::FailsAnyway => "make its tests run and pass first".into(),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.pad(match self {
            Self::Killed { .. } => "killed",
            Self::Survived => "SURVIVED",
            Self::Stale { .. } => "stale",
            Self::DoesNotCompile => "does not compile",
            Self::NoTests => "no such tests",
            Self::NoTestFailed => "no test failed",
            Self::FailsAnyway => "fails without it",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Tally;

    fn verdict(passed: u64, failed: u64, first_failure: Option<&str>, success: bool) -> Verdict {
        let first_failure = first_failure.map(str::to_owned);
        let tally = Tally { passed, failed };
        Verdict::of(&Outcome { tally, first_failure, success, ..Outcome::default() })
    }

    #[test]
    fn only_a_failed_test_kills() {
        let killed = |others| Verdict::Killed { test: "a::b".into(), others };
        assert_eq!(verdict(3, 1, Some("a::b"), false), killed(0));
        assert_eq!(verdict(2, 2, Some("a::b"), false), killed(1));
        assert!(killed(0).is_killed());
        assert_eq!(
            (killed(0).remark(), killed(2).remark()),
            ("a::b".into(), "a::b and 2 more".into())
        );
        assert_eq!(verdict(4, 0, None, true), Verdict::Survived);
        // An ignored test counts as failed elsewhere, and has noticed nothing.
        assert_eq!(verdict(4, 1, None, true), Verdict::Survived);
        // Cargo's failure counts as one elsewhere, and is no test's.
        assert_eq!(verdict(4, 1, None, false), Verdict::NoTestFailed);
        assert_eq!(verdict(0, 0, None, true), Verdict::NoTests);
        assert!(!Verdict::Survived.is_killed() && !Verdict::NoTests.is_killed());
    }
}
