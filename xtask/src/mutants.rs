//! `cargo xtask mutants`: tests of the tests. Each patch in mutants/ breaks a promise, and a test has to notice.

mod copy;
mod patch;
mod verdict;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use self::{copy::WorkingCopy, patch::Patch, verdict::Verdict};
use crate::{
    process, report, setup,
    tally::{self, Outcome, Tally},
    workspace::Workspace,
};

#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// Only patches with one of these in their names; all, if there are none.
    pub names: Vec<String>,
    /// Only patches that need no build of the programs.
    pub core: bool,
    /// Whether the tests run without a mutation first.
    pub baseline: bool,
    /// Print the patches and run nothing.
    pub list: bool,
}

struct Report<'a> {
    patch: &'a Patch,
    verdict: Verdict,
    time: Duration,
}

/// Runs the patches' tests against them and reports; false unless every one was killed.
pub fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    let patches = select(patch::load(&workspace.root.join("mutants"))?, options)?;
    if options.list {
        report::result(list(&patches).trim_end());
        return Ok(true);
    }
    setup::ensure_packages()?;
    let copy = WorkingCopy::make(workspace)?;
    let failing = if options.baseline { failing_anyway(&copy, &patches)? } else { Vec::new() };
    let mut reports = Vec::new();
    for (index, patch) in patches.iter().enumerate() {
        let started = Instant::now();
        report::heading(format_args!("mutant {} of {}: {}", index + 1, patches.len(), patch.name));
        report::note(&patch.breaks);
        let verdict = if failing.contains(&patch.tests) {
            Verdict::FailsAnyway
        } else {
            run_mutant(&copy, patch)?
        };
        let time = started.elapsed();
        report::note(format_args!("{verdict} in {}", report::elapsed(time)));
        reports.push(Report { patch, verdict, time });
    }
    let Tally { passed, failed } = total(&reports);
    report::result(format_args!("\n{}\n{passed} passed, {failed} failed", table(&reports)));
    Ok(failed == 0)
}

fn select(patches: Vec<Patch>, options: &Options) -> Result<Vec<Patch>> {
    for name in &options.names {
        if !patches.iter().any(|patch| patch.name.contains(name)) {
            let names: Vec<&str> = patches.iter().map(|patch| patch.name.as_str()).collect();
            bail!("no patch has `{name}` in its name: there are {}", names.join(", "));
        }
    }
    let selected: Vec<Patch> = patches
        .into_iter()
        .filter(|patch| {
            options.names.is_empty() || options.names.iter().any(|name| patch.name.contains(name))
        })
        .filter(|patch| !(options.core && patch.program))
        .collect();
    if selected.is_empty() {
        bail!("every patch of that name needs the programs: leave --core out");
    }
    Ok(selected)
}

/// The patches as a Markdown table.
fn list(patches: &[Patch]) -> String {
    let mut table =
        String::from("| promise | patch | what it breaks | tests |\n| --- | --- | --- | --- |\n");
    for patch in patches {
        let Patch { name, promise, breaks, tests, .. } = patch;
        // A bar would end the cell.
        let breaks = breaks.replace('|', "\\|");
        table.push_str(&format!("| {promise} | `{name}` | {breaks} | `{tests}` |\n"));
    }
    table
}

/// The distinct selections of tests, in the patches' order, and whether any of their patches needs the programs.
fn selections(patches: &[Patch]) -> Vec<(String, bool)> {
    let mut selections: Vec<(String, bool)> = Vec::new();
    for patch in patches {
        match selections.iter_mut().find(|(tests, _)| *tests == patch.tests) {
            Some((_, program)) => *program |= patch.program,
            None => selections.push((patch.tests.clone(), patch.program)),
        }
    }
    selections
}

/// Runs each selection without a mutation. Returns those that fail: if one of them fails with a mutation, that tells
/// nothing.
fn failing_anyway(copy: &WorkingCopy, patches: &[Patch]) -> Result<Vec<String>> {
    let selections = selections(patches);
    let count = selections.len();
    // Once for all: nothing is mutated yet.
    if selections.iter().any(|(_, program)| *program) {
        copy.build_programs()?;
    }
    let mut failing = Vec::new();
    for (index, (tests, program)) in selections.into_iter().enumerate() {
        let number = index + 1;
        report::heading(format_args!("baseline {number} of {count}: cargo test {tests}"));
        let step = format!("baseline-{number}");
        let passes = match test(copy, &step, &tests, program)? {
            Ok(outcome) => {
                let Tally { passed, failed } = outcome.tally;
                report::note(format_args!("{passed} passed, {failed} failed"));
                outcome.passes()
            }
            Err(error) => {
                report::error(&error);
                false
            }
        };
        if !passes {
            failing.push(tests);
        }
    }
    Ok(failing)
}

