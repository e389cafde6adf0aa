//! The patches in mutants/: each one mistake, the promise that it breaks and the tests that must notice.

use std::{fmt, fs, path::Path};

use anyhow::{Context, Result, bail, ensure};

/// How many promises there are.
const PROMISES: u8 = 10;

/// One of the promises, P1 to P10.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
pub struct Promise(u8);

impl Promise {
    fn parse(text: &str) -> Result<Self> {
        text.strip_prefix('P')
            .and_then(|number| number.parse().ok())
            .filter(|number| (1..=PROMISES).contains(number))
            .map(Self)
            .with_context(|| {
                format!("`Promise: {text}` names none: the promises are P1 to P{PROMISES}")
            })
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.pad(&format!("P{}", self.0))
    }
}

/// A patch and what its header says of it.
#[derive(Debug, PartialEq)]
pub struct Patch {
    /// The file's name without `.patch`.
    pub name: String,
    pub promise: Promise,
    /// What the mutation does, in one sentence.
    pub breaks: String,
    /// What `cargo test` is asked for, with single spaces.
    pub tests: String,
    /// Whether those tests run the on-chain programs, which are then built from the mutated sources.
    pub program: bool,
    /// The files that it changes, from the workspace's root.
    pub files: Vec<String>,
    /// Header and diff, as `git apply` reads them.
    pub text: String,
}

impl Patch {
    /// Reads a patch, which is a diff by git below a header of `Key: value` lines.
    pub fn parse(name: &str, text: String) -> Result<Self> {
        let mut header = Header::default();
        for line in text.lines().take_while(|line| !line.starts_with("diff --git ")) {
            header.read(line)?;
        }
        let files = changed_files(&text)?;
        let promise = Promise::parse(&required(header.promise, "Promise: P1")?)?;
        let prefix = format!("{promise}-").to_lowercase();
        ensure!(
            name.starts_with(&prefix),
            "a patch of {promise} has a name like `{prefix}mistake.patch`"
        );
        let tests = required(header.tests, "Tests: -p flashback-core --lib")?;
        Ok(Self {
            name: name.into(),
            promise,
            breaks: required(header.breaks, "Breaks: pays a breached window in full")?,
            tests: tests.split_whitespace().collect::<Vec<_>>().join(" "),
            program: match header.program.as_deref() {
                None | Some("no") => false,
                Some("yes") => true,
                Some(other) => bail!("`Program: {other}` should be `yes` or `no`"),
            },
            files,
            text,
        })
    }

    /// Whether it changes nothing but on-chain programs.
    pub fn is_of_programs_alone(&self) -> bool {
        self.files.iter().all(|file| file.starts_with("programs/"))
    }
}

#[derive(Default)]
struct Header {
    promise: Option<String>,
    breaks: Option<String>,
    tests: Option<String>,
    program: Option<String>,
}

impl Header {
    fn read(&mut self, line: &str) -> Result<()> {
        if line.trim().is_empty() {
            return Ok(());
        }
        let (key, value) = line.split_once(": ").unwrap_or((line, ""));
        let field = match key {
            "Promise" => &mut self.promise,
            "Breaks" => &mut self.breaks,
            "Tests" => &mut self.tests,
            "Program" => &mut self.program,
            _ => bail!(
                "`{line}` is no header: above the diff stand Promise, Breaks, Tests and Program, each with `: ` and its value on one line"
            ),
        };
        ensure!(field.is_none(), "`{key}` stands there twice");
        *field = Some(value.trim().into());
        Ok(())
    }
}

fn required(value: Option<String>, example: &str) -> Result<String> {
    value
        .filter(|value| !value.is_empty())
        .with_context(|| format!("the header has no line like `{example}`"))
}

/// The files that a diff by git changes. A mutation makes, removes and renames none.
fn changed_files(text: &str) -> Result<Vec<String>> {
    let files: Vec<String> =
        text.lines().filter_map(|line| line.strip_prefix("+++ b/")).map(str::to_owned).collect();
    ensure!(
        !files.is_empty()
            && files.len() == text.lines().filter(|line| line.starts_with("--- a/")).count(),
        "it should hold a diff that changes files and makes or removes none: make it with `git diff`"
    );
    Ok(files)
}

