//! `cargo xtask test`: every test there is, in stages, those first that fail fastest.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{
    bench, idl, process,
    program::{self, PROGRAMS, Route},
    report, setup,
    tally::{self, Tally},
    workspace::Workspace,
};

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Stage {
    Unit,
    Program,
    Instructions,
    Flows,
    Bench,
    Doc,
    Validator,
}

impl Stage {
    /// In the order in which they run. The validator is last: where it must be compiled first, that takes half an
    /// hour, and all else has reported by then.
    pub const ALL: [Self; 7] = [
        Self::Unit,
        Self::Program,
        Self::Instructions,
        Self::Flows,
        Self::Bench,
        Self::Doc,
        Self::Validator,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Program => "program",
            Self::Instructions => "instructions",
            Self::Flows => "flows",
            Self::Bench => "bench",
            Self::Doc => "doc",
            Self::Validator => "validator",
        }
    }

    fn about(self) -> &'static str {
        match self {
            Self::Unit => "unit tests of every crate, and wrong usage of the binary",
            Self::Program => "sBPF builds and the checked-in IDL",
            Self::Instructions => "instructions, security, parity and random economies on LiteSVM",
            Self::Flows => {
                "whole flows, subscriptions and the binary, on an embedded chain; the oracle's store and publication"
            }
            Self::Bench => "compute units and sizes against bench/",
            Self::Doc => "the libraries' documentation and its examples",
            Self::Validator => "the Agave test validator",
        }
    }

    /// What `cargo test --workspace` is asked for; nothing for a stage that is no `cargo test`.
    fn selection(self) -> &'static [&'static str] {
        match self {
            Self::Unit => &["--lib", "--bins", "--test", "no_alloc", "--test", "usage"],
            Self::Instructions => &[
                "--test",
                "instructions",
                "--test",
                "security",
                "--test",
                "parity",
                "--test",
                "stateful",
            ],
            Self::Flows => &[
                "--test",
                "flows",
                "--test",
                "subscription",
                "--test",
                "chain",
                "--test",
                "guides",
                "--test",
                "store",
                "--test",
                "publication",
            ],
            Self::Validator => &["--test", "validator"],
            Self::Doc => &["--doc"],
            Self::Program | Self::Bench => &[],
        }
    }

    /// Whether it wants the programs in target/deploy.
    fn needs_programs(self) -> bool {
        matches!(self, Self::Program | Self::Instructions | Self::Flows | Self::Validator)
    }

    /// Whether it can tell anything when programs do not build. The bench makes its own build of the same sources.
    fn depends_on_programs(self) -> bool {
        self.needs_programs() || self == Self::Bench
    }
}

/// The libraries that others use.
const DOCUMENTED: [&str; 2] = ["flashback-core", "flashback-sdk"];

/// How a stage ended.
enum Ending {
    Ran(Tally),
    /// It cannot run on this machine, or after an earlier failure, which is why.
    NotRun(String),
    /// The workspace does not compile: no later stage can tell anything.
    Broken(anyhow::Error),
}

struct Report {
    stage: Stage,
    time: Duration,
    tally: Tally,
    remark: String,
}

/// Runs the stages and reports; false if anything failed.
pub fn run(workspace: &Workspace, stages: &[Stage], full: bool) -> Result<bool> {
    let mut run = Run { workspace, full, programs: Programs::NotBuilt };
    let mut reports = Vec::new();
    let mut broken = false;
    for stage in Stage::ALL.into_iter().filter(|stage| stages.is_empty() || stages.contains(stage))
    {
        let started = Instant::now();
        let (tally, remark) = if broken {
            (Tally::default(), "not run: the workspace does not compile".into())
        } else {
            report::heading(format_args!("stage {}: {}", stage.name(), stage.about()));
            match run.stage(stage) {
                Ok(Ending::Ran(tally)) => (tally, String::new()),
                Ok(Ending::NotRun(reason)) => {
                    report::note(format_args!("not run: {reason}"));
                    (Tally::default(), format!("not run: {reason}"))
                }
                Ok(Ending::Broken(error)) => {
                    report::error(&error);
                    broken = true;
                    (Tally::one(false), "does not compile".into())
                }
                Err(error) => {
                    report::error(&error);
                    (Tally::one(false), "failed as a whole".into())
                }
            }
        };
        reports.push(Report { stage, time: started.elapsed(), tally, remark });
    }
    Ok(summarize(&reports))
}

