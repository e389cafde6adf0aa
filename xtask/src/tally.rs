//! Counting what test runners report.

use std::{
    io::{BufRead, BufReader, Write, stdout},
    ops::AddAssign,
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

use crate::{process, report};

/// The results of one or more test runners.
#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

impl Tally {
    /// One check that is no test runner's.
    pub fn one(passed: bool) -> Self {
        Self { passed: passed.into(), failed: (!passed).into() }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// What one `cargo test` printed, line by line.
#[derive(Debug, Default)]
struct Count {
    tally: Tally,
    ignored: u64,
    /// Runners that began (`running 3 tests`) and have not reported.
    open: u64,
}

impl Count {
    fn read(&mut self, line: &str) {
        if let Some(result) = line.strip_prefix("test result: ") {
            if let Some([passed, failed, ignored]) = figures(result) {
                self.tally.passed += passed;
                self.tally.failed += failed;
                self.ignored += ignored;
                self.open = self.open.saturating_sub(1);
            }
        } else if is_start(line) {
            self.open += 1;
        }
    }

    /// The tally, with everything that did not pass counted as failed, and the reasons for what no runner counted.
    fn close(self, success: bool) -> (Tally, Vec<String>) {
        let mut tally = self.tally;
        let mut reasons = Vec::new();
        if self.ignored > 0 {
            reasons.push(format!(
                "{} ignored test(s) count as failed: run them or remove them",
                self.ignored
            ));
            tally.failed += self.ignored;
        }
        if !success && self.open > 0 {
            reasons.push(format!(
                "{} test runner(s) ended without a result, which counts as failed",
                self.open
            ));
            tally.failed += self.open;
        }
        if !success && tally.failed == 0 {
            reasons.push("cargo failed although no test did, which counts as one failed".into());
            tally.failed += 1;
        }
        (tally, reasons)
    }
}

/// Passed, failed and ignored of `ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s`.
fn figures(result: &str) -> Option<[u64; 3]> {
    let (_, figures) = result.split_once(". ")?;
    let figure = |name: &str| {
        figures.split(';').find_map(|part| part.trim().strip_suffix(name)?.trim().parse().ok())
    };
    Some([figure(" passed")?, figure(" failed")?, figure(" ignored")?])
}

/// `running 3 tests`, the line with which libtest begins.
fn is_start(line: &str) -> bool {
    line.strip_prefix("running ")
        .and_then(|rest| rest.strip_suffix(" tests").or_else(|| rest.strip_suffix(" test")))
        .is_some_and(|number| number.parse::<u64>().is_ok())
}

/// Runs `cargo test`, passing its stdout on as it comes, and counts.
pub fn run(command: &mut Command) -> Result<Tally> {
    let (tally, reasons) = follow(command, stdout())?;
    reasons.iter().for_each(report::note);
    Ok(tally)
}

fn follow(command: &mut Command, mut to: impl Write) -> Result<(Tally, Vec<String>)> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", process::describe(command)))?;
    let mut count = Count::default();
    if let Some(output) = child.stdout.take() {
        let mut output = BufReader::new(output);
        // Lines as bytes: a failing test may print anything.
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line)? > 0 {
            let _ = to.write_all(&line);
            count.read(String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
    }
    Ok(count.close(child.wait()?.success()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(output: &str, success: bool) -> Tally {
        let mut count = Count::default();
        output.lines().for_each(|line| count.read(line));
        count.close(success).0
    }

    #[test]
    fn results_of_several_runners_add_up() {
        let output = "running 3 tests\ntest a ... ok\n\n\
                      test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 2 filtered out; finished in 0.01s\n\
                      running 1 test\n\
                      test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 12.01s\n";
        assert_eq!(tally(output, false), Tally { passed: 13, failed: 2 });
    }

    #[test]
    fn ignored_tests_count_as_failed() {
        let output = "test result: ok. 3 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(tally(output, true), Tally { passed: 3, failed: 2 });
    }

    #[test]
    fn a_failure_without_a_failed_test_counts_as_one() {
        assert_eq!(tally("error: linking failed\n", false), Tally { passed: 0, failed: 1 });
        assert_eq!(tally("", true), Tally::default());
    }

    #[test]
    fn a_runner_that_dies_counts_as_failed() {
        let output = "running 2 tests\ntest a ... ok\n\
                      running 1 test\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        assert_eq!(tally(output, false), Tally { passed: 1, failed: 1 });
    }

    #[test]
    fn what_tests_print_is_not_a_result() {
        let output = "test result: to be announced\nrunning out of tests\nrunning many tests\n";
        assert_eq!(tally(output, true), Tally::default());
    }

    #[test]
    fn a_child_is_counted_as_it_runs() {
        let script = "echo 'test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s'; exit 4";
        let mut printed = Vec::new();
        // Into a buffer: on stdout, the run that runs this test would count it.
        let (tally, _) = follow(Command::new("sh").args(["-c", script]), &mut printed).unwrap();
        assert_eq!(tally, Tally { passed: 2, failed: 1 });
        assert!(printed.starts_with(b"test result: ok."));
    }
}
