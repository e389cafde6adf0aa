//! What may follow `cargo xtask`. One entry per command: its help and its grammar stand together.

use std::collections::VecDeque;

use anyhow::{Context, Result, bail};

use crate::{
    bench, mutants,
    program::{PROGRAMS, Program, Route, deployed},
    setup::Parts,
    test::Stage,
};

#[derive(Debug, PartialEq)]
pub enum Command {
    Help(Option<&'static Topic>),
    Setup(Parts),
    Build {
        programs: Vec<&'static Program>,
        route: Route,
    },
    Idl {
        check: bool,
    },
    /// The arguments for `flashback demo`.
    Demo(Vec<String>),
    Bench(bench::Mode),
    Mutants(mutants::Options),
    Test {
        stages: Vec<Stage>,
        full: bool,
    },
}

/// A command's help and how to read its arguments.
pub struct Topic {
    name: &'static str,
    synopsis: &'static str,
    summary: &'static str,
    details: &'static str,
    parse: fn(&mut Arguments) -> Result<Command>,
}

impl PartialEq for Topic {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl std::fmt::Debug for Topic {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

static TOPICS: [Topic; 7] = [
    Topic {
        name: "setup",
        synopsis: "[--packages | --no-validator]",
        summary: "install what builds and tests need, once per machine",
        details: "\
Installs missing system packages (as root, on Debian; otherwise says what to run) and, unless `cargo build-sbf` is
installed, the project's own sBPF toolchain (about 4 minutes); then solana-test-validator, compiled in about half an
hour (one of version 4.2 on PATH is used instead). Every other command does just its own part of this.

  --packages      the system packages and nothing else
  --no-validator  everything but the validator

Environment:
  FLASHBACK_CACHE          where things are installed [default: ~/.cache/flashback]
  FLASHBACK_DEBIAN_MIRROR  a Debian mirror for the toolchain [default: the one in /etc/apt]",
        parse: |arguments| {
            let mut parts = Parts { packages_only: false, validator: true };
            while let Some(argument) = arguments.next() {
                match argument.as_str() {
                    "--packages" => parts.packages_only = true,
                    "--no-validator" => parts.validator = false,
                    _ => return arguments.refuse(&argument),
                }
            }
            Ok(Command::Setup(parts))
        },
    },
    Topic {
        name: "build",
        synopsis: "[--upstream] [--all | PROGRAM]",
        summary: "build the on-chain programs into target/deploy",
        details: "\
Builds with `cargo build-sbf` if it is installed, with the project's own toolchain (xtask/toolchain) otherwise. Prints
each ELF's size and SHA-256, which do not depend on where the checkout, the target folder or the cache lie.

  --upstream  the project's own toolchain in any case
  --all       test-only programs as well
  PROGRAM     one program's package, as in `cargo xtask build flashback`",
        parse: |arguments| {
            let mut route = Route::Either;
            let mut all = false;
            let mut named = Vec::new();
            while let Some(argument) = arguments.next() {
                match argument.as_str() {
                    "--upstream" => route = Route::Upstream,
                    "--all" => all = true,
                    option if option.starts_with('-') => return arguments.refuse(option),
                    name => {
                        // Cargo takes either spelling, too.
                        let package = name.replace('_', "-");
                        let program = PROGRAMS.into_iter().find(|program| program.package == package).with_context(|| {
                            format!("there is no program `{name}`: the programs are {}", PROGRAMS.map(|program| program.package).join(" and "))
                        })?;
                        if !named.contains(&program) {
                            named.push(program);
                        }
                    }
                }
            }
            let programs = match (all, named.is_empty()) {
                (true, false) => bail!("--all builds every program: leave it or the program's name out"),
                (true, true) => PROGRAMS.to_vec(),
                (false, true) => deployed(),
                (false, false) => named,
            };
            Ok(Command::Build { programs, route })
        },
    },
    Topic {
        name: "demo",
        synopsis: "[--json] [-- ARGUMENTS]",
        summary: "build everything and run `flashback demo` on an embedded chain",
        details: "\
Needs no set-up, no wallet and no network beyond package sources.

  --json     the report also as one last line of JSON
  ARGUMENTS  passed on to `flashback demo`",
        parse: |arguments| {
            let mut passed_on = Vec::new();
            while let Some(argument) = arguments.next() {
                match argument.as_str() {
                    "--json" => passed_on.push(argument),
                    "--" => passed_on.extend(arguments.rest()),
                    _ => return arguments.refuse(&argument),
                }
            }
            Ok(Command::Demo(passed_on))
        },
    },
    Topic {
        name: "test",
        synopsis: "[--full] [--stage NAME]...",
        summary: "run all tests, in stages, and count them",
        details: "\
Goes on after a failed stage and ends with a table and the line `N passed, M failed`. Ignored tests count as failed.

  --full        more random cases (FLASHBACK_FULL=1)
  --stage NAME  only this stage; may be repeated. In the order in which they run: unit, program, instructions, flows,
                bench, doc, validator. The validator is compiled first if need be, which takes half an hour, once.",
        parse: |arguments| {
            let mut full = false;
            let mut stages = Vec::new();
            while let Some(argument) = arguments.next() {
                match argument.as_str() {
                    "--full" => full = true,
                    "--stage" => {
                        let name = arguments.next().context("--stage wants a name, as in `--stage unit`")?;
                        stages.push(stage(&name)?);
                    }
                    other => match other.strip_prefix("--stage=") {
                        Some(name) => stages.push(stage(name)?),
                        None => return arguments.refuse(other),
                    },
                }
            }
            Ok(Command::Test { stages, full })
        },
    },
    Topic {
        name: "mutants",
        synopsis: "[--list] [--core] [NAME]...",
        summary: "break the code in small ways and see that tests notice",
        details: "\
Applies each patch in mutants/ to a copy of the checkout in the target folder, runs the tests that it names, and expects
one to fail. Before that, runs the same tests without a mutation. Ends with a table and the line `N passed, M failed`: a
mutant that survives, no longer applies or does not compile counts as failed. mutants/README.md tells how patches look.

  --list         print the patches as a Markdown table and run nothing
  --core         only those that need no build of the programs
  --no-baseline  leave out the run without a mutation
  NAME           only patches with this in their names, as in `cargo xtask mutants p1- p10-`",
        parse: |arguments| {
            let mut options = mutants::Options {
                names: Vec::new(),
                core: false,
                baseline: true,
                list: false,
            };
            while let Some(argument) = arguments.next() {
                match argument.as_str() {
                    "--list" => options.list = true,
                    "--core" => options.core = true,
                    "--no-baseline" => options.baseline = false,
                    option if option.starts_with('-') => return arguments.refuse(option),
                    _ => options.names.push(argument),
                }
            }
            Ok(Command::Mutants(options))
        },
    },
    Topic {
        name: "bench",
        synopsis: "[--bless]",
        summary: "compare compute units and program sizes with the figures in bench/",
        details: "\
Always measures the project's own sBPF build (xtask/toolchain), so that figures compare.

  --bless  record today's figures instead",
        parse: |arguments| {
            let mut mode = bench::Mode::Check;
            while let Some(argument) = arguments.next() {
                match argument.as_str() {
                    "--bless" => mode = bench::Mode::Bless,
                    _ => return arguments.refuse(&argument),
                }
            }
            Ok(Command::Bench(mode))
        },
    },
    Topic {
        name: "idl",
        synopsis: "[--check]",
        summary: "write idls/flashback.json from the program's source",
        details: "  --check  write nothing; fail and show where it differs if the file is stale",
        parse: |arguments| {
            let mut check = false;
            while let Some(argument) = arguments.next() {
                match argument.as_str() {
                    "--check" => check = true,
                    _ => return arguments.refuse(&argument),
                }
            }
            Ok(Command::Idl { check })
        },
    },
];

/// The arguments not yet read.
struct Arguments {
    command: &'static str,
    rest: VecDeque<String>,
}

impl Arguments {
    fn next(&mut self) -> Option<String> {
        self.rest.pop_front()
    }

