//! The copies of the checkout in which mutations are made, so that the checkout itself is never touched.

use std::{
    collections::HashSet,
    ffi::OsStr,
    fs::{self, File},
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use super::patch::Patch;
use crate::{
    process,
    program::{self, PROGRAMS, Route},
    workspace::{Workspace, lock},
};

/// Cargo names artifacts after where a package lies in its workspace, not after where the workspace lies, and takes
/// them for fresh by the files' times alone: built in one target folder, the mutated packages would pass for the
/// checkout's own. What a profile says is in the names as well. So the packages of the copy's workspace are compiled
/// with line tables, and by that alone differ from the checkout's, while dependencies are the same and are shared.
const APART: [&str; 2] =
    ["profile.dev.debug=\"line-tables-only\"", "profile.dev.package.\"*\".debug=false"];

/// A mutant's counterexample is read by nobody, need not be small, and is not to be tried on the next mutant. With
/// the same cases in each run, so are the verdicts.
const RANDOM_CASES: [(&str, &str); 3] = [
    ("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1"),
    ("PROPTEST_MAX_SHRINK_ITERS", "0"),
    ("PROPTEST_RNG_SEED", "1"),
];

/// Two copies of the checkout, which share a target folder of their own: their programs and what else is built to be
/// used are not those of the checkout.
pub struct WorkingCopy {
    /// What tests are built from.
    workspace: Workspace,
    /// What programs are built from. So a mistake in a program alone is made here alone, and nothing has to be compiled
    /// for the tests: they run the mutated program as they stand.
    chain: Workspace,
    /// The checkout's target folder, for dependencies.
    shared_target: PathBuf,
    /// Held as long as the copy is used.
    _lock: File,
}

impl WorkingCopy {
    /// Copies the checkout as it is, with what is not committed and without what git ignores.
    pub fn make(of: &Workspace) -> Result<Self> {
        let lock = lock(&of.target.join("mutants.lock"))?;
        let folder = of.target.join("mutants");
        let copy = |name: &str| {
            let root = folder.join(name);
            copy_files(of, &root)?;
            Ok::<_, anyhow::Error>(Workspace {
                root,
                target: folder.clone(),
                cache: of.cache.clone(),
            })
        };
        Ok(Self {
            workspace: copy("checkout")?,
            chain: copy("chain")?,
            shared_target: of.target.clone(),
            _lock: lock,
        })
    }

    /// Builds the programs that tests may run, as they stand in the copy.
    pub fn build_programs(&self) -> Result<()> {
        program::build(&self.chain, &PROGRAMS, Route::Either).map(drop)
    }

    /// `cargo test` in the copy, against the copy's programs if the tests may run any.
    pub fn cargo_test(&self, options: &[&str], tests: &str, program: bool) -> Command {
        let mut command = self.workspace.cargo(&["test"]);
        for setting in APART {
            command.args(["--config", setting]);
        }
        let programs = if program {
            self.workspace.deploy_folder()
        } else {
            // There is none: those that an earlier mutant left would give false verdicts.
            self.workspace.target.join("no-programs-without-Program-yes")
        };
        command
            .args(options)
            .args(tests.split(' '))
            .env("CARGO_BUILD_BUILD_DIR", &self.shared_target)
            .env("FLASHBACK_PROGRAM_DIR", programs)
            .envs(RANDOM_CASES);
        command
    }

    /// Where a step's output goes.
    pub fn log(&self, step: &str) -> PathBuf {
        self.workspace.target.join("logs").join(format!("{step}.log"))
    }

    /// Makes a mutation where it belongs; `Err(reason)` within if the patch does not apply.
    pub fn apply(&self, patch: &Patch) -> Result<std::result::Result<Mutation, String>> {
        let roots = match (patch.program, patch.is_of_programs_alone()) {
            (false, _) => vec![&self.workspace.root],
            (true, true) => vec![&self.chain.root],
            (true, false) => vec![&self.workspace.root, &self.chain.root],
        };
        let mut mutation = Mutation { files: Vec::new() };
        for root in &roots {
            for file in &patch.files {
                let path = root.join(file);
                match fs::read(&path) {
                    Ok(bytes) => mutation.files.push((path, bytes)),
                    Err(_) => return Ok(Err(format!("{file} is gone"))),
                }
            }
        }
        let file = self.workspace.target.join("applied.patch");
        fs::write(&file, &patch.text)
            .with_context(|| format!("cannot write {}", file.display()))?;
        // The copies are the same: what applies to one applies to the other.
        for root in roots {
            if let Some(reason) = git_apply(root, &file)? {
                return Ok(Err(reason));
            }
        }
        // Git passes over files of which it thinks that they are outside, and calls it success.
        for (path, before) in &mutation.files {
            if fs::read(path).is_ok_and(|after| after == *before) {
                bail!(
                    "`git apply` left {} as it was: `{}` is not as git makes patches",
                    path.display(),
                    patch.name
                );
            }
        }
        Ok(Ok(mutation))
    }
}

/// A mutation that was made, and how to undo it.
pub struct Mutation {
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl Mutation {
    /// Puts the files back. They are newer than what was built of the mutation, so cargo builds them again.
    pub fn undo(self) -> Result<()> {
        for (path, bytes) in self.files {
            fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}

/// Git that knows nothing of repositories that the caller works with, as in a hook.
fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).stdin(Stdio::null());
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(variable);
    }
    command
}

/// Applies a patch wholly or not at all; why not, if not.
fn git_apply(root: &Path, patch: &Path) -> Result<Option<String>> {
    let mut command = git(root);
    // In a folder of a repository, git would look for the files from the repository's root.
    if let Some(parent) = root.parent() {
        command.env("GIT_CEILING_DIRECTORIES", parent);
    }
    let output = command
        .args(["apply", "--whitespace=nowarn"])
        .arg(patch)
        .output()
        .context("cannot start `git`: is it installed and on PATH?")?;
    if output.status.success() {
        return Ok(None);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let reason = said.lines().next().unwrap_or("git says nothing");
    Ok(Some(reason.trim_start_matches("error: ").to_owned()))
}

/// Makes `root` the same as the checkout. Files that are the same already stay as they are, so that cargo finds
/// what it built of them.
fn copy_files(of: &Workspace, root: &Path) -> Result<()> {
    let listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let listed = process::capture(git(&of.root).args(listing))
        .context("the checkout's files are those that git knows: run this in a git checkout")?;
    let mut kept = HashSet::new();
    for name in listed.split('\0').filter(|name| !name.is_empty()) {
        let from = of.root.join(OsStr::from_bytes(name.as_bytes()));
        // A file that git knows may be removed, and the target folder need not be one that git ignores.
        if !from.is_file() || from.starts_with(&of.target) {
            continue;
        }
        let to = root.join(name);
        copy_file(&from, &to)
            .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
        kept.insert(to);
    }
    remove_others(root, &kept).with_context(|| format!("cannot tidy up {}", root.display()))
}

fn copy_file(from: &Path, to: &Path) -> std::io::Result<()> {
    let bytes = fs::read(from)?;
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(to, bytes)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())
}

fn remove_others(folder: &Path, kept: &HashSet<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(&path, kept)?;
        } else if !kept.contains(&path) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A checkout with `x.rs`, whose target folder is its own.
    fn checkout(name: &str) -> Workspace {
        let root = std::env::temp_dir().join(format!("xtask-test-{}-{name}", std::process::id()));
        fs::create_dir_all(root.join("src")).unwrap();
        fs::write(root.join(".gitignore"), "/target\n").unwrap();
        fs::write(root.join("src/x.rs"), "one\ntwo\nthree\n").unwrap();
        assert!(git(&root).args(["init", "--quiet"]).status().unwrap().success());
        let target = root.join("target");
        Workspace { root, target, cache: PathBuf::new() }
    }

    fn patch(from: &str, to: &str) -> Patch {
        patch_of("src/x.rs", from, to, "no")
    }

    fn patch_of(file: &str, from: &str, to: &str, program: &str) -> Patch {
        let header =
            format!("Promise: P1\nBreaks: something\nTests: --lib\nProgram: {program}\n\n");
        let diff = format!(
            "diff --git a/{file} b/{file}\n--- a/{file}\n+++ b/{file}\n@@ -1,3 +1,3 @@\n one\n-{from}\n+{to}\n three\n"
        );
        Patch::parse("p1-x", header + &diff).unwrap()
    }

    #[test]
    fn a_mutation_is_made_in_the_copy_and_undone() {
        let checkout = checkout("mutation");
        let copy = WorkingCopy::make(&checkout).unwrap();
        let copied = copy.workspace.root.join("src/x.rs");
        let mutation = copy.apply(&patch("two", "2")).unwrap().ok().unwrap();
        assert_eq!(fs::read_to_string(&copied).unwrap(), "one\n2\nthree\n");
        assert_eq!(
            fs::read_to_string(checkout.root.join("src/x.rs")).unwrap(),
            "one\ntwo\nthree\n"
        );
        mutation.undo().unwrap();
        assert_eq!(fs::read_to_string(&copied).unwrap(), "one\ntwo\nthree\n");
        fs::remove_dir_all(checkout.root).unwrap();
    }

    #[test]
    fn a_mutation_is_made_where_it_belongs() {
        let checkout = checkout("places");
        fs::create_dir_all(checkout.root.join("programs/a")).unwrap();
        fs::write(checkout.root.join("programs/a/x.rs"), "one\ntwo\nthree\n").unwrap();
        let copy = WorkingCopy::make(&checkout).unwrap();
        // Whether the tests' sources and the programs' have it.
        let places = |file: &str, program: &str| {
            let mutation = copy.apply(&patch_of(file, "two", "2", program)).unwrap().ok().unwrap();
            let has = |root: &Path| fs::read_to_string(root.join(file)).unwrap().contains('2');
            let places = (has(&copy.workspace.root), has(&copy.chain.root));
            mutation.undo().unwrap();
            assert!(!has(&copy.workspace.root) && !has(&copy.chain.root));
            places
        };
        assert_eq!(places("src/x.rs", "no"), (true, false));
        assert_eq!(places("src/x.rs", "yes"), (true, true));
        assert_eq!(places("programs/a/x.rs", "yes"), (false, true));
        assert_eq!(places("programs/a/x.rs", "no"), (true, false));
        fs::remove_dir_all(checkout.root).unwrap();
    }

    #[test]
    fn a_stale_patch_changes_nothing_and_says_why() {
        let checkout = checkout("stale");
        let copy = WorkingCopy::make(&checkout).unwrap();
        let reason = copy.apply(&patch("too", "2")).unwrap().err().unwrap();
        assert_eq!(reason, "patch failed: src/x.rs:1");
        let copied = copy.workspace.root.join("src/x.rs");
        assert_eq!(fs::read_to_string(&copied).unwrap(), "one\ntwo\nthree\n");
        fs::remove_file(copied).unwrap();
        let reason = copy.apply(&patch("two", "2")).unwrap().err().unwrap();
        assert_eq!(reason, "src/x.rs is gone");
        fs::remove_dir_all(checkout.root).unwrap();
    }

    #[test]
    fn a_copy_follows_its_checkout_and_repairs_what_a_killed_run_left() {
        let checkout = checkout("copy");
        drop(WorkingCopy::make(&checkout).unwrap());
        let root = checkout.target.join("mutants/checkout");
        let time = |name: &str| fs::metadata(root.join(name)).unwrap().modified().unwrap();
        let unchanged = time(".gitignore");
        fs::write(root.join("src/x.rs"), "mutated\n").unwrap();
        fs::write(root.join("src/left-behind"), "").unwrap();
        fs::write(checkout.root.join("src/new.rs"), "new\n").unwrap();
        drop(WorkingCopy::make(&checkout).unwrap());
        assert_eq!(fs::read_to_string(root.join("src/x.rs")).unwrap(), "one\ntwo\nthree\n");
        assert!(!root.join("src/left-behind").exists());
        assert!(root.join("src/new.rs").exists());
        assert!(!root.join("target").exists());
        assert_eq!(time(".gitignore"), unchanged, "cargo would build everything again");
        fs::remove_dir_all(checkout.root).unwrap();
    }
}
