//! `cargo xtask idl`: idls/flashback.json, checked in because `declare_program!` and clients read it.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, bail};

use crate::{process, program, report, workspace::Workspace};

pub fn run(workspace: &Workspace, check: bool) -> Result<()> {
    let builder = workspace.build_binary("flashback-idl")?;
    for program in program::deployed() {
        report::heading(format_args!("IDL of {}", program.package));
        let mut command = workspace.command(&builder);
        command
            .arg(workspace.root.join(program.folder))
            // The IDL library compiles the program with other flags and features: in the main folder, each would evict the
            // other's artifacts. `anchor` itself writes to target/idl.
            .env("CARGO_TARGET_DIR", workspace.target.join("idl-build"))
            .env_remove("RUSTUP_TOOLCHAIN")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        let idl = process::capture(&mut command)
            .with_context(|| format!("the IDL of {} could not be built", program.package))?;
        let path = workspace.root.join("idls").join(program.elf).with_extension("json");
        if check {
            compare(&path, &idl)?;
            report::note(format_args!("{} is up to date", path.display()));
        } else {
            fs::write(&path, idl).with_context(|| format!("cannot write {}", path.display()))?;
            report::result(path.display());
        }
    }
    Ok(())
}

fn compare(path: &PathBuf, built: &str) -> Result<()> {
    let checked_in = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            bail!("{} does not exist: run `cargo xtask idl` and check it in", path.display())
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    if checked_in != built {
        bail!(
            "{} is stale: run `cargo xtask idl` and check the result in. Checked in (-) and built now (+):\n{}",
            path.display(),
            difference(&checked_in, built)
        );
    }
    Ok(())
}

/// Lines of a side that a difference shows at most.
const SHOWN: usize = 12;

/// Where two texts begin to differ until they agree again for good, with the line's number.
fn difference(old: &str, new: &str) -> String {
    let old: Vec<&str> = old.lines().collect();
    let new: Vec<&str> = new.lines().collect();
    let shared = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[shared..], &new[shared..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let side = |sign: char, lines: &[&str]| {
        let lines = &lines[..lines.len() - tail];
        let mut text: String =
            lines.iter().take(SHOWN).map(|line| format!("{sign} {line}\n")).collect();
        if lines.len() > SHOWN {
            text.push_str(&format!("{sign} … and {} more lines\n", lines.len() - SHOWN));
        }
        text
    };
    let changes = side('-', old) + &side('+', new);
    if changes.is_empty() {
        return "the line ends differ".into();
    }
    format!("line {}:\n{}", shared + 1, changes.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_what_changed_and_where() {
        assert_eq!(difference("a\nb\nc\nd\n", "a\nx\ny\nd\n"), "line 2:\n- b\n- c\n+ x\n+ y");
        assert_eq!(difference("a\nd\n", "a\nb\nd\n"), "line 2:\n+ b");
        assert_eq!(difference("a\na\n", "a\n"), "line 2:\n- a");
        assert_eq!(difference("a\n", "a"), "the line ends differ");
    }

    #[test]
    fn a_long_difference_is_cut() {
        let long: String = (0..40).map(|line| format!("{line}\n")).collect();
        let text = difference("", &long);
        assert!(text.ends_with("+ … and 28 more lines"), "{text}");
    }

    #[test]
    fn a_stale_or_missing_file_says_what_to_run() {
        let path = std::env::temp_dir().join(format!("xtask-test-idl-{}.json", std::process::id()));
        assert!(compare(&path, "{}\n").unwrap_err().to_string().contains("cargo xtask idl"));
        fs::write(&path, "{}\n").unwrap();
        compare(&path, "{}\n").unwrap();
        assert!(compare(&path, "{ }\n").unwrap_err().to_string().contains("+ { }"));
        fs::remove_file(&path).unwrap();
    }
}
