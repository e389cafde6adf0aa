//! Every flag and argument of every command, by clap's own tree: each refuses a wrong value, and one that is required
//! being left out. What is added later and is not known here is found.

use super::*;

/// A kind of value, by its name on the command line.
struct Kind {
    name: &'static str,
    right: &'static str,
    wrong: &'static str,
    /// What is said of the wrong value: one of these.
    says: &'static [&'static str],
    /// Whether it is refused by the command, and not by the parser, which names the argument.
    late: bool,
}

const fn kind(
    name: &'static str,
    right: &'static str,
    wrong: &'static str,
    says: &'static [&'static str],
) -> Kind {
    Kind { name, right, wrong, says, late: false }
}

const fn late(
    name: &'static str,
    right: &'static str,
    wrong: &'static str,
    says: &'static [&'static str],
) -> Kind {
    Kind { name, right, wrong, says, late: true }
}

const NOBODY: &[&str] = &["`nobody` is neither an address"];
const DIGIT: &[&str] = &["invalid digit"];
const ONE_OF: &[&str] = &["[possible values: "];

const KINDS: &[Kind] = &[
    kind("ACCOUNT", ADDRESS, "nobody", NOBODY),
    kind("ADDRESS", ADDRESS, "nobody", NOBODY),
    kind("CERTIFIER", ADDRESS, "nobody", NOBODY),
    kind("NEW_AUTHORITY", ADDRESS, "nobody", NOBODY),
    kind("ORACLE", ADDRESS, "nobody", NOBODY),
    kind("SLA", ADDRESS, "nobody", NOBODY),
    kind("ADDRESS:PORT", "127.0.0.1:0", "nowhere", &["invalid socket address"]),
    kind("ADDRESS=SIGNATURE", "", "abc", &["`abc` is no ADDRESS=SIGNATURE"]),
    kind("AMOUNT", "1", "much", &["amounts are "]),
    kind("COUNT", "3", "some", &["invalid digit", "a committee has 3 or 5 seats"]),
    kind("FORMAT", "json", "xml", ONE_OF),
    kind("HASH", ADDRESS, "0", &["`0` is no blockhash"]),
    kind("HEX", "", "0f", &["64 hexadecimal digits"]),
    kind("KIB", "4", "3", &["3 is not in 4..="]),
    kind("KIND", "provider", "judge", ONE_OF),
    kind("LEAF", "0", "last", DIGIT),
    kind("LEVEL", "1", "5", &["`5` is no level", "[possible values: "]),
    kind("LIST", "s3", "ftp", &["`ftp` is no known protocol"]),
    kind("MIB", "1", "0", &["0 is not in 1.."]),
    kind("MS", "10", "9", &["9 is not in 10..="]),
    kind("NAME", "eu", "ä", &["is no region", "is no alias"]),
    kind("NAME=VALUE", "cover_bps=200", "cover_bps", &["no NAME=VALUE"]),
    kind("NUMBER", "1", "first", DIGIT),
    kind("PARTY", "consumer", "oracle", ONE_OF),
    kind("POINTS", "50", "101", &["more than the highest score"]),
    kind("PRICE", "1", "1.5", DIGIT),
    kind("SEAT", "0", "5", &["has seats 0 to 4"]),
    kind("SEATS", "0", "5", &["has seats 0 to 4"]),
    kind("SETTING", "url", "colour", ONE_OF),
    kind("SHARE", "99%", "0.999", &["`0.999` needs a %"]),
    kind("SHELL", "bash", "tcsh", ONE_OF),
    kind("SIGNATURE", "", "abc", &["`abc` is no signature"]),
    kind("SIZE", "1TiB", "1TB", &["`1TB` needs a unit"]),
    kind("SPAN", "30d", "30", &["`30` needs a unit"]),
    kind("SPEED", "1MiB/s", "50MB/s", &["`50MB/s` needs a unit"]),
    kind("STATE", "ended", "over", ONE_OF),
    kind("TEXT", "a", "", &["a memo has 1 to 566 bytes"]),
    kind("TIME", "80ms", "soon", &["`soon` needs a unit", "`soon` is no time"]),
    kind("URI", "https://a.example", "ä", &["printable ASCII"]),
    kind("WINDOW", "0", "first", DIGIT),
    late("COLUMN", "", "charm", &["--sort: `charm` is no column"]),
    late("FILE", "nothing/file", "nothing/file", &["nothing/file"]),
    late("FOLDER", "nothing", "Cargo.toml/folder", &["Cargo.toml/folder"]),
    late("FILE_OR_URL", "nothing.db", "nowhere.db", &["there is no store at nowhere.db"]),
    late("SIGNER", ADDRESS, "nobody.json", &["cannot read a keypair from nobody.json"]),
    late("TRANSACTION", "", "abc", &["this is no transaction in base 64"]),
    late("URL", "ws://a:1", "http://a", &["`http://a` is no websocket's URL"]),
    late("URL_OR_MONIKER", "d", "devnett", &["`devnett` is no URL"]),
    late("VALUE", "d", "devnett", &["url: `devnett` is no URL"]),
];

