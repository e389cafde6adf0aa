//! Runs the binary as a person would, on a machine of its own: an empty home and no settings of whoever runs the tests.

#![allow(dead_code)] // Every suite uses another part of it.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;
use solana_sdk::signature::Keypair;

/// Where nobody listens: what comes as far as asking the server exits with 3, so exit code 2 proves that it did not.
pub const NOWHERE: &str = "http://127.0.0.1:9";

/// A machine: a home folder that goes away with it, and the variables that are set there.
pub struct Machine {
    home: PathBuf,
    variables: Vec<(String, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Machine {
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("flashback-cli-{}-{number}", std::process::id());
        let home = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&home).unwrap();
        Self { home, variables: vec![] }
    }

    /// One whose commands go to this server.
    pub fn at(url: &str) -> Self {
        Self::new().with("FLASHBACK_URL", url)
    }

    /// One that reaches no server.
    pub fn offline() -> Self {
        Self::at(NOWHERE)
    }

    /// Sets an environment variable.
    pub fn with(mut self, variable: &str, value: &str) -> Self {
        self.variables.push((variable.to_owned(), value.to_owned()));
        self
    }

    /// A path in the home folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    /// The same as text.
    pub fn path_text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Writes a file into the home folder, folders and all.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Writes a keypair file, and returns its path.
    pub fn keypair(&self, name: &str, keypair: &Keypair) -> String {
        let bytes = serde_json::to_string(&keypair.to_bytes().to_vec()).unwrap();
        self.write(name, &bytes).to_str().unwrap().to_owned()
    }

    /// Runs `flashback` with these arguments and nothing on standard input.
    pub fn run<S: AsRef<str>>(&self, arguments: &[S]) -> Run {
        self.run_with_input(arguments, "")
    }

    /// Runs `flashback` with these arguments and this standard input.
    pub fn run_with_input<S: AsRef<str>>(&self, arguments: &[S], input: &str) -> Run {
        let mut child = self.spawn(arguments);
        // It may end without reading.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Starts `flashback` with these arguments, its streams piped.
    pub fn spawn<S: AsRef<str>>(&self, arguments: &[S]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    /// Starts `flashback` with these arguments, what it says going to a file.
    pub fn spawn_logged<S: AsRef<str>>(&self, arguments: &[S], log: std::fs::File) -> Child {
        let out = log.try_clone().unwrap();
        self.command(arguments).stdout(out).stderr(log).spawn().unwrap()
    }

    fn command<S: AsRef<str>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flashback"));
        for (variable, _) in std::env::vars_os() {
            if variable.to_str().is_some_and(|name| name.starts_with("FLASHBACK_")) {
                command.env_remove(variable);
            }
        }
        let variables = self.variables.iter().map(|(name, value)| (name, value));
        command
            .args(arguments.iter().map(AsRef::as_ref))
            .env("HOME", &self.home)
            .envs(variables)
            .current_dir(&self.home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs it with `--output json`, and returns what it printed; it has to succeed.
    pub fn json<S: AsRef<str>>(&self, arguments: &[S]) -> Value {
        let mut all: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
        all.extend(["--output", "json"]);
        self.run(&all).json()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

impl Run {
    /// Checks that it succeeded.
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        self
    }

    /// What it printed as JSON; it has to have succeeded.
    pub fn json(self) -> Value {
        let run = self.ok();
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error} in {run:?}"))
    }

    /// Checks its exit code, and that it says this on standard error.
    pub fn fails(self, code: i32, message: &str) -> Self {
        // Long lines are broken between words.
        let said = self.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        assert!(said.contains(message), "`{message}` is not in: {}", self.stderr);
        self
    }
}

/// A command line, its exit code, and part of what it says on standard error.
pub type Wrong<'a> = (&'a str, i32, &'a str);

/// Runs command lines (words apart by spaces) that have to fail.
pub fn refused(machine: &Machine, lines: &[Wrong<'_>]) {
    for (line, code, message) in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        let run = machine.run(&words);
        let said = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(run.code, *code, "flashback {line}\n{}{}", run.stdout, run.stderr);
        assert!(said.contains(message), "flashback {line}\n`{message}` is not in: {}", run.stderr);
        assert!(run.stdout.is_empty(), "flashback {line}\n{}", run.stdout);
    }
}
