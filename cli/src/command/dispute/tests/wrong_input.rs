use std::path::PathBuf;

use flashback_core::records::PROOF_BYTES_MAX;

use crate::command::wrong_input::{ADDRESS, Case, check};

const NETWORK: &str = "the RPC server cannot be reached";

/// A file with that content, for as long as the test runs.
struct Content(PathBuf);

impl Content {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("flashback-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        Self(path)
    }

    fn path(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for Content {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// What a command that names a window, and what follows it, refuses.
fn window(command: &str, rest: &str) -> Vec<Case> {
    vec![
        (format!("dispute {command} {ADDRESS} 3 {rest}"), 3, NETWORK),
        (format!("dispute {command} nobody 3 {rest}"), 2, "invalid value 'nobody' for '<SLA>'"),
        (format!("dispute {command} {ADDRESS} first {rest}"), 2, "for '<WINDOW>': invalid digit"),
        (format!("dispute {command} {ADDRESS} 65536 {rest}"), 2, "65536 is not in 0..=65535"),
        (format!("dispute {command} {ADDRESS}"), 2, "<WINDOW>"),
        (format!("dispute {command}"), 2, "<SLA>"),
    ]
}

/// The same, with a seat.
fn seat(command: &str, rest: &str) -> Vec<Case> {
    let mut cases = window(command, &format!("1 {rest}"));
    let wrong = |seat| format!("dispute {command} {ADDRESS} 3 {seat} {rest}");
    cases.push((wrong("5"), 2, "`5` is no seat: the largest committee has seats 0 to 4"));
    cases.push((wrong("one"), 2, "invalid value 'one' for '<SEAT>'"));
    cases
}

/// The same, with a leaf.
fn leaf(command: &str, rest: &str) -> Vec<Case> {
    let mut cases = seat(command, &format!("7 {rest}"));
    let wrong = |leaf| format!("dispute {command} {ADDRESS} 3 1 {leaf} {rest}");
    cases.push((wrong("last"), 2, "for '<LEAF>': invalid digit"));
    cases.push((wrong("4294967296"), 2, "for '<LEAF>'"));
    cases
}

/// What a command with a proof refuses of it.
fn proofs(command: &str, files: &Files) -> Vec<Case> {
    let with = |path: &str| format!("dispute {command} --proof {path}");
    vec![
        (format!("dispute {command}"), 2, "--proof"),
        (with("/nonexistent/path"), 2, "--proof: cannot read /nonexistent/path"),
        (with(&files.empty.path()), 2, "is empty"),
        (with(&files.text.path()), 2, "is neither an encoded path nor hexadecimal text"),
        (with(&files.odd.path()), 2, "which is an odd number"),
        (with(&files.large.path()), 2, "one that fits a transaction has at most"),
        (with(&files.hex.path()), 3, NETWORK),
    ]
}

struct Files {
    empty: Content,
    text: Content,
    odd: Content,
    large: Content,
    hex: Content,
    raw: Content,
}

#[test]
fn every_flag_and_argument_refuses_what_is_wrong_before_a_chain_is_asked() {
    let files = Files {
        empty: Content::new("empty", b""),
        text: Content::new("text", b"{\"leaf\": 3}"),
        odd: Content::new("odd", b"00f"),
        large: Content::new("large", &vec![0; PROOF_BYTES_MAX + 1]),
        hex: Content::new("hex", b"000102\n"),
        raw: Content::new("raw", &[0, 1, 2]),
    };
    let raw = format!("--proof {}", files.raw.path());
    let line = |rest: &str| format!("dispute {}", rest.replace("{SLA}", ADDRESS));
    let single = |rest: &str, code, says| (line(rest), code, says);
    let cases = [
        window("open", "--party consumer"),
        window("rule", "--party provider --turn 0,2"),
        window("expire", "--party consumer"),
        leaf("challenge", ""),
        leaf("answer", &raw),
        proofs(&format!("answer {ADDRESS} 3 1 7"), &files),
        leaf("expire-challenge", ""),
        seat("prove", &raw),
        proofs(&format!("prove {ADDRESS} 3 1"), &files),
        window("settle", ""),
        seat("free-seat", ""),
        window("show", ""),
        vec![
            single("open {SLA} 3", 2, "--party"),
            single("open {SLA} 3 --party oracle", 2, "consumer, provider"),
            single("open {SLA} 3 --as provider", 3, NETWORK),
            single("rule {SLA} 3 --turn 0", 2, "--party"),
            single("rule {SLA} 3 --party oracle --reject", 2, "consumer, provider"),
            single("rule {SLA} 3 --party consumer", 2, "--turn <SEATS>|--reject"),
            single("rule {SLA} 3 --party consumer --turn 0 --reject", 2, "--reject"),
            single("rule {SLA} 3 --party consumer --turn 5", 2, "has seats 0 to 4"),
            single("rule {SLA} 3 --party consumer --turn all", 2, "`all` is no seat"),
            single("rule {SLA} 3 --party consumer --turn none", 3, NETWORK),
            single("rule {SLA} 3 --party consumer --reject", 3, NETWORK),
            single("expire {SLA} 3", 2, "--party"),
            single("expire {SLA} 3 --party oracle", 2, "consumer, provider"),
            single("list {SLA}", 3, NETWORK),
            single("list {SLA} --sort charm", 2, "--sort: `charm` is no column"),
            single("list {SLA} --reverse=yes", 2, "unexpected value 'yes' for '--reverse'"),
            single("list {SLA} --limit some", 2, "for '--limit <COUNT>'"),
            single("list {SLA} --skip some", 2, "for '--skip <COUNT>'"),
            single("list", 2, "<SLA>"),
            single("list nobody", 2, "invalid value 'nobody' for '<SLA>'"),
        ],
    ];
    check("dispute", &[], &cases.concat());
}
