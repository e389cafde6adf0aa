//! The description's own tests: that it is whole, and that what is not as it says is found.

use std::collections::BTreeSet;
use std::path::Path;

use clap::{Command, CommandFactory};
use flashback_core::params::TABLE;
use serde_json::json;

use super::*;
use crate::arguments::Arguments;

/// Commands that print what they are made for, whatever `--output` says.
const NO_REPORT: [&str; 3] = ["demo", "completions", "reference"];
/// Names that mean what their table is about.
const GENERIC: [&str; 9] =
    ["result", "value", "before", "after", "address", "account", "program", "signer", "signature"];

fn schema() -> Schema {
    Schema::new().unwrap()
}

fn definitions() -> Vec<(String, Value)> {
    let definitions = schema().0["$defs"].as_object().unwrap().clone();
    definitions.into_iter().collect()
}

/// The names of all commands that do something, with their groups'.
fn commands(command: &Command, path: &str) -> Vec<String> {
    let mut all = vec![];
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        let path = format!("{path} {}", command.get_name()).trim_start().to_owned();
        all.extend(commands(command, &path));
        if !command.is_subcommand_required_set() {
            all.push(path);
        }
    }
    all
}

/// Calls `visit` with every schema of the file, and the name that it describes.
fn visit(name: &str, schema: &Value, visit_one: &mut impl FnMut(&str, &Value)) {
    visit_one(name, schema);
    for (key, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        visit(key, inner, visit_one);
    }
    if let Some(items) = schema.get("items") {
        visit("", items, visit_one);
    }
    for key in ["allOf", "anyOf"] {
        for inner in schema.get(key).and_then(Value::as_array).into_iter().flatten() {
            visit("", inner, visit_one);
        }
    }
}

fn visit_all(visit_one: &mut impl FnMut(&str, &Value)) {
    for (_, definition) in definitions() {
        visit("", &definition, visit_one);
    }
}

#[test]
fn every_command_that_prints_a_report_is_described() {
    let commands: BTreeSet<String> = commands(&Arguments::command(), "")
        .into_iter()
        .filter(|command| !NO_REPORT.contains(&command.as_str()))
        .map(|command| name(&command))
        .collect();
    let groups =
        |name: &str| name == "act" || schema().definition(name).unwrap().get("allOf").is_some();
    let described: BTreeSet<String> = definitions()
        .into_iter()
        .filter(|(name, definition)| {
            let prints = definition.pointer("/properties/result").is_some();
            name != "act"
                && (prints || groups(name) || ["events", "sla-report"].contains(&name.as_str()))
        })
        .map(|(name, _)| name)
        .collect();
    assert_eq!(described, commands);
}

#[test]
fn a_field_that_is_not_described_is_found_and_so_is_one_of_another_type() {
    let zero = "11111111111111111111111111111111";
    let told = |change: fn(&mut Value)| {
        let mut json = json!({
            "result": "stake added", "signatures": ["sig"], "provider": zero, "stake_vault": zero,
            "amounts": { "wallet": { "before": 2, "after": u64::MAX } },
            "changes": [{ "what": "score", "before": null, "after": 3 }],
        });
        change(&mut json);
        wrong("provider stake", &json)
    };
    assert_eq!(told(|_| ()), [""; 0]);
    for (change, said) in [
        ((|json| json["colour"] = json!("red")) as fn(&mut Value), "/colour is not described"),
        (|json| json["provider"] = json!(7), "/provider is no string: 7"),
        (
            |json| json["amounts"]["wallet"]["before"] = json!(-1),
            "/amounts/wallet/before is less than 0: -1",
        ),
        (
            |json| json["amounts"]["purse"] = json!({ "before": 1, "after": 1 }),
            "/amounts/purse is not described",
        ),
        (
            |json| json["amounts"]["wallet"] = json!({ "before": 1 }),
            "/amounts/wallet/after is missing",
        ),
        (|json| json["changes"][0]["why"] = json!(""), "/changes/0/why is not described"),
        (|json| json["signatures"] = json!("sig"), "/signatures is no array: \"sig\""),
        (|json| drop(json.as_object_mut().unwrap().remove("result")), "/result is missing"),
    ] {
        assert_eq!(told(change), [said]);
    }
    assert_eq!(wrong("provider shwo", &json!({})), ["there is no entry `provider-shwo`"]);
    let list = |level: Value| {
        let row = json!({ "provider_authority": zero, "certificate_level": level });
        wrong("provider list", &json!({ "result": "providers", "total": 1, "providers": [row] }))
    };
    assert_eq!(list(json!(2)), [""; 0]);
    assert_eq!(list(Value::Null), [""; 0]);
    assert_eq!(list(json!("2")).len(), 1);
    let event =
        json!({ "event": "A", "slot": 1, "signature": "s", "index": 0, "fields": { "any": [1] } });
    assert_eq!(wrong("events", &event), [""; 0]);
}