/// Prints the table and the closing line; false if anything failed.
fn summarize(reports: &[Report]) -> bool {
    let mut total = Tally::default();
    report::result(format_args!("\n{:<14}{:>8}{:>9}{:>9}", "stage", "seconds", "passed", "failed"));
    for Report { stage, time, tally, remark } in reports {
        let row = format!(
            "{:<14}{:>8.1}{:>9}{:>9}  {remark}",
            stage.name(),
            time.as_secs_f64(),
            tally.passed,
            tally.failed
        );
        report::result(row.trim_end());
        total += *tally;
    }
    report::result(format_args!("\n{} passed, {} failed", total.passed, total.failed));
    total.failed == 0
}

struct Run<'a> {
    workspace: &'a Workspace,
    full: bool,
    programs: Programs,
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Programs {
    NotBuilt,
    Built,
    Failed,
}

impl Run<'_> {
    fn stage(&mut self, stage: Stage) -> Result<Ending> {
        setup::ensure_packages()?;
        if stage.depends_on_programs() && self.programs == Programs::Failed {
            return Ok(Ending::NotRun("the programs do not build".into()));
        }
        if stage.needs_programs() {
            self.build_programs()?;
        }
        match stage {
            Stage::Program => {
                idl::run(self.workspace, true)?;
                Ok(Ending::Ran(Tally::one(true)))
            }
            Stage::Bench => {
                if let Some(reason) = setup::toolchain_unsupported() {
                    return Ok(Ending::NotRun(format!(
                        "the figures in bench/ are of the project's own build; {reason}"
                    )));
                }
                bench::run(self.workspace, bench::Mode::Check)?;
                Ok(Ending::Ran(Tally::one(true)))
            }
            Stage::Doc => {
                self.document()?;
                self.cargo_test(stage)
            }
            Stage::Unit | Stage::Instructions | Stage::Flows | Stage::Validator => {
                self.cargo_test(stage)
            }
        }
    }

    /// Tests never run against programs of an earlier build.
    fn build_programs(&mut self) -> Result<()> {
        if self.programs == Programs::NotBuilt {
            self.programs = Programs::Failed;
            for built in program::build(self.workspace, &PROGRAMS, Route::Either)? {
                report::note(built);
            }
            self.programs = Programs::Built;
        }
        Ok(())
    }

    /// The libraries' documentation, without a warning: every link leads somewhere, every public item is described.
    fn document(&self) -> Result<()> {
        let mut command = self.workspace.cargo(&["doc", "--no-deps"]);
        command.args(DOCUMENTED.iter().flat_map(|package| ["--package", package]));
        process::run(command.env("RUSTDOCFLAGS", "-D warnings"))
    }

    fn cargo_test(&self, stage: Stage) -> Result<Ending> {
        let test = |more: &[&str]| {
            let mut command = self.workspace.cargo(&["test", "--workspace"]);
            command
                .args(stage.selection())
                .args(more)
                .env("FLASHBACK_PROGRAM_DIR", self.workspace.deploy_folder());
            if self.full {
                // The suites' own counts, and those of property tests that name none.
                command.env("FLASHBACK_FULL", "1").env("PROPTEST_CASES", "2560");
            }
            command
        };
        // Compiled apart from the run, so that a compiler's error is not taken for a failed test. (Doc tests compile as
        // they run.)
        if stage != Stage::Doc
            && let Err(error) = process::run(&mut test(&["--no-run"]))
        {
            return Ok(Ending::Broken(error.context("the workspace's tests do not compile")));
        }
        let mut command = test(&["--no-fail-fast"]);
        if stage == Stage::Validator {
            let validator = setup::ensure_validator(self.workspace)
                .context("there is no validator to test with")?;
            command.env("FLASHBACK_TEST_VALIDATOR", validator);
        }
        let tally = tally::run(&mut command)?;
        // A crate may well have no examples; an integration suite without tests is a mistake.
        if tally == Tally::default() && stage != Stage::Doc {
            bail!("no test ran, and stage {} should have some", stage.name());
        }
        Ok(Ending::Ran(tally))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stage_names_are_unique() {
        let mut names = Stage::ALL.map(Stage::name);
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn the_validator_comes_last() {
        assert_eq!(Stage::ALL.last(), Some(&Stage::Validator));
    }
}
