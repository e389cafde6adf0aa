//! The reference of all commands, `docs/cli.md`, as the command line itself knows them.

use clap::{Arg, Command, CommandFactory};

use crate::arguments::Arguments;

const PREFACE: &str = "\
# Commands

<!-- Made by `flashback reference`: change the code, then run `cargo run -p flashback-cli -- reference > docs/cli.md`. -->

Results and errors are described in [output.md](output.md), scenarios for `flashback sla simulate` in
[scenario.md](scenario.md).
";

/// The reference as Markdown.
pub fn markdown() -> String {
    let mut root = Arguments::command();
    root.build();
    let mut text = PREFACE.to_owned();
    text.push_str(&format!("\n{}\n", prose(&about(&root))));
    text.push_str("\n| command | does |\n| --- | --- |\n");
    contents(&root, root.get_name(), &mut text);
    text.push_str("\n## Global options\n\nEvery command takes them, before or after its name.\n\n");
    for option in shown(&root).filter(|arg| arg.is_global_set()) {
        text.push_str(&item(option));
    }
    sections(&root, root.get_name(), "##", &mut text);
    text
}

/// A row for each command that does something.
fn contents(command: &Command, path: &str, text: &mut String) {
    for command in subcommands(command) {
        let path = format!("{path} {}", command.get_name());
        if acts(command) {
            let does = command.get_about().map(ToString::to_string).unwrap_or_default();
            let (anchor, does) = (path.replace(' ', "-"), prose(&does).replace('|', "\\|"));
            text.push_str(&format!("| [`{path}`](#{anchor}) | {does} |\n"));
        }
        contents(command, &path, text);
    }
}

/// A section for each command, those of a group below the group's.
fn sections(command: &Command, path: &str, level: &str, text: &mut String) {
    for command in subcommands(command) {
        let path = format!("{path} {}", command.get_name());
        text.push_str(&format!("\n{level} {path}\n\n{}\n", prose(&about(command))));
        if acts(command) {
            usage(command, text);
        }
        sections(command, &path, &format!("{level}#"), text);
    }
}

/// Whether a command does something by itself: most groups of commands do not.
fn acts(command: &Command) -> bool {
    !command.is_subcommand_required_set()
}

fn usage(command: &Command, text: &mut String) {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").lines().map(str::trim);
    for line in usage.filter(|line| !line.is_empty()) {
        text.push_str(&format!("\n`{line}`\n"));
    }
    let own = || shown(command).filter(|arg| !arg.is_global_set());
    let groups = [
        ("Arguments", own().filter(|arg| arg.is_positional()).collect::<Vec<_>>()),
        ("Options", own().filter(|arg| !arg.is_positional()).collect()),
    ];
    for (heading, args) in groups.iter().filter(|(_, args)| !args.is_empty()) {
        text.push_str(&format!("\n{heading}:\n\n"));
        text.extend(args.iter().map(|arg| item(arg)));
    }
}

fn subcommands(command: &Command) -> impl Iterator<Item = &Command> {
    command
        .get_subcommands()
        .filter(|command| !command.is_hide_set() && command.get_name() != "help")
}

/// Arguments other than those that every program has.
fn shown(command: &Command) -> impl Iterator<Item = &Arg> {
    let common = ["help", "version"];
    command
        .get_arguments()
        .filter(move |arg| !arg.is_hide_set() && !common.contains(&arg.get_id().as_str()))
}

fn about(command: &Command) -> String {
    let about = command.get_long_about().or(command.get_about());
    about.map(ToString::to_string).unwrap_or_default()
}

/// A line for an argument, and one for each of its possible values that is explained.
fn item(arg: &Arg) -> String {
    let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let takes_value = arg.is_positional() || arg.get_action().takes_values();
    let mut notes = vec![];
    if arg.is_required_set() && !arg.is_positional() {
        notes.push("required".to_owned());
    }
    let defaults = arg.get_default_values().iter().filter(|value| !value.is_empty());
    let defaults = defaults.map(|value| value.to_string_lossy());
    let defaults: Vec<_> =
        defaults.filter(|_| takes_value).map(|value| format!("`{value}`")).collect();
    if !defaults.is_empty() {
        notes.push(format!("default: {}", defaults.join(", ")));
    }
    if let Some(variable) = arg.get_env() {
        notes.push(format!("environment: `{}`", variable.to_string_lossy()));
    }
    let values: Vec<_> = if takes_value { arg.get_possible_values() } else { vec![] };
    let values: Vec<_> = values.iter().filter(|value| !value.is_hide_set()).collect();
    let explained = values.iter().any(|value| value.get_help().is_some());
    if !values.is_empty() && !explained {
        let names: Vec<_> = values.iter().map(|value| format!("`{}`", value.get_name())).collect();
        notes.push(format!("one of {}", names.join(", ")));
    }
    let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
    let mut item = format!("- `{}`: {}{notes}\n", form(arg), prose(&help));
    for value in values.iter().filter(|_| explained) {
        let help = value.get_help().map(ToString::to_string).unwrap_or_default();
        item.push_str(&format!("  - `{}`: {}\n", value.get_name(), prose(&help)));
    }
    item
}

/// How an argument is written: `-u, --url <URL>`.
fn form(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    let values: String = names.iter().map(|name| format!(" <{name}>")).collect();
    if arg.is_positional() {
        let optional = !arg.is_required_set();
        let values = values.trim_start();
        return if optional {
            format!("[{}]", values.trim_matches(['<', '>']))
        } else {
            values.to_owned()
        };
    }
    let short = arg.get_short().map(|short| format!("-{short}"));
    let long = arg.get_long().map(|long| format!("--{long}"));
    let flags: Vec<String> = short.into_iter().chain(long).collect();
    let values = if arg.get_action().takes_values() { values.as_str() } else { "" };
    format!("{}{values}", flags.join(", "))
}

/// Help text as Markdown: brackets outside code would be read as HTML.
fn prose(help: &str) -> String {
    let parts = help.split('`').enumerate().map(|(index, part)| {
        if index % 2 == 0 { part.replace('<', "\\<") } else { part.to_owned() }
    });
    parts.collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_up_to_date() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
        let checked_in = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            checked_in == markdown(),
            "docs/cli.md is not what the code says: run `cargo run -p flashback-cli -- reference > docs/cli.md`"
        );
    }

    #[test]
    fn arguments_are_described_in_full() {
        let command = Command::new("x")
            .arg(
                Arg::new("amount").value_name("AMOUNT").required(true).help("How <much>, as `<n>`"),
            )
            .arg(
                Arg::new("way")
                    .short('w')
                    .long("way")
                    .value_name("WAY")
                    .env("X_WAY")
                    .default_value("up")
                    .value_parser(["up", "down"])
                    .help("Where to"),
            )
            .arg(Arg::new("fast").long("fast").action(clap::ArgAction::SetTrue).help("Quickly"));
        let items: Vec<String> = command.get_arguments().map(item).collect();
        assert_eq!(
            items,
            [
                "- `<AMOUNT>`: How \\<much>, as `<n>`\n",
                "- `-w, --way <WAY>`: Where to (default: `up`; environment: `X_WAY`; one of `up`, `down`)\n",
                "- `--fast`: Quickly\n",
            ]
        );
    }

    #[test]
    fn global_options_stand_once_and_hidden_commands_not_at_all() {
        let text = markdown();
        assert_eq!(text.matches("`--output <FORMAT>`").count(), 1);
        assert!(
            !text.contains("## flashback reference") && !text.contains("## flashback sla help")
        );
        assert!(text.contains("\n### flashback sla simulate\n"));
    }
}