/// Arguments that mean something else than others of their kind.
const OTHERWISE: &[(&str, &str, Kind)] = &[(
    "config unalias",
    "<NAME>",
    late("NAME", "shop", "no.such.alias", &["there is no alias `no.such.alias`"]),
)];

/// Where a value that cannot be used only shows once a chain was asked, or a key was read: to leave them out is refused.
const LEFT_OUT: &[(&str, &str)] =
    &[("oracle run", "--store"), ("oracle run", "--credentials"), ("sla seal", "--out")];

/// Calls `visit` with every command that does something, and its name with its groups'.
fn visit(command: &Command, path: &str, each: &mut impl FnMut(&str, &Command)) {
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        let path = format!("{path} {}", inner.get_name()).trim_start().to_owned();
        visit(inner, &path, each);
        if !inner.is_subcommand_required_set() {
            each(&path, inner);
        }
    }
}

fn kind_of(path: &str, argument: &Arg) -> &'static Kind {
    let name = value_name(argument);
    let own = OTHERWISE
        .iter()
        .find(|(command, own, _)| *command == path && names(argument).iter().any(|n| n == own));
    match own {
        Some((_, _, kind)) => kind,
        None => KINDS.iter().find(|kind| kind.name == name).unwrap_or_else(|| {
            panic!("{path}: no wrong value is known for a {name}: say one in {}", file!())
        }),
    }
}

fn value_name(argument: &Arg) -> String {
    let named = argument.get_value_names().and_then(|names| names.first());
    named.map_or_else(|| argument.get_id().to_string(), ToString::to_string)
}

/// An argument with its value, as it is given.
fn given(argument: &Arg, value: &str) -> String {
    match argument.get_long() {
        Some(long) => format!("--{long}={value}"),
        None => value.to_owned(),
    }
}

/// The words of a command in which one of its arguments has this value: with what is required, and what stands before it.
fn words(path: &str, command: &Command, argument: &Arg, value: &str) -> Vec<String> {
    let mut words: Vec<String> = path.split(' ').map(str::to_owned).collect();
    let mut wrong_is_next = !argument.is_positional();
    if wrong_is_next {
        words.push(given(argument, value));
    }
    for other in command.get_positionals() {
        if other.get_id() == argument.get_id() {
            words.push(value.to_owned());
            wrong_is_next = true;
        } else if other.is_required_set() || !wrong_is_next {
            words.push(kind_of(path, other).right.to_owned());
        }
    }
    let required = own_arguments(command).filter(|other| {
        !other.is_positional() && other.is_required_set() && other.get_id() != argument.get_id()
    });
    words.extend(required.map(|other| given(other, kind_of(path, other).right)));
    if argument.get_id() == "nonce_authority" {
        words.push(format!("--nonce={ADDRESS}"));
    }
    words
}