    fn rest(&mut self) -> Vec<String> {
        self.rest.drain(..).collect()
    }

    fn refuse(&self, argument: &str) -> Result<Command> {
        bail!(
            "`cargo xtask {}` knows no `{argument}`: see `cargo xtask help {}`",
            self.command,
            self.command
        )
    }
}

/// Reads what follows `cargo xtask`.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Command> {
    let mut arguments: VecDeque<String> = arguments.into_iter().collect();
    let Some(name) = arguments.pop_front() else { return Ok(Command::Help(None)) };
    if ["help", "--help", "-h"].contains(&name.as_str()) {
        return Ok(Command::Help(arguments.pop_front().map(|name| topic(&name)).transpose()?));
    }
    let topic = topic(&name)?;
    if arguments
        .iter()
        .take_while(|argument| *argument != "--")
        .any(|argument| argument == "--help" || argument == "-h")
    {
        return Ok(Command::Help(Some(topic)));
    }
    (topic.parse)(&mut Arguments { command: topic.name, rest: arguments })
}

fn topic(name: &str) -> Result<&'static Topic> {
    TOPICS.iter().find(|topic| topic.name == name).with_context(|| {
        let names: Vec<&str> = TOPICS.iter().map(|topic| topic.name).collect();
        format!("there is no command `{name}`: the commands are {} and help", names.join(", "))
    })
}

fn stage(name: &str) -> Result<Stage> {
    Stage::ALL.into_iter().find(|stage| stage.name() == name).with_context(|| {
        format!(
            "there is no stage `{name}`: the stages are {}",
            Stage::ALL.map(Stage::name).join(", ")
        )
    })
}

/// The help text: of one command, or of all.
pub fn help(topic: Option<&Topic>) -> String {
    match topic {
        Some(Topic { name, synopsis, summary, details, .. }) => {
            format!("cargo xtask {name} {synopsis}\n\n{summary}\n\n{details}")
        }
        None => {
            let commands: String = TOPICS
                .iter()
                .map(|topic| {
                    format!("  {:<9}{:<32}{}\n", topic.name, topic.synopsis, topic.summary)
                })
                .collect();
            format!(
                "cargo xtask COMMAND\n\n{commands}  help     [COMMAND]                       a command in detail"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{DIFFERENTIAL, FLASHBACK};

    fn parse_line(line: &str) -> Result<Command> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    fn error(line: &str) -> String {
        parse_line(line).unwrap_err().to_string()
    }

    #[test]
    fn commands_parse() {
        assert_eq!(
            parse_line("setup").unwrap(),
            Command::Setup(Parts { packages_only: false, validator: true })
        );
        assert_eq!(
            parse_line("setup --no-validator").unwrap(),
            Command::Setup(Parts { packages_only: false, validator: false })
        );
        assert_eq!(
            parse_line("build").unwrap(),
            Command::Build { programs: vec![&FLASHBACK], route: Route::Either }
        );
        assert_eq!(
            parse_line("build --all").unwrap(),
            Command::Build { programs: vec![&FLASHBACK, &DIFFERENTIAL], route: Route::Either }
        );
        assert_eq!(
            parse_line("build --upstream flashback_differential").unwrap(),
            Command::Build { programs: vec![&DIFFERENTIAL], route: Route::Upstream }
        );
        assert_eq!(parse_line("idl --check").unwrap(), Command::Idl { check: true });
        assert_eq!(parse_line("bench --bless").unwrap(), Command::Bench(bench::Mode::Bless));
        assert_eq!(
            parse_line("mutants p1- --core fee --no-baseline").unwrap(),
            Command::Mutants(mutants::Options {
                names: vec!["p1-".into(), "fee".into()],
                core: true,
                baseline: false,
                list: false
            })
        );
        assert_eq!(
            parse_line("mutants --list").unwrap(),
            Command::Mutants(mutants::Options {
                names: Vec::new(),
                core: false,
                baseline: true,
                list: true
            })
        );
        assert_eq!(
            parse_line("test --full --stage unit --stage=flows").unwrap(),
            Command::Test { stages: vec![Stage::Unit, Stage::Flows], full: true }
        );
    }

    #[test]
    fn the_demo_gets_what_follows_the_dashes() {
        assert_eq!(
            parse_line("demo --json -- --help -x").unwrap(),
            Command::Demo(vec!["--json".into(), "--help".into(), "-x".into()])
        );
        assert!(error("demo --seed 3").contains("`--seed`"));
    }

    #[test]
    fn help_is_everywhere() {
        assert_eq!(parse_line("").unwrap(), Command::Help(None));
        assert_eq!(parse_line("--help").unwrap(), Command::Help(None));
        for topic in &TOPICS {
            assert_eq!(
                parse_line(&format!("help {}", topic.name)).unwrap(),
                Command::Help(Some(topic))
            );
            assert_eq!(
                parse_line(&format!("{} --help", topic.name)).unwrap(),
                Command::Help(Some(topic))
            );
            assert!(help(Some(topic)).contains(topic.synopsis));
            assert!(help(None).contains(topic.summary));
        }
    }

    #[test]
    fn every_stage_and_program_is_in_the_help() {
        for stage in Stage::ALL {
            assert!(help(Some(topic("test").unwrap())).contains(stage.name()));
        }
        assert!(help(Some(topic("build").unwrap())).contains(FLASHBACK.package));
    }

    #[test]
    fn mistakes_are_answered_with_what_would_be_right() {
        assert!(error("bild").contains("setup, build, demo"));
        assert!(error("build flashbak").contains("flashback and flashback-differential"));
        assert!(error("build --all flashback").contains("leave it"));
        assert!(error("build --release").contains("cargo xtask help build"));
        assert!(error("test --stage").contains("--stage unit"));
        assert!(error("test --stage units").contains("unit, program"));
        assert!(error("setup --validator").contains("cargo xtask help setup"));
        assert!(error("mutants --all").contains("cargo xtask help mutants"));
        assert!(error("idl flashback").contains("`flashback`"));
    }
}