/// Reads every patch of a folder, by promise and name.
pub fn load(folder: &Path) -> Result<Vec<Patch>> {
    let mut patches = Vec::new();
    let unreadable = || format!("cannot read {}", folder.display());
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some(name) = name.strip_suffix(".patch") {
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let patch = Patch::parse(name, text)
                .with_context(|| format!("{} is not as it should be", path.display()))?;
            patches.push(patch);
        }
    }
    patches.sort_by(|a, b| (a.promise, &a.name).cmp(&(b.promise, &b.name)));
    Ok(patches)
}

#[cfg(test)]
pub mod tests {
    use super::*;

    const DIFF: &str = "diff --git a/x.rs b/x.rs\n--- a/x.rs\n+++ b/x.rs\n@@ -1 +1 @@\n-a\n+b\n";

    fn parse(header: &str) -> Result<Patch> {
        Patch::parse("p1-x", format!("{header}{DIFF}"))
    }

    /// A patch of those tests, for other modules' tests.
    pub fn patch(name: &str, tests: &str, program: bool) -> Patch {
        let (promise, _) = name.split_once('-').unwrap();
        let program = if program { "yes" } else { "no" };
        let header = format!(
            "Promise: {}\nBreaks: something\nTests: {tests}\nProgram: {program}\n",
            promise.to_uppercase()
        );
        Patch::parse(name, format!("{header}{DIFF}")).unwrap()
    }

    fn error(header: &str) -> String {
        parse(header).unwrap_err().to_string()
    }

    const PROMISE: &str = "Promise: P1\n";
    const BREAKS: &str = "Breaks: pays twice: once too often\n";
    const TESTS: &str = "Tests: -p flashback-core --lib  money\n";

    #[test]
    fn a_header_parses() {
        let patch = parse(&format!("{PROMISE}{BREAKS}{TESTS}\n")).unwrap();
        assert_eq!(patch.promise, Promise(1));
        assert_eq!(patch.breaks, "pays twice: once too often");
        assert_eq!(patch.tests, "-p flashback-core --lib money");
        assert_eq!(patch.files, ["x.rs"]);
        assert!(!patch.program);
        assert!(patch.text.starts_with(PROMISE) && patch.text.ends_with(DIFF));
        let with_program = format!("{TESTS}Program: yes\n{BREAKS}{PROMISE}");
        assert!(parse(&with_program).unwrap().program);
    }

    #[test]
    fn a_bad_header_is_answered_with_what_would_be_right() {
        assert!(error(&format!("{BREAKS}{TESTS}")).contains("`Promise: P1`"));
        assert!(error(&format!("{PROMISE}{TESTS}")).contains("like `Breaks: "));
        assert!(error(&format!("{PROMISE}{BREAKS}Tests:\n")).contains("is no header"));
        assert!(error(&format!("{PROMISE}{BREAKS}Tests: \n")).contains("like `Tests: "));
        assert!(error(&format!("{PROMISE}{PROMISE}")).contains("twice"));
        assert!(error(&format!("Promise: P11\n{BREAKS}{TESTS}")).contains("P1 to P10"));
        assert!(error("Author: me\n").contains("Promise, Breaks, Tests and Program"));
        assert!(error(&format!("{PROMISE}{BREAKS}{TESTS}Program: perhaps\n")).contains("`no`"));
    }

    #[test]
    fn a_name_begins_with_its_promise() {
        let of = |name: &str, promise: u8| {
            Patch::parse(name, format!("Promise: P{promise}\n{BREAKS}{TESTS}{DIFF}")).is_ok()
        };
        assert!(of("p10-x", 10) && of("p1-x", 1));
        assert!(!of("p10-x", 1) && !of("x", 1) && !of("p11-x", 11) && !of("p0-x", 0));
    }

    #[test]
    fn a_patch_changes_files_and_makes_none() {
        let with = |diff: &str| Patch::parse("p1-x", format!("{PROMISE}{BREAKS}{TESTS}{diff}"));
        assert!(with("").unwrap_err().to_string().contains("git diff"));
        let new = DIFF.replace("--- a/x.rs", "--- /dev/null");
        assert!(with(&new).is_err());
    }

    #[test]
    fn the_projects_patches_parse_and_their_files_exist() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let patches = load(&root.join("mutants")).unwrap();
        assert!(!patches.is_empty());
        for patch in patches {
            for file in patch.files {
                assert!(root.join(&file).is_file(), "{} changes {file}, which is gone", patch.name);
            }
        }
    }
}