#[test]
fn nothing_is_said_there_that_is_not_checked() {
    let known = [
        "$ref",
        "allOf",
        "anyOf",
        "type",
        "minimum",
        "required",
        "properties",
        "items",
        "description",
        "additionalProperties",
    ];
    visit_all(&mut |name, schema| {
        for key in schema.as_object().unwrap().keys() {
            assert!(known.contains(&key.as_str()), "{key} of {name}");
        }
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let target = reference.strip_prefix("#/$defs/").unwrap();
            assert!(self::schema().definition(target).is_some(), "{reference} of {name}");
        }
    });
}

#[test]
fn one_name_means_one_thing_in_every_command() {
    let mut meanings: BTreeMap<String, Value> = BTreeMap::new();
    visit_all(&mut |name, schema| {
        // A list of rows has other columns in every command.
        if name.is_empty()
            || GENERIC.contains(&name)
            || schema.pointer("/items/properties").is_some()
        {
            return;
        }
        let mut schema = schema.clone();
        schema.as_object_mut().unwrap().remove("description");
        // What one command always has, another may not; and balances have names of their own.
        let one = schema.pointer("/anyOf/0").cloned().unwrap_or(schema);
        if one == json!({ "$ref": "#/$defs/change" }) {
            return;
        }
        let known = meanings.entry(name.to_owned()).or_insert_with(|| one.clone());
        assert_eq!(*known, one, "{name}");
    });
}

#[test]
fn what_is_described_is_what_the_source_names() {
    let mut source = String::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("described/tests.rs") {
                source.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let parameters: BTreeSet<&str> = TABLE.iter().map(|row| row.name).collect();
    visit_all(&mut |name, _| {
        let named = source.contains(&format!("\"{name}\"")) || parameters.contains(name);
        assert!(name.is_empty() || named, "no command names {name}");
    });
}

/// The names that a file's reports give: of facts, balances and tables, and of the columns of these. What is compared is
/// a value, of the field `what`.
fn named(source: &str) -> BTreeSet<String> {
    let source = source.split("#[cfg(test)]").next().unwrap();
    let literal = |text: &str| {
        let text = text.trim_start().strip_prefix('"')?;
        let (name, rest) = text.split_once('"')?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        (!name.is_empty() && name.chars().all(plain)).then(|| (name.to_owned(), rest.len()))
    };
    let mut names = BTreeSet::new();
    let calls = [
        ".fact(",
        ".maybe(",
        ".created(",
        ".watch(",
        ".watch_tokens(",
        ".amount(",
        ".table(",
        ".list(",
    ];
    for call in calls {
        names.extend(source.split(call).skip(1).filter_map(|rest| Some(literal(rest)?.0)));
    }
    // Columns: an array of nothing but names, which are not those of arguments.
    let parts: Vec<&str> = source.split('[').collect();
    let of_arguments =
        |before: &str| [".args(", "_all = ", "_all = &"].iter().any(|end| before.ends_with(end));
    for pair in parts.windows(2).filter(|pair| !of_arguments(pair[0])) {
        let array = pair[1].split(']').next().unwrap();
        let columns: Vec<&str> =
            array.split(',').map(str::trim).filter(|one| !one.is_empty()).collect();
        let all: Option<Vec<String>> = columns.iter().map(|one| Some(literal(one)?.0)).collect();
        names.extend(all.filter(|all| all.len() > 1).into_iter().flatten());
    }
    names
}

#[test]
fn what_a_group_of_commands_names_is_described_for_one_of_them() {
    let files = |folder: &Path| -> String {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let sources = entries.filter(|path| path.is_file() && !path.ends_with("tests.rs"));
        sources
            .map(|path| std::fs::read_to_string(path).unwrap())
            .map(|text| text.split("#[cfg(test)]").next().unwrap().to_owned())
            .collect()
    };
    let commands = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/command");
    for group in ["admin", "certifier", "dispute", "oracle", "provider", "sla", "treasury", "unit"]
    {
        let source = match group {
            "treasury" => std::fs::read_to_string(commands.join("treasury.rs")).unwrap(),
            group => files(&commands.join(group)),
        };
        let mut described = BTreeSet::new();
        for (name, definition) in definitions() {
            if ["act", "amounts"].contains(&name.as_str()) || name.starts_with(&format!("{group}-"))
            {
                visit("", &definition, &mut |name, _| {
                    described.insert(name.to_owned());
                });
            }
        }
        let missing: Vec<String> =
            named(&source).into_iter().filter(|name| !described.contains(name)).collect();
        assert!(missing.is_empty(), "{group}: {missing:?}");
    }
    assert!(
        named(".fact(\"a_b\", 1) .table(\"t\", [\"c\", \"d\"], x) [1, 2] .fact(key)").len() == 4
    );
}
