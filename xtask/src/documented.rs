//! A test of the documents: every `cargo xtask` line that they tell people to run is one that xtask understands.

use std::{fs, path::Path};

use crate::arguments;

/// The `cargo xtask` commands in a document's fenced code blocks, each as what follows `cargo xtask`.
fn in_markdown(text: &str) -> Vec<&str> {
    let mut fenced = false;
    let mut commands = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            commands.extend(command(line));
        }
    }
    commands
}

/// What follows `cargo xtask` on a line of shell, without its comment and what it is piped or chained to.
fn command(line: &str) -> Option<&str> {
    let line = line.split(" #").next().unwrap_or_default().trim();
    if line.starts_with('#') {
        return None;
    }
    let (before, after) = line.split_once("cargo xtask")?;
    // A prompt and variables may stand before it, a word may not.
    let is_start = before
        .split_whitespace()
        .all(|word| word == "$" || word.contains('=') || ["time", "&&"].contains(&word));
    if !is_start || !(after.is_empty() || after.starts_with(' ')) {
        return None;
    }
    Some(after.split(['|', '>', ';', '&']).next().unwrap_or_default().trim())
}

#[test]
fn commands_are_found_in_code_blocks() {
    let text = "Run `cargo xtask nonsense`:\n```sh\n$ cargo xtask demo --json | jq .   # pretty\nRUST_LOG=debug cargo xtask test\ncargo test\n# cargo xtask no\n```\n";
    assert_eq!(in_markdown(text), ["demo --json", "test"]);
}

#[test]
fn documented_commands_parse() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |name: &str| {
        fs::read_to_string(root.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    let mut checked = 0;
    let mut check = |place: &str, command: &str| {
        checked += 1;
        if let Err(error) = arguments::parse(command.split_whitespace().map(str::to_owned)) {
            panic!("{place} tells people to run `cargo xtask {command}`, but {error}");
        }
    };
    for document in ["README.md", "CONTRIBUTING.md"] {
        in_markdown(&read(document)).into_iter().for_each(|line| check(document, line));
    }
    read(".ci/run")
        .lines()
        .filter_map(|line| command(line.trim()))
        .for_each(|line| check(".ci/run", line));
    for line in read("Anchor.toml").lines() {
        if let Some((_, script)) =
            line.split_once(" = \"").filter(|(_, script)| script.starts_with("cargo xtask"))
        {
            script
                .trim_end_matches('"')
                .split("&&")
                .filter_map(|line| command(line.trim()))
                .for_each(|line| check("Anchor.toml", line));
        }
    }
    assert!(checked > 2, "too few commands were found to believe that they were read: {checked}");
}
