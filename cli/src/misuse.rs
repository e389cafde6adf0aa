//! What becomes of wrong command lines. The server does not exist, so that exit code 2 proves that nothing was sent, and
//! exit code 3 that a command line was right as far as can be told without a chain.

use clap::Parser;

use crate::arguments::Arguments;
use crate::exit;

/// Nobody listens on this port.
const NO_SERVER: &str = "http://127.0.0.1:1";
/// Who acts: an address, so that no key has to be read.
pub const KEY: &str = "FL5RnrYJEGYAypPCG7KgwhgDbHWC48jmSi6w3QjunreE";

/// Runs `flashback` with these words, and tells with which exit code and message it fails; 0 if it does not.
pub fn outcome(line: &str) -> (u8, String) {
    let global = ["flashback", "--url", NO_SERVER, "--keypair", KEY, "--yes"];
    let arguments =
        match Arguments::try_parse_from(global.into_iter().chain(line.split_whitespace())) {
            Ok(arguments) => arguments,
            Err(error) => return (2, error.to_string()),
        };
    match crate::block_on(crate::run(arguments)) {
        Ok(()) => (0, String::new()),
        Err(error) => (exit::number(&error), exit::message(&error)),
    }
}

/// Checks that each command line fails with an exit code and a message that says this.
pub fn check(cases: &[(&str, u8, &str)]) {
    for (line, code, said) in cases {
        let (exited, message) = outcome(line);
        assert_eq!(exited, *code, "{line}: {message}");
        assert!(message.contains(said), "{line}: {message}");
    }
}

/// Checks that each command line is wrong usage, and that a message says why.
pub fn refuses(cases: &[(&str, &str)]) {
    let cases: Vec<_> = cases.iter().map(|(line, said)| (*line, 2, *said)).collect();
    check(&cases);
}

/// Checks that each command line is right as far as can be told without a chain.
pub fn accepts(lines: &[&str]) {
    let cases: Vec<_> = lines.iter().map(|line| (*line, 3, "")).collect();
    check(&cases);
}

#[test]
fn a_right_line_gets_as_far_as_the_server() {
    accepts(&["provider show"]);
    refuses(&[
        ("provider show 1", "neither an address"),
        ("provider shwo", "unrecognized subcommand"),
    ]);
}