/// Checks that an argument refuses a wrong value, after these words of the program's own options.
fn check_value(path: &str, command: &Command, argument: &Arg, start: &[&str]) {
    let names = names(argument);
    let refused = |words: &[String], says: &[&str], named: bool| {
        let (code, said) = run_words(start, words);
        let line = words.join(" ");
        assert_eq!(code, 2, "flashback {line}: {said}");
        assert!(says.iter().any(|says| said.contains(says)), "flashback {line}: {said}");
        let named = !named || names.iter().any(|name| said.contains(&format!("for '{name}")));
        assert!(named, "flashback {line} does not name {names:?}: {said}");
    };
    if !argument.get_action().takes_values() {
        let mut words: Vec<String> = path.split(' ').map(str::to_owned).collect();
        words.push(given(argument, "yes"));
        return refused(&words, &["unexpected value 'yes'"], true);
    }
    if argument.is_required_set() {
        let words: Vec<String> = path.split(' ').map(str::to_owned).collect();
        let (code, said) = run_words(start, &words);
        assert_eq!(code, 2, "flashback {path}: {said}");
        let missing = said.contains("required arguments were not provided");
        let named = names.iter().any(|name| said.contains(name.as_str()));
        assert!(missing && named, "flashback {path} does not miss {names:?}: {said}");
        if LEFT_OUT.contains(&(path, names[0].as_str())) {
            return;
        }
    }
    let kind = kind_of(path, argument);
    refused(&words(path, command, argument, kind.wrong), kind.says, !kind.late);
}

#[test]
fn every_flag_and_argument_of_every_command_refuses_what_is_wrong() {
    let (mut commands, mut arguments) = (0, 0);
    visit(&Arguments::command(), "", &mut |path, command| {
        commands += 1;
        for argument in own_arguments(command) {
            arguments += 1;
            check_value(path, command, argument, &["-u", NOWHERE, "-k", ADDRESS]);
        }
    });
    assert!(commands > 90 && arguments > 250, "{commands} commands, {arguments} arguments");
}

#[test]
fn every_global_option_refuses_what_is_wrong() {
    let root = Arguments::command();
    let stake = root.find_subcommand("provider").unwrap().find_subcommand("stake").unwrap();
    let mut options = 0;
    for option in root.get_arguments().filter(|option| option.is_global_set()) {
        options += 1;
        // Nothing is given twice.
        let start: &[&str] = match option.get_id().as_str() {
            "url" => &["-k", ADDRESS],
            "keypair" => &["-u", NOWHERE],
            _ => &["-u", NOWHERE, "-k", ADDRESS],
        };
        check_value("provider stake", stake, option, start);
    }
    assert!(options > 14, "{options}");
}

/// What the command only sees once it has parsed, and what one flag has to say of another.
#[test]
fn what_only_the_command_can_see_is_refused_before_a_chain_is_asked() {
    for (line, code, says) in [
        ("localnet --dir src", 2, "is no empty folder"),
        ("localnet --dir nothing travel 1h", 2, "cannot be used with"),
        ("admin migrate --no-wait", 2, "--no-wait"),
        ("oracle audit --challenge 5", 2, "--prove"),
        ("oracle audit --prove --challenge 0", 2, "must be above zero"),
    ] {
        let (got, said) = run(line);
        assert_eq!(got, code, "flashback {line}: {said}");
        assert!(said.contains(says), "flashback {line} does not say `{says}`: {said}");
    }
}

#[test]
fn what_an_error_says_ends_before_the_usage() {
    let (code, said) = run("sla quote --unit=1");
    assert_eq!(code, 2);
    assert!(said.contains("--size <SIZE>") && !said.contains("Usage"), "{said}");
    // A wrong value says nothing of what is required beside it.
    let (_, said) = run("sla quote --unit=first");
    assert!(said.contains("--unit <NUMBER>") && !said.contains("--size"), "{said}");
}
