//! Counting what test runners report.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write, stdout},
    ops::AddAssign,
    path::Path,
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

/// What one `cargo test` came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Everything that did not pass counts as failed.
    pub tally: Tally,
    /// The first test that failed; in other words, if its runner died.
    pub first_failure: Option<String>,
    /// Whether cargo was content.
    pub success: bool,
    /// Why more counts as failed than the runners say.
    pub reasons: Vec<String>,
}

impl Outcome {
    /// Whether there were tests, and all passed.
    pub fn passes(&self) -> bool {
        self.success && self.tally.failed == 0 && self.tally.passed > 0
    }
}

/// What one `cargo test` printed, line by line.
#[derive(Debug, Default)]
struct Count {
    tally: Tally,
    first_failure: Option<String>,
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
        } else if let Some(name) = failed_test(line) {
            self.first_failure.get_or_insert_with(|| name.to_owned());
        }
    }

    fn close(self, success: bool) -> Outcome {
        let mut first_failure = self.first_failure;
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
            first_failure.get_or_insert_with(|| "(a test runner died)".into());
        }
        if !success && tally.failed == 0 {
            reasons.push("cargo failed although no test did, which counts as one failed".into());
            tally.failed += 1;
        }
        Outcome { tally, first_failure, success, reasons }
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

/// The name in `test a::b ... FAILED`, as libtest reports a test that failed.
fn failed_test(line: &str) -> Option<&str> {
    line.strip_prefix("test ")?.strip_suffix(" ... FAILED")
}

/// Runs `cargo test`, passing its stdout on as it comes, and counts.
pub fn run(command: &mut Command) -> Result<Tally> {
    let outcome = follow(command, stdout())?;
    outcome.reasons.iter().for_each(report::note);
    Ok(outcome.tally)
}

/// Runs `cargo test` whose output nobody wants to read unless something is odd: it goes to the log file.
pub fn run_logged(command: &mut Command, log: &Path) -> Result<Outcome> {
    let create = || {
        log.parent().map_or(Ok(()), fs::create_dir_all)?;
        let file = File::create(log)?;
        Ok::<_, std::io::Error>((file.try_clone()?, file))
    };
    let (for_stderr, file) = create().with_context(|| format!("cannot write {}", log.display()))?;
    follow(command.stdin(Stdio::null()).stderr(for_stderr), file)
}

fn follow(command: &mut Command, mut to: impl Write) -> Result<Outcome> {
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
        count.close(success).tally
    }

    fn first_failure(output: &str, success: bool) -> Option<String> {
        let mut count = Count::default();
        output.lines().for_each(|line| count.read(line));
        count.close(success).first_failure
    }

    #[test]
    fn the_first_failure_is_named() {
        let failed =
            "running 3 tests\ntest a::b ... ok\ntest a::c ... FAILED\ntest a::d ... FAILED\n";
        assert_eq!(first_failure(failed, false).as_deref(), Some("a::c"));
        let died = first_failure("running 3 tests\ntest a::b ... ok\n", false);
        assert_eq!(died.as_deref(), Some("(a test runner died)"));
        assert_eq!(first_failure("error: linking failed\n", false), None);
        let passed = "running 1 test\ntest a ... ok\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        assert_eq!(first_failure(passed, true), None);
    }

    #[test]
    fn only_tests_that_ran_and_passed_pass() {
        let passes = |passed, failed, success| {
            Outcome { tally: Tally { passed, failed }, success, ..Outcome::default() }.passes()
        };
        assert!(passes(1, 0, true));
        assert!(!passes(0, 0, true) && !passes(2, 1, true) && !passes(1, 0, false));
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
        let outcome = follow(Command::new("sh").args(["-c", script]), &mut printed).unwrap();
        assert_eq!(outcome.tally, Tally { passed: 2, failed: 1 });
        assert!(printed.starts_with(b"test result: ok."));
    }
}
