//! Wrong input, by tables of command lines. None of them can reach a chain: exit code 2 means that nothing was asked of
//! one, 3 that the command line was understood and the chain was asked.

use clap::{Arg, Command, CommandFactory};

use crate::arguments::Arguments;

mod everywhere;

/// Any address.
pub const ADDRESS: &str = "FL5RnrYJEGYAypPCG7KgwhgDbHWC48jmSi6w3QjunreE";
/// Where nothing listens.
const NOWHERE: &str = "http://127.0.0.1:1";

/// A command line without `flashback`, its exit code, and what it says.
pub type Case = (String, u8, &'static str);

/// Runs a command line as the program does. What it says is cut before the parser's usage, which names every required flag
/// and argument, whatever was wrong.
fn run(line: &str) -> (u8, String) {
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    run_words(&["-u", NOWHERE, "-k", ADDRESS], &words)
}

/// The same of a command's words, after these options of the program.
fn run_words(start: &[&str], words: &[String]) -> (u8, String) {
    let given = ["flashback"].iter().chain(start).copied();
    let line = given.chain(words.iter().map(String::as_str));
    match Arguments::parse_matches(Arguments::command().try_get_matches_from(line)) {
        Ok(arguments) => match crate::block_on(crate::run(arguments)) {
            Ok(()) => (0, String::new()),
            Err(error) => crate::exit::said(&error),
        },
        Err(error) => {
            let said = error.to_string();
            let wrong = said.split("\nUsage:").next().unwrap_or_default();
            (u8::try_from(error.exit_code()).unwrap(), wrong.to_owned())
        }
    }
}

/// Checks every case; that a refusal with code 2 names every flag and argument of each command of the group, but of the
/// `others`; and that each command is understood once.
pub fn check(group: &str, others: &[&str], cases: &[Case]) {
    let mut refusals: Vec<(&str, String)> = vec![];
    let mut accepted: Vec<&str> = vec![];
    for (line, code, says) in cases {
        let (got, said) = run(line);
        assert_eq!(got, *code, "flashback {line}: {said}");
        assert!(said.contains(says), "flashback {line} does not say `{says}`: {said}");
        match got {
            2 => refusals.push((line, said)),
            _ => accepted.push(line),
        }
    }
    let root = Arguments::command();
    let group_command = root.find_subcommand(group).unwrap();
    for command in group_command.get_subcommands() {
        let name = command.get_name();
        if others.contains(&name) {
            continue;
        }
        let of_it = |line: &str| line.split_whitespace().nth(1) == Some(name);
        assert!(accepted.iter().any(|line| of_it(line)), "no case is accepted by {group} {name}");
        for argument in own_arguments(command) {
            let named = names(argument);
            let names = |said: &str| named.iter().any(|name| said.contains(name));
            let refused = refusals.iter().any(|(line, said)| of_it(line) && names(said));
            assert!(refused, "{group} {name}: no wrong input for {}", named[0]);
        }
    }
}

fn own_arguments(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| !arg.is_global_set())
}

/// How a refusal names an argument.
fn names(argument: &Arg) -> Vec<String> {
    let value = argument.get_value_names().and_then(|names| names.first());
    match (argument.get_long(), value) {
        (Some(long), _) => vec![format!("--{long}")],
        (None, Some(value)) => vec![format!("<{value}>"), format!("[{value}]")],
        (None, None) => vec![argument.get_id().to_string()],
    }
}

/// Cases for what every command with one SLA refuses, and the one that it takes.
pub fn one_sla(command: &str) -> [Case; 4] {
    [
        (format!("{command} {ADDRESS}"), 3, "the RPC server cannot be reached"),
        (format!("{command} nobody"), 2, "invalid value 'nobody' for '<SLA>"),
        (command.to_owned(), 2, "<SLA>"),
        (format!("{command} {ADDRESS} {ADDRESS}"), 2, "unexpected argument"),
    ]
}

/// A command line of flags with values: those given in place of the ones that it has, `-` leaving one away.
pub fn with(command: &str, flags: &[(&str, &str)], given: &[(&str, &str)]) -> String {
    let kept = flags.iter().filter(|(flag, _)| given.iter().all(|(other, _)| flag != other));
    let all = kept.chain(given).filter(|(_, value)| *value != "-");
    let words: Vec<String> = all.map(|(flag, value)| format!("{flag}={value}")).collect();
    format!("{command} {}", words.join(" "))
}