fn run_mutant(copy: &WorkingCopy, patch: &Patch) -> Result<Verdict> {
    let mutation = match copy.apply(patch)? {
        Ok(mutation) => mutation,
        Err(reason) => return Ok(Verdict::Stale { reason }),
    };
    let programs = if patch.program { copy.build_programs() } else { Ok(()) };
    let outcome = match programs {
        Ok(()) => test(copy, &patch.name, &patch.tests, patch.program)?,
        Err(error) => Err(error),
    };
    mutation.undo()?;
    Ok(match outcome {
        Ok(outcome) => Verdict::of(&outcome),
        Err(error) => {
            report::error(&error);
            Verdict::DoesNotCompile
        }
    })
}

/// Builds the tests, then runs them until one target has failed. Built apart from the run, so that a compiler's error is
/// not taken for a failed test; `Err(error)` within if they do not compile.
fn test(copy: &WorkingCopy, step: &str, tests: &str, program: bool) -> Result<Result<Outcome>> {
    let mut build = copy.cargo_test(&["--no-run"], tests, program);
    let log = copy.log(&format!("{step}-build"));
    if let Err(error) = process::run_logged("build", &mut build, &log) {
        return Ok(Err(error));
    }
    tally::run_logged(&mut copy.cargo_test(&[], tests, program), &copy.log(step)).map(Ok)
}

/// A row for each mutant.
fn table(reports: &[Report]) -> String {
    let width = reports.iter().map(|report| report.patch.name.len()).max().unwrap_or_default();
    let mut table = format!(
        "{:<width$}  {:<9}{:<18}{:>7}  failed tests\n",
        "mutant", "promise", "verdict", "seconds"
    );
    for Report { patch, verdict, time } in reports {
        table.push_str(&format!(
            "{:<width$}  {:<9}{verdict:<18}{:>7.1}  {}\n",
            patch.name,
            patch.promise,
            time.as_secs_f64(),
            verdict.remark()
        ));
    }
    table
}

/// A mutant that was killed has passed.
fn total(reports: &[Report]) -> Tally {
    let mut total = Tally::default();
    for report in reports {
        total += Tally::one(report.verdict.is_killed());
    }
    total
}

#[cfg(test)]
mod tests {
    use super::{patch::tests::patch, *};

    fn patches() -> Vec<Patch> {
        vec![
            patch("p1-credit", "-p a --lib", false),
            patch("p1-transfer", "--test b", true),
            patch("p10-fee", "-p a --lib", true),
        ]
    }

    fn selected(names: &[&str], core: bool) -> Result<Vec<String>> {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let options = Options { names, core, baseline: true, list: false };
        Ok(select(patches(), &options)?.into_iter().map(|patch| patch.name).collect())
    }

    #[test]
    fn names_and_core_select() {
        assert_eq!(selected(&[], false).unwrap().len(), 3);
        assert_eq!(selected(&["p1-"], false).unwrap(), ["p1-credit", "p1-transfer"]);
        assert_eq!(selected(&["fee", "credit"], false).unwrap(), ["p1-credit", "p10-fee"]);
        assert_eq!(selected(&[], true).unwrap(), ["p1-credit"]);
        let error = |names: &[&str]| selected(names, true).unwrap_err().to_string();
        assert!(error(&["p3"]).contains("p1-credit, p1-transfer, p10-fee"));
        assert!(error(&["fee"]).contains("--core"));
    }

    #[test]
    fn a_selection_of_several_patches_runs_once_and_with_programs_if_one_needs_them() {
        assert_eq!(
            selections(&patches()),
            [("-p a --lib".to_owned(), true), ("--test b".to_owned(), true)]
        );
    }

    #[test]
    fn the_list_is_markdown() {
        let table = list(&patches()[1..2]);
        assert!(table.ends_with("\n| P1 | `p1-transfer` | something | `--test b` |\n"), "{table}");
    }

    #[test]
    fn a_mutant_passes_if_it_is_killed() {
        let patch = patch("p1-credit", "--lib", false);
        let report =
            |verdict| Report { patch: &patch, verdict, time: Duration::from_millis(1_250) };
        let reports = [
            report(Verdict::Killed { test: "money::tests::split".into(), others: 0 }),
            report(Verdict::Survived),
            report(Verdict::Stale { reason: "patch failed: x.rs:3".into() }),
        ];
        assert_eq!(total(&reports), Tally { passed: 1, failed: 2 });
        let table = table(&reports);
        let rows: Vec<&str> = table.lines().collect();
        assert_eq!(rows[0], "mutant     promise  verdict           seconds  failed tests");
        assert_eq!(rows[1], "p1-credit  P1       killed                1.2  money::tests::split");
        assert!(rows[2].contains("SURVIVED") && rows[3].contains("x.rs:3"), "{table}");
    }
}
