//! A guide as a script.

use std::path::Path;
use std::process::{Command, Stdio};

/// The guides, in the order in which they are run.
pub const GUIDES: [&str; 2] = ["provider-guide.md", "consumer-guide.md"];

/// The fenced blocks whose first line says one of `kinds`, in order.
fn blocks(document: &str, kinds: &[&str]) -> String {
    let (mut script, mut inside, mut taken) = (String::new(), false, false);
    for line in document.lines() {
        match line.strip_prefix("```") {
            Some(_) if inside => inside = false,
            Some(kind) => (inside, taken) = (true, kinds.contains(&kind)),
            None if inside && taken => script.extend([line, "\n"]),
            None => {}
        }
    }
    script
}

/// Runs a guide's blocks of these kinds in the folder of a net, with these variables set: no command may fail.
pub fn run(guide: &str, kinds: &[&str], localnet: &Path, home: &Path, set: &[(&str, &str)]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let document = std::fs::read_to_string(root.join("docs").join(guide)).unwrap();
    let script = home.join(format!("{guide}.sh"));
    std::fs::write(&script, blocks(&document, kinds)).unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_flashback")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut command = Command::new("bash");
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("FLASHBACK_")) {
            command.env_remove(name);
        }
    }
    let output = command
        .args(["-euo", "pipefail", "-x"])
        .arg(&script)
        .env("PATH", format!("{}:{path}", binary.display()))
        .env("HOME", home)
        .env("LOCALNET", localnet)
        .env_remove("WINDOW")
        .env_remove("SPAN")
        .env_remove("PROBES")
        .envs(set.iter().copied())
        .current_dir(home)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{guide} ended with {}:\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn only_the_wanted_blocks_are_taken() {
    let document = "text\n```sh\none\n```\n```console\n$ no\n```\n```sh later\ntwo\n```\nthree\n";
    assert_eq!(blocks(document, &["sh", "sh later"]), "one\ntwo\n");
    assert_eq!(blocks(document, &["sh"]), "one\n");
}
