//! `flashback-bench [--check | --bless]`: measures compute units and sizes, and compares them with, or records them in,
//! `bench/cu.json` and `bench/size.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use flashback_tests::bench::Figures;
use flashback_tests::elf;

/// The key in `bench/size.json`.
const PROGRAM_BYTES: &str = "program_bytes";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let mode = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Mode::Print,
        ["--check"] => Mode::Check,
        ["--bless"] => Mode::Bless,
        _ => bail!("usage: flashback-bench [--check | --bless]"),
    };
    let figures = Figures::measure();
    require_every_instruction(&figures)?;
    let recorded = recorded()?;
    print(&figures, &recorded);
    match mode {
        Mode::Print => Ok(()),
        Mode::Check => check(&figures, &recorded),
        Mode::Bless => bless(&figures),
    }
}

enum Mode {
    Print,
    Check,
    Bless,
}

/// What the files in bench/ say; nothing where there is no file.
#[derive(Default)]
struct Recorded {
    compute_units: BTreeMap<String, u64>,
    sizes: BTreeMap<String, u64>,
}

fn file(name: &str) -> PathBuf {
    elf::workspace().join("bench").join(name)
}

fn recorded() -> Result<Recorded> {
    let read = |name| {
        let path = file(name);
        if !path.exists() {
            return Ok(BTreeMap::new());
        }
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text)
            .with_context(|| format!("{} is not one JSON object of numbers", path.display()))
    };
    Ok(Recorded { compute_units: read("cu.json")?, sizes: read("size.json")? })
}

/// Every instruction of the IDL must have been measured.
fn require_every_instruction(figures: &Figures) -> Result<()> {
    let path = elf::workspace().join("idls/flashback.json");
    if !path.exists() {
        eprintln!(
            "note: there is no {}: whether every instruction was measured is unknown",
            path.display()
        );
        return Ok(());
    }
    let text = fs::read_to_string(&path)?;
    let idl: serde_json::Value = serde_json::from_str(&text)?;
    let instructions = idl["instructions"].as_array().context("the IDL lists no instructions")?;
    let missing: Vec<_> = instructions
        .iter()
        .filter_map(|instruction| instruction["name"].as_str())
        .filter(|name| !figures.compute_units.contains_key(*name))
        .collect();
    ensure!(
        missing.is_empty(),
        "not measured: {}; add them to the life in tests/src/bench.rs",
        missing.join(", ")
    );
    Ok(())
}

fn print(figures: &Figures, recorded: &Recorded) {
    println!("{:<24}{:>10}{:>10}{:>9}", "compute units", "now", "recorded", "change");
    for (name, now) in &figures.compute_units {
        row(name, *now, recorded.compute_units.get(name));
    }
    println!();
    row(PROGRAM_BYTES, figures.program_bytes, recorded.sizes.get(PROGRAM_BYTES));
}

fn row(name: &str, now: u64, recorded: Option<&u64>) {
    match recorded {
        Some(recorded) => {
            let change = now as i128 - i128::from(*recorded);
            println!("{name:<24}{now:>10}{recorded:>10}{change:>+9}");
        }
        None => println!("{name:<24}{now:>10}{:>10}", "-"),
    }
}

fn check(figures: &Figures, recorded: &Recorded) -> Result<()> {
    let sizes = BTreeMap::from([(PROGRAM_BYTES.to_owned(), figures.program_bytes)]);
    let mut differences = differences(&figures.compute_units, &recorded.compute_units);
    differences.extend(self::differences(&sizes, &recorded.sizes));
    if differences.is_empty() {
        return Ok(());
    }
    bail!(
        "the figures differ from those in bench/:\n  {}\nif that is meant, record them with `cargo xtask bench --bless`",
        differences.join("\n  ")
    )
}

fn differences(now: &BTreeMap<String, u64>, recorded: &BTreeMap<String, u64>) -> Vec<String> {
    let names: BTreeSet<_> = now.keys().chain(recorded.keys()).collect();
    let say = |figure: Option<&u64>| figure.map_or("nothing".to_owned(), u64::to_string);
    names
        .into_iter()
        .filter(|name| now.get(*name) != recorded.get(*name))
        .map(|name| format!("{name}: {} → {}", say(recorded.get(name)), say(now.get(name))))
        .collect()
}

fn bless(figures: &Figures) -> Result<()> {
    fs::create_dir_all(elf::workspace().join("bench"))?;
    let write = |name, figures: &BTreeMap<String, u64>| {
        let path = file(name);
        let text = serde_json::to_string_pretty(figures)? + "\n";
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    write("cu.json", &figures.compute_units)?;
    write("size.json", &BTreeMap::from([(PROGRAM_BYTES.to_owned(), figures.program_bytes)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_difference_is_named() {
        let figures = |pairs: &[(&str, u64)]| {
            pairs.iter().map(|(name, figure)| ((*name).to_owned(), *figure)).collect()
        };
        let (recorded, now) = (figures(&[("a", 1), ("b", 2)]), figures(&[("b", 3), ("c", 4)]));
        let expected = ["a: 1 → nothing", "b: 2 → 3", "c: nothing → 4"];
        assert_eq!(differences(&now, &recorded), expected);
        assert_eq!(differences(&now, &now), Vec::<String>::new());
    }
}
