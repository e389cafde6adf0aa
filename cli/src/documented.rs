//! Every `flashback …` command line in README.md, CONTRIBUTING.md, migrations/README.md and the written pages of docs/ is one that this
//! program accepts.

use std::path::Path;

use clap::Parser;

use crate::arguments::Arguments;

const ADDRESS: &str = "FL5RnrYJEGYAypPCG7KgwhgDbHWC48jmSi6w3QjunreE";

/// The command lines in a document's fenced code blocks, each as its words.
fn command_lines(document: &str) -> Vec<Vec<String>> {
    let mut lines = vec![];
    let mut fenced = false;
    let mut continued = String::new();
    for line in document.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if !fenced {
            continue;
        }
        if let Some(start) = line.strip_suffix('\\') {
            continued.push_str(start);
            continue;
        }
        let whole = std::mem::take(&mut continued) + line;
        let commands = whole.split("; do ").flat_map(|part| part.split("&& "));
        let commands = commands.flat_map(|part| part.split("$("));
        for command in commands {
            let command = command.trim_start().trim_start_matches("$ ");
            lines.extend(command.strip_prefix("flashback ").map(words));
        }
    }
    lines
}

/// A shell command's words: comments, pipes, separators and brackets end it, quotes group, placeholders get a
/// value.
fn words(line: &str) -> Vec<String> {
    let mut words = vec!["flashback".to_owned()];
    let mut word = String::new();
    let mut quote = None;
    for c in line.chars().chain([' ']) {
        match quote {
            Some(end) if c == end => quote = None,
            Some(_) => word.push(c),
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c.is_whitespace() => {
                if ["|", "&", "&&", ";", ">", "<"].contains(&word.as_str()) || word.starts_with('#')
                {
                    break;
                }
                let ended = word.ends_with([';', ')']);
                let whole = std::mem::take(&mut word);
                let whole = whole.trim_end_matches([';', ')', '"']);
                if !whole.is_empty() {
                    words.push(filled_in(whole));
                }
                if ended {
                    break;
                }
            }
            None => word.push(c),
        }
    }
    words
}

/// A placeholder's value: numbers for names that say so, an address for every other.
fn filled_in(word: &str) -> String {
    let variable = word.starts_with('$') && !word.contains('/');
    let bracketed = word.starts_with('<') && word.ends_with('>');
    if !variable && !bracketed {
        return word.to_owned();
    }
    let name = word.trim_matches(['$', '<', '>', '{', '}', '"']).to_ascii_uppercase();
    let numbers = ["NUMBER", "ID", "WINDOW", "COUNT"];
    if numbers.contains(&name.as_str()) { "1".to_owned() } else { ADDRESS.to_owned() }
}

fn check(document: &str) -> Vec<String> {
    let lines = command_lines(document);
    let wrong = lines.iter().filter_map(|words| {
        use clap::error::ErrorKind::{DisplayHelp, DisplayVersion};
        let error = Arguments::try_parse_from(words).err()?;
        let shows = matches!(error.kind(), DisplayHelp | DisplayVersion);
        (!shows).then(|| format!("{}\n{error}", words.join(" ")))
    });
    wrong.collect()
}

#[test]
fn documented_command_lines_parse() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let documents = [
        "README.md",
        "CONTRIBUTING.md",
        "docs/credentials.md",
        "docs/oracle-guide.md",
        "docs/output.md",
        "docs/records.md",
        "docs/reports.md",
        "docs/scenario.md",
        "docs/signing.md",
        "migrations/README.md",
    ];
    for name in documents {
        let path = root.join(name);
        let document = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
        let wrong = check(&document);
        assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
    }
}

/// `anchor migrate` runs them; nothing here can, so what they say is read.
#[test]
fn anchors_migration_scripts_name_the_command_and_throw() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let script = read("deploy.js");
    let (_, body) = script.split_once("module.exports = async function (provider) {").unwrap();
    assert!(body.trim_start().starts_with("throw new Error("), "it does something: {script}");
    let command = body.lines().find_map(|line| line.trim_start().strip_prefix("`  flashback "));
    let server = "${provider.connection.rpcEndpoint}";
    let (command, _) = command.unwrap().split_once("\\n").unwrap();
    assert!(command.contains(server), "it names no server: {command}");
    let line = format!("flashback {}", command.replace(server, "http://127.0.0.1:8899"));
    assert_eq!(check(&format!("```sh\n{line}\n```")), [""; 0]);
    let arguments = Arguments::try_parse_from(line.split_whitespace()).unwrap();
    assert!(arguments.global.dry_run && line.starts_with("flashback admin migrate "), "{line}");

    let typed = read("deploy.ts");
    let code: Vec<&str> = typed.lines().filter(|line| !line.starts_with("//")).collect();
    assert_eq!(code, ["module.exports = require(\"./deploy.js\");"]);
}

#[test]
fn what_does_not_parse_is_found() {
    let document = "flashback nonsense\n```sh\n$ flashback sla show <SLA>  # as anyone\nflashback sla \\\n  show \
                    \"$SLA\"\nflashback --version | cat\nfor o in 1 2; do flashback sla shwo <SLA> \
                    -k $o.json; done\n```\n";
    let wrong = check(document);
    assert_eq!(command_lines(document).len(), 4);
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert!(wrong[0].contains("shwo"));
}
