//! Where settings come from: a flag goes before a variable, that before Flashback's file, that before Solana's.

use serde_json::Value;

use crate::common::Machine;

const OVERLAY: &str = ".config/flashback/config.yml";
const SOLANA: &str = ".config/solana/cli/config.yml";

/// A setting everywhere that it can be said: name, flag, variable, field, whether Solana's file has it, and a value for
/// each of the four places.
struct Everywhere {
    name: &'static str,
    flag: &'static str,
    variable: &'static str,
    field: &'static str,
    in_solana: bool,
    values: [&'static str; 4],
    default: Option<&'static str>,
}

const ALL: [Everywhere; 6] = [
    Everywhere {
        name: "url",
        flag: "--url",
        variable: "FLASHBACK_URL",
        field: "json_rpc_url",
        in_solana: true,
        values: ["http://flag:1", "http://variable:1", "http://overlay:1", "http://solana:1"],
        default: Some("http://127.0.0.1:8899"),
    },
    Everywhere {
        name: "ws-url",
        flag: "--ws-url",
        variable: "FLASHBACK_WS_URL",
        field: "websocket_url",
        in_solana: true,
        values: ["ws://flag:1", "wss://variable:1", "ws://overlay:1", "ws://solana:1"],
        default: Some("ws://127.0.0.1:8900/"),
    },
    Everywhere {
        name: "keypair",
        flag: "--keypair",
        variable: "FLASHBACK_KEYPAIR",
        field: "keypair_path",
        in_solana: true,
        values: ["flag.json", "variable.json", "overlay.json", "solana.json"],
        default: None,
    },
    Everywhere {
        name: "fee-payer",
        flag: "--fee-payer",
        variable: "FLASHBACK_FEE_PAYER",
        field: "fee_payer",
        in_solana: false,
        values: ["flag.json", "variable.json", "overlay.json", ""],
        default: None,
    },
    Everywhere {
        name: "commitment",
        flag: "--commitment",
        variable: "FLASHBACK_COMMITMENT",
        field: "commitment",
        in_solana: true,
        values: ["processed", "finalized", "processed", "finalized"],
        default: Some("confirmed"),
    },
    Everywhere {
        name: "compute-unit-price",
        flag: "--with-compute-unit-price",
        variable: "FLASHBACK_COMPUTE_UNIT_PRICE",
        field: "compute_unit_price",
        in_solana: false,
        values: ["1", "2", "3", ""],
        default: None,
    },
];

/// A Solana configuration with one field set.
fn solana(field: &str, value: &str) -> String {
    let line = |name: &str| format!("{name}: '{}'\n", if name == field { value } else { "" });
    ["json_rpc_url", "websocket_url", "keypair_path", "commitment"].map(line).concat()
}

/// A setting as `config show` has it: its value, and where that comes from.
fn shown(machine: &Machine, flags: &[&str], name: &str) -> (Value, String) {
    let json = machine.json(&[&["config", "show"], flags].concat());
    let rows = json["settings"].as_array().unwrap();
    let row = rows.iter().find(|row| row["setting"] == name).unwrap();
    (row["value"].clone(), row["from"].as_str().unwrap().to_owned())
}

#[test]
fn the_nearest_word_counts() {
    for setting in &ALL {
        let [flag, variable, overlay, in_solana] = setting.values;
        let name = setting.name;
        let machine = Machine::new();
        let (value, from) = shown(&machine, &[], name);
        assert_eq!(from, "default", "{name}");
        match setting.default {
            Some(default) => assert_eq!(value, default, "{name}"),
            None if name == "keypair" => {
                assert_eq!(value, machine.path_text(".config/solana/id.json"));
            }
            None => assert_eq!(value, Value::Null, "{name}"),
        }

        if setting.in_solana {
            let path = machine.write(SOLANA, &solana(setting.field, in_solana));
            let from = format!("{} in {}", setting.field, path.display());
            assert_eq!(shown(&machine, &[], name), (in_solana.into(), from));
        }
        let path = machine.write(OVERLAY, &format!("{}: {overlay}\n", setting.field));
        let from = format!("{} in {}", setting.field, path.display());
        assert_eq!(shown(&machine, &[], name), (overlay.into(), from));

        let machine = machine.with(setting.variable, variable);
        assert_eq!(shown(&machine, &[], name), (variable.into(), setting.variable.into()));
        let flags = [setting.flag, flag];
        assert_eq!(shown(&machine, &flags, name), (flag.into(), setting.flag.into()));
    }
}

#[test]
fn what_has_no_field_has_a_flag_and_a_variable() {
    let machine = Machine::new();
    assert_eq!(shown(&machine, &[], "output").1, "--output");
    let text = machine.run(&["config", "show"]).ok().stdout;
    assert!(text.contains("display"), "{text}");
    let machine = machine.with("FLASHBACK_OUTPUT", "json-compact");
    let run = machine.run(&["config", "show"]).ok();
    assert!(run.stdout.contains(r#""from":"FLASHBACK_OUTPUT""#), "{}", run.stdout);

    let machine = Machine::new();
    let usual = machine.path_text(SOLANA);
    assert_eq!(shown(&machine, &[], "config"), (usual.into(), "default".into()));
    let other = machine.write("other.yml", &solana("commitment", "processed"));
    let other = other.to_str().unwrap();
    let machine = machine.with("FLASHBACK_CONFIG", other);
    assert_eq!(shown(&machine, &[], "config"), (other.into(), "FLASHBACK_CONFIG".into()));
    assert_eq!(shown(&machine, &[], "commitment").0, "processed");
    let flagged = machine.write("flagged.yml", &solana("commitment", "finalized"));
    let flags = ["-C", flagged.to_str().unwrap()];
    assert_eq!(shown(&machine, &flags, "config").1, "--config");
    assert_eq!(shown(&machine, &flags, "commitment").0, "finalized");

    let machine = Machine::new();
    let usual = machine.path_text(OVERLAY);
    assert_eq!(shown(&machine, &[], "overlay"), (usual.into(), "default".into()));
    let other = machine.write("overlay.yml", "commitment: finalized\n");
    let other = other.to_str().unwrap();
    let machine = machine.with("FLASHBACK_OVERLAY", other);
    assert_eq!(shown(&machine, &[], "overlay"), (other.into(), "FLASHBACK_OVERLAY".into()));
    assert_eq!(shown(&machine, &[], "commitment").0, "finalized");
}

#[test]
fn a_websocket_is_of_the_same_chain_as_the_server() {
    let machine = Machine::new();
    machine.write(SOLANA, "json_rpc_url: http://a:1\nwebsocket_url: ws://a:7\nkeypair_path: ''\n");
    assert_eq!(shown(&machine, &[], "ws-url").0, "ws://a:7");
    assert_eq!(shown(&machine, &["-u", "http://b:1"], "ws-url").0, "ws://b:2/");
    machine.write(OVERLAY, "json_rpc_url: http://c:1\n");
    assert_eq!(shown(&machine, &[], "ws-url").0, "ws://c:2/");
    machine.write(OVERLAY, "json_rpc_url: http://c:1\nwebsocket_url: ws://c:9\n");
    assert_eq!(shown(&machine, &[], "ws-url").0, "ws://c:9");
    let machine = machine.with("FLASHBACK_WS_URL", "ws://d:3");
    assert_eq!(shown(&machine, &["-u", "http://b:1"], "ws-url").0, "ws://d:3");
}

#[test]
fn a_broken_file_is_named_with_its_field_and_never_passed_over() {
    for (file, text, field) in [
        (OVERLAY, "json_rpc_url: devnett\n", "json_rpc_url: `devnett` is no URL"),
        (OVERLAY, "json_rpc_url: http://\n", "json_rpc_url: `http://` is no URL"),
        (OVERLAY, "json_rpc_url: 7\n", "json_rpc_url: invalid type"),
        (OVERLAY, "websocket_url: http://a\n", "websocket_url: `http://a` is no websocket"),
        (OVERLAY, "keypair_path: [a]\n", "keypair_path: invalid type"),
        (OVERLAY, "fee_payer: {a: b}\n", "fee_payer: invalid type"),
        (OVERLAY, "commitment: max\n", "commitment: `max` is no commitment"),
        (OVERLAY, "compute_unit_price: -1\n", "compute_unit_price: invalid value"),
        (OVERLAY, "compute_unit_price: much\n", "compute_unit_price: invalid type"),
        (OVERLAY, "aliases: {a: b}\n", "aliases.a: the alias `a` stands for `b`, no address"),
        (OVERLAY, "aliases: {1: 2}\n", "aliases"),
        (OVERLAY, "urll: d\n", "unknown field `urll`"),
        (OVERLAY, "{", "did not find expected node content"),
        (SOLANA, "json_rpc_url: devnett\nwebsocket_url: ''\nkeypair_path: ''\n", "json_rpc_url in"),
        (SOLANA, "json_rpc_url: ''\nwebsocket_url: x\nkeypair_path: ''\n", "websocket_url in"),
        (
            SOLANA,
            "json_rpc_url: [1]\nwebsocket_url: ''\nkeypair_path: ''\n",
            "json_rpc_url: invalid",
        ),
        (SOLANA, "json_rpc_url: ''\nwebsocket_url: ''\n", "missing field `keypair_path`"),
        (SOLANA, &solana("commitment", "rooted"), "commitment in"),
    ] {
        let machine = Machine::new();
        let path = machine.write(file, text);
        let run = machine.run(&["config", "show"]).fails(2, field);
        assert!(run.stderr.contains(path.to_str().unwrap()), "{text}: {}", run.stderr);
        if file == OVERLAY {
            for line in [
                vec!["config", "set", "url", "d"],
                vec!["config", "aliases"],
                vec!["provider", "show", "11111111111111111111111111111111", "-u", "http://a:1"],
            ] {
                machine.run(&line).fails(2, field);
            }
            assert_eq!(std::fs::read_to_string(path).unwrap(), text, "it was changed");
        }
    }
    let machine = Machine::new().with("FLASHBACK_OVERLAY", "missing.yml");
    for line in [
        vec!["config", "show"],
        vec!["config", "aliases"],
        vec!["provider", "show", "shop", "-u", "http://a:1"],
    ] {
        let run = machine.run(&line).fails(2, "missing.yml, which is not there");
        let said = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("`flashback config set`"), "{}", run.stderr);
    }
    // As it says.
    machine.run(&["config", "set", "url", "d"]).ok();
    machine.run(&["config", "show"]).ok();
}
