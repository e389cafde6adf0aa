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
